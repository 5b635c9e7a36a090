package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// App returns what was kept of our application on a host, decrypted, if it was
// registered for that redirect URI; else ErrNotFound.
func (s *Store) App(ctx context.Context, host, redirectURI string) ([]byte, error) {
	row, err := s.r().App(ctx, host)
	if err == nil && (row.RedirectUri != redirectURI || len(row.Data) == 0) {
		err = sql.ErrNoRows
	}
	if err != nil {
		return nil, missing(err, "app on", host)
	}
	data, err := s.keys.Decrypt(host, row.Data)
	if err != nil {
		return nil, fmt.Errorf("app on %s: %w", host, err)
	}
	return data, nil
}

// ReserveApp makes sure that one process at a time registers us on a host, for
// as long as hold. ErrConflict means that another is at it.
func (s *Store) ReserveApp(ctx context.Context, host string, hold time.Duration) error {
	now := s.now()
	n, err := s.w().ReserveApp(ctx, db.ReserveAppParams{
		Host: host, Data: []byte{}, ReservedUntil: millis(now.Add(hold)), CreatedAt: millis(now),
	})
	if err != nil {
		return fmt.Errorf("reserve app on %s: %w", host, err)
	}
	if n == 0 {
		return fmt.Errorf("app on %s is being registered: %w", host, model.ErrConflict)
	}
	return nil
}

// SaveApp keeps the application and ends the reservation.
func (s *Store) SaveApp(ctx context.Context, host, redirectURI string, data []byte) error {
	sealed := s.keys.Encrypt(host, data)
	err := s.w().SaveApp(ctx, db.SaveAppParams{Host: host, Data: sealed, RedirectUri: redirectURI, CreatedAt: millis(s.now())})
	if err != nil {
		return fmt.Errorf("save app on %s: %w", host, err)
	}
	return nil
}

// ReleaseApp ends a reservation without an application.
func (s *Store) ReleaseApp(ctx context.Context, host string) error {
	if err := s.w().ReleaseApp(ctx, host); err != nil {
		return fmt.Errorf("release app on %s: %w", host, err)
	}
	return nil
}

// ForgetApp deletes the application, for a server that knows it no longer.
func (s *Store) ForgetApp(ctx context.Context, host string) error {
	if err := s.w().DeleteApp(ctx, host); err != nil {
		return fmt.Errorf("forget app on %s: %w", host, err)
	}
	return nil
}

// Flow is a sign-in at a server that has begun and not come back yet.
type Flow struct {
	StateHash string
	Session   string // whose browser began it
	OwnerID   string
	MoveID    string
	Host      string
	Purpose   string // why, as package api names it
	Scopes    string
	Verifier  string // of PKCE
	ExpiresAt time.Time
}

// AddFlow keeps a sign-in until it comes back or runs out.
func (s *Store) AddFlow(ctx context.Context, f Flow) error {
	err := s.w().AddFlow(ctx, db.AddFlowParams{
		StateHash: f.StateHash, Session: f.Session, OwnerID: f.OwnerID, MoveID: f.MoveID, Host: f.Host, Purpose: f.Purpose,
		Scopes: f.Scopes, Verifier: s.keys.Encrypt(f.StateHash, []byte(f.Verifier)), ExpiresAt: millis(f.ExpiresAt),
	})
	if err != nil {
		return fmt.Errorf("add flow: %w", err)
	}
	return nil
}

// TakeFlow returns the sign-in with that state and forgets it, so that a state
// works once. One that ran out is ErrNotFound like one that never was.
func (s *Store) TakeFlow(ctx context.Context, stateHash string) (Flow, error) {
	row, err := s.w().TakeFlow(ctx, stateHash)
	if err == nil && row.ExpiresAt <= millis(s.now()) {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Flow{}, missing(err, "flow", "")
	}
	verifier, err := s.keys.Decrypt(stateHash, row.Verifier)
	if err != nil {
		return Flow{}, errors.Join(model.ErrDenied, err)
	}
	return Flow{
		StateHash: row.StateHash, Session: row.Session, OwnerID: row.OwnerID, MoveID: row.MoveID, Host: row.Host,
		Purpose: row.Purpose, Scopes: row.Scopes, Verifier: string(verifier), ExpiresAt: fromMillis(row.ExpiresAt),
	}, nil
}
