package store

import (
	"testing"

	"github.com/skein-migrate/skein/internal/model"
)

// OptOutForTest keeps that the holder of an address does not want to be found.
func (s *Store) OptOutForTest(t testing.TB, a model.Address) {
	t.Helper()
	key, err := s.optOutKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), "INSERT INTO opt_outs (address_mac, at) VALUES ($1, 1)", addressMAC(key, a.Key())); err != nil {
		t.Fatal(err)
	}
}
