package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// sessionOptOut holds what a browser has just come back from, until it was shown.
const sessionOptOut = "opt_out"

// OptOut is what became of the last opt-out in this browser. It is told once. Who
// had found the account it does not say: that is theirs.
type OptOut struct {
	Done     string `json:"done" enum:",out,in"`
	Address  string `json:"address" doc:"The account that was proven"`
	Returned bool   `json:"returned" doc:"The server took our access back"`
}

func (s *Server) optOutDone(ctx context.Context, _ *none) (*body[OptOut], error) {
	var done OptOut
	if text := s.sessions.PopString(ctx, sessionOptOut); text != "" {
		if err := json.Unmarshal([]byte(text), &done); err != nil {
			return nil, fmt.Errorf("opt-out of a session: %w", err)
		}
	}
	return reply(done), nil
}

// optOut and optIn have account holders prove their account at its server. They
// need neither a Move nor an Owner.
func (s *Server) optOut(ctx context.Context, in *signInInput) (*body[AuthorizeURL], error) {
	return s.beginOptOut(ctx, in, purposeOptOut)
}

func (s *Server) optIn(ctx context.Context, in *signInInput) (*body[AuthorizeURL], error) {
	return s.beginOptOut(ctx, in, purposeOptIn)
}

func (s *Server) beginOptOut(ctx context.Context, in *signInInput, purpose string) (*body[AuthorizeURL], error) {
	return s.begin(ctx, in.Body.Server, store.Flow{
		Purpose: purpose, Scopes: strings.Join(fediverse.Scopes(fediverse.FeatureSignIn), " "),
	})
}

// keepWish keeps whether the holder of an account wants to be found, and returns
// the code of what went wrong, or "". The token has done its work and is given back.
func (s *Server) keepWish(ctx context.Context, app fediverse.App, self fediverse.Self, purpose, token string) string {
	// What the holder wants counts, also if the browser does not wait.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	returned := s.revoke(ctx, app, token)
	addresses, err := s.addressesOf(ctx, self, app.Host)
	if err != nil {
		s.Log.Info("server did not finish an opt-out", "host", app.Host, "error", err)
		return failedServer
	}
	done := OptOut{Done: "out", Address: addresses[0].String(), Returned: returned}
	if purpose == purposeOptIn {
		done.Done = "in"
		_, err = s.Worker.OptIn(ctx, addresses)
	} else {
		_, err = s.Worker.OptOut(ctx, addresses)
	}
	if err != nil {
		s.Log.Error("opt-out not kept", "host", app.Host, "error", err)
		return failedDatabase
	}
	text, err := json.Marshal(done)
	if err != nil {
		s.Log.Error("opt-out not shown", "error", err)
		return failedServer
	}
	s.sessions.Put(ctx, sessionOptOut, string(text))
	return ""
}

// addressesOf returns the names of an account: its address, and that under the
// host which speaks for it. On most servers both are the same.
func (s *Server) addressesOf(ctx context.Context, self fediverse.Self, host string) ([]model.Address, error) {
	at := apiAddress(self, host)
	if self.Address.Key() != at.Key() {
		return []model.Address{self.Address, at}, nil
	}
	// Self gives the host's own name also where WebFinger did not answer.
	profile, err := s.Client.Check(ctx, at)
	if profile.Existence == model.Unknown && err != nil {
		return nil, err
	}
	if profile.Existence == model.Exists && profile.Address.Key() != at.Key() {
		return []model.Address{profile.Address, at}, nil
	}
	return []model.Address{self.Address}, nil
}
