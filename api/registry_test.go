package api_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
)

// mover is a browser with a Move whose X account is known, and an Account.
type mover struct {
	*browser
	move, account, owner string
}

func (s *site) mover(t testing.TB, twitterID, handle, at string) mover {
	t.Helper()
	b := s.browser(t)
	m := mover{browser: b, move: b.begin().ID}
	move, err := s.Store.Move(t.Context(), m.move)
	m.owner = move.OwnerID
	address, wrong := model.ParseAddress(at)
	account, failed := s.Store.SaveAccount(t.Context(), model.Account{OwnerID: m.owner, Address: address, RemoteID: "1"}, "token")
	if err := errors.Join(err, wrong, failed, s.Store.NameMove(t.Context(), m.move, twitterID, handle, "")); err != nil {
		t.Fatal(err)
	}
	m.account = account.ID
	return m
}

func (m mover) path() string { return "/api/v1/moves/" + m.move + "/registry" }

func (m mover) agree(body map[string]any) answer {
	m.t.Helper()
	for _, consent := range []string{"inside", "everybody"} {
		if _, ok := body[consent]; !ok {
			body[consent] = false
		}
	}
	return m.do(http.MethodPut, m.path()+"/"+m.account, body)
}

func (m mover) entry(a answer) api.RegistryEntry {
	m.t.Helper()
	v := read[api.RegistryEntries](a.want(200)).Entries
	if len(v) != 1 {
		m.t.Fatalf("%d entries, want 1: %s", len(v), a.body)
	}
	return v[0]
}

