package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// More People than one transaction takes, each with a claimed match, every tenth
// with a second one.
func TestDecideAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const n = 1100
		var people []model.Person
		for i := range n {
			people = append(people, model.Person{TwitterID: fmt.Sprint(1000 + i), Relations: []model.Relation{model.Following}})
		}
		if err := f.SavePeople(f.ctx, f.move.ID, people); err != nil {
			t.Fatal(err)
		}
		found := map[string][]match.Match{}
		for p, err := range f.People(f.ctx, f.move.ID) {
			if err != nil {
				t.Fatal(err)
			}
			found[p.ID] = []match.Match{graded(address(t, "p"+p.TwitterID+"@tusk.example"), match.Claimed)}
			if len(found)%10 == 0 {
				found[p.ID] = append(found[p.ID], graded(address(t, "p"+p.TwitterID+"@pond.example"), match.Claimed))
			}
		}
		if err := f.SaveMatchesOf(f.ctx, f.move.ID, found); err != nil {
			t.Fatal(err)
		}
		if _, err := f.DecideAll(f.ctx, f.move.ID, match.Guess, match.Yes); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("all guesses at once: %v", err)
		}
		for _, again := range []int{n - n/10, 0} {
			if changed := must(f.DecideAll(f.ctx, f.move.ID, match.Claimed, match.Yes))(t); changed != again {
				t.Errorf("%d decided, want %d", changed, again)
			}
		}
		if c := must(f.PeopleCounts(f.ctx, f.move.ID))(t); c.Chosen != n-n/10 || c.Claimed != n {
			t.Errorf("%d chosen, %d claimed", c.Chosen, c.Claimed)
		}
		if changed := must(f.DecideAll(f.ctx, f.move.ID, match.Claimed, match.No))(t); changed != 2*n/10 {
			t.Errorf("%d said no to, want those with two", changed)
		}
		if c := must(f.PeopleCounts(f.ctx, f.move.ID))(t); c.Claimed != n-n/10 || c.Unresolved != n/10 {
			t.Errorf("%d claimed, %d unresolved", c.Claimed, c.Unresolved)
		}
	})
}

func TestDecideSome(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		crowd(t, f)
		page, _, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: -1, Sort: store.SortBest, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		var people, ids []string
		for _, p := range page {
			people = append(people, p.ID)
		}
		matches := must(f.MatchesOf(f.ctx, people))(t)
		if len(matches) != 3 || len(matches[people[1]]) != 2 || matches[people[1]][0].Grade != match.Claimed {
			t.Fatalf("matches of a page: %+v", matches)
		}
		for _, p := range people {
			ids = append(ids, matches[p][0].ID)
		}
		guess := matches[people[1]][1].ID
		for _, step := range []struct {
			ids             []string
			d               match.Decision
			changed, chosen int
		}{
			{ids, match.Yes, 3, 3}, {ids, match.Yes, 0, 3}, {ids, match.Undecided, 3, 1}, {[]string{guess}, match.Yes, 0, 1},
			{ids[1:], match.No, 2, 1}, {nil, match.No, 0, 1},
		} {
			n, whose, err := f.DecideMatches(f.ctx, f.move.ID, step.ids, step.d)
			if err != nil || len(whose) != len(step.ids) {
				t.Fatalf("%d people, %v", len(whose), err)
			}
			if c := must(f.PeopleCounts(f.ctx, f.move.ID))(t); n != step.changed || c.Chosen != step.chosen {
				t.Errorf("%q on %d: %d decided, %d chosen; want %d and %d", step.d, len(step.ids), n, c.Chosen, step.changed, step.chosen)
			}
		}
		other := must(f.AddMove(f.ctx, f.owner))(t)
		if _, _, err := f.DecideMatches(f.ctx, other.ID, ids[:1], match.No); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a match of another move: %v", err)
		}
		var without []string
		for p, err := range f.PeopleWithout(f.ctx, f.move.ID) {
			if err != nil {
				t.Fatal(err)
			}
			without = append(without, p.TwitterID)
		}
		if got := fmt.Sprint(without); got != "[2 3 5]" {
			t.Errorf("without a match: %s", got)
		}
	})
}
