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

// AddOwner makes an Owner and returns the id.
func (s *Store) AddOwner(ctx context.Context) (string, error) {
	id := NewID()
	if err := s.w().AddOwner(ctx, id, millis(s.now())); err != nil {
		return "", fmt.Errorf("add owner: %w", err)
	}
	return id, nil
}

// HasRecoveryKey tells whether the Owner has made a recovery key.
func (s *Store) HasRecoveryKey(ctx context.Context, owner string) (bool, error) {
	row, err := s.r().Owner(ctx, owner)
	if err != nil {
		return false, missing(err, "owner", owner)
	}
	return row.RecoveryHash != "", nil
}

// SetRecovery keeps the hash of the Owner's recovery key in place of any other.
func (s *Store) SetRecovery(ctx context.Context, owner, hash string) error {
	n, err := s.w().SetRecovery(ctx, owner, hash)
	if err != nil {
		return fmt.Errorf("set recovery key: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("owner %s: %w", owner, model.ErrNotFound)
	}
	return nil
}

// OwnerByRecovery returns the Owner whose recovery key has that hash, else ErrNotFound.
func (s *Store) OwnerByRecovery(ctx context.Context, hash string) (string, error) {
	id, err := s.r().OwnerByRecovery(ctx, hash)
	if err != nil {
		return "", missing(err, "owner", "by recovery key")
	}
	return id, nil
}

// OwnerByAccount returns the Owner who connected that fediverse account last,
// else ErrNotFound. Address and the server's own id must both be the same: a
// name that was given up and taken by somebody else is another account.
func (s *Store) OwnerByAccount(ctx context.Context, address model.Address, remoteID string) (string, error) {
	id, err := s.r().OwnerByAccount(ctx, address.Key(), remoteID)
	if err != nil {
		return "", missing(err, "owner", "by account")
	}
	return id, nil
}

// Sessions is the store of browser sessions in the shape that scs wants.
type Sessions struct{ store *Store }

// Sessions returns the session store.
func (s *Store) Sessions() Sessions { return Sessions{s} }

// Find returns the data of a session that has not expired.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// FindCtx is Find with a context.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, err := s.store.r().Session(ctx, token, millis(s.store.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Commit keeps a session until expiry.
func (s Sessions) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// CommitCtx is Commit with a context.
func (s Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.store.w().SaveSession(ctx, token, b, millis(expiry))
}

// Delete removes a session; one that is not there is no error.
func (s Sessions) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// DeleteCtx is Delete with a context.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.w().DeleteSession(ctx, token)
}

// Tidy removes what has run out: sessions, sign-ins that were never finished,
// cached profiles, what withdrawn registry entries left, and Owners who were not
// seen since before and have nothing.
func (s *Store) Tidy(ctx context.Context, ownersBefore time.Time) error {
	now := millis(s.now())
	return s.tx(ctx, func(q *db.Queries) error {
		if _, err := q.DeleteExpiredSessions(ctx, now); err != nil {
			return err
		}
		if err := q.DeleteExpiredFlows(ctx, now); err != nil {
			return err
		}
		if err := q.DeleteExpiredProfiles(ctx, now); err != nil {
			return err
		}
		if err := q.DeleteTombstones(ctx, now-tombstones.Milliseconds()); err != nil {
			return err
		}
		if err := q.DeleteXDays(ctx, xDay(s.now())); err != nil {
			return err
		}
		_, err := q.DeleteEmptyOwners(ctx, millis(ownersBefore))
		return err
	})
}
