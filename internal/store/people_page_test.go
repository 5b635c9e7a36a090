package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// crowd saves five People: two with a match, one with two, two without.
func crowd(t *testing.T, f *fixture) {
	t.Helper()
	day := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	follow := []model.Relation{model.Following}
	people := []model.Person{
		{TwitterID: "1", Handle: model.Handle{Name: "ada"}, Name: "Ada", Interactions: 3, LastInteraction: day, Relations: follow},
		{TwitterID: "2", Handle: model.Handle{Name: "Bob"}, Interactions: 9, Relations: []model.Relation{model.Blocking, model.Following}},
		{TwitterID: "3", Handle: model.Handle{Name: "emile"}, Name: "ÉMILE 50%_off", Interactions: 5, LastInteraction: day.AddDate(0, 0, 2), Relations: follow},
		{TwitterID: "4", Handle: model.Handle{Name: "dora"}, Name: "Dora", Interactions: 7, LastInteraction: day.AddDate(0, 0, 1), Relations: []model.Relation{model.Follower}},
		{TwitterID: "5", Interactions: 1, Relations: follow},
	}
	if err := f.SavePeople(f.ctx, f.move.ID, people); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for p, err := range f.People(f.ctx, f.move.ID) {
		if err != nil {
			t.Fatal(err)
		}
		ids[p.TwitterID] = p.ID
	}
	at := func(a string, g match.Grade, marks ...match.Mark) match.Match {
		m := graded(address(t, a), g)
		m.Marks = marks
		return m
	}
	for twitterID, matches := range map[string][]match.Match{
		"1": {at("ada@tusk.example", match.Stated, match.Moved)},
		"3": {at("emile@pond.example", match.Claimed)},
		"4": {at("dora@tusk.example", match.Claimed, match.Silent), at("dora@pond.example", match.Guess, match.Moved)},
	} {
		f.advance(time.Minute)
		if err := f.SaveMatches(f.ctx, f.move.ID, ids[twitterID], matches); err != nil {
			t.Fatal(err)
		}
	}
}

// graded is a match with the evidence that makes that grade.
func graded(a model.Address, g match.Grade) match.Match {
	e := model.Evidence{Address: a, Source: "list", Side: model.TwitterSide, Tie: model.TieHandle, Text: a.String()}
	switch g {
	case match.Guess:
		e.Source, e.Side, e.Tie = "probe", model.FediverseSide, model.TieName
	case match.Claimed:
		e.Source, e.Side = "profile", model.FediverseSide
	}
	return match.Match{Address: a, Grade: g, Evidence: []model.Evidence{e}, Profile: model.Profile{Address: a, Existence: model.Exists}}
}

func twitterIDs(people []model.Person) string {
	var ids []string
	for _, p := range people {
		ids = append(ids, p.TwitterID)
	}
	return strings.Join(ids, " ")
}

func TestPeopleInOrder(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		crowd(t, f)
		for sort, want := range map[store.PeopleSort]string{
			"": "1 4 3 2 5", store.SortBest: "1 4 3 2 5", store.SortClosest: "2 4 3 1 5",
			store.SortLast: "3 4 1 2 5",
		} {
			var got []string
			for offset := 0; offset < 5; offset += 2 {
				page, total, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: -1, Sort: sort, Offset: offset, Limit: 2})
				if err != nil || total != 5 {
					t.Fatalf("%s: total %d, %v", sort, total, err)
				}
				got = append(got, twitterIDs(page))
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%q: %s, want %s", sort, got, want)
			}
		}
		// By name whoever has none comes first, then the letters as the database orders them.
		for sort, first := range map[store.PeopleSort]string{store.SortName: "5 1 2 4", store.SortGrade: "1 4 3 5"} {
			page, _, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: -1, Sort: sort, Limit: 5})
			got := strings.Fields(twitterIDs(page))
			if sort == store.SortName { // É before or after D
				got = slices.DeleteFunc(got, func(id string) bool { return id == "3" })
			}
			if got := strings.Join(got, " "); err != nil || !strings.HasPrefix(got, first) {
				t.Errorf("%q: %s, %v; want %s", sort, got, err, first)
			}
		}
		page, total, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: -1, Offset: 5, Limit: 2})
		if err != nil || total != 5 || len(page) != 0 {
			t.Errorf("after the end: %d of %d, %v", len(page), total, err)
		}
	})
}

