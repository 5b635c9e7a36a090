package api

import (
	"context"
	"errors"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
)

// What a session holds.
const (
	sessionOwner = "owner"
	sessionBind  = "bind" // ties a sign-in at a server to the browser that began it
)

// ownerFrom returns whose session it is, or the error to answer with.
func (s *Server) ownerFrom(ctx context.Context) (string, error) {
	owner := s.sessions.GetString(ctx, sessionOwner)
	if owner == "" {
		return "", errSignedOut
	}
	return owner, nil
}

// enter makes the session the Owner's, under a new token: whoever knew the old
// one, or planted it, has nothing of it.
func (s *Server) enter(ctx context.Context, owner string) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionOwner, owner)
	return nil
}

// Session tells the page whether somebody is signed in.
type Session struct {
	SignedIn       bool `json:"signed_in"`
	HasRecoveryKey bool `json:"has_recovery_key"`
}

func (s *Server) session(ctx context.Context, _ *none) (*body[Session], error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return reply(Session{}), nil
	}
	key, err := s.Store.HasRecoveryKey(ctx, owner)
	if errors.Is(err, model.ErrNotFound) { // tidied away: nothing was left of it
		return reply(Session{}), s.sessions.Destroy(ctx)
	}
	if err != nil {
		return nil, err
	}
	if now := s.Now(); s.sessions.Deadline(ctx).Sub(now) < sessionLife*3/4 {
		s.sessions.SetDeadline(ctx, now.Add(sessionLife).UTC())
	}
	return reply(Session{SignedIn: true, HasRecoveryKey: key}), nil
}

func (s *Server) signOut(ctx context.Context, _ *none) (*none, error) {
	return nil, s.sessions.Destroy(ctx)
}

// RecoveryKey is shown once.
type RecoveryKey struct {
	Key string `json:"key" maxLength:"100"`
}

func (s *Server) makeRecoveryKey(ctx context.Context, _ *none) (*body[RecoveryKey], error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return nil, err
	}
	key := secret.NewRecoveryKey()
	if err := s.Store.SetRecovery(ctx, owner, key.Hash()); err != nil {
		return nil, err
	}
	return reply(RecoveryKey{key.Text()}), nil
}

type recoverInput struct{ Body RecoveryKey }

func (s *Server) recover(ctx context.Context, in *recoverInput) (*none, error) {
	if err := s.limits.recover.take(clientIP(ctx)); err != nil {
		return nil, err
	}
	key, err := secret.ParseRecoveryKey(in.Body.Key)
	if err != nil {
		return nil, err
	}
	owner, err := s.Store.OwnerByRecovery(ctx, key.Hash())
	if err != nil {
		if errors.Is(err, model.ErrNotFound) {
			return nil, errUnknownKey
		}
		return nil, err
	}
	return nil, s.enter(ctx, owner)
}
