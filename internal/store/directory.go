package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// DirectoryRow is one entry of the directory index: somebody says that an
// address belongs to the Twitter account with that id, or with that handle.
type DirectoryRow struct {
	Source    string
	TwitterID string // either this
	Handle    string // or this, or both
	Address   model.Address
	Text      string
	At        time.Time
}

var directoryRows = table{
	name:     "directory_rows",
	columns:  []string{"source", "generation", "twitter_id", "handle_lower", "address", "text", "at"},
	conflict: "ON CONFLICT DO NOTHING",
}

// SwapDirectory loads all rows of a source and then puts them in place of what
// the source had, at once: until then, and if it fails, the old rows count.
func (s *Store) SwapDirectory(ctx context.Context, source string, rows iter.Seq2[DirectoryRow, error]) (int, error) {
	old, err := s.w().DirectorySource(ctx, source)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("directory %s: %w", source, err)
	}
	generation := max(old.Generation+1, millis(s.now()))
	if err := s.w().DeleteOldDirectoryRows(ctx, source, old.Generation); err != nil { // of a load that was cut short
		return 0, fmt.Errorf("directory %s: %w", source, err)
	}
	n := 0
	part := make([][]any, 0, batch)
	flush := func() error {
		err := s.bulk(ctx, func(b *bulk) error { return b.insert(ctx, directoryRows, part) })
		if err != nil {
			return fmt.Errorf("directory %s: %w", source, err)
		}
		n, part = n+len(part), part[:0]
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return 0, fmt.Errorf("directory %s: %w", source, err)
		}
		part = append(part, []any{
			source, generation, row.TwitterID, strings.ToLower(row.Handle), row.Address.String(), row.Text, millis(row.At),
		})
		if len(part) == batch {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if err := flush(); err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(q *db.Queries) error {
		return q.SetDirectorySource(ctx, db.SetDirectorySourceParams{
			Source: source, Generation: generation, RowCount: int64(n), LoadedAt: millis(s.now()),
		})
	})
	if err != nil {
		return 0, fmt.Errorf("directory %s: %w", source, err)
	}
	return n, s.w().DeleteOldDirectoryRows(ctx, source, generation)
}

// DirectoryLoaded tells when a source was loaded last; the zero time is never.
func (s *Store) DirectoryLoaded(ctx context.Context, source string) (time.Time, error) {
	row, err := s.r().DirectorySource(ctx, source)
	if orEmpty(err) != nil {
		return time.Time{}, fmt.Errorf("directory %s: %w", source, err)
	}
	return fromMillis(row.LoadedAt), nil
}

// Directory returns what the index says of a Person: rows that name the Twitter
// id, and rows that name the handle and no other id.
func (s *Store) Directory(ctx context.Context, p model.Person) ([]model.Evidence, error) {
	var found []model.Evidence
	add := func(source, address, text string, at int64, tie model.Tie) error {
		a, err := model.ParseAddress(address)
		if err != nil {
			return err
		}
		found = append(found, model.Evidence{
			Address: a, Source: source, Side: model.ThirdSide, Tie: tie, Text: text, At: fromMillis(at),
		})
		return nil
	}
	if p.TwitterID != "" {
		rows, err := s.r().DirectoryByTwitterID(ctx, p.TwitterID)
		if err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
		for _, row := range rows {
			if err := add(row.Source, row.Address, row.Text, row.At, model.TieID); err != nil {
				return nil, err
			}
		}
	}
	if p.Handle.Name != "" {
		rows, err := s.r().DirectoryByHandle(ctx, strings.ToLower(p.Handle.Name))
		if err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
		for _, row := range rows {
			if row.TwitterID != "" && p.TwitterID != "" {
				continue // said of a numeric id: found above, or somebody else who had the name
			}
			if err := add(row.Source, row.Address, row.Text, row.At, model.TieHandle); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// Profile returns a checked address from the cache, with ErrNotFound if it was
// never checked or the answer is too old.
func (s *Store) Profile(ctx context.Context, a model.Address) (model.Profile, error) {
	row, err := s.r().Profile(ctx, a.Key())
	if err == nil && row.ExpiresAt <= millis(s.now()) {
		err = sql.ErrNoRows
	}
	if err != nil {
		return model.Profile{}, missing(err, "profile", a.String())
	}
	return fromJSON[model.Profile](row.Profile)
}

// SaveProfile keeps what a check of an address found until expires.
func (s *Store) SaveProfile(ctx context.Context, a model.Address, p model.Profile, expires time.Time) error {
	if err := s.w().SaveProfile(ctx, a.Key(), toJSON(p), millis(expires)); err != nil {
		return fmt.Errorf("save profile %s: %w", a, err)
	}
	return nil
}
