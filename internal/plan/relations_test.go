package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
)

// chosenAt is a match that is acted on.
func chosenAt(t *testing.T, person, address string) match.Match {
	t.Helper()
	a, err := model.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return match.Match{PersonID: person, Address: a, Grade: match.Stated, Profile: model.Profile{Address: a, Existence: model.Exists}}
}

func related(relations ...model.Relation) model.Person { return model.Person{Relations: relations} }

func write(steps []plan.Step, left []plan.Left) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "%d %s %s %s%s; ", s.Seq, s.Kind, s.PersonID, s.List, s.Address)
	}
	for _, l := range left {
		fmt.Fprintf(&b, "left %d %s; ", l.Count, l.Reason)
	}
	return b.String()
}

// Whoever is left out is named as the Owner knows them, but not without end.
func TestLeftOutIsNamed(t *testing.T) {
	people := map[string]model.Person{
		"a": {ID: "a", Handle: model.Handle{Name: "ada"}, TwitterID: "1", Relations: []model.Relation{model.Blocking}, Interactions: 3},
		"b": {ID: "b", Name: "Bob", TwitterID: "2", Relations: []model.Relation{model.Blocking}, Interactions: 2},
		"c": {ID: "c", TwitterID: "3", Relations: []model.Relation{model.Blocking}, Interactions: 1},
	}
	_, left := plan.Blocks(nil, people, model.Address{})
	if want := []plan.Named{{Name: "@ada"}, {Name: "Bob"}, {Name: "3"}}; !slices.Equal(left[0].Named, want) {
		t.Errorf("blocks: %v", left)
	}
	members := []plan.Member{{List: "Friends", PersonID: "a", Named: "1"}, {List: " Work", Named: "@gone"}}
	for range plan.MostNamed {
		members = append(members, plan.Member{List: "Work", Named: "@more"})
	}
	_, left = plan.Lists(members, nil, people, func() string { return "s" })
	if want := []plan.Named{{Name: "@ada", List: "Friends"}, {Name: "@gone", List: "Work"}}; !slices.Equal(left[0].Named[:2], want) {
		t.Errorf("lists: %v", left[0].Named[:2])
	}
	if n := len(left[0].Named); n != plan.MostNamed || left[0].Count != plan.MostNamed+2 || len(left[0].PersonIDs) != left[0].Count {
		t.Errorf("%d of %d are named", n, left[0].Count)
	}
}

func TestBlocksAndMutes(t *testing.T) {
	people := map[string]model.Person{
		"a": related(model.Blocking), "b": related(model.Blocking, model.Muting), "c": related(model.Muting), "d": related(model.Muting),
		"e": related(model.Following), "f": related(model.Blocking), "g": related(model.Blocking),
	}
	guess := chosenAt(t, "f", "f@x.example")
	guess.Grade, guess.Decision = match.Guess, match.Yes
	matches := []match.Match{
		chosenAt(t, "a", "a@x.example"), chosenAt(t, "b", "b@x.example"), chosenAt(t, "c", "c@x.example"), chosenAt(t, "e", "e@x.example"),
		guess, chosenAt(t, "g", "me@home.example"),
	}
	self := model.Address{User: "me", Host: "home.example"}
	if got, want := write(plan.Blocks(matches, people, self)), "1 block a a@x.example; 2 block b b@x.example; left 1 only a guess, to be followed by hand; left 1 your own account; "; got != want {
		t.Errorf("blocks: %s\nwant %s", got, want)
	}
	if got, want := write(plan.Mutes(matches, people, self)), "1 mute c c@x.example; left 1 no account chosen; left 1 you block them on Twitter; "; got != want {
		t.Errorf("mutes: %s\nwant %s", got, want)
	}
}

// Two People of one account are one block, whoever moved is blocked where they
// live now, and whom the Owner said no to, or who is gone, is left out.
func TestBlocksOfOddMatches(t *testing.T) {
	people := map[string]model.Person{}
	var matches []match.Match
	add := func(id, address string, change func(*match.Match)) {
		people[id] = related(model.Blocking)
		m := chosenAt(t, id, address)
		if change != nil {
			change(&m)
		}
		matches = append(matches, m)
	}
	add("a", "one@x.example", nil)
	add("b", "One@X.example", nil)
	add("c", "old@x.example", func(m *match.Match) { m.Profile.MovedTo = model.Address{User: "new", Host: "y.example"} })
	add("d", "other@x.example", func(m *match.Match) { m.Decision = match.No })
	add("e", "gone@x.example", func(m *match.Match) { m.Profile.Existence, m.Decision = model.Gone, match.Yes })
	add("f", "bad@x.example", func(m *match.Match) { m.Profile.Suspended = true })
	want := "1 block a one@x.example; 2 block c new@y.example; left 1 no account chosen; left 1 the account does not exist any more; " +
		"left 1 the account is suspended; left 1 the same account as another person's; "
	if got := write(plan.Blocks(matches, people, model.Address{})); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Whatever a Run does to the outside can be taken back, and no undo can.
func TestUndoOfKinds(t *testing.T) {
	want := map[plan.Kind]plan.Kind{
		plan.KindPost: plan.KindDelete, plan.KindFollow: plan.KindUnfollow, plan.KindBlock: plan.KindUnblock, plan.KindMute: plan.KindUnmute,
		plan.KindList: plan.KindUnlist, plan.KindMember: plan.KindUnmember, plan.KindImport: "",
		plan.KindDelete: "", plan.KindUnfollow: "", plan.KindUnblock: "", plan.KindUnmute: "", plan.KindUnlist: "", plan.KindUnmember: "",
	}
	for kind, undo := range want {
		if got, ok := kind.Undo(); got != undo || ok != (undo != "") {
			t.Errorf("%s is taken back by %q, %t; want %q", kind, got, ok, undo)
		}
	}
}

func TestLists(t *testing.T) {
	people := map[string]model.Person{"a": related(model.Following), "b": related(model.Following)}
	matches := []match.Match{chosenAt(t, "a", "a@x.example")}
	members := []plan.Member{
		{List: "Friends", PersonID: "a"}, {List: "Friends", Address: model.Address{User: "z", Host: "x.example"}}, {List: "Work ", PersonID: "a"},
		{List: "Friends", PersonID: "b"}, {List: "Friends", PersonID: "a"}, {List: "Nobody", Named: "@gone"},
	}
	n := 0
	id := func() string { n++; return fmt.Sprint("s", n) }
	steps, left := plan.Lists(members, matches, people, id)
	want := "1 list  Friends; 2 member a Friendsa@x.example; 3 member  Friendsz@x.example; 4 list  Work; 5 member a Worka@x.example; left 2 no account chosen; left 1 the same account as another person's; "
	if got := write(steps, left); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if steps[1].ParentID != steps[0].ID || steps[4].ParentID != steps[3].ID {
		t.Errorf("members before their list: %+v", steps)
	}
}
