package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// PostgreSQL is stopped while a follow and a post have happened and are not yet
// kept. Meanwhile the service says so in one sentence; afterwards it goes on by
// itself, and everything has happened exactly once.
func TestDatabaseStops(t *testing.T) {
	t.Parallel()
	database := throwaway.PostgresServer(t)
	redis, _ := throwaway.Redis(t)
	s := newSplit(t, database.URL, redis)
	s.stopAt(fedisim.EffectDone, database.Stop)
	s.start(t)
	s.down(t, "database")
	for _, ask := range []struct{ method, path string }{
		{http.MethodGet, "/moves/" + s.move}, {http.MethodGet, "/accounts"}, {http.MethodGet, "/session"},
		{http.MethodGet, "/moves/" + s.move + "/people"}, {http.MethodGet, "/moves/" + s.move + "/events"},
		{http.MethodPost, "/moves"}, {http.MethodPost, "/uploads/"}, {http.MethodPost, "/moves/" + s.move + "/lists"},
	} {
		s.refuses(t, ask.method, ask.path, http.StatusServiceUnavailable, "The database cannot be reached just now. Nothing is lost; try again in a minute.")
	}
	if to := s.get(t, s.base+"/oauth/callback/goose.example?code=1&state=2").Header.Get("Location"); to != "/?error=database" {
		t.Errorf("whoever comes back from a server is sent to %q", to)
	}
	database.Start(t)
	s.finishes(t)
}

// Redis is stopped, and comes back empty, while both Runs are at work. What is
// in the database is shown all the same.
func TestRedisStops(t *testing.T) {
	t.Parallel()
	redis := throwaway.RedisServer(t)
	s := newSplit(t, throwaway.Postgres(t), redis.URL)
	s.stopAt(fedisim.RequestRead, redis.Stop)
	s.start(t)
	s.down(t, "queue")
	if m := s.state(t); m.Counts["people"] != len(s.follows) || len(m.Runs) == 0 {
		t.Errorf("without the queue the move shows %+v", m)
	}
	s.refuses(t, http.MethodGet, "/moves/"+s.move+"/events", http.StatusServiceUnavailable,
		"The queue cannot be reached just now. Nothing is lost; it goes on by itself within a minute after it is back.")
	var begun runState
	s.api(t, http.MethodPost, "/moves/"+s.move+"/runs", map[string]any{"kind": "find"}, &begun)
	s.await(t, "a run without the queue to say why it waits", func() bool { // whether it is there is remembered for seconds
		s.api(t, http.MethodGet, "/moves/"+s.move+"/runs/"+begun.ID, nil, &begun)
		return begun.State == "waiting" && strings.Contains(begun.Error, "queue")
	})
	redis.Start(t)
	s.finishes(t)
	s.awaitRun(t, "find")
}

// split is a service of three processes, on which somebody follows and posts.
type split struct {
	*visitor
	sim     *fedisim.Sim
	home    *fedisim.Server
	follows []string // what is to happen, in order
	posts   []string
	stopped chan struct{} // closed when the server was stopped
	workers []*child
}

func newSplit(t *testing.T, database, redis string) *split {
	t.Helper()
	s := &split{visitor: newVisitor(t), sim: fedisim.New(fedisim.Options{Seed: 1}), stopped: make(chan struct{})}
	t.Cleanup(s.sim.Close)
	s.home = s.sim.AddServer(fedisim.Config{Host: "home.example", Software: "gotosocial", NoLimits: true})
	s.home.AddAccount(fedisim.Account{User: "alex"})
	away := s.sim.AddServer(fedisim.Config{Host: "away.example", NoLimits: true})
	list, follows := settle(away, 8)
	s.follows = follows
	dir := t.TempDir()
	settings := map[string]string{
		"SKEIN_DATA": dir, "SKEIN_FILES": filepath.Join(dir, "shared"), "SKEIN_DATABASE_URL": database, "SKEIN_REDIS_URL": redis,
		"SKEIN_SECRET_KEY": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)), "SKEIN_WRITES_PER_SECOND": "1000",
	}
	orders := childOrders{Simulated: s.sim.Hosts(), Lease: time.Second, Rest: 300 * time.Millisecond, Reconcile: time.Second}
	orders.Parts = partWorker
	for range 2 {
		s.workers = append(s.workers, startChild(t, orders, settings))
	}
	orders.Parts = partAPI
	s.base = "http://" + startChild(t, orders, settings).address
	s.begins(t)
	s.upload(t, "archive", s.archive(t))
	s.awaitRun(t, "find")
	s.brings(t, list, len(s.follows))
	return s
}

// settle adds so many people to a server, and returns a list of accounts on
// Twitter whose bios name them, and their addresses.
func settle(v *fedisim.Server, n int) (list string, addresses []string) {
	text := &strings.Builder{}
	fmt.Fprintln(text, "handle,bio")
	for i := range n {
		user := fmt.Sprintf("person%d", i)
		v.AddAccount(fedisim.Account{User: user})
		fmt.Fprintf(text, "%s,I am @%s@%s now\n", user, user, v.Host())
		addresses = append(addresses, user+"@"+v.Host())
	}
	return text.String(), addresses
}

