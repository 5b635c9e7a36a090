package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// DirectoryAccount is a row of the index of profile directories: an account that
// chose to be found and names a Twitter handle itself. One that names several has
// several rows.
type DirectoryAccount struct {
	Handle   string // lower case
	Address  model.Address
	Host     string // the server that was asked
	RemoteID string // the account's id there
	Text     string // the one line that says so
	ReadAt   time.Time
	ShownAt  time.Time // when it was last read again because somebody asked; zero: never shown
}

// ReadAgain is how long a row counts before it has to be read again.
const ReadAgain = 30 * 24 * time.Hour

// Showable tells whether the row may be shown as it is. A row that was never
// shown, or not read for long, is read again before.
func (r DirectoryAccount) Showable(now time.Time) bool {
	return !r.ShownAt.IsZero() && now.Sub(r.ReadAt) <= ReadAgain
}

// DirectoryAccounts returns the rows of the handles by lower-case handle, in the
// order of their addresses. Not all of them are Showable.
func (s *Store) DirectoryAccounts(ctx context.Context, handles []string) (map[string][]DirectoryAccount, error) {
	lower := make([]string, len(handles))
	for i, h := range handles {
		lower[i] = strings.ToLower(h)
	}
	found := map[string][]DirectoryAccount{}
	err := s.reader().lookUp(ctx, directoryAccountsOf, lower, func(rows *sql.Rows) error {
		var r db.DirectoryAccount
		if err := rows.Scan(&r.AddressKey, &r.HandleLower, &r.Address, &r.Host, &r.RemoteID, &r.Text, &r.ReadAt, &r.ShownAt); err != nil {
			return err
		}
		account, err := newDirectoryAccount(r)
		found[r.HandleLower] = append(found[r.HandleLower], account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("directory accounts: %w", err)
	}
	return found, nil
}

const directoryAccountsOf = `SELECT address_key, handle_lower, address, host, remote_id, text, read_at, shown_at FROM directory_accounts
WHERE handle_lower IN (?) ORDER BY handle_lower, address_key`

// ShowDirectoryAccount notes that the row was read again and may be shown, and
// what it says now.
func (s *Store) ShowDirectoryAccount(ctx context.Context, r DirectoryAccount) error {
	err := s.w().DirectoryAccountShown(ctx, db.DirectoryAccountShownParams{
		ReadAt: millis(r.ReadAt), ShownAt: millis(r.ShownAt), Text: r.Text, AddressKey: r.Address.Key(), HandleLower: r.Handle,
	})
	if err != nil {
		return fmt.Errorf("show %s: %w", r.Address, err)
	}
	return nil
}

// DeleteDirectoryAccount deletes a row that holds no longer.
func (s *Store) DeleteDirectoryAccount(ctx context.Context, r DirectoryAccount) error {
	if err := s.w().DeleteDirectoryAccount(ctx, r.Address.Key(), r.Handle); err != nil {
		return fmt.Errorf("delete %s: %w", r.Address, err)
	}
	return nil
}

// DeleteStaleDirectoryAccounts deletes what the host has not shown since before.
func (s *Store) DeleteStaleDirectoryAccounts(ctx context.Context, host string, before time.Time) (int, error) {
	n, err := s.w().DeleteStaleDirectoryAccounts(ctx, host, millis(before))
	if err != nil {
		return 0, fmt.Errorf("stale directory accounts of %s: %w", host, err)
	}
	return int(n), nil
}

func newDirectoryAccount(r db.DirectoryAccount) (DirectoryAccount, error) {
	a, err := model.ParseAddress(r.Address)
	if err != nil {
		return DirectoryAccount{}, err
	}
	return DirectoryAccount{
		Handle: r.HandleLower, Address: a, Host: r.Host, RemoteID: r.RemoteID, Text: r.Text, ReadAt: fromMillis(r.ReadAt), ShownAt: fromMillis(r.ShownAt),
	}, nil
}
