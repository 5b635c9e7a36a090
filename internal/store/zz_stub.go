package store

import (
	"context"
	"github.com/skein-migrate/skein/internal/model"
	"time"
)

type DirectoryAccount struct {
	Address                      model.Address
	Handle, Host, RemoteID, Text string
	ReadAt, ShownAt              time.Time
}

func (r DirectoryAccount) Showable(now time.Time) bool {
	return !r.ShownAt.IsZero() && now.Sub(r.ReadAt) < 30*24*time.Hour
}
func (s *Store) DirectoryAccounts(ctx context.Context, handles []string) (map[string][]DirectoryAccount, error) {
	return nil, nil
}
func (s *Store) OptedOut(ctx context.Context, a []model.Address) (map[string]bool, error) {
	return nil, nil
}
func (s *Store) RegistryEvidence(ctx context.Context, id string, p []model.Person) (map[string][]model.Evidence, error) {
	return nil, nil
}
func (s *Store) CountSource(ctx context.Context, source string, asked, gave, failed int) error {
	return nil
}
