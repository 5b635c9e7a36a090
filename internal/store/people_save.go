package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

var (
	newPeople = table{
		name: "people",
		columns: []string{"id", "move_id", "twitter_id", "handle", "handle_lower", "handle_source", "handle_seen_at", "handle_count",
			"name", "bio", "location", "urls", "interactions", "last_at", "archived", "profile_source", "name_key"},
	}
	changedPeople = table{
		name:    newPeople.name,
		columns: newPeople.columns,
		conflict: `ON CONFLICT (id) DO UPDATE SET twitter_id = excluded.twitter_id, handle = excluded.handle,
    handle_lower = excluded.handle_lower, handle_source = excluded.handle_source, handle_seen_at = excluded.handle_seen_at,
    handle_count = excluded.handle_count, name = excluded.name, bio = excluded.bio, location = excluded.location,
    urls = excluded.urls, interactions = excluded.interactions, last_at = excluded.last_at,
    archived = excluded.archived, profile_source = excluded.profile_source, name_key = excluded.name_key`,
	}
	relationRows = table{
		name:     "relations",
		columns:  []string{"person_id", "kind", "move_id"},
		conflict: "ON CONFLICT (person_id, kind) DO NOTHING",
	}
)

// SavePeople keeps People of a Move: by Twitter id where there is one, else by
// handle. Learning the id of somebody who was known by handle only makes the two
// one row, with its decisions, also where the id had a row already. What the new
// reading does not know stays. Saving again changes nothing.
func (s *Store) SavePeople(ctx context.Context, move string, people []model.Person) error {
	for part := range chunks(people) {
		err := s.bulk(ctx, func(b *bulk) error {
			if err := b.LockMove(ctx, move); err != nil {
				return err
			}
			c, err := b.crowd(ctx, move, part)
			if err != nil {
				return err
			}
			for _, p := range part {
				c.add(p)
			}
			return c.save(ctx, b, millis(s.now()))
		})
		if err != nil {
			return fmt.Errorf("save people of move %s: %w", move, err)
		}
	}
	return nil
}

// crowd holds the rows that some People belong to, while they are worked in.
type crowd struct {
	move        string
	byTwitterID map[string]*personRow
	byHandle    map[string][]*personRow // lower case; complete for the handles that were asked for
	kept, added []*personRow
	relations   [][]any
	merged      []merged
}

type personRow struct {
	personColumns
	before personColumns // as it is kept
}

type personColumns struct {
	ID, MoveID, TwitterID             string
	Handle, HandleLower, HandleSource string
	HandleSeenAt, HandleCount         int64
	Name, Bio, Location, URLs         string
	Interactions, LastAt              int64
	Archived                          bool
	ProfileSource, NameKey            string
}

// crowd reads the rows that have an id or a handle of the People.
func (b *bulk) crowd(ctx context.Context, move string, people []model.Person) (*crowd, error) {
	c := &crowd{move: move, byTwitterID: map[string]*personRow{}, byHandle: map[string][]*personRow{}}
	if _, err := b.tx.ExecContext(ctx, `CREATE TEMPORARY TABLE wanted (twitter_id TEXT NOT NULL, handle_lower TEXT NOT NULL)`); err != nil {
		return nil, err
	}
	wanted := make([][]any, len(people))
	for i, p := range people {
		wanted[i] = []any{p.TwitterID, strings.ToLower(p.Handle.Name)}
	}
	if err := b.insert(ctx, table{name: "wanted", columns: []string{"twitter_id", "handle_lower"}}, wanted); err != nil {
		return nil, err
	}
	for _, key := range []string{"twitter_id", "handle_lower"} { // two queries, each has its index
		rows, err := b.tx.QueryContext(ctx, `SELECT `+strings.Join(newPeople.columns, ", ")+` FROM people
			WHERE move_id = $1 AND `+key+` <> '' AND `+key+` IN (SELECT w.`+key+` FROM wanted w)`, move)
		if err != nil {
			return nil, err
		}
		if err := c.read(rows); err != nil {
			return nil, err
		}
	}
	_, err := b.tx.ExecContext(ctx, `DROP TABLE wanted`)
	return c, err
}

func (c *crowd) read(rows *sql.Rows) error {
	defer rows.Close()
	seen := make(map[string]bool, len(c.kept))
	for _, row := range c.kept {
		seen[row.ID] = true
	}
	for rows.Next() {
		var p personColumns
		err := rows.Scan(&p.ID, &p.MoveID, &p.TwitterID, &p.Handle, &p.HandleLower, &p.HandleSource, &p.HandleSeenAt, &p.HandleCount,
			&p.Name, &p.Bio, &p.Location, &p.URLs, &p.Interactions, &p.LastAt, &p.Archived, &p.ProfileSource, &p.NameKey)
		if err != nil {
			return err
		}
		if !seen[p.ID] {
			c.kept = append(c.kept, c.know(&personRow{p, p}))
		}
	}
	return rows.Err()
}