func TestAgreeToBeFound(t *testing.T) {
	s := newSite(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	if e := ada.entry(ada.get(ada.path())); e.ID != "" || e.Inside || e.Everybody || e.Account != ada.account || e.Address != "ada@tusk.example" || e.At != nil {
		t.Errorf("both are off by themselves: %+v", e)
	}
	if e := ada.entry(ada.agree(map[string]any{"inside": true})); !e.Inside || e.Everybody || e.Proof != "archive" || e.TwitterID != "12" || e.Handle != "ada" {
		t.Errorf("agreed to the one: %+v", e)
	}
	first := ada.entry(ada.agree(map[string]any{"inside": true, "everybody": true}))
	if !first.Inside || !first.Everybody || first.At == nil {
		t.Errorf("agreed to the other: %+v", first)
	}
	if e := ada.entry(ada.agree(map[string]any{})); e.ID != "" || e.Inside || e.Everybody || e.Account != ada.account {
		t.Errorf("taken back: %+v", e)
	}
	second := ada.entry(ada.agree(map[string]any{"everybody": true}))
	if e := ada.entry(ada.do(http.MethodDelete, ada.path()+"/"+second.ID, nil)); e.ID != "" {
		t.Errorf("withdrawn: %+v", e)
	}
	ada.do(http.MethodDelete, ada.path()+"/"+second.ID, nil).want(http.StatusNotFound)
}

func TestAgreeNeeds(t *testing.T) {
	s := newSite(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	second := mover{ada.browser, ada.begin().ID, ada.account, ada.owner}
	if d := second.agree(map[string]any{"inside": true}).want(http.StatusConflict).detail(); !strings.Contains(d, "archive") {
		t.Errorf("a Move without an archive: %s", d)
	}
	second.account = "nobody's"
	second.agree(map[string]any{"inside": true}).want(http.StatusNotFound)
	ada.do(http.MethodPut, ada.path()+"/"+ada.account, map[string]any{"inside": true}).want(http.StatusUnprocessableEntity) // says nothing of the other consent

	hidden := s.mover(t, "13", "bob", "bob@tusk.example")
	if _, err := s.Store.OptOut(t.Context(), []model.Address{{User: "bob", Host: "tusk.example"}}); err != nil {
		t.Fatal(err)
	}
	d := hidden.agree(map[string]any{"inside": true}).want(http.StatusForbidden).detail()
	if !strings.HasPrefix(d, "bob@tusk.example asked") { // an address is spelled as it is, also where a sentence begins
		t.Errorf("after an opt-out: %s", d)
	}

	ada.agree(map[string]any{"inside": true}).want(200)
	if err := s.Store.RevokeAccount(t.Context(), ada.account); err != nil {
		t.Fatal(err)
	}
	ada.agree(map[string]any{"everybody": true}).want(http.StatusConflict)
	if e := ada.entry(ada.agree(map[string]any{})); e.ID != "" {
		t.Errorf("it can be taken back with an account that no longer accepts us: %+v", e)
	}
}

// An Account that is connected no longer keeps its entry, which can be withdrawn.
func TestEntryOfForgottenAccount(t *testing.T) {
	s := newSite(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	ada.agree(map[string]any{"everybody": true}).want(200)
	ada.do(http.MethodDelete, "/api/v1/accounts/"+ada.account, nil).want(http.StatusNoContent)
	e := ada.entry(ada.get(ada.path()))
	if e.Account != "" || e.Address != "ada@tusk.example" || !e.Everybody {
		t.Errorf("entry: %+v", e)
	}
	if v := read[api.RegistryEntries](ada.do(http.MethodDelete, ada.path()+"/"+e.ID, nil).want(200)); len(v.Entries) != 0 {
		t.Errorf("withdrawn: %+v", v)
	}
}

func TestHideEntry(t *testing.T) {
	s := newSite(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	err := s.Store.SavePeople(t.Context(), ada.move, []model.Person{
		{TwitterID: "66", Handle: model.Handle{Name: "Eve"}, Archived: true, Relations: []model.Relation{model.Blocking}},
		{TwitterID: "67", Handle: model.Handle{Name: "listed"}, Relations: []model.Relation{model.Following}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if e := ada.entry(ada.agree(map[string]any{"inside": true, "hide": []string{" @eve ", "1234"}})); e.Hidden != 2 {
		t.Errorf("hidden from %d, want 2", e.Hidden)
	}
	d := ada.agree(map[string]any{"inside": true, "hide": []string{"@nobody", "@listed", "66"}}).want(http.StatusUnprocessableEntity).detail()
	if !strings.Contains(d, "@nobody, @listed") || strings.Contains(d, "66") {
		t.Errorf("unknown names: %s", d)
	}
	if d := ada.agree(map[string]any{"inside": true, "hide": []string{"a b"}}).want(http.StatusUnprocessableEntity).detail(); !strings.Contains(d, `"a b"`) {
		t.Errorf("no name at all: %s", d)
	}
	if e := ada.entry(ada.agree(map[string]any{"inside": true, "show": []string{"eve"}})); e.Hidden != 1 {
		t.Errorf("after showing it to one again, hidden from %d", e.Hidden)
	}
	if e := ada.entry(ada.agree(map[string]any{"inside": true, "show_to_all": true, "hide": []string{"5"}})); e.Hidden != 1 {
		t.Errorf("after showing it to all but one, hidden from %d", e.Hidden)
	}
}

func TestDeleteMoveWithEntry(t *testing.T) {
	s := newSite(t)
	for query, stays := range map[string]bool{"": false, "?keep_entries=false": false, "?keep_entries=true": true} {
		ada := s.mover(t, "12", "ada", "ada@tusk.example")
		ada.agree(map[string]any{"inside": true}).want(200)
		ada.do(http.MethodDelete, "/api/v1/moves/"+ada.move+query, nil).want(http.StatusNoContent)
		found, err := s.Store.RegistryEvidence(t.Context(), "99", []model.Person{{ID: "p", TwitterID: "12", Archived: true}})
		if err != nil || len(found["p"]) == 1 != stays {
			t.Errorf("%q: found %v, %v; want that it stays: %v", query, found, err, stays)
		}
	}
}

func TestRegistrySwitchedOff(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.Worker.Sources = directory.Sources{directory.SourceWikidata: true} })
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	if v := read[api.RegistryEntries](ada.get(ada.path()).want(200)); v.On {
		t.Errorf("the page is told that there is one: %+v", v)
	}
	ada.agree(map[string]any{"inside": true}).want(http.StatusForbidden)
	ada.agree(map[string]any{}).want(200)
	ada.get("/api/v1/registry").want(http.StatusNotFound).detail()
}

// file is the public registry.
type file struct {
	Format, AsOf, Since, Registry, Terms string
	Version                              int
	Entries                              []struct{ ID, TwitterID, Handle, Address, Proof string }
	Withdrawn                            []string
}

func (f *file) UnmarshalJSON(b []byte) error {
	var v struct {
		Format    string `json:"format"`
		AsOf      string `json:"as_of"`
		Since     string `json:"since"`
		Registry  string `json:"registry"`
		Terms     string `json:"terms"`
		Version   int    `json:"version"`
		Withdrawn []string
		Entries   []struct {
			ID        string `json:"id"`
			TwitterID string `json:"twitter_id"`
			Handle    string `json:"handle"`
			Address   string `json:"address"`
			Proof     string `json:"proof"`
			At        time.Time
		}
	}
	err := json.Unmarshal(b, &v)
	f.Format, f.AsOf, f.Since, f.Registry, f.Terms, f.Version, f.Withdrawn = v.Format, v.AsOf, v.Since, v.Registry, v.Terms, v.Version, v.Withdrawn
	for _, e := range v.Entries {
		f.Entries = append(f.Entries, struct{ ID, TwitterID, Handle, Address, Proof string }{e.ID, e.TwitterID, e.Handle, e.Address, e.Proof})
	}
	return err
}

// later is a clock that is ahead of the store's by what the test says.
type later struct{ by time.Duration }

func (l *later) now() time.Time { return time.Now().Add(l.by) }

func TestPublicRegistryFile(t *testing.T) {
	clock := &later{}
	s := newSite(t, func(s *api.Server) { s.Now = clock.now })
	stranger := s.browser(t)
	fetch := func(query string) file {
		t.Helper()
		clock.by += 61 * time.Second
		return read[file](stranger.get("/api/v1/registry" + query).want(200))
	}
	if f := fetch(""); f.Format != "skein-registry" || f.Version != 1 || len(f.Entries) != 0 || f.Registry != s.url+"/api/v1/registry" || f.Terms == "" || f.Withdrawn != nil {
		t.Errorf("empty: %+v", f)
	}
	ada, ben, cy := s.mover(t, "12", "ada", "ada@tusk.example"), s.mover(t, "13", "ben", "ben@tusk.example"), s.mover(t, "14", "cy", "cy@tusk.example")
	a := ada.entry(ada.agree(map[string]any{"everybody": true}))
	b := ben.entry(ben.agree(map[string]any{"everybody": true, "inside": true}))
	cy.agree(map[string]any{"inside": true}).want(200)
	whole := fetch("")
	if len(whole.Entries) != 2 || whole.Entries[0].ID != a.ID || whole.Entries[1].Address != "ben@tusk.example" || whole.Entries[0].TwitterID != "12" {
		t.Errorf("whole: %+v", whole)
	}
	if strings.Contains(stranger.get("/api/v1/registry").body, "cy") {
		t.Error("somebody is listed who did not agree to it")
	}
	ben.do(http.MethodDelete, ben.path()+"/"+b.ID, nil).want(200)
	changes := fetch("?since=" + whole.AsOf)
	if changes.Since == "" || !slices.Equal(changes.Withdrawn, []string{b.ID}) || len(changes.Entries) > 1 {
		t.Errorf("changes: %+v", changes)
	}
	for _, since := range []string{"yesterday", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z", ""} {
		if f := fetch("?since=" + since); f.Since != "" || f.Withdrawn != nil || len(f.Entries) != 1 {
			t.Errorf("since %q is not the whole: %+v", since, f)
		}
	}
}

func TestRegistryFileIsCached(t *testing.T) {
	clock := &later{}
	s := newSite(t, func(s *api.Server) { s.Now = clock.now })
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	ada.agree(map[string]any{"everybody": true}).want(200)
	get := func(header http.Header) answer {
		t.Helper()
		header.Set("Accept-Encoding", header.Get("Accept-Encoding")) // none but ours
		return ada.send(http.MethodGet, "/api/v1/registry", nil, header)
	}
	plain := get(http.Header{})
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*",
		"Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": "", "Content-Encoding": "", "X-Content-Type-Options": "nosniff",
	} {
		if got := strings.Join(plain.header.Values(name), "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	etag := plain.header.Get("ETag")
	if !strings.HasPrefix(etag, `"`) || len(etag) < 20 {
		t.Errorf("ETag %s", etag)
	}
	zipped := get(http.Header{"Accept-Encoding": {"br, GZIP;q=0.5"}})
	r, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != plain.body || zipped.header.Get("Content-Encoding") != "gzip" || zipped.header.Get("ETag") == etag {
		t.Errorf("compressed it is %q, %v, with the tag %s", text, err, zipped.header.Get("ETag"))
	}
	if a := get(http.Header{"Accept-Encoding": {"gzip;q=0"}}); a.body != plain.body {
		t.Error("compressed for somebody who takes no gzip")
	}
	for tag, status := range map[string]int{etag: 304, `"x", W/` + etag: 304, `"x"`: 200, zipped.header.Get("ETag"): 200} {
		if a := get(http.Header{"If-None-Match": {tag}}); a.status != status || status == 304 && (a.body != "" || a.header.Get("ETag") != etag) {
			t.Errorf("If-None-Match %s: got %d, want %d", tag, a.status, status)
		}
	}
	head := ada.send(http.MethodHead, "/api/v1/registry", nil, http.Header{})
	if head.status != 200 || head.body != "" || head.header.Get("ETag") == "" {
		t.Errorf("HEAD: %d, %q", head.status, head.body)
	}

	// What changed shows within a minute, and what did not has the same tag for ever.
	ada.agree(map[string]any{}).want(200)
	if a := get(http.Header{}); a.header.Get("ETag") != etag {
		t.Error("it was made twice in a minute")
	}
	clock.by = time.Minute
	empty := get(http.Header{})
	if f := read[file](empty); len(f.Entries) != 0 {
		t.Errorf("after a minute: %+v", f)
	}
	clock.by = 3 * time.Hour
	if a := get(http.Header{}); a.header.Get("ETag") != empty.header.Get("ETag") {
		t.Error("nothing changed, and the tag did")
	}
}
