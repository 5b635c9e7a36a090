package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// PublicEntry is a line of the public registry. Of a withdrawn one nothing is
// left but the id.
type PublicEntry struct {
	ID        string
	TwitterID string
	Handle    string
	Address   model.Address
	Proof     string
	At        time.Time
	Withdrawn bool
}

// tombstones is how long it is known that an entry was withdrawn.
const tombstones = 60 * 24 * time.Hour

// RegistryChanged returns when the public registry changed last.
func (s *Store) RegistryChanged(ctx context.Context) (time.Time, error) {
	at, err := s.r().RegistryChanged(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("public registry: %w", err)
	}
	return fromMillis(at), nil
}

// PublicEntries yields all who may be looked up by anyone, in the order of their
// ids.
func (s *Store) PublicEntries(ctx context.Context) iter.Seq2[PublicEntry, error] {
	return s.public(ctx, false, func(after string) ([]publicRow, error) {
		rows, err := s.r().PublicEntries(ctx, after)
		part := make([]publicRow, len(rows))
		for i, r := range rows {
			part[i] = publicRow{r.ID, r.TwitterID, r.Handle, r.Address, r.AddressKey, r.Proof, r.UpdatedAt, true}
		}
		return part, err
	})
}

// PublicChanges yields what changed in the public registry since then, in the
// order of the ids: entries as they are now, and the ids of those that went.
func (s *Store) PublicChanges(ctx context.Context, since time.Time) iter.Seq2[PublicEntry, error] {
	return s.public(ctx, true, func(after string) ([]publicRow, error) {
		rows, err := s.r().PublicChanges(ctx, millis(since), after)
		part := make([]publicRow, len(rows))
		for i, r := range rows {
			part[i] = publicRow{r.ID, r.TwitterID, r.Handle, r.Address, r.AddressKey, r.Proof, r.UpdatedAt, r.Everybody}
		}
		return part, err
	})
}

type publicRow struct {
	id, twitterID, handle, address, key, proof string
	at                                         int64
	there                                      bool
}

// public goes through the parts that next returns, each beginning after an id.
// What is not there is left out or, where that is asked for, named as gone.
func (s *Store) public(ctx context.Context, gone bool, next func(after string) ([]publicRow, error)) iter.Seq2[PublicEntry, error] {
	return func(yield func(PublicEntry, error) bool) {
		after := ""
		for {
			rows, err := next(after)
			if err == nil {
				rows, after, err = s.withoutOptedOut(ctx, rows, after)
			}
			if err != nil {
				yield(PublicEntry{}, fmt.Errorf("public registry: %w", err))
				return
			}
			if len(rows) == 0 {
				return
			}
			for _, row := range rows {
				if !row.there && !gone {
					continue
				}
				e, err := row.entry()
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// withoutOptedOut marks what must not be shown as gone, and returns the last id.
func (s *Store) withoutOptedOut(ctx context.Context, rows []publicRow, after string) ([]publicRow, string, error) {
	var keys []string
	for _, row := range rows {
		if row.there {
			keys = append(keys, row.key)
		}
		after = row.id
	}
	out, err := s.optedOut(ctx, keys)
	for i := range rows {
		rows[i].there = rows[i].there && !out[rows[i].key]
	}
	return rows, after, err
}

func (r publicRow) entry() (PublicEntry, error) {
	if !r.there {
		return PublicEntry{ID: r.id, Withdrawn: true}, nil
	}
	address, err := model.ParseAddress(r.address)
	return PublicEntry{ID: r.id, TwitterID: r.twitterID, Handle: r.handle, Address: address, Proof: r.proof, At: fromMillis(r.at)}, err
}
