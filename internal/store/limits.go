package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/store/db"
)

// Limit is the latest known allowance of a subject for one family of calls. The
// server's headers are its source.
type Limit struct {
	Subject      string // an Account's id, or host: and the name of one that counts by address
	Family       string // api, statuses, follows, media, deletes, paging
	Max          int
	Remaining    int
	ResetAt      time.Time
	BlockedUntil time.Time
	UpdatedAt    time.Time // when it was seen
}

// SaveLimit keeps an allowance as it was seen at UpdatedAt, now if that is not
// set. What another process saw later is not overwritten.
func (s *Store) SaveLimit(ctx context.Context, l Limit) error {
	if l.UpdatedAt.IsZero() {
		l.UpdatedAt = s.now()
	}
	err := s.w().SaveLimit(ctx, db.SaveLimitParams{
		Subject: l.Subject, Family: l.Family, MaxCalls: int64(l.Max), Remaining: int64(l.Remaining),
		ResetAt: millis(l.ResetAt), BlockedUntil: millis(l.BlockedUntil), UpdatedAt: millis(l.UpdatedAt),
	})
	if err != nil {
		return fmt.Errorf("save limit of %s: %w", l.Subject, err)
	}
	return nil
}

// Limits returns the allowances of a subject by family.
func (s *Store) Limits(ctx context.Context, subject string) (map[string]Limit, error) {
	rows, err := s.r().Limits(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("limits of %s: %w", subject, err)
	}
	limits := make(map[string]Limit, len(rows))
	for _, row := range rows {
		limits[row.Family] = Limit{
			Subject: row.Subject, Family: row.Family, Max: int(row.MaxCalls), Remaining: int(row.Remaining),
			ResetAt: fromMillis(row.ResetAt), BlockedUntil: fromMillis(row.BlockedUntil), UpdatedAt: fromMillis(row.UpdatedAt),
		}
	}
	return limits, nil
}
