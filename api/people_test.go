package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// evidence is what makes an address of that grade.
func evidence(a model.Address, g match.Grade) []model.Evidence {
	e := model.Evidence{Address: a, Source: "list", Side: model.TwitterSide, Tie: model.TieHandle, Text: a.String()}
	switch g {
	case match.Guess:
		e.Source, e.Side, e.Tie = "probe", model.FediverseSide, model.TieName
	case match.Claimed:
		e.Source, e.Side = "profile", model.FediverseSide
	}
	return []model.Evidence{e}
}

// populate adds People with one Match each.
func populate(t testing.TB, s *site, move string, grades ...match.Grade) {
	t.Helper()
	for i, g := range grades {
		handle := fmt.Sprintf("person%02d", i)
		relations := []model.Relation{model.Following}
		if i%2 == 1 {
			relations = append(relations, model.Blocking)
		}
		err := s.Store.SavePeople(t.Context(), move, []model.Person{{Handle: model.Handle{Name: handle}, Relations: relations, Interactions: i}})
		if err != nil {
			t.Fatal(err)
		}
		if g == match.None {
			continue
		}
		people, _, err := s.Store.PeoplePage(t.Context(), move, store.PeopleFilter{Grade: -1, Search: handle, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		a := model.Address{User: handle, Host: "tusk.example"}
		err = s.Store.SaveMatches(t.Context(), move, people[0].ID, []match.Match{{
			Address: a, Grade: g, Profile: model.Profile{Address: a, Existence: model.Exists, DisplayName: handle},
			Evidence: evidence(a, g),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPeopleByPageAndFilter(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	populate(t, s, move.ID, match.Proven, match.Stated, match.Claimed, match.Claimed, match.Guess, match.None)
	path := "/api/v1/moves/" + move.ID + "/people"
	handles := func(query string) string {
		t.Helper()
		v := read[api.People](b.get(path + "?" + query).want(200))
		if v.Total != 6 {
			t.Errorf("%s: total %d", query, v.Total)
		}
		var seen []string
		for _, p := range v.People {
			seen = append(seen, strings.TrimPrefix(p.Handle, "person0"))
		}
		return strings.Join(seen, " ")
	}
	for query, want := range map[string]string{
		"": "0 1 3 2 4 5", "limit=2": "0 1", "limit=2&offset=2": "3 2", "offset=5": "5", "offset=6": "", "sort=closest": "5 4 3 2 1 0",
		"sort=name&limit=3": "0 1 2", "sort=grade&limit=4": "0 1 2 3",
	} {
		if got := handles(query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	for query, want := range map[string]int{
		"grade=claimed": 2, "grade=none": 1, "relation=blocking": 3, "q=PERSON04": 1, "grade=guess&relation=muting": 0, "mark=moved": 0,
		"host=Tusk.Example": 5, "host=other.example": 0, "decision=open": 5, "decision=yes": 0, "chosen=yes": 2, "chosen=no&grade=claimed": 2,
		"arrived=true": 0,
	} {
		if v := read[api.People](b.get(path + "?" + query).want(200)); v.Total != want || len(v.People) != want || v.People == nil {
			t.Errorf("%s: %d of %d, want %d", query, len(v.People), v.Total, want)
		}
	}
	for _, query := range []string{"grade=best", "offset=-1", "limit=0", "limit=201", "relation=foe", "mark=ugly", "sort=luck", "host=localhost", "decision=maybe"} {
		b.get(path + "?" + query).want(http.StatusUnprocessableEntity).detail()
	}
}

func TestOnePerson(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	populate(t, s, move.ID, match.Stated)
	path := "/api/v1/moves/" + move.ID + "/people"
	listed := read[api.People](b.get(path).want(200)).People[0]
	a := b.get(path + "/" + listed.ID).want(200)
	p := read[api.Person](a)
	if p.ID != listed.ID || p.ArrivedAt == nil || p.URLs == nil || len(p.Matches) != 1 || p.Matches[0].Profile == nil || p.Matches[0].Evidence[0].Source != "list" {
		t.Errorf("a person: %s", a.body)
	}
	b.get(path + "/nobody").want(http.StatusNotFound)
}

func TestArrivedSinceTheLastLook(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	path := "/api/v1/moves/" + move.ID
	populate(t, s, move.ID, match.Stated)
	if m := read[api.Move](b.get(path)); m.Matches.Arrived != 0 || m.PeopleSeenAt != nil {
		t.Errorf("before the first look: %+v", m)
	}
	seen := read[api.Seen](b.post(path+"/people/seen", nil).want(200))
	if m := read[api.Move](b.get(path)); m.Matches.Arrived != 0 || m.PeopleSeenAt == nil || !m.PeopleSeenAt.Equal(seen.SeenAt) {
		t.Errorf("after it: %+v", m)
	}
	populate(t, s, move.ID, match.None, match.Claimed)
	if m := read[api.Move](b.get(path)); m.Matches.Arrived != 1 {
		t.Errorf("%d arrived, want 1", m.Matches.Arrived)
	}
	v := read[api.People](b.get(path + "/people?arrived=true").want(200))
	if v.Total != 1 || v.People[0].Handle != "person01" {
		t.Errorf("arrived: %+v", v)
	}
	b.post(path+"/people/seen", nil).want(200)
	if m := read[api.Move](b.get(path)); m.Matches.Arrived != 0 {
		t.Errorf("%d arrived after another look", m.Matches.Arrived)
	}
}

func TestDecisions(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	populate(t, s, move.ID, match.Stated, match.Claimed, match.Claimed, match.Guess)
	path := "/api/v1/moves/" + move.ID
	person := read[api.People](b.get(path + "/people?grade=guess")).People[0]
	if m := person.Matches[0]; m.Chosen || m.Grade != "guess" || m.Exists != "yes" || m.Profile == nil || len(m.Evidence) != 1 {
		t.Errorf("a guess: %+v", m)
	}
	decide := path + "/people/" + person.ID + "/matches/" + person.Matches[0].ID + "/decision"
	for decision, chosen := range map[string]bool{"yes": true, "no": false, "": false} {
		p := read[api.Person](b.do(http.MethodPut, decide, map[string]any{"decision": decision}).want(200))
		if m := p.Matches[0]; m.Chosen != chosen || m.Decision != decision {
			t.Errorf("after %q: %+v", decision, m)
		}
	}
	b.do(http.MethodPut, decide, map[string]any{"decision": ""}).want(200)
	all := func(body map[string]any, want int) {
		t.Helper()
		if v := read[api.Changed](b.post(path+"/decisions", body).want(200)); v.Changed != want {
			t.Errorf("%v: %d changed, want %d", body, v.Changed, want)
		}
	}
	all(map[string]any{"grade": "claimed", "decision": "yes"}, 2)
	if m := read[api.Move](b.get(path)); m.Matches.Chosen != 3 {
		t.Errorf("%d chosen", m.Matches.Chosen)
	}
	some := []string{person.Matches[0].ID}
	for _, p := range read[api.People](b.get(path + "/people?grade=claimed")).People {
		some = append(some, p.Matches[0].ID)
	}
	all(map[string]any{"matches": some, "decision": ""}, 2)
	v := read[api.Changed](b.post(path+"/decisions", map[string]any{"matches": some, "decision": "yes"}).want(200))
	if v.Changed != 2 || len(v.People) != 3 { // the guess is left out
		t.Errorf("%d changed, %d people", v.Changed, len(v.People))
	}
	for _, p := range v.People {
		if m := p.Matches[0]; m.Chosen != (m.Grade == "claimed") {
			t.Errorf("%s, chosen %v", m.Grade, m.Chosen)
		}
	}
	for _, bad := range []map[string]any{
		{"grade": "guess", "decision": "yes"}, {"decision": "yes"}, {"grade": "claimed", "decision": ""},
		{"grade": "claimed", "matches": some, "decision": "yes"},
	} {
		b.post(path+"/decisions", bad).want(http.StatusUnprocessableEntity)
	}
	b.post(path+"/decisions", map[string]any{"matches": []string{"nothing"}, "decision": "yes"}).want(http.StatusNotFound)
}
