package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store/db"
)

// ConfirmedSince counts the Steps of a kind that the Run has confirmed since then.
func (s *Store) ConfirmedSince(ctx context.Context, r Run, kind plan.Kind, since time.Time) (int, error) {
	n, err := s.r().ConfirmedSince(ctx, db.ConfirmedSinceParams{
		AccountID: r.AccountID, Kind: string(kind), UpdatedAt: millis(since), RunID: r.ID,
	})
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", r.ID, err)
	}
	return int(n), nil
}
