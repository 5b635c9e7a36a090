package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

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

// CountArrived counts the People of the Move who were found for the first time at
// since or later.
func (s *Store) CountArrived(ctx context.Context, move string, since time.Time) (int, error) {
	n, err := s.r().CountArrived(ctx, move, millis(since))
	if err != nil {
		return 0, fmt.Errorf("people of move %s: %w", move, err)
	}
	return int(n), nil
}

// PeopleWithout yields the People of the Move who have no match, closest first.
func (s *Store) PeopleWithout(ctx context.Context, move string) iter.Seq2[model.Person, error] {
	return func(yield func(model.Person, error) bool) {
		interactions, after := int64(math.MaxInt64), ""
		for {
			rows, err := s.r().PeopleWithout(ctx, move, interactions, after)
			if err != nil {
				yield(model.Person{}, fmt.Errorf("people of move %s: %w", move, err))
				return
			}
			for _, row := range rows {
				p, err := newPerson(db.PeopleAfterRow(row))
				if !yield(p, err) || err != nil {
					return
				}
				interactions, after = row.Interactions, row.ID
			}
			if len(rows) < 500 {
				return
			}
		}
	}
}

// PeopleCounts says how many People a Move has and how far they were found.
type PeopleCounts struct {
	People, Named                              int
	Proven, Stated, Claimed, Guess, Unresolved int
	Chosen                                     int
	Arrived                                    int // first found after the Owner last looked; 0 before the first look
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
		Arrived:   int(row.Arrived),
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
