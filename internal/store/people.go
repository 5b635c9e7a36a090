package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// SavePeople keeps People of a Move: by Twitter id where there is one, else by
// handle. Learning the id of somebody who was known by handle only makes the two
// one row, with its decisions. What the new reading does not know stays.
// Saving again changes nothing.
func (s *Store) SavePeople(ctx context.Context, move string, people []model.Person) error {
	for part := range chunks(people) {
		err := s.tx(ctx, func(q *db.Queries) error {
			for _, p := range part {
				if err := savePerson(ctx, q, move, p); err != nil {
					return fmt.Errorf("save person %s%s: %w", p.TwitterID, p.Handle.Name, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func savePerson(ctx context.Context, q *db.Queries, move string, p model.Person) error {
	id, err := personID(ctx, q, move, p)
	if err != nil {
		return err
	}
	lower := strings.ToLower(p.Handle.Name)
	urls := ""
	if len(p.URLs) > 0 {
		urls = toJSON(p.URLs)
	}
	if id == "" {
		id = NewID()
		err = q.AddPerson(ctx, db.AddPersonParams{
			ID: id, MoveID: move, TwitterID: p.TwitterID, Handle: p.Handle.Name, HandleLower: lower, HandleSource: p.Handle.Source,
			HandleSeenAt: millis(p.Handle.SeenAt), HandleCount: int64(p.Handle.Count), Name: p.Name, Bio: p.Bio,
			Location: p.Location, Urls: urls, Interactions: int64(p.Interactions), LastAt: millis(p.LastInteraction),
		})
	} else {
		err = q.UpdatePerson(ctx, db.UpdatePersonParams{
			ID: id, Handle: p.Handle.Name, HandleLower: lower, HandleSource: p.Handle.Source,
			HandleSeenAt: millis(p.Handle.SeenAt), HandleCount: int64(p.Handle.Count), Name: p.Name, Bio: p.Bio,
			Location: p.Location, Urls: urls, Interactions: int64(p.Interactions), LastAt: millis(p.LastInteraction),
		})
	}
	if err != nil {
		return err
	}
	for _, relation := range p.Relations {
		if err := q.AddRelation(ctx, id, string(relation), move); err != nil {
			return err
		}
	}
	return nil
}

// personID finds the row that p belongs to, or "".
func personID(ctx context.Context, q *db.Queries, move string, p model.Person) (string, error) {
	lower := strings.ToLower(p.Handle.Name)
	if p.TwitterID == "" {
		id, err := q.PersonIDByHandle(ctx, move, lower)
		return id, orEmpty(err)
	}
	if lower != "" {
		if err := q.AdoptHandle(ctx, move, lower, p.TwitterID); err != nil {
			return "", err
		}
	}
	id, err := q.PersonIDByTwitterID(ctx, move, p.TwitterID)
	return id, orEmpty(err)
}

// Person returns one Person of the Move, with relations.
func (s *Store) Person(ctx context.Context, move, id string) (model.Person, error) {
	row, err := s.r().Person(ctx, id)
	if err == nil && row.MoveID != move {
		err = sql.ErrNoRows
	}
	if err != nil {
		return model.Person{}, missing(err, "person", id)
	}
	return s.newPerson(ctx, row)
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
				p, err := s.newPerson(ctx, row)
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
		p, err := s.newPerson(ctx, row)
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

func (s *Store) newPerson(ctx context.Context, row db.Person) (model.Person, error) {
	urls, err := fromJSON[[]string](row.Urls)
	if err != nil {
		return model.Person{}, err
	}
	kinds, err := s.r().RelationsOf(ctx, row.ID)
	if err != nil {
		return model.Person{}, fmt.Errorf("relations of %s: %w", row.ID, err)
	}
	relations := make([]model.Relation, len(kinds))
	for i, k := range kinds {
		relations[i] = model.Relation(k)
	}
	return model.Person{
		ID: row.ID, TwitterID: row.TwitterID,
		Handle: model.Handle{Name: row.Handle, Source: row.HandleSource, SeenAt: fromMillis(row.HandleSeenAt), Count: int(row.HandleCount)},
		Name:   row.Name, Bio: row.Bio, Location: row.Location, URLs: urls, Relations: relations,
		Interactions: int(row.Interactions), LastInteraction: fromMillis(row.LastAt),
	}, nil
}

// orEmpty lets "no such row" pass as no error.
func orEmpty(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
