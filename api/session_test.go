package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/secret"
)

func TestRecoveryKeyBringsBack(t *testing.T) {
	s := newSite(t)
	first := s.browser(t)
	if v := read[api.Session](first.get("/api/v1/session")); v.SignedIn {
		t.Error("signed in without having done anything")
	}
	move := first.begin()
	if v := read[api.Session](first.get("/api/v1/session")); !v.SignedIn || v.HasRecoveryKey {
		t.Errorf("after the first Move: %+v", v)
	}
	key := read[api.RecoveryKey](first.post("/api/v1/session/recovery-key", map[string]any{}).want(200)).Key
	if v := read[api.Session](first.get("/api/v1/session")); !v.HasRecoveryKey {
		t.Error("the page is not told that there is a key")
	}
	other := s.browser(t)
	other.post("/api/v1/session/recover", map[string]any{"key": strings.ToLower(key)}).want(http.StatusNoContent)
	other.get("/api/v1/moves/" + move.ID).want(200)

	first.do(http.MethodDelete, "/api/v1/session", nil).want(http.StatusNoContent)
	first.get("/api/v1/moves/" + move.ID).want(http.StatusUnauthorized)
	other.get("/api/v1/moves/" + move.ID).want(200)
}

// A key that is wrong is never repeated, neither whole nor in part.
func TestWrongRecoveryKey(t *testing.T) {
	b := newSite(t).browser(t)
	unknown := secret.NewRecoveryKey().Text()
	for key, status := range map[string]int{unknown: http.StatusForbidden, "SECRET-KEY": http.StatusUnprocessableEntity, strings.Repeat("SECRET", 40): http.StatusUnprocessableEntity} {
		a := b.post("/api/v1/session/recover", map[string]any{"key": key}).want(status)
		if a.detail() == "" || strings.Contains(a.body, "SECRET") || strings.Contains(a.body, unknown) {
			t.Errorf("answer to a wrong key: %s", a.body)
		}
	}
	a := b.post("/api/v1/session/recover", map[string]any{"key": 5, "SECRET": "SECRET"}).want(http.StatusUnprocessableEntity)
	if strings.Contains(a.body, `"value"`) {
		t.Errorf("the submitted value is repeated: %s", a.body)
	}
}

func TestGuessingKeysIsSlow(t *testing.T) {
	b := newSite(t).browser(t)
	for i := range 12 {
		a := b.post("/api/v1/session/recover", map[string]any{"key": secret.NewRecoveryKey().Text()})
		if want := map[bool]int{true: http.StatusForbidden, false: http.StatusTooManyRequests}[i < 10]; a.status != want {
			t.Fatalf("try %d: got %d, want %d", i, a.status, want)
		}
	}
}

// Whoever planted a session in somebody's browser has nothing of it after they
// signed in: the token is another, and the old one is worth nothing.
func TestSessionFixation(t *testing.T) {
	s := newSite(t)
	owner := s.browser(t)
	owner.begin()
	key := read[api.RecoveryKey](owner.post("/api/v1/session/recovery-key", map[string]any{})).Key

	victim := s.browser(t)
	victim.begin()
	planted := victim.cookie()
	victim.post("/api/v1/session/recover", map[string]any{"key": key}).want(http.StatusNoContent)
	if victim.cookie() == planted || victim.cookie() == "" {
		t.Fatal("the session kept its token when it became somebody's")
	}
	a := s.browser(t).send(http.MethodGet, "/api/v1/moves", nil, http.Header{"Cookie": {"skein=" + planted}})
	a.want(http.StatusUnauthorized)

	made := s.browser(t).send(http.MethodPost, "/api/v1/moves", strings.NewReader("{}"), http.Header{"Cookie": {"skein=planted"}, "Content-Type": {"application/json"}})
	if c := made.want(200).header.Get("Set-Cookie"); strings.Contains(c, "planted") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
		t.Errorf("cookie of a new session: %q", c)
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.PublicURL = "https://skein.example" })
	c := s.browser(t).post("/api/v1/moves", map[string]any{}).want(200).header.Get("Set-Cookie")
	for _, part := range []string{"__Host-skein=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(c, part) {
			t.Errorf("%s is missing in %q", part, c)
		}
	}
	if strings.Contains(c, "Domain") {
		t.Errorf("a __Host- cookie has no Domain: %q", c)
	}
}

// Another site can change nothing, also not by the ways that need no preflight.
func TestOtherSitesChangeNothing(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	for _, h := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://other.localhost"}},
	} {
		for _, r := range [][2]string{
			{http.MethodPost, "/api/v1/moves"}, {http.MethodDelete, "/api/v1/moves/" + move.ID},
			{http.MethodPost, "/api/v1/uploads/"}, {http.MethodPatch, "/api/v1/uploads/01ABCDEFGHJKMNPQRSTVWXYZ01"},
			{http.MethodDelete, "/api/v1/session"},
		} {
			a := b.send(r[0], r[1], strings.NewReader("{}"), h.Clone())
			if a.status != http.StatusForbidden || a.detail() == "" {
				t.Errorf("%s %s with %v: got %d %s", r[0], r[1], h, a.status, a.body)
			}
		}
	}
	b.get("/api/v1/moves/" + move.ID).want(200)
	b.send(http.MethodPost, "/api/v1/moves", strings.NewReader("{}"), http.Header{"Origin": {s.url}, "Content-Type": {"application/json"}}).want(200)
}

func TestHeadersAndUnknownRoutes(t *testing.T) {
	b := newSite(t).browser(t)
	a := b.get("/api/v1/about").want(200)
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if d := b.get("/api/v1/nothing").want(http.StatusNotFound).detail(); d == "" {
		t.Error("no words for an unknown route")
	}
	b.do(http.MethodPut, "/api/v1/moves", nil).want(http.StatusMethodNotAllowed).detail()
	if got := b.get("/m/01ABC/people").header.Get("Content-Type"); strings.Contains(got, "problem") {
		t.Errorf("a page of the app is answered with %s", got)
	}
}

func TestHealth(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.get("/healthz").want(200)
	b.get("/readyz").want(200)
	if body := b.get("/metrics").want(200).body; !strings.Contains(body, `route="/readyz"`) || !strings.Contains(body, "go_goroutines") {
		t.Errorf("metrics lack requests or Go: %.200s", body)
	}
	s.Ping = func(context.Context) error { return errors.New("refused") }
	if a := b.get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "the queue does not answer") {
		t.Errorf("readyz without a queue: %s", a.body)
	}
}

// A Run that waits for a stopped queue says so.
func TestStoppedQueue(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	s.Ping = func(context.Context) error { return errors.New("refused") }
	run := read[api.Run](b.post("/api/v1/moves/"+move.ID+"/runs", map[string]any{"kind": "find"}).want(200))
	if run.State != "waiting" || !strings.Contains(run.Error, "queue cannot be reached") {
		t.Errorf("got %+v", run)
	}
}

// A stopped database is one clear sentence, whatever is asked for.
func TestStoppedDatabase(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/moves", "/api/v1/moves/" + move.ID} {
		if d := b.get(path).want(http.StatusServiceUnavailable).detail(); !strings.Contains(d, "database cannot be reached") {
			t.Errorf("%s: %s", path, d)
		}
	}
	if a := b.get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "the database does not answer") {
		t.Errorf("readyz without a database: %s", a.body)
	}
}
