package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/store/db"
)

// SourceState is what a source of evidence was asked, over all Moves, and what
// is kept of it.
type SourceState struct {
	Asked, Gave, Failed int
	CountedAt           time.Time // when it was counted last
	Rows                int       // in the index
	LoadedAt            time.Time // when the rows were last brought up to date
}

// CountSource adds to what a source was asked, gave, and failed at.
func (s *Store) CountSource(ctx context.Context, source string, asked, gave, failed int) error {
	err := s.w().CountSource(ctx, db.CountSourceParams{
		Source: source, Asked: int64(asked), Gave: int64(gave), Failed: int64(failed), At: millis(s.now()),
	})
	if err != nil {
		return fmt.Errorf("count source %s: %w", source, err)
	}
	return nil
}

// SourceStates returns what is known of each source by its name, as far as it was
// ever used: what was counted, and the rows of what is loaded as a whole.
func (s *Store) SourceStates(ctx context.Context) (map[string]SourceState, error) {
	counts, err := s.r().SourceCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("source counts: %w", err)
	}
	states := map[string]SourceState{}
	for _, c := range counts {
		states[c.Source] = SourceState{Asked: int(c.Asked), Gave: int(c.Gave), Failed: int(c.Failed), CountedAt: fromMillis(c.At)}
	}
	loaded, err := s.r().SourcesLoaded(ctx)
	if err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	for _, row := range loaded {
		state := states[row.Source]
		state.Rows, state.LoadedAt = int(row.RowCount), fromMillis(row.LoadedAt)
		states[row.Source] = state
	}
	return states, nil
}

// RegistryState returns how many entries there are, with those of other
// installations, and when the latter were read last.
func (s *Store) RegistryState(ctx context.Context) (rows int, fetched time.Time, err error) {
	row, err := s.r().SourceOfRegistry(ctx)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("registry: %w", err)
	}
	return int(row.RowCount), fromMillis(row.FetchedAt), nil
}
