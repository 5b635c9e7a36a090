package store

import (
	"context"
	"database/sql"
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
	if err := s.analyze(ctx, directoryRows); err != nil {
		return 0, fmt.Errorf("directory %s: %w", source, err)
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

// Directory returns what the index says of People, by Person id: rows that name
// the Twitter id, and rows that name the handle and no other id.
func (s *Store) Directory(ctx context.Context, people []model.Person) (map[string][]model.Evidence, error) {
	ids, handles := map[string][]model.Person{}, map[string][]model.Person{}
	for _, p := range people {
		if p.TwitterID != "" {
			ids[p.TwitterID] = append(ids[p.TwitterID], p)
		}
		if name := strings.ToLower(p.Handle.Name); name != "" {
			handles[name] = append(handles[name], p)
		}
	}
	found := map[string][]model.Evidence{}
	read := func(rows *sql.Rows) (id, handle string, e model.Evidence, err error) {
		var address string
		var at int64
		e.Side, e.Tie = model.ThirdSide, model.TieID
		if err := rows.Scan(&e.Source, &id, &handle, &address, &e.Text, &at); err != nil {
			return id, handle, e, err
		}
		e.At = fromMillis(at)
		e.Address, err = model.ParseAddress(address)
		return id, handle, e, err
	}
	const query = `SELECT d.source, d.twitter_id, d.handle_lower, d.address, d.text, d.at FROM directory_rows d
		JOIN directory_sources s ON s.source = d.source AND s.generation = d.generation WHERE `
	err := s.reader().lookUp(ctx, query+"d.twitter_id <> '' AND d.twitter_id IN (?)", slices.Collect(maps.Keys(ids)), func(rows *sql.Rows) error {
		id, _, e, err := read(rows)
		for _, p := range ids[id] {
			found[p.ID] = append(found[p.ID], e)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	err = s.reader().lookUp(ctx, query+"d.handle_lower <> '' AND d.handle_lower IN (?)", slices.Collect(maps.Keys(handles)), func(rows *sql.Rows) error {
		id, handle, e, err := read(rows)
		e.Tie = model.TieHandle
		for _, p := range handles[handle] {
			if id == "" || p.TwitterID == "" { // else said of a numeric id: found above, or somebody else who had the name
				found[p.ID] = append(found[p.ID], e)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return found, nil
}

// Profiles returns those of the addresses that were checked and whose answers
// are not too old, by Address.Key.
func (s *Store) Profiles(ctx context.Context, addresses []model.Address) (map[string]model.Profile, error) {
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = a.Key()
	}
	found := map[string]model.Profile{}
	err := s.reader().lookUp(ctx, `SELECT address_key, profile FROM profiles WHERE expires_at > $1 AND address_key IN (?)`, keys, func(rows *sql.Rows) error {
		var key, text string
		if err := rows.Scan(&key, &text); err != nil {
			return err
		}
		p, err := fromJSON[model.Profile](text)
		found[key] = p
		return err
	}, millis(s.now()))
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	return found, nil
}

// SaveProfile keeps what a check of an address found until expires.
func (s *Store) SaveProfile(ctx context.Context, a model.Address, p model.Profile, expires time.Time) error {
	if err := s.w().SaveProfile(ctx, a.Key(), toJSON(p), millis(expires)); err != nil {
		return fmt.Errorf("save profile %s: %w", a, err)
	}
	return nil
}