func TestPeopleFiltered(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		start := f.now()
		crowd(t, f)
		pick := func(twitterID string) (person string, matches []match.Match) {
			for p, err := range f.People(f.ctx, f.move.ID) {
				if err != nil {
					t.Fatal(err)
				}
				if p.TwitterID == twitterID {
					return p.ID, must(f.Matches(f.ctx, p.ID))(t)
				}
			}
			t.Fatalf("no person %s", twitterID)
			return "", nil
		}
		dora, hers := pick("4")
		if err := f.Decide(f.ctx, f.move.ID, dora, hers[0].ID, match.Yes); err != nil {
			t.Fatal(err)
		}
		emile, his := pick("3")
		if err := f.Decide(f.ctx, f.move.ID, emile, his[0].ID, match.No); err != nil {
			t.Fatal(err)
		}
		any := store.PeopleFilter{Grade: -1, Sort: store.SortClosest}
		with := func(change func(*store.PeopleFilter)) store.PeopleFilter {
			one := any
			change(&one)
			return one
		}
		tests := []struct {
			name   string
			filter store.PeopleFilter
			want   string
		}{
			{"grade", with(func(f *store.PeopleFilter) { f.Grade = int(match.Claimed) }), "4"},
			{"no match, or none left", with(func(f *store.PeopleFilter) { f.Grade = 0 }), "2 3 5"},
			{"relation", with(func(f *store.PeopleFilter) { f.Relation = model.Blocking }), "2"},
			{"search in a name, other letters", with(func(f *store.PeopleFilter) { f.Search = "émile" }), "3"},
			{"search with signs that LIKE knows", with(func(f *store.PeopleFilter) { f.Search = "50%_" }), "3"},
			{"search in a handle", with(func(f *store.PeopleFilter) { f.Search = "BOB" }), "2"},
			{"search in an address", with(func(f *store.PeopleFilter) { f.Search = "@pond" }), "4 3"},
			{"mark", with(func(f *store.PeopleFilter) { f.Mark = match.Moved }), "4 1"},
			{"server", with(func(f *store.PeopleFilter) { f.Host = "tusk.example" }), "4 1"},
			{"server and mark of one match", with(func(f *store.PeopleFilter) { f.Host, f.Mark = "tusk.example", match.Moved }), "1"},
			{"yes", with(func(f *store.PeopleFilter) { f.Decision = "yes" }), "4"},
			{"no", with(func(f *store.PeopleFilter) { f.Decision = "no" }), "3"},
			{"to decide", with(func(f *store.PeopleFilter) { f.Decision = store.DecisionOpen }), "1"},
			{"chosen", with(func(f *store.PeopleFilter) { f.Chosen = "yes" }), "4 1"},
			{"not chosen", with(func(f *store.PeopleFilter) { f.Chosen = "no" }), "4 3"},
			{"arrived", with(func(f *store.PeopleFilter) { f.Since = start.Add(90 * time.Second) }), ""},
			{"everything at once", with(func(f *store.PeopleFilter) {
				f.Grade, f.Relation, f.Search, f.Mark, f.Host, f.Chosen = int(match.Stated), model.Following, "a", match.Moved, "tusk.example", "yes"
			}), "1"},
		}
		// Which of the three arrived last is the map's choice: all but the first did.
		for _, tt := range tests {
			tt.filter.Limit = 10
			page, total, err := f.PeoplePage(f.ctx, f.move.ID, tt.filter)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if tt.name == "arrived" {
				if total != 2 {
					t.Errorf("%d arrived, want 2", total)
				}
				continue
			}
			if got := twitterIDs(page); got != tt.want || total != len(page) {
				t.Errorf("%s: %q of %d, want %q", tt.name, got, total, tt.want)
			}
		}
	})
}

func TestArrivals(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		count := func() int { return must(f.PeopleCounts(f.ctx, f.move.ID))(t).Arrived }
		crowd(t, f)
		if n := count(); n != 0 {
			t.Errorf("%d arrived before anybody looked", n)
		}
		if err := f.SeePeople(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 0 {
			t.Errorf("%d arrived after the look", n)
		}
		f.advance(time.Hour)
		seen := f.now()
		people, _, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: 0, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		bob := people[0].ID
		err = f.SaveMatches(f.ctx, f.move.ID, bob, []match.Match{graded(address(t, "bob@tusk.example"), match.Claimed)})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 1 {
			t.Errorf("%d arrived, want 1", n)
		}
		// Whom the Owner named is no news to them.
		known := graded(address(t, "five@tusk.example"), match.Guess).Decide(match.Yes, f.now())
		people, _, err = f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: 0, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.AddMatch(f.ctx, f.move.ID, people[0].ID, known); err != nil {
			t.Fatal(err)
		}
		if c := must(f.PeopleCounts(f.ctx, f.move.ID))(t); c.Arrived != 1 || c.Claimed != 4 {
			t.Errorf("after the Owner named one: %d arrived, %d claimed", c.Arrived, c.Claimed)
		}
		page, total, err := f.PeoplePage(f.ctx, f.move.ID, store.PeopleFilter{Grade: -1, Since: seen.Add(-time.Second), Limit: 10})
		if err != nil || total != 1 || page[0].ID != bob {
			t.Errorf("arrived: %d, %v", total, err)
		}
	})
}
