package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// PeopleSort is an order of People.
type PeopleSort string

// SortBest is the grade, then closeness. Whoever is equal comes in the order of
// the ids.
const (
	SortBest    PeopleSort = "best"
	SortClosest PeopleSort = "closest" // most interactions first
	SortName    PeopleSort = "name"
	SortGrade   PeopleSort = "grade" // the grade, then the name
	SortLast    PeopleSort = "last"  // latest interaction first
	SortArrived PeopleSort = "arrived"
)

var peopleOrders = map[PeopleSort]string{
	SortBest:    "p.best_grade DESC, p.interactions DESC, p.id",
	SortClosest: "p.interactions DESC, p.id",
	SortName:    "p.name_key, p.id",
	SortGrade:   "p.best_grade DESC, p.name_key, p.id",
	SortLast:    "p.last_at DESC, p.id",
	SortArrived: "p.arrived_at DESC, p.id",
}

// DecisionOpen is what PeopleFilter takes beside the decisions themselves: there is a
// match to decide on, and no yes yet.
const DecisionOpen = "open"

// PeopleFilter chooses a page of People. Empty fields choose nothing away. What
// it asks of matches has to hold for one and the same match of the Person.
type PeopleFilter struct {
	Grade    int // of the best match; -1 is any, 0 those without a match
	Relation model.Relation
	Search   string // part of a handle, name or address
	Mark     match.Mark
	Host     string    // of the server to act on
	Decision string    // yes, no or DecisionOpen
	Chosen   string    // yes or no; no is a match that would not be acted on
	Since    time.Time // arrived after it
	Sort     PeopleSort
	Offset   int
	Limit    int
}

// PeoplePage returns a page of the Move's People and how many the filter
// chooses in all.
func (s *Store) PeoplePage(ctx context.Context, move string, f PeopleFilter) ([]model.Person, int, error) {
	where, args := f.where(move)
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM people p WHERE "+where, args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count people of move %s: %w", move, err)
	}
	if f.Offset >= total {
		return nil, total, nil
	}
	people, err := s.peoplePage(ctx, where, args, f)
	if err != nil {
		return nil, 0, fmt.Errorf("people of move %s: %w", move, err)
	}
	return people, total, nil
}

// peoplePage orders ids alone and reads the rows of the page only: rows are wide.
func (s *Store) peoplePage(ctx context.Context, where string, args []any, f PeopleFilter) ([]model.Person, error) {
	order, ok := peopleOrders[f.Sort]
	if !ok {
		order = peopleOrders[SortBest]
	}
	n := len(args)
	query := fmt.Sprintf(`SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count,
    p.name, p.bio, p.location, p.urls, p.interactions, p.last_at, p.best_grade, p.archived, p.profile_source, p.arrived_at,
    COALESCE((SELECT string_agg(r.kind, ' ') FROM relations r WHERE r.person_id = p.id), '')
FROM (SELECT p.id AS page_id FROM people p WHERE %s ORDER BY %s LIMIT $%d OFFSET $%d) page
JOIN people p ON p.id = page.page_id ORDER BY %s`, where, order, n+1, n+2, order)
	rows, err := s.read.QueryContext(ctx, query, append(args, f.Limit, f.Offset)...)
	if err != nil {
		return nil, err
	}
	return scanPeople(rows)
}

func scanPeople(rows *sql.Rows) ([]model.Person, error) {
	defer rows.Close()
	var people []model.Person
	for rows.Next() {
		var r db.PeopleAfterRow
		err := rows.Scan(&r.ID, &r.MoveID, &r.TwitterID, &r.Handle, &r.HandleLower, &r.HandleSource, &r.HandleSeenAt, &r.HandleCount,
			&r.Name, &r.Bio, &r.Location, &r.Urls, &r.Interactions, &r.LastAt, &r.BestGrade, &r.Archived, &r.ProfileSource, &r.ArrivedAt, &r.Relations)
		if err != nil {
			return nil, err
		}
		p, err := newPerson(r)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

// where returns the condition on people p, and what is put into it.
func (f PeopleFilter) where(move string) (string, []any) {
	c := conditions{}
	c.add("p.move_id = $", move)
	if f.Grade >= 0 {
		c.add("p.best_grade = $", f.Grade)
	}
	if f.Relation != "" {
		c.add("EXISTS (SELECT 1 FROM relations r WHERE r.person_id = p.id AND r.kind = $)", string(f.Relation))
	}
	if !f.Since.IsZero() {
		c.add("p.arrived_at > $", millis(f.Since))
	}
	if f.Search != "" {
		like := likeText(f.Search)
		c.add(`(p.handle_lower LIKE $ ESCAPE '\' OR p.name_key LIKE $ ESCAPE '\'
    OR EXISTS (SELECT 1 FROM matches m WHERE m.person_id = p.id AND m.address_key LIKE $ ESCAPE '\'))`, like, like, like)
	}
	f.ofMatch(&c)
	return strings.Join(c.all, " AND "), c.args
}

// ofMatch adds what is asked of one match.
func (f PeopleFilter) ofMatch(c *conditions) {
	m := conditions{args: c.args}
	if f.Mark != "" {
		m.add("m.marks LIKE $", `%"`+string(f.Mark)+`"%`)
	}
	if f.Host != "" {
		m.add("m.host = $", f.Host)
	}
	switch f.Decision {
	case "yes", "no":
		m.add("m.decision = $", f.Decision)
	case DecisionOpen:
		m.add("m.decision = ''")
		m.add("NOT EXISTS (SELECT 1 FROM matches o WHERE o.person_id = p.id AND o.decision = 'yes')")
	}
	switch f.Chosen {
	case "yes":
		m.add("m.chosen")
	case "no":
		m.add("NOT m.chosen")
	}
	if len(m.all) == 0 {
		return
	}
	c.args = m.args
	c.all = append(c.all, "EXISTS (SELECT 1 FROM matches m WHERE m.person_id = p.id AND "+strings.Join(m.all, " AND ")+")")
}

// conditions are joined by AND. In each, every $ stands for the next argument.
type conditions struct {
	all  []string
	args []any
}

func (c *conditions) add(text string, args ...any) {
	var b strings.Builder
	for _, r := range text {
		b.WriteRune(r)
		if r == '$' {
			c.args = append(c.args, args[0])
			args = args[1:]
			fmt.Fprint(&b, len(c.args))
		}
	}
	c.all = append(c.all, b.String())
}

// likeText is a pattern for whatever holds text, which is compared in small letters.
func likeText(text string) string {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	return "%" + escape.Replace(strings.ToLower(text)) + "%"
}
