package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// checkServer makes sure that host is a server that we can do something at.
func (s *Server) checkServer(ctx context.Context, host string) error {
	c, err := s.Worker.Capability(ctx, host)
	var refused *fediverse.StatusError
	if errors.As(err, &refused) && (notFound(err) || errors.Is(err, model.ErrInvalid)) {
		return fmt.Errorf("%s is not a server of the fediverse; check the name: %w", host, model.ErrInvalid)
	}
	if err != nil {
		return err
	}
	if !c.Posts && !c.Follows {
		return fmt.Errorf("%s runs %s. %s: %w", host, c.Software, strings.TrimSuffix(strings.Join(c.Words, " "), "."), model.ErrInvalid)
	}
	return nil
}

// app returns our application at a server: the one that is kept, or a new one.
// One process at a time registers; whoever comes meanwhile waits for it.
func (s *Server) app(ctx context.Context, host string) (fediverse.App, error) {
	for try := 0; ; try++ {
		app, err := s.Worker.App(ctx, host)
		if err == nil && try == 0 {
			err = s.stillKnown(ctx, app)
		}
		if err == nil || !notFound(err) {
			return app, err
		}
		err = s.Store.ReserveApp(ctx, host, 30*time.Second)
		if err == nil {
			return s.register(ctx, host)
		}
		if !errors.Is(err, model.ErrConflict) {
			return fediverse.App{}, err
		}
		if try == 20 {
			return fediverse.App{}, fmt.Errorf("somebody else is connecting to %s at this moment; try again in a moment: %w", host, model.ErrConflict)
		}
		select {
		case <-ctx.Done():
			return fediverse.App{}, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// stillKnown returns ErrNotFound, and forgets our application, if the server
// has forgotten it. Otherwise the browser would end on the server's error page,
// each time again. A code that nobody gave out tells: the application is looked
// at first.
func (s *Server) stillKnown(ctx context.Context, app fediverse.App) error {
	_, _, err := s.Client.Exchange(ctx, app, "none", fediverse.NewVerifier())
	var refused *fediverse.StatusError
	if !errors.As(err, &refused) || refused.Message != failedApp {
		return nil
	}
	if err := s.Store.ForgetApp(ctx, app.Host); err != nil {
		return err
	}
	return fmt.Errorf("app on %s: %w", app.Host, model.ErrNotFound)
}

// register registers us at a server. The caller holds the reservation.
func (s *Server) register(ctx context.Context, host string) (fediverse.App, error) {
	app, err := s.Client.Register(ctx, host, s.Worker.RedirectURI(host), allScopes)
	if err == nil {
		var data []byte
		if data, err = json.Marshal(app); err == nil {
			err = s.Store.SaveApp(ctx, host, s.Worker.RedirectURI(host), data)
		}
	}
	if err != nil {
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return fediverse.App{}, errors.Join(err, s.Store.ReleaseApp(release, host))
	}
	return app, nil
}