// know makes a row findable.
func (c *crowd) know(row *personRow) *personRow {
	if row.TwitterID != "" {
		c.byTwitterID[row.TwitterID] = row
	}
	if row.HandleLower != "" {
		c.byHandle[row.HandleLower] = append(c.byHandle[row.HandleLower], row)
	}
	return row
}

// add works p into its row, or into a new one.
func (c *crowd) add(p model.Person) {
	row := c.rowOf(p)
	if row == nil {
		row = &personRow{personColumns: personColumns{ID: NewID(), MoveID: c.move, TwitterID: p.TwitterID}}
		row.learn(p)
		c.added = append(c.added, c.know(row))
	} else if old := row.HandleLower; row.learn(p) {
		c.byHandle[old] = slices.DeleteFunc(c.byHandle[old], func(other *personRow) bool { return other == row })
		c.byHandle[row.HandleLower] = append(c.byHandle[row.HandleLower], row)
	}
	c.absorb(row, p)
	for _, relation := range p.Relations {
		c.relations = append(c.relations, []any{row.ID, string(relation), c.move})
	}
}

// rowOf finds the row that p belongs to, or nil. A row that is known by handle
// only gets the id that p brings for it, so decisions, which hang on the row, stay.
func (c *crowd) rowOf(p model.Person) *personRow {
	same := c.byHandle[strings.ToLower(p.Handle.Name)]
	if p.TwitterID == "" {
		if len(same) == 0 {
			return nil
		}
		return slices.MaxFunc(same, func(a, b *personRow) int { return cmp.Compare(a.TwitterID, b.TwitterID) })
	}
	if row := c.byTwitterID[p.TwitterID]; row != nil {
		return row
	}
	for _, row := range same {
		if row.TwitterID == "" {
			row.TwitterID = p.TwitterID
			c.byTwitterID[p.TwitterID] = row
			return row
		}
	}
	return nil
}

// learn adds what p knows, a handle only if it was not seen earlier than the
// one in the row. It tells whether the row has another handle now.
func (row *personRow) learn(p model.Person) (renamed bool) {
	lower, seen := strings.ToLower(p.Handle.Name), millis(p.Handle.SeenAt)
	if p.Handle.Name != "" && seen >= row.HandleSeenAt {
		renamed = lower != row.HandleLower
		row.Handle, row.HandleLower, row.HandleSource, row.HandleSeenAt = p.Handle.Name, lower, p.Handle.Source, seen
	}
	row.HandleCount = max(row.HandleCount, int64(p.Handle.Count))
	row.Name = cmp.Or(p.Name, row.Name)
	row.Bio = cmp.Or(p.Bio, row.Bio)
	row.Location = cmp.Or(p.Location, row.Location)
	if len(p.URLs) > 0 {
		row.URLs = toJSON(p.URLs)
	}
	if p.Bio != "" || p.Location != "" || len(p.URLs) > 0 {
		row.ProfileSource = p.ProfileSource
	}
	row.Archived = row.Archived || p.Archived
	row.Interactions = max(row.Interactions, int64(p.Interactions))
	row.LastAt = max(row.LastAt, millis(p.LastInteraction))
	row.NameKey = strings.ToLower(cmp.Or(row.Name, row.Handle))
	return renamed
}

// save writes what is new. Changed rows come first: one that got an id makes
// room for another with its handle.
func (c *crowd) save(ctx context.Context, b *bulk, at int64) error {
	changed := slices.DeleteFunc(c.kept, func(row *personRow) bool { return row.personColumns == row.before })
	if err := b.insert(ctx, changedPeople, personValues(changed)); err != nil {
		return err
	}
	if err := b.insert(ctx, newPeople, personValues(c.added)); err != nil {
		return err
	}
	for _, m := range c.merged {
		if err := b.merge(ctx, c.move, m.from.ID, m.into.ID, at); err != nil {
			return err
		}
	}
	return b.insert(ctx, relationRows, c.relations)
}

func personValues(rows []*personRow) [][]any {
	values := make([][]any, len(rows))
	for i, p := range rows {
		values[i] = []any{p.ID, p.MoveID, p.TwitterID, p.Handle, p.HandleLower, p.HandleSource, p.HandleSeenAt, p.HandleCount,
			p.Name, p.Bio, p.Location, p.URLs, p.Interactions, p.LastAt, p.Archived, p.ProfileSource, p.NameKey}
	}
	return values
}
