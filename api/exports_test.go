package api_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

func TestExports(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	populate(t, s, move.ID, match.Stated, match.Stated, match.Claimed, match.Guess)
	path := "/api/v1/moves/" + move.ID + "/exports/"
	a := b.get(path + "following_accounts.csv").want(200)
	if got, want := a.body, "Account address,Show boosts,Notify on new posts,Languages\nperson00@tusk.example,true,false,\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="following_accounts.csv"` {
		t.Errorf("disposition %q", got)
	}
	if got := a.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("type %q", got)
	}
	if got := b.get(path + "blocked_accounts.csv").want(200).body; got != "Account address\nperson01@tusk.example\n" {
		t.Errorf("blocked: %q", got)
	}
	b.get(path + "muted_accounts.csv").want(200)
	b.get(path + "passwords.csv").want(http.StatusUnprocessableEntity)
}

// Whom nobody found comes closest first, and no cell is a formula.
func TestUnresolved(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	populate(t, s, move.ID, match.Stated, match.Guess)
	err := s.Store.SavePeople(t.Context(), move.ID, []model.Person{
		{TwitterID: "12", Name: "=HYPERLINK(\"https://evil.example\")", Interactions: 3, Relations: []model.Relation{model.Following}},
		{Handle: model.Handle{Name: "ada_l"}, Name: "Ada, \"L.\"\nLovelace", Interactions: 42, Relations: []model.Relation{model.Following, model.Follower}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := b.get("/api/v1/moves/" + move.ID + "/exports/unresolved_people.csv").want(200)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="unresolved_people.csv"` {
		t.Errorf("disposition %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Twitter id", "Handle", "Name", "Link", "Relations", "Replies and mentions"},
		{"", "ada_l", "Ada, \"L.\"\nLovelace", "https://x.com/ada_l", "follower following", "42"},
		{"12", "", "'=HYPERLINK(\"https://evil.example\")", "https://x.com/i/user/12", "following", "3"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("got %q", rows)
	}
}

// Everything is in it, also of more People than are read at a time.
func TestEverythingAsJSON(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	path := "/api/v1/moves/" + move.ID
	type file struct {
		Export struct{ Handle string }
		People []api.Person
	}
	if v := read[file](b.get(path + "/exports/people.json").want(200)); v.People == nil || len(v.People) != 0 {
		t.Errorf("of nobody: %+v", v)
	}
	populate(t, s, move.ID, match.Stated, match.Claimed, match.None)
	var others []model.Person
	for i := range 400 {
		others = append(others, model.Person{TwitterID: strings.Repeat("1", i%9+1) + strings.Repeat("2", i/9+1), Relations: []model.Relation{model.Follower}})
	}
	if err := s.Store.SavePeople(t.Context(), move.ID, others); err != nil {
		t.Fatal(err)
	}
	claimed := read[api.People](b.get(path + "/people?grade=claimed")).People[0]
	b.do(http.MethodPut, path+"/people/"+claimed.ID+"/matches/"+claimed.Matches[0].ID+"/decision", map[string]any{"decision": "no"}).want(200)
	a := b.get(path + "/exports/people.json").want(200)
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("type %q", got)
	}
	v := read[file](a)
	if len(v.People) != 403 {
		t.Fatalf("%d people, want 403", len(v.People))
	}
	i := slices.IndexFunc(v.People, func(p api.Person) bool { return p.ID == claimed.ID })
	if m := v.People[i].Matches[0]; m.Decision != "no" || len(m.Evidence) != 1 || m.Profile.DisplayName != "person01" {
		t.Errorf("a decision: %+v", m)
	}
}
