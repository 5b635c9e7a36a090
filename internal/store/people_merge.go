package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// merged is a row that goes, because it is the same Person as another.
type merged struct{ from, into *personRow }

// absorb takes a row that is known by handle only into the row that p, who has
// that handle, belongs to by id. Both were there: the id from an archive, say,
// and the handle from a list, and only now somebody says that they are one.
func (c *crowd) absorb(row *personRow, p model.Person) {
	lower := strings.ToLower(p.Handle.Name)
	if p.TwitterID == "" || lower == "" || row.HandleLower != lower { // an older name may be somebody else's by now
		return
	}
	for _, other := range c.byHandle[lower] {
		if other.TwitterID == "" {
			row.take(other)
			c.forget(other, row)
			return // there is one at most
		}
	}
}

// take adds what other knows.
func (row *personRow) take(other *personRow) {
	if row.Bio == "" && row.Location == "" && row.URLs == "" {
		row.Bio, row.Location, row.URLs, row.ProfileSource = other.Bio, other.Location, other.URLs, other.ProfileSource
	}
	row.Name = cmp.Or(row.Name, other.Name)
	row.HandleCount = max(row.HandleCount, other.HandleCount)
	row.Interactions, row.LastAt = max(row.Interactions, other.Interactions), max(row.LastAt, other.LastAt)
	row.Archived = row.Archived || other.Archived
}

// forget drops other, of whom nothing but row is left.
func (c *crowd) forget(other, row *personRow) {
	is := func(r *personRow) bool { return r == other }
	c.byHandle[other.HandleLower] = slices.DeleteFunc(c.byHandle[other.HandleLower], is)
	for _, relation := range c.relations {
		if relation[0] == other.ID {
			relation[0] = row.ID
		}
	}
	if slices.ContainsFunc(c.added, is) {
		c.added = slices.DeleteFunc(c.added, is)
		return
	}
	c.kept = slices.DeleteFunc(c.kept, is)
	c.merged = append(c.merged, merged{other, row})
}

// merge moves what hangs on a Person to another and deletes the first.
func (b *bulk) merge(ctx context.Context, move, from, into string, at int64) error {
	if err := b.MoveRelations(ctx, into, from); err != nil {
		return fmt.Errorf("relations of %s: %w", from, err)
	}
	if err := b.mergeMatches(ctx, from, into); err != nil {
		return err
	}
	if err := b.MoveSteps(ctx, into, from, move); err != nil {
		return fmt.Errorf("steps of %s: %w", from, err)
	}
	if err := b.DeletePerson(ctx, from); err != nil {
		return fmt.Errorf("person %s: %w", from, err)
	}
	return rechoose(ctx, b, move, into)
}

// mergeMatches keeps each address once, with the decision that was made on it,
// and of several that the Owner said yes to the latest.
func (b *bulk) mergeMatches(ctx context.Context, from, into string) error {
	moving, err := b.MatchesOf(ctx, from)
	if err != nil {
		return fmt.Errorf("matches of %s: %w", from, err)
	}
	there, err := b.MatchesOf(ctx, into)
	if err != nil {
		return fmt.Errorf("matches of %s: %w", into, err)
	}
	all := slices.Clone(there)
	for _, row := range moving {
		i := slices.IndexFunc(there, func(m db.Match) bool { return m.AddressKey == row.AddressKey })
		if i < 0 {
			if err := b.MoveMatch(ctx, into, row.ID); err != nil {
				return fmt.Errorf("match %s: %w", row.ID, err)
			}
			row.PersonID = into
			all = append(all, row)
			continue
		}
		if row.DecidedAt > all[i].DecidedAt {
			all[i].Decision, all[i].DecidedAt = row.Decision, row.DecidedAt
		}
	}
	latest := int64(0)
	for _, row := range all {
		if row.Decision == string(match.Yes) {
			latest = max(latest, row.DecidedAt)
		}
	}
	for _, row := range all {
		if row.Decision == string(match.Yes) && row.DecidedAt < latest {
			row.Decision, row.DecidedAt = string(match.Undecided), 0
		}
		if err := b.SaveMatch(ctx, db.SaveMatchParams(row)); err != nil {
			return fmt.Errorf("match %s: %w", row.ID, err)
		}
	}
	return nil
}
