package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
)

// Why a sign-in at a server is begun.
const (
	purposeConnect = "connect"
	purposeSignIn  = "sign_in"
	purposeOptOut  = "opt_out"
	purposeOptIn   = "opt_in"
)

const flowLife = 10 * time.Minute

// allScopes is what our application may ever ask for at a server. Each time
// only what the chosen features need is asked for.
var allScopes = append([]string{"profile"}, fediverse.Scopes(
	fediverse.FeatureFollow, fediverse.FeaturePosts, fediverse.FeatureLists, fediverse.FeatureBlocks, fediverse.FeatureImport)...)

// AuthorizeURL is a page of the Owner's server. The browser goes there and
// comes back to the callback.
type AuthorizeURL struct {
	AuthorizeURL string `json:"authorize_url"`
}

type connectInput struct {
	Body struct {
		Move     string   `json:"move" maxLength:"40"`
		Server   string   `json:"server" minLength:"1" maxLength:"400" doc:"A host, a URL or user@host"`
		Features []string `json:"features" minItems:"1" maxItems:"5" enum:"follow,posts,lists,blocks,import"`
	}
}

func (s *Server) connect(ctx context.Context, in *connectInput) (*body[AuthorizeURL], error) {
	m, err := s.move(ctx, in.Body.Move)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, in.Body.Server, store.Flow{
		OwnerID: m.OwnerID, MoveID: m.ID, Purpose: purposeConnect, Scopes: strings.Join(fediverse.Scopes(in.Body.Features...), " "),
	})
}

type signInInput struct {
	Body struct {
		Server string `json:"server" minLength:"1" maxLength:"400" doc:"A host, a URL or user@host"`
	}
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*body[AuthorizeURL], error) {
	return s.begin(ctx, in.Body.Server, store.Flow{
		Purpose: purposeSignIn, Scopes: strings.Join(fediverse.Scopes(fediverse.FeatureSignIn), " "),
	})
}

// begin keeps what has to come back and returns where to send the browser.
func (s *Server) begin(ctx context.Context, server string, flow store.Flow) (*body[AuthorizeURL], error) {
	if err := s.mayAsk(ctx); err != nil {
		return nil, err
	}
	host, err := parseServer(server)
	if err != nil {
		return nil, err
	}
	if err := s.checkServer(ctx, host); err != nil {
		return nil, err
	}
	app, err := s.app(ctx, host)
	if err != nil {
		return nil, err
	}
	state := secret.Token()
	flow.Host, flow.Verifier = host, fediverse.NewVerifier()
	if err := s.addFlow(ctx, state, flow); err != nil {
		return nil, err
	}
	return reply(AuthorizeURL{s.Client.BrowserURL(app.Authorize(state, flow.Verifier, strings.Fields(flow.Scopes)))}), nil
}

// addFlow keeps a flow under its state, bound to the browser that begins it.
func (s *Server) addFlow(ctx context.Context, state string, flow store.Flow) error {
	if s.sessions.GetString(ctx, sessionBind) == "" {
		s.sessions.Put(ctx, sessionBind, secret.Token())
	}
	flow.StateHash, flow.Session, flow.ExpiresAt = secret.HashToken(state), s.binding(ctx), s.Now().Add(flowLife)
	return s.Store.AddFlow(ctx, flow)
}

// binding ties a flow to the browser that began it.
func (s *Server) binding(ctx context.Context) string {
	return secret.HashToken(s.sessions.GetString(ctx, sessionBind))
}

// The page has words for these codes.
const (
	failedState    = "state"          // not begun in this browser, or used already
	failedDenied   = "access_denied"  // the Owner said no
	failedApp      = "invalid_client" // the server has forgotten us; try once more
	failedServer   = "server"         // the server did not do its part
	failedUnknown  = "no_account"     // sign-in with an account that nobody connected
	failedDatabase = "database"       // it cannot be reached just now
)

// callback is where the browser comes back to from the Owner's server.
func (s *Server) callback(c *gin.Context) {
	ctx := c.Request.Context()
	flow, err := s.takeFlow(ctx, c.Query("state"), c.Param("host"))
	if err != nil {
		code := failedState
		if !notFound(err) {
			s.Log.Error("callback failed", "error", err)
			code = failedDatabase
		}
		c.Redirect(http.StatusSeeOther, "/?error="+code)
		return
	}
	back := "/"
	switch flow.Purpose {
	case purposeConnect:
		back = "/m/" + url.PathEscape(flow.MoveID) + "/connect"
	case purposeOptOut, purposeOptIn:
		back = "/opt-out"
	}
	failed := s.finishFlow(ctx, flow, c.Query("code"), c.Query("error"))
	switch {
	case failed != "":
		c.Redirect(http.StatusSeeOther, back+"?error="+failed)
	case flow.Purpose == purposeConnect:
		c.Redirect(http.StatusSeeOther, back+"?connected=1")
	default:
		c.Redirect(http.StatusSeeOther, back)
	}
}

