package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// SaveAccount keeps a connected Account with its token, encrypted. Connecting
// the same Address again renews the row and keeps its id.
func (s *Store) SaveAccount(ctx context.Context, a model.Account, token string) (model.Account, error) {
	if a.Server == "" {
		a.Server = a.Address.Host
	}
	err := s.tx(ctx, func(q *db.Queries) error {
		id, err := q.SaveAccount(ctx, db.SaveAccountParams{
			ID: NewID(), OwnerID: a.OwnerID, Address: a.Address.String(), AddressKey: a.Address.Key(), Host: a.Server,
			RemoteID: a.RemoteID, DisplayName: a.DisplayName, Avatar: a.Avatar, Software: a.Software, Version: a.Version,
			Scopes: strings.Join(a.Scopes, " "), Followers: int64(a.Followers), Following: int64(a.Following), Locked: a.Locked,
			Token: []byte{}, ConnectedAt: millis(s.now()),
		})
		if err != nil {
			return err
		}
		a.ID, a.ConnectedAt, a.RevokedAt = id, s.now().UTC(), time.Time{}
		return q.SetToken(ctx, id, s.keys.Encrypt(id, []byte(token))) // the id of the row is known only now
	})
	if err != nil {
		return model.Account{}, fmt.Errorf("save account %s: %w", a.Address, err)
	}
	return a, nil
}

// Accounts returns the Owner's connected Accounts.
func (s *Store) Accounts(ctx context.Context, owner string) ([]model.Account, error) {
	rows, err := s.r().Accounts(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("accounts of %s: %w", owner, err)
	}
	accounts := make([]model.Account, 0, len(rows))
	for _, row := range rows {
		a, err := newAccount(row)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

// OwnAccount returns an Account if it is the Owner's, else ErrNotFound.
func (s *Store) OwnAccount(ctx context.Context, owner, id string) (model.Account, error) {
	a, _, err := s.account(ctx, id)
	if err == nil && (owner == "" || a.OwnerID != owner) {
		err = fmt.Errorf("account %s: %w", id, model.ErrNotFound)
	}
	if err != nil {
		return model.Account{}, err
	}
	return a, nil
}

// AccountToken returns an Account and its token in the clear, for whoever acts
// for it. A token that is believed not to work any more is ErrDenied.
func (s *Store) AccountToken(ctx context.Context, id string) (model.Account, string, error) {
	a, sealed, err := s.account(ctx, id)
	if err != nil {
		return model.Account{}, "", err
	}
	if !a.RevokedAt.IsZero() {
		return a, "", fmt.Errorf("account %s has to be connected again: %w", a.Address, model.ErrDenied)
	}
	token, err := s.keys.Decrypt(id, sealed)
	if err != nil {
		return a, "", fmt.Errorf("token of account %s: %w", id, err)
	}
	return a, string(token), nil
}

func (s *Store) account(ctx context.Context, id string) (model.Account, []byte, error) {
	row, err := s.r().Account(ctx, id)
	if err != nil {
		return model.Account{}, nil, missing(err, "account", id)
	}
	a, err := newAccount(row)
	return a, row.Token, err
}

// RevokeAccount notes that the Account's token works no longer.
func (s *Store) RevokeAccount(ctx context.Context, id string) error {
	if err := s.w().RevokeAccount(ctx, id, millis(s.now())); err != nil {
		return fmt.Errorf("revoke account %s: %w", id, err)
	}
	return nil
}

// ForgetAccount deletes the Owner's Account and, if nobody else has connected
// the same Address, the ids of what was posted from it. ErrConflict while a Run
// uses it.
func (s *Store) ForgetAccount(ctx context.Context, owner, id string) error {
	return s.tx(ctx, func(q *db.Queries) error {
		row, err := q.Account(ctx, id)
		if err != nil || row.OwnerID != owner {
			return missing(orNoRows(err), "account", id)
		}
		busy, err := q.RunsOfAccount(ctx, id)
		if err != nil {
			return fmt.Errorf("runs of account %s: %w", id, err)
		}
		if busy > 0 {
			return fmt.Errorf("a run still uses this account; cancel it first: %w", model.ErrConflict)
		}
		if _, err := q.DeleteAccount(ctx, id, owner); err != nil {
			return fmt.Errorf("delete account %s: %w", id, err)
		}
		if err := q.DeleteLimits(ctx, id); err != nil {
			return err
		}
		return q.ForgetPostedParts(ctx, row.AddressKey)
	})
}

func newAccount(row db.Account) (model.Account, error) {
	address, err := model.ParseAddress(row.Address)
	if err != nil {
		return model.Account{}, err
	}
	return model.Account{
		ID: row.ID, OwnerID: row.OwnerID, Address: address, Server: row.Host, RemoteID: row.RemoteID, DisplayName: row.DisplayName,
		Avatar: row.Avatar, Software: row.Software, Version: row.Version, Scopes: strings.Fields(row.Scopes),
		Followers: int(row.Followers), Following: int(row.Following), Locked: row.Locked,
		ConnectedAt: fromMillis(row.ConnectedAt), RevokedAt: fromMillis(row.RevokedAt),
	}, nil
}
