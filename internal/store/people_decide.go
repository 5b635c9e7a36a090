package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// DecideAll decides on the matches of a grade that are not decided on yet, as
// match.DecideAll does, and returns how many it decided. A Guess is decided one
// by one: ErrInvalid. It writes 500 People in a transaction; calling again after
// a failure goes on.
func (s *Store) DecideAll(ctx context.Context, move string, grade match.Grade, d match.Decision) (int, error) {
	if grade <= match.Guess {
		return 0, fmt.Errorf("guesses are decided one by one: %w", model.ErrInvalid)
	}
	pick := func(m match.Match) bool { return m.Grade == grade }
	changed, after := 0, ""
	for {
		people, err := s.r().UndecidedPeople(ctx, move, after, int64(grade))
		if err != nil {
			return changed, fmt.Errorf("undecided people of move %s: %w", move, err)
		}
		if len(people) == 0 {
			return changed, nil
		}
		n, err := s.decidePeople(ctx, move, people, pick, d)
		if err != nil {
			return changed, err
		}
		changed, after = changed+n, people[len(people)-1]
	}
}

// DecideMatches decides on some matches of the Move at once, in one
// transaction, and returns how many it decided, and whose matches they are; the
// rest is left as it was. A yes or no goes only to what is not decided on, and
// as match.DecideAll says. Undecided takes decisions back.
func (s *Store) DecideMatches(ctx context.Context, move string, ids []string, d match.Decision) (changed int, people []string, err error) {
	wanted, whose := map[string]bool{}, map[string]bool{}
	for _, id := range ids {
		row, err := s.r().Match(ctx, id)
		if err != nil || row.MoveID != move {
			return 0, nil, missing(orNoRows(err), "match", id)
		}
		wanted[id], whose[row.PersonID] = true, true
	}
	people = slices.Sorted(maps.Keys(whose))
	changed, err = s.decidePeople(ctx, move, people, func(m match.Match) bool { return wanted[m.ID] }, d)
	return changed, people, err
}

func (s *Store) decidePeople(ctx context.Context, move string, people []string, pick func(match.Match) bool, d match.Decision) (changed int, err error) {
	if len(people) == 0 {
		return 0, nil
	}
	err = s.bulk(ctx, func(b *bulk) error {
		if err := b.LockMove(ctx, move); err != nil {
			return fmt.Errorf("move %s: %w", move, err)
		}
		matches, err := matchesOf(ctx, b.reader(), people)
		if err != nil {
			return err
		}
		var rows [][]any
		for _, person := range people {
			before, err := newMatches(matches[person])
			if err != nil {
				return err
			}
			after, n := s.decideAgain(before, pick, d)
			if n == 0 {
				continue
			}
			changed += n
			for _, m := range after {
				rows = append(rows, matchValues(matchRow(move, person, m)))
			}
		}
		if err := b.insert(ctx, matchRows, rows); err != nil {
			return err
		}
		return b.setBestGrades(ctx, people, 0)
	})
	return changed, err
}

// decideAgain decides on one Person's matches that pick returns true for.
func (s *Store) decideAgain(matches []match.Match, pick func(match.Match) bool, d match.Decision) ([]match.Match, int) {
	if d != match.Undecided {
		return match.DecideAll(matches, pick, d, s.now().UTC())
	}
	n := 0
	for i, m := range matches {
		if m.Decision != match.Undecided && pick(m) {
			matches[i] = m.Decide(match.Undecided, time.Time{})
			n++
		}
	}
	return match.Choose(matches), n
}
