package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Person returns one Person of the Move, with relations.
func (s *Store) Person(ctx context.Context, move, id string) (model.Person, error) {
	row, err := s.r().Person(ctx, id)
	if err == nil && row.MoveID != move {
		err = sql.ErrNoRows
	}
	if err != nil {
		return model.Person{}, missing(err, "person", id)
	}
	return newPerson(db.PeopleAfterRow(row))
}

// People yields all People of the Move, in the order of their ids.
func (s *Store) People(ctx context.Context, move string) iter.Seq2[model.Person, error] {
	return s.PeopleFrom(ctx, move, "")
}

// PeopleFrom is People beginning after the Person with that id, so that a job
// that was cut short goes on where it stopped.
func (s *Store) PeopleFrom(ctx context.Context, move, after string) iter.Seq2[model.Person, error] {
	return func(yield func(model.Person, error) bool) {
		for {
			rows, err := s.r().PeopleAfter(ctx, move, after, 500)
			if err != nil {
				yield(model.Person{}, fmt.Errorf("people of move %s: %w", move, err))
				return
			}
			for _, row := range rows {
				p, err := newPerson(row)
				if !yield(p, err) || err != nil {
					return
				}
				after = row.ID
			}
			if len(rows) < 500 {
				return
			}
		}
	}
}

// PeopleFilter chooses a page of People. Grade -1 is any grade, 0 those without
// a match.
type PeopleFilter struct {
	Grade    int
	Relation model.Relation // any if empty
	Search   string         // part of a handle, name or address
	After    PeopleCursor
	Limit    int
}

// PeopleCursor is where the next page begins; the zero value is the first page.
type PeopleCursor struct {
	Grade        int
	Interactions int
	ID           string
}

// PeoplePage returns a page of the Move's People, best grade and closest first,
// how many match the filter in all, and where the next page begins; its ID is
// empty after the last one.
func (s *Store) PeoplePage(ctx context.Context, move string, f PeopleFilter) ([]model.Person, int, PeopleCursor, error) {
	fail := func(err error) ([]model.Person, int, PeopleCursor, error) {
		return nil, 0, PeopleCursor{}, fmt.Errorf("people of move %s: %w", move, err)
	}
	search := ""
	if f.Search != "" {
		escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
		search = "%" + escape.Replace(strings.ToLower(f.Search)) + "%"
	}
	after := db.PeoplePageParams{
		MoveID: move, Grade: int64(f.Grade), Relation: string(f.Relation), Search: search,
		AfterGrade: int64(f.After.Grade), AfterInteractions: int64(f.After.Interactions), AfterID: f.After.ID, MaxRows: int32(f.Limit),
	}
	if f.After.ID == "" {
		after.AfterGrade = 1 << 30
	}
	total, err := s.r().CountPeoplePage(ctx, db.CountPeoplePageParams{
		MoveID: move, Grade: int64(f.Grade), Relation: string(f.Relation), Search: search,
	})
	if err != nil {
		return fail(err)
	}
	rows, err := s.r().PeoplePage(ctx, after)
	if err != nil {
		return fail(err)
	}
	people := make([]model.Person, 0, len(rows))
	for _, row := range rows {
		p, err := newPerson(db.PeopleAfterRow(row))
		if err != nil {
			return fail(err)
		}
		people = append(people, p)
	}
	var next PeopleCursor
	if len(rows) == f.Limit && f.Limit > 0 {
		last := rows[len(rows)-1]
		next = PeopleCursor{Grade: int(last.BestGrade), Interactions: int(last.Interactions), ID: last.ID}
	}
	return people, int(total), next, nil
}

// PeopleCounts says how many People a Move has and how far they were found.
type PeopleCounts struct {
	People, Named                              int
	Proven, Stated, Claimed, Guess, Unresolved int
	Chosen                                     int
	Relations                                  map[model.Relation]int
}

// PeopleCounts counts the Move's People.
func (s *Store) PeopleCounts(ctx context.Context, move string) (PeopleCounts, error) {
	row, err := s.r().CountPeople(ctx, move)
	if err != nil {
		return PeopleCounts{}, fmt.Errorf("count people of move %s: %w", move, err)
	}
	chosen, err := s.r().CountChosen(ctx, move)
	if err != nil {
		return PeopleCounts{}, fmt.Errorf("count people of move %s: %w", move, err)
	}
	kinds, err := s.r().CountRelations(ctx, move)
	if err != nil {
		return PeopleCounts{}, fmt.Errorf("count people of move %s: %w", move, err)
	}
	c := PeopleCounts{
		People: int(row.People), Named: int(row.Named), Proven: int(row.Proven), Stated: int(row.Stated),
		Claimed: int(row.Claimed), Guess: int(row.Guess), Unresolved: int(row.Unresolved), Chosen: int(chosen),
		Relations: map[model.Relation]int{},
	}
	for _, k := range kinds {
		c.Relations[model.Relation(k.Kind)] = int(k.People)
	}
	return c, nil
}

func newPerson(row db.PeopleAfterRow) (model.Person, error) {
	urls, err := fromJSON[[]string](row.Urls)
	if err != nil {
		return model.Person{}, fmt.Errorf("person %s: %w", row.ID, err)
	}
	kinds := strings.Fields(row.Relations)
	slices.Sort(kinds)
	relations := make([]model.Relation, len(kinds))
	for i, k := range kinds {
		relations[i] = model.Relation(k)
	}
	return model.Person{
		ID: row.ID, TwitterID: row.TwitterID,
		Handle: model.Handle{Name: row.Handle, Source: row.HandleSource, SeenAt: fromMillis(row.HandleSeenAt), Count: int(row.HandleCount)},
		Name:   row.Name, Bio: row.Bio, Location: row.Location, URLs: urls, Relations: relations,
		Interactions: int(row.Interactions), LastInteraction: fromMillis(row.LastAt), ArrivedAt: fromMillis(row.ArrivedAt),
		ProfileSource: row.ProfileSource, Archived: row.Archived,
	}, nil
}

// orEmpty lets "no such row" pass as no error.
func orEmpty(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
