package store

import (
	"context"
	"fmt"

	"github.com/skein-migrate/skein/internal/store/db"
)

// CountSource adds to what a source was asked, what it gave and how often it
// failed, over all Moves.
func (s *Store) CountSource(ctx context.Context, source string, asked, gave, failed int) error {
	err := s.w().CountSource(ctx, db.CountSourceParams{
		Source: source, Asked: int64(asked), Gave: int64(gave), Failed: int64(failed), At: millis(s.now()),
	})
	if err != nil {
		return fmt.Errorf("count source %s: %w", source, err)
	}
	return nil
}
