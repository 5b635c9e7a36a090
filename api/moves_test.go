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

func TestMoveFromBeginningToEnd(t *testing.T) {
	s := newSite(t)
	s.work(t)
	b := s.browser(t)
	move := b.begin()
	path := "/api/v1/moves/" + move.ID
	v := read[api.Move](b.do(http.MethodPatch, path, map[string]any{"used_circle": "unsure"}).want(200))
	v = read[api.Move](b.do(http.MethodPatch, path, map[string]any{"was_private": "no"}).want(200))
	if v.UsedCircle != "unsure" || v.WasPrivate != "no" {
		t.Errorf("answers: %+v", v)
	}
	b.do(http.MethodPatch, path, map[string]any{"was_private": "maybe"}).want(http.StatusUnprocessableEntity)

	run := read[api.Run](b.post(path+"/lists", map[string]any{"name": "friends.csv", "text": "@ada\n@bob\n"}).want(200))
	if run.Kind != "read" {
		t.Errorf("a list starts %+v", run)
	}
	b.until(path, func(a answer) bool {
		v := read[api.Move](a)
		return v.Counts.Following == 2 && v.Archives[0].State == "complete" && v.Archives[0].FileName == "friends.csv"
	})
	b.do(http.MethodDelete, path, nil).want(http.StatusNoContent)
	b.get(path).want(http.StatusNotFound)
	if v := read[api.Moves](b.get("/api/v1/moves").want(200)); v.Moves == nil || len(v.Moves) != 0 {
		t.Errorf("after the end: %+v", v)
	}
}

func TestTooMuch(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	for range 49 {
		b.begin()
	}
	if d := b.post("/api/v1/moves", map[string]any{}).want(http.StatusConflict).detail(); !strings.Contains(d, "50") {
		t.Errorf("the 51st Move: %s", d)
	}
	for i := range 25 {
		a := b.connect(move.ID, "localhost")
		if want := map[bool]int{true: http.StatusUnprocessableEntity, false: http.StatusTooManyRequests}[i < 20]; a.status != want {
			t.Fatalf("connect %d: got %d %s", i, a.status, a.body)
		}
		if i >= 20 && a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
}

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
		people, _, _, err := s.Store.PeoplePage(t.Context(), move, store.PeopleFilter{Grade: -1, Search: handle, Limit: 1})
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
	var seen []string
	cursor := ""
	for range 10 {
		v := read[api.People](b.get(path + "?limit=2&cursor=" + cursor).want(200))
		for _, p := range v.People {
			seen = append(seen, p.Handle)
		}
		if v.Total != 6 {
			t.Errorf("total %d", v.Total)
		}
		if cursor = v.NextCursor; cursor == "" {
			break
		}
	}
	if got, want := strings.Join(seen, " "), "person00 person01 person03 person02 person04 person05"; got != want {
		t.Errorf("pages: %s, want %s", got, want)
	}
	for query, want := range map[string]int{"grade=claimed": 2, "grade=none": 1, "relation=blocking": 3, "q=PERSON04": 1, "grade=guess&relation=muting": 0} {
		if v := read[api.People](b.get(path + "?" + query).want(200)); v.Total != want || len(v.People) != want || v.People == nil {
			t.Errorf("%s: %d of %d", query, len(v.People), v.Total)
		}
	}
	for _, query := range []string{"grade=best", "cursor=x", "cursor=1.2", "limit=0", "relation=foe"} {
		b.get(path + "?" + query).want(http.StatusUnprocessableEntity).detail()
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
	for _, decision := range []string{"yes", "no", ""} {
		p := read[api.Person](b.do(http.MethodPut, decide, map[string]any{"decision": decision}).want(200))
		if m := p.Matches[0]; m.Chosen != (decision == "yes") || m.Decision != decision {
			t.Errorf("after %q: %+v", decision, m)
		}
	}
	v := read[api.Changed](b.post(path+"/decisions", map[string]any{"grade": "claimed", "decision": "yes"}).want(200))
	if v.Changed != 2 {
		t.Errorf("all claimed: %d changed", v.Changed)
	}
	b.post(path+"/decisions", map[string]any{"grade": "guess", "decision": "yes"}).want(http.StatusUnprocessableEntity)
	if m := read[api.Move](b.get(path)); m.Matches.Chosen != 3 {
		t.Errorf("%d chosen", m.Matches.Chosen)
	}
}

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

func TestServers(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	path := "/api/v1/moves/" + move.ID + "/servers"
	if v := read[api.Servers](b.get(path).want(200)); v.Servers == nil || len(v.Servers) != 0 {
		t.Errorf("an empty catalogue: %+v", v)
	}
	populate(t, s, move.ID, match.Stated)
	err := s.Store.ReplaceServers(t.Context(), "test", []model.Server{
		{Host: "other.example", SignUp: model.SignUpOpen, Languages: []string{"de"}}, {Host: "tusk.example", SignUp: model.SignUpOpen},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := read[api.Servers](b.get(path + "?language=en").want(200))
	if v.TotalMatched != 1 || len(v.Servers) != 2 || v.Servers[0].Host != "tusk.example" || v.Servers[0].MatchedPeople != 1 || len(v.Servers[0].Reasons) == 0 || v.Servers[0].URL != s.tusk.URL()+"/" {
		t.Errorf("servers: %+v", v)
	}
}