// brings adds a list, and returns when all of so many people were found.
func (v *visitor) brings(t *testing.T, list string, n int) {
	t.Helper()
	v.api(t, http.MethodPost, "/moves/"+v.move+"/lists", map[string]any{"name": "list.csv", "text": list}, nil)
	v.await(t, "the people of the list", func() bool { return v.state(t).Matches["chosen"] == n })
	v.awaitRun(t, "find")
}

// archive is one of eight tweets, without people.
func (s *split) archive(t *testing.T) []byte {
	t.Helper()
	var tweets []string
	for i := range 8 {
		s.posts = append(s.posts, fmt.Sprintf("tweet number %d", i))
		tweets = append(tweets, fmt.Sprintf(`{"tweet":{"id_str":"%d","full_text":"tweet number %d","created_at":"Wed May 01 10:%02d:00 +0000 2019"}}`,
			1_100_000_000_000_000_000+i, i, i))
	}
	return zipOf(t,
		"data/account.js", `window.YTD.account.part0 = [{"account":{"accountId":"1","username":"alex"}}]`,
		"data/tweets.js", "window.YTD.tweets.part0 = ["+strings.Join(tweets, ",")+"]")
}

// stopAt stops a server at a point of the third follow and of the third post,
// whichever comes first; the other request is under way too, or soon is.
func (s *split) stopAt(point string, stop func()) {
	var once sync.Once
	s.sim.Hook(func(p fedisim.Point) {
		third := p.N == 3 && (p.Route == "POST /api/v1/statuses" || p.Route == "POST /api/v1/accounts/{id}/follow")
		if third && p.Kind == point && p.Server == "home.example" {
			once.Do(func() {
				stop()
				close(s.stopped)
			})
		}
	})
}

// start begins both Runs and returns when the server was stopped.
func (s *split) start(t *testing.T) {
	t.Helper()
	account := s.connect(t, "home.example")
	s.api(t, http.MethodPatch, "/moves/"+s.move, map[string]any{"used_circle": "no", "was_private": "no"}, nil)
	for _, kind := range []string{"follow", "posts"} {
		s.api(t, http.MethodPost, "/moves/"+s.move+"/runs", map[string]any{"kind": kind, "account": account}, nil)
	}
	select {
	case <-s.stopped:
	case <-time.After(time.Minute):
		t.Fatalf("nothing was done that could be interrupted; state %+v", s.state(t))
	}
}

// down checks that the service says what it misses.
func (s *split) down(t *testing.T, what string) {
	t.Helper()
	resp := s.get(t, s.base+"/readyz")
	b, err := io.ReadAll(resp.Body)
	if want := "not ready: the " + what + " does not answer\n"; err != nil || resp.StatusCode != http.StatusServiceUnavailable || string(b) != want {
		t.Errorf("readyz: %s, %q, %v; want %q", resp.Status, b, err, want)
	}
	if resp := s.get(t, s.base+"/healthz"); resp.StatusCode != http.StatusOK {
		t.Errorf("healthz: %s", resp.Status)
	}
}

// refuses checks that a request is answered by a problem of one sentence.
func (v *visitor) refuses(t *testing.T, method, path string, status int, detail string) {
	t.Helper()
	req, err := http.NewRequest(method, v.base+"/api/v1"+path, strings.NewReader(`{"text":"@ada"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	v.wantProblem(t, v.do(t, req), status, detail)
}

func (v *visitor) wantProblem(t *testing.T, resp *http.Response, status int, detail string) {
	t.Helper()
	var problem struct{ Detail string }
	err := json.NewDecoder(resp.Body).Decode(&problem)
	if kind := resp.Header.Get("Content-Type"); err != nil || resp.StatusCode != status || problem.Detail != detail || kind != "application/problem+json" {
		t.Errorf("%s %s: %s, %q, %v, %s; want %d, %q", resp.Request.Method, resp.Request.URL.Path, resp.Status, problem.Detail, err, kind, status, detail)
	}
}

// finishes waits for both Runs. Everything has to have happened once, in order.
func (s *split) finishes(t *testing.T) {
	t.Helper()
	s.await(t, "the service to be ready", func() bool { return s.get(t, s.base+"/readyz").StatusCode == http.StatusOK })
	for _, kind := range []string{"follow", "posts"} {
		run := s.awaitRun(t, kind)
		if run.Progress.Done != 8 || run.Progress.Unsure != 0 || run.Error != "" {
			t.Errorf("%s = %+v; want 8 done", kind, run)
		}
	}
	var follows, posts []string
	for _, e := range s.home.Effects() {
		switch e.Kind {
		case fedisim.Followed, fedisim.FollowRequested:
			follows = append(follows, e.Target)
		case fedisim.FollowRepeated:
			t.Errorf("%s was asked for twice", e.Target)
		case fedisim.PostCreated:
			posts = append(posts, e.Text)
		}
	}
	slices.Sort(follows) // none is closer than the others
	if !slices.Equal(follows, s.follows) || !slices.Equal(posts, s.posts) {
		t.Errorf("the server saw\n%q\n%q\nwant\n%q\n%q", follows, posts, s.follows, s.posts)
	}
}
