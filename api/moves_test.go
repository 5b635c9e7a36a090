package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
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
