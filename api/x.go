package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xapi"
)

// XCallbackPath is where X sends the browser back to. It is none of the fediverse
// servers' paths: what was begun at X cannot be ended there, nor the other way.
const XCallbackPath = "/oauth/x"

const (
	purposeX = "x"
	failedX  = "x_other" // signed in with another X account than the Move's
)

func (s *Server) xSignIn(ctx context.Context, in *MovePath) (*body[AuthorizeURL], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if !s.X.CanSignIn() {
		return nil, fmt.Errorf("one cannot sign in with X here: %w", model.ErrDenied)
	}
	if m.TwitterID == "" {
		return nil, fmt.Errorf("which X account is yours is known only after an archive was read: %w", model.ErrConflict)
	}
	if err := s.mayAsk(ctx); err != nil {
		return nil, err
	}
	state, verifier := secret.Token(), fediverse.NewVerifier()
	// No host: no fediverse server's way back can take this flow.
	if err := s.addFlow(ctx, state, store.Flow{OwnerID: m.OwnerID, MoveID: m.ID, Purpose: purposeX, Verifier: verifier}); err != nil {
		return nil, err
	}
	return reply(AuthorizeURL{s.X.Authorize(state, verifier)}), nil
}

// xCallback is where the browser comes back to from X.
func (s *Server) xCallback(c *gin.Context) {
	ctx := c.Request.Context()
	flow, err := s.takeFlow(ctx, c.Query("state"), "")
	if err == nil && (flow.Purpose != purposeX || !s.X.CanSignIn()) {
		err = fmt.Errorf("flow for %q: %w", flow.Purpose, model.ErrNotFound)
	}
	if err != nil {
		code := failedState
		if !notFound(err) {
			s.Log.Error("callback failed", "error", err)
			code = failedDatabase
		}
		c.Redirect(http.StatusSeeOther, "/?error="+code)
		return
	}
	back := "/m/" + url.PathEscape(flow.MoveID) + "/done"
	if failed := s.finishX(ctx, flow, c.Query("code"), c.Query("error")); failed != "" {
		c.Redirect(http.StatusSeeOther, back+"?error="+failed)
		return
	}
	c.Redirect(http.StatusSeeOther, back+"?x=1")
}

// finishX returns the code of what went wrong, or "".
func (s *Server) finishX(ctx context.Context, flow store.Flow, code, refused string) string {
	switch {
	case refused == failedDenied:
		return failedDenied
	case refused != "" || code == "":
		return failedServer
	}
	self, err := s.askX(ctx, code, flow.Verifier)
	if err != nil {
		s.Log.Info("X did not finish a sign-in", "error", err)
		return failedServer
	}
	m, err := s.Store.OwnMove(ctx, flow.OwnerID, flow.MoveID) // deleted meanwhile, perhaps
	if err == nil && m.TwitterID != self.TwitterID {
		return failedX
	}
	if err == nil {
		err = s.Store.SaveXSignIn(ctx, flow.OwnerID, self.TwitterID, self.Handle)
	}
	if err != nil {
		s.Log.Error("sign-in with X not kept", "move", flow.MoveID, "error", err)
		return failedServer
	}
	return ""
}

// askX returns who signed in. The token has done its work with that and is given
// back.
func (s *Server) askX(ctx context.Context, code, verifier string) (xapi.Self, error) {
	token, err := s.X.Exchange(ctx, code, verifier)
	if err != nil {
		return xapi.Self{}, err
	}
	self, err := s.X.Self(ctx, token)
	if revokeErr := s.X.Revoke(ctx, token); revokeErr != nil { // it ends by itself within two hours
		s.Log.Info("token of X not revoked", "error", revokeErr)
	}
	return self, err
}
