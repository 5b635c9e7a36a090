package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
)

// connected returns a Move whose Owner has connected ada@tusk.example.
func connected(t testing.TB, s *site, features ...string) (*browser, api.Move, api.Account) {
	t.Helper()
	b := s.browser(t)
	move := b.begin()
	at := b.post("/api/v1/accounts/connect", map[string]any{"move": move.ID, "server": "tusk.example", "features": features}).authorizeURL()
	if back := b.get(b.allow(at, "allow")).location(); !strings.HasSuffix(back, "connected=1") {
		t.Fatalf("back to %s", back)
	}
	return b, move, read[api.Accounts](b.get("/api/v1/accounts")).Accounts[0]
}

func TestFollowRun(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow")
	for _, user := range []string{"person00", "person01"} {
		s.tusk.AddAccount(fedisim.Account{User: user})
	}
	populate(t, s, move.ID, match.Stated, match.Claimed)
	path := "/api/v1/moves/" + move.ID
	p := read[api.RunPlan](b.get(path + "/plans/follow?account=" + account.ID).want(200))
	if p.Steps != 1 || p.Estimate.Seconds == 0 || p.CSVText == "" || p.LeftOut == nil {
		t.Errorf("plan: %+v", p)
	}
	start := map[string]any{"kind": "follow", "account": account.ID}
	run := read[api.Run](b.post(path+"/runs", start).want(200))
	if run.State != "waiting" || run.Account != account.ID {
		t.Errorf("started: %+v", run)
	}
	if d := b.post(path+"/runs", start).want(http.StatusConflict).detail(); d == "" {
		t.Error("no words for a second one")
	}
	of := path + "/runs/" + run.ID
	b.post(of+"/resume", nil).want(http.StatusConflict)
	s.work(t)
	a := b.until(of, func(a answer) bool { return read[api.Run](a).State == "done" })
	if v := read[api.Run](a); v.Progress.Total != 1 || v.Progress.Done != 1 || v.FinishedAt == nil {
		t.Errorf("done: %s", a.body)
	}
	steps := read[api.Steps](b.get(of + "/steps?state=confirmed").want(200))
	if len(steps.Steps) != 1 || steps.Steps[0].Address != "person00@tusk.example" || steps.Steps[0].Outcome == "" {
		t.Errorf("steps: %+v", steps)
	}
	b.post(of+"/cancel", nil).want(http.StatusConflict)
}

func TestPausedRun(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow")
	populate(t, s, move.ID, match.Stated)
	s.tusk.AddAccount(fedisim.Account{User: "person00"})
	path := "/api/v1/moves/" + move.ID + "/runs"
	run := read[api.Run](b.post(path, map[string]any{"kind": "follow", "account": account.ID}).want(200))
	if v := read[api.Run](b.post(path+"/"+run.ID+"/pause", nil).want(200)); v.Wish != "pause" && v.State != "paused" {
		t.Errorf("after a wish to pause: %+v", v)
	}
	s.work(t)
	b.until(path+"/"+run.ID, func(a answer) bool { return read[api.Run](a).State == "paused" })
	b.post(path+"/"+run.ID+"/resume", nil).want(200)
	b.until(path+"/"+run.ID, func(a answer) bool { return read[api.Run](a).State == "done" })
}

func TestRunsThatMayNotStart(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "posts")
	path := "/api/v1/moves/" + move.ID
	posts := func(options map[string]any) map[string]any {
		return map[string]any{"kind": "posts", "account": account.ID, "options": options}
	}
	if d := b.post(path+"/runs", posts(nil)).want(http.StatusConflict).detail(); !strings.Contains(d, "questions") {
		t.Errorf("without answers: %s", d)
	}
	b.do(http.MethodPatch, path, map[string]any{"used_circle": "no", "was_private": "no"}).want(200)
	b.post(path+"/runs", posts(map[string]any{"visibility": "everybody"})).want(http.StatusUnprocessableEntity)
	b.post(path+"/runs", posts(map[string]any{"from": "yesterday"})).want(http.StatusUnprocessableEntity)
	b.post(path+"/runs", map[string]any{"kind": "dance"}).want(http.StatusUnprocessableEntity)
	b.post(path+"/runs", map[string]any{"kind": "posts"}).want(http.StatusNotFound)
	if d := b.post(path+"/runs", map[string]any{"kind": "follow", "account": account.ID}).want(http.StatusConflict).detail(); !strings.Contains(d, "did not allow") {
		t.Errorf("without the scope: %s", d)
	}
	if err := s.Store.RevokeAccount(t.Context(), account.ID); err != nil {
		t.Fatal(err)
	}
	if d := b.post(path+"/runs", posts(nil)).want(http.StatusConflict).detail(); !strings.Contains(d, "onnect it again") {
		t.Errorf("with a revoked token: %s", d)
	}
}

func TestPostsPlan(t *testing.T) {
	s := newSite(t)
	s.work(t)
	b, move, account := connected(t, s, "posts")
	data := smallArchive(t)
	at := b.upload(move.ID, "archive", "a.zip", len(data)).want(http.StatusCreated).header.Get("Location")
	b.piece(at, "0", data).want(http.StatusNoContent)
	path := "/api/v1/moves/" + move.ID
	b.until(path, func(a answer) bool { return read[api.Move](a).Counts.Tweets == 1 })
	a := b.post(path+"/posts-plan", map[string]any{"account": account.ID, "options": map[string]any{"visibility": "private"}}).want(200)
	p := read[api.PostsPlan](a)
	if p.Statuses != 1 || p.Quiet || p.LoudText == "" || len(p.QuestionsOpen) != 2 || len(p.Sample) != 1 || len(p.Histogram) != 1 || p.Rules == nil {
		t.Errorf("plan: %s", a.body)
	}
	if text := p.Sample[0].Text; strings.Contains(text, "@bob") || !strings.HasPrefix(text, "hello") {
		t.Errorf("the mention is live: %q", text)
	}
	p = read[api.PostsPlan](b.post(path+"/posts-plan", map[string]any{
		"account": account.ID, "options": map[string]any{"visibility": "private", "tweet_ids": []string{"5", "6"}},
	}).want(200))
	if p.Statuses != 0 || len(p.Skipped) != 1 {
		t.Errorf("other tweets picked: %+v", p)
	}
}

// A server that is down is one sentence that names it.
func TestPlanWithoutTheServer(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow")
	if err := s.Store.SaveHost(t.Context(), "tusk.example", "", s.Now()); err != nil { // what it can do is too old
		t.Fatal(err)
	}
	s.tusk.SetDown(true)
	d := b.get("/api/v1/moves/" + move.ID + "/plans/follow?account=" + account.ID).want(http.StatusBadGateway).detail()
	if d != "tusk.example does not answer just now. Try again in a few minutes." {
		t.Errorf("got %q", d)
	}
	b.get("/api/v1/moves/" + move.ID).want(200) // the page itself does not wait for it
}
