package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Feed is the registry of another installation and how far it was read.
type Feed struct {
	URL       string
	AsOf      string // of the copy, in the feed's own words
	Entries   int
	FetchedAt time.Time
	Error     string // why it could not be read last, in words

	generation int64
}

// CopiedEntry is what another installation's registry says.
type CopiedEntry struct {
	ID        string
	TwitterID string
	Handle    string
	Address   model.Address
	Proof     string
	At        time.Time
}

// Feeds makes sure that the copies are of just these registries: what others
// said goes. It returns them in the same order.
func (s *Store) Feeds(ctx context.Context, urls []string) ([]Feed, error) {
	feeds, dropped := make([]Feed, len(urls)), []string{}
	err := s.tx(ctx, func(q *db.Queries) error {
		for _, url := range urls {
			if err := q.AddFeed(ctx, url); err != nil {
				return err
			}
		}
		rows, err := q.Feeds(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			at := slices.Index(urls, row.Url)
			if at < 0 {
				dropped = append(dropped, row.Url)
				continue
			}
			feeds[at] = Feed{
				URL: row.Url, AsOf: row.AsOf, Entries: int(row.Entries), FetchedAt: fromMillis(row.FetchedAt), Error: row.Error, generation: row.Generation,
			}
		}
		return nil
	})
	for _, url := range dropped {
		err = errors.Join(err, s.deleteCopies(ctx, url, -1), s.w().DeleteFeed(ctx, url))
	}
	if err != nil {
		return nil, fmt.Errorf("registries: %w", err)
	}
	return feeds, nil
}

// deleteCopies deletes what is copied of a registry but one generation.
func (s *Store) deleteCopies(ctx context.Context, url string, but int64) error {
	for {
		old, err := s.w().OldestCopies(ctx, url)
		if err == nil && old == but {
			old, err = s.w().NewestCopies(ctx, url)
		}
		if err != nil {
			return err
		}
		if old == but || old == 0 {
			return nil
		}
		if _, err := s.w().DeleteCopies(ctx, url, old); err != nil {
			return err
		}
	}
}

var copiedEntries = table{
	name:     "registry_copies",
	columns:  []string{"feed", "generation", "entry_id", "twitter_id", "handle_lower", "address", "proof", "at"},
	conflict: "ON CONFLICT (feed, generation, entry_id) DO NOTHING",
}

// SwapFeed loads a registry as a whole and then puts it in place of the copy, at
// once: until then, and if it fails, the old copy counts. It returns how many
// entries there are.
func (s *Store) SwapFeed(ctx context.Context, f Feed, entries iter.Seq2[CopiedEntry, error], asOf string) (int, error) {
	generation := max(f.generation+1, millis(s.now()))
	fail := func(err error) (int, error) { return 0, fmt.Errorf("registry %s: %w", feedName(f.URL), err) }
	if err := s.deleteCopies(ctx, f.URL, f.generation); err != nil { // of a load that was cut short
		return fail(err)
	}
	part := make([]CopiedEntry, 0, batch)
	flush := func() error {
		rows, err := s.copyValues(ctx, f.URL, generation, part)
		part = part[:0]
		if err != nil {
			return err
		}
		return s.bulk(ctx, func(b *bulk) error { return b.insert(ctx, copiedEntries, rows) })
	}
	for e, err := range entries {
		if err != nil {
			return 0, err
		}
		if part = append(part, e); len(part) == batch {
			if err := flush(); err != nil {
				return fail(err)
			}
		}
	}
	if err := flush(); err != nil {
		return fail(err)
	}
	if err := s.analyze(ctx, copiedEntries); err != nil {
		return fail(err)
	}
	return s.feedRead(ctx, f.URL, generation, asOf)
}

// ChangeFeed works changes into the copy of a registry, of two with the same id
// the later one. They may be worked in again: asOf is kept last.
func (s *Store) ChangeFeed(ctx context.Context, f Feed, changed []CopiedEntry, withdrawn []string, asOf string) (int, error) {
	newest := map[string]CopiedEntry{}
	for _, id := range withdrawn {
		newest[id] = CopiedEntry{ID: id}
	}
	for _, e := range changed {
		newest[e.ID] = e
	}
	for part := range chunks(slices.Collect(maps.Values(newest))) {
		there := slices.DeleteFunc(slices.Clone(part), func(e CopiedEntry) bool { return e.Address == model.Address{} })
		rows, err := s.copyValues(ctx, f.URL, f.generation, there)
		if err == nil {
			err = s.bulk(ctx, func(b *bulk) error {
				for _, e := range part {
					if err := b.DeleteCopy(ctx, f.URL, f.generation, e.ID); err != nil {
						return err
					}
				}
				return b.insert(ctx, copiedEntries, rows)
			})
		}
		if err != nil {
			return 0, fmt.Errorf("registry %s: %w", feedName(f.URL), err)
		}
	}
	return s.feedRead(ctx, f.URL, f.generation, asOf)
}

// feedRead notes that the copy of that generation is whole.
func (s *Store) feedRead(ctx context.Context, url string, generation int64, asOf string) (int, error) {
	n, err := s.w().FeedRead(ctx, db.FeedReadParams{Url: url, AsOf: asOf, Generation: generation, FetchedAt: millis(s.now())})
	if err == nil {
		err = s.deleteCopies(ctx, url, generation)
	}
	if err != nil {
		return 0, fmt.Errorf("registry %s: %w", feedName(url), err)
	}
	return int(n), nil
}

// FeedFailed keeps in words why a registry could not be read. Its copy stays.
func (s *Store) FeedFailed(ctx context.Context, url, text string) error {
	if err := s.w().FeedFailed(ctx, url, text); err != nil {
		return fmt.Errorf("registry %s: %w", feedName(url), err)
	}
	return nil
}

// copyValues returns the rows of entries, without those whose holders do not
// want to be found.
func (s *Store) copyValues(ctx context.Context, feed string, generation int64, entries []CopiedEntry) ([][]any, error) {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Address.Key()
	}
	out, err := s.optedOut(ctx, keys)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, 0, len(entries))
	for i, e := range entries {
		if !out[keys[i]] {
			rows = append(rows, []any{feed, generation, e.ID, e.TwitterID, strings.ToLower(e.Handle), e.Address.String(), e.Proof, millis(e.At)})
		}
	}
	return rows, nil
}