// takeFlow returns what was begun in this browser under that state, once, if it
// was begun at the host that sent the browser back.
func (s *Server) takeFlow(ctx context.Context, state, host string) (store.Flow, error) {
	flow, err := s.Store.TakeFlow(ctx, secret.HashToken(state))
	if err != nil {
		return flow, err
	}
	if flow.Session != s.binding(ctx) || flow.OwnerID != "" && flow.OwnerID != s.sessions.GetString(ctx, sessionOwner) {
		return flow, fmt.Errorf("flow of another session: %w", model.ErrNotFound)
	}
	if flow.Host != host {
		s.Log.Warn("a server sent the browser back with another server's sign-in", "began", flow.Host, "back", host)
		return flow, fmt.Errorf("flow of another host: %w", model.ErrNotFound)
	}
	return flow, nil
}

// finishFlow returns the code of what went wrong, or "".
func (s *Server) finishFlow(ctx context.Context, flow store.Flow, code, refused string) string {
	switch {
	case refused == failedDenied:
		return failedDenied
	case refused != "" || code == "":
		return failedServer
	}
	app, err := s.Worker.App(ctx, flow.Host)
	if notFound(err) {
		return failedApp
	}
	var token string
	var scopes []string
	if err == nil {
		token, scopes, err = s.Client.Exchange(ctx, app, code, flow.Verifier)
	}
	var self fediverse.Self
	if err == nil {
		self, err = s.Client.Self(ctx, flow.Host, token)
	}
	var answer *fediverse.StatusError
	switch {
	case errors.As(err, &answer) && answer.Message == failedApp:
		if err := s.Store.ForgetApp(ctx, flow.Host); err != nil {
			s.Log.Error("application not forgotten", "host", flow.Host, "error", err)
		}
		return failedApp
	case err != nil:
		s.Log.Info("server did not finish a sign-in", "host", flow.Host, "error", err)
		return failedServer
	}
	if len(scopes) == 0 { // not said
		scopes = strings.Fields(flow.Scopes)
	}
	switch flow.Purpose {
	case purposeSignIn:
		return s.enterByAccount(ctx, app, self, token)
	case purposeOptOut, purposeOptIn:
		return s.keepWish(ctx, app, self, flow.Purpose, token)
	}
	if err := s.keepAccount(ctx, flow, self, token, scopes); err != nil {
		s.Log.Error("account not kept", "host", flow.Host, "error", err)
		return failedServer
	}
	return ""
}

// apiAddress is the Address under which an Account is kept. Its host is the one
// that we talk to, also where the server's addresses are on another.
func apiAddress(self fediverse.Self, host string) model.Address {
	return model.Address{User: self.Address.User, Host: host}
}

func (s *Server) keepAccount(ctx context.Context, flow store.Flow, self fediverse.Self, token string, scopes []string) error {
	if _, err := s.Store.OwnMove(ctx, flow.OwnerID, flow.MoveID); err != nil { // deleted meanwhile
		return err
	}
	c, err := s.Worker.Capability(ctx, flow.Host)
	if err != nil {
		return err
	}
	_, err = s.Store.SaveAccount(ctx, model.Account{
		OwnerID: flow.OwnerID, Address: apiAddress(self, flow.Host), RemoteID: self.ID, DisplayName: self.DisplayName, Avatar: self.Avatar,
		Software: c.Software, Version: c.Version, Scopes: scopes, Followers: self.Followers, Following: self.Following, Locked: self.Locked,
	}, token)
	return err
}

// enterByAccount signs the Owner in who connected the account before. The token
// has done its work and is given back.
func (s *Server) enterByAccount(ctx context.Context, app fediverse.App, self fediverse.Self, token string) string {
	owner, err := s.Store.OwnerByAccount(ctx, apiAddress(self, app.Host), self.ID)
	if err == nil {
		err = s.enter(ctx, owner)
	}
	s.revoke(ctx, app, token)
	switch {
	case notFound(err):
		return failedUnknown
	case err != nil:
		s.Log.Error("sign-in failed", "host", app.Host, "error", err)
		return failedServer
	}
	return ""
}

// revoke gives a token back that is not needed any more, and tells whether the
// server took it.
func (s *Server) revoke(ctx context.Context, app fediverse.App, token string) bool {
	err := s.Client.Revoke(ctx, app, token)
	if err != nil {
		s.Log.Info("token not revoked", "host", app.Host, "error", err)
	}
	return err == nil
}

// features names what the scopes allow.
func features(scopes []string) []string {
	allowed := []string{}
	for _, f := range []string{fediverse.FeatureFollow, fediverse.FeaturePosts, fediverse.FeatureLists, fediverse.FeatureBlocks, fediverse.FeatureImport} {
		if covers(scopes, f) {
			allowed = append(allowed, f)
		}
	}
	return allowed
}

// covers tells whether the scopes hold all that the feature needs, each by its
// name or, as servers without finer ones grant it, within read or write.
func covers(scopes []string, feature string) bool {
	for _, need := range fediverse.Scopes(feature) {
		whole, _, _ := strings.Cut(need, ":")
		if !slices.Contains(scopes, need) && !slices.Contains(scopes, whole) {
			return false
		}
	}
	return true
}
