package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

func (f *fixture) save(t testing.TB, people ...model.Person) {
	t.Helper()
	if err := f.SavePeople(f.ctx, f.move.ID, people); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) list(t testing.TB) (people []model.Person) {
	t.Helper()
	for p, err := range f.People(f.ctx, f.move.ID) {
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}
	return people
}

// An archive knows somebody by id, a list by handle, and both have rows with
// matches: whoever says that they are one makes them one, and keeps the Owner's
// decisions.
func TestTwoRowsBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		add := func(person, to string, d match.Decision) {
			t.Helper()
			f.advance(time.Second)
			m := match.Match{Address: address(t, to), Grade: match.Claimed, Decision: d, DecidedAt: f.now()}
			if err := f.AddMatch(f.ctx, f.move.ID, person, m); err != nil {
				t.Fatal(err)
			}
		}
		f.save(t, model.Person{TwitterID: "12", Relations: []model.Relation{model.Following}, Interactions: 3, Archived: true})
		f.save(t,
			model.Person{Handle: model.Handle{Name: "Ada", Source: "list"}, Name: "Ada", Bio: "poet", ProfileSource: "pages", Relations: []model.Relation{model.Follower}},
			model.Person{Handle: model.Handle{Name: "bob"}, Relations: []model.Relation{model.Following}})
		people := f.list(t)
		slices.SortFunc(people, func(a, b model.Person) int { return len(b.TwitterID) - len(a.TwitterID) })
		byID, byHandle := people[0].ID, people[1].ID
		if people[1].Handle.Name != "Ada" {
			byHandle = people[2].ID
		}
		add(byID, "ada@one.example", match.Yes)
		add(byID, "ada@two.example", match.Undecided)
		add(byHandle, "ada@two.example", match.No)
		add(byHandle, "ada@three.example", match.Yes)

		ada := model.Person{TwitterID: "12", Handle: model.Handle{Name: "ada", Source: "pages", SeenAt: f.now()}, Relations: []model.Relation{model.Following}}
		f.save(t, ada)
		f.save(t, ada) // again changes nothing
		people = f.list(t)
		if len(people) != 2 {
			t.Fatalf("%d people, want Ada and Bob: %+v", len(people), people)
		}
		p := must(f.Person(f.ctx, f.move.ID, byID))(t)
		if p.Handle.Name != "ada" || p.Name != "Ada" || p.Bio != "poet" || p.ProfileSource != "pages" || !p.Archived || p.Interactions != 3 ||
			!slices.Equal(p.Relations, []model.Relation{model.Follower, model.Following}) {
			t.Errorf("merged: %+v", p)
		}
		got := map[string]string{}
		for _, m := range must(f.Matches(f.ctx, byID))(t) {
			got[m.Address.String()] = string(m.Decision)
		}
		want := map[string]string{"ada@one.example": "", "ada@two.example": "no", "ada@three.example": "yes"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("decisions, -want +got:\n%s", diff)
		}
		if counts := must(f.PeopleCounts(f.ctx, f.move.ID))(t); counts.People != 2 || counts.Claimed != 1 {
			t.Errorf("counts: %+v", counts)
		}
	})
}

// A name that an account had years ago may be somebody else's by now.
func TestOldNameMergesNobody(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		at := f.now()
		f.save(t, model.Person{TwitterID: "12", Handle: model.Handle{Name: "ada_new", SeenAt: at}})
		f.save(t, model.Person{Handle: model.Handle{Name: "ada_old"}, Bio: "another"})
		f.save(t, model.Person{TwitterID: "12", Handle: model.Handle{Name: "ada_old", SeenAt: at.AddDate(-5, 0, 0)}})
		if people := f.list(t); len(people) != 2 {
			t.Errorf("%+v", people)
		}
	})
}

// Both rows come in one reading, one of them new in it.
func TestMergeWithinOneReading(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := func(id, handle string, r model.Relation) model.Person {
			return model.Person{TwitterID: id, Handle: model.Handle{Name: handle}, Relations: []model.Relation{r}}
		}
		f.save(t, ada("12", "", model.Blocking))
		f.save(t, ada("", "Ada", model.Follower), ada("12", "ada", model.Following), ada("", "ADA", model.Muting))
		people := f.list(t)
		if len(people) != 1 || len(people[0].Relations) != 4 || people[0].TwitterID != "12" {
			t.Errorf("%+v", people)
		}
	})
}

// Who was named by an archive once stays so; a list alone does not count as one.
func TestArchived(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.save(t, model.Person{TwitterID: "12", Archived: true}, model.Person{TwitterID: "13"})
		f.save(t, model.Person{TwitterID: "12", Bio: "x", ProfileSource: "pages"}, model.Person{TwitterID: "13", Bio: "x", ProfileSource: "list"})
		for _, p := range f.list(t) {
			if p.Archived != (p.TwitterID == "12") {
				t.Errorf("%s: archived %v", p.TwitterID, p.Archived)
			}
		}
		f.save(t, model.Person{TwitterID: "13", Archived: true})
		for _, p := range f.list(t) {
			if !p.Archived {
				t.Errorf("%s is in an archive now", p.TwitterID)
			}
		}
	})
}
