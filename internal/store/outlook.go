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

// Beside is a Run at work, with how many Steps it has and how many are left.
type Beside struct {
	Run         Run // without what no estimate needs
	Left, Steps int
}

// RunsBeside returns the Runs at work besides one that act for an Account, or, if a
// host is named, for any Account there; at most a hundred.
func (s *Store) RunsBeside(ctx context.Context, run, account, host string) ([]Beside, error) {
	rows, err := s.r().RunsBeside(ctx, run, account, host)
	if err != nil {
		return nil, fmt.Errorf("runs beside %s: %w", run, err)
	}
	all := make([]Beside, len(rows))
	for i, row := range rows {
		all[i] = Beside{Left: int(row.StepsLeft), Steps: int(row.Steps), Run: Run{
			ID: row.ID, MoveID: row.MoveID, Kind: row.Kind, AccountID: row.AccountID, State: row.State, Options: row.Options,
			Result: row.Result, DueAt: fromMillis(row.DueAt),
		}}
	}
	return all, nil
}
