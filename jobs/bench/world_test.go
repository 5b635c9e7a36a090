package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

const (
	reserve    = 0.25
	perSecond  = 5
	answerTime = 50 * time.Millisecond // that a server takes for a request
	queueTime  = time.Second           // that the queue may be late
)

// world is a service with everything real in it, simulated servers, and one
// clock for all of them.
type world struct {
	t      testing.TB
	clock  *clock
	sim    *fedisim.Sim
	worker *jobs.Worker
	store  *store.Store
	files  *files.Store
	began  time.Time
	known  int // of friends

	mu       sync.Mutex
	turns    map[string]time.Time   // by host: when the next write may go out
	requests map[string][]time.Time // by host: when requests came in
	ends     map[string]time.Time   // by Run
	theirs   int                    // answers of 429 to another client
}

func newWorld(t testing.TB) *world {
	t.Helper()
	began := time.Date(2026, 3, 14, 13, 1, 0, 0, time.UTC)
	w := &world{
		t: t, clock: &clock{at: began}, began: began,
		turns: map[string]time.Time{}, requests: map[string][]time.Time{}, ends: map[string]time.Time{},
	}
	w.sim = fedisim.New(fedisim.Options{Now: w.clock.now, Seed: 1})
	t.Cleanup(w.sim.Close)
	dir, err := os.MkdirTemp("/dev/shm", "skein-bench-") // commits should not wait for the disk
	if err != nil {
		dir = t.TempDir()
	} else {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
	}
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "secret.key"))
	check(t, err)
	w.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "skein.db"), Keys: keys, Now: w.clock.now})
	check(t, err)
	t.Cleanup(func() { _ = w.store.Close() })
	w.files, err = files.Open(filepath.Join(dir, "files"))
	check(t, err)
	t.Cleanup(func() { _ = w.files.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	q, err := queue.Open(queue.Options{Logger: log, Workers: 1})
	check(t, err)
	t.Cleanup(func() { _ = q.Close() })
	w.worker = &jobs.Worker{
		Store: w.store, Files: w.files, Queue: q, Log: log, Now: w.clock.now, InstallSecret: []byte("a secret of the benchmark"),
		Reserve: reserve, ListRows: 100, Keep: 30 * 24 * time.Hour, Writes: w.turn,
	}
	return w
}

// turn is the budget of writes to a host, on the world's clock.
func (w *world) turn(_ context.Context, host string) error {
	now := w.clock.now()
	w.mu.Lock()
	at := w.turns[host]
	if at.Before(now) {
		at = now
	}
	w.turns[host] = at.Add(time.Second / perSecond)
	w.mu.Unlock()
	if d := at.Sub(now); d > 0 {
		w.clock.sleep(d)
	}
	return nil
}

// reach gives the worker a client that knows all servers.
func (w *world) reach() {
	w.worker.Client = fediverse.New(fediverse.Options{Simulated: w.sim.Hosts(), Budget: fediverse.Free{}, Now: w.clock.now})
}

// person is somebody who moves: an Account, and a Move for it.
type person struct {
	user    string
	server  *fedisim.Server
	account model.Account
	move    store.Move
}

func (w *world) join(server *fedisim.Server, user string) person {
	w.t.Helper()
	ctx := w.t.Context()
	server.AddAccount(fedisim.Account{User: user})
	owner, err := w.store.AddOwner(ctx)
	check(w.t, err)
	m, err := w.store.AddMove(ctx, owner)
	check(w.t, err)
	check(w.t, w.store.NameMove(ctx, m.ID, "1", "alex", "Alex"))
	check(w.t, w.store.AnswerMove(ctx, m.ID, "no", "no"))
	m, err = w.store.Move(ctx, m.ID)
	check(w.t, err)
	token := server.TokenOf("Skein", user)
	self, err := w.worker.Client.Self(ctx, server.Host(), token)
	check(w.t, err)
	a, err := w.store.SaveAccount(ctx, model.Account{
		OwnerID: owner, Address: self.Address, Server: server.Host(), RemoteID: self.ID, Software: server.Config().Software,
	}, token)
	check(w.t, err)
	return person{user, server, a, m}
}

var pixel = func() string {
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err) // it is written to memory
	}
	return b.String()
}()

// tweets gives a Move n tweets, every how-manieth with a picture; none if 0.
func (w *world) tweets(p person, n, pictures int) {
	w.t.Helper()
	ctx := w.t.Context()
	first := time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC)
	tweets := make([]model.Tweet, n)
	for i := range tweets {
		t := model.Tweet{ID: fmt.Sprint(1_100_000_000_000_000_000 + i), Text: fmt.Sprintf("tweet number %d", i), CreatedAt: first.Add(time.Duration(i) * time.Minute)}
		if pictures > 0 && i%pictures == 0 {
			file := t.ID + "-a.png"
			t.Media = []model.Media{{Type: model.Photo, File: file, Expected: file}}
			check(w.t, w.files.Put(ctx, jobs.MediaKey(p.move.ID, file), strings.NewReader(pixel), int64(len(pixel))))
		}
		tweets[i] = t
	}
	a, err := w.store.AddArchive(ctx, store.Archive{MoveID: p.move.ID, Kind: jobs.ArchiveFile, FileKey: "moves/" + p.move.ID + "/uploads/read"})
	check(w.t, err)
	check(w.t, w.store.SaveTweets(ctx, p.move.ID, a.ID, "data/tweets.js", tweets))
	check(w.t, w.store.FileComplete(ctx, a.ID, "data/tweets.js", n))
	check(w.t, w.store.FinishArchive(ctx, a.ID, store.ArchiveComplete, "", ""))
}

// friends gives a Move n people to be followed, all of one server without limits.
func (w *world) friends(p person, n int) {
	w.t.Helper()
	ctx := w.t.Context()
	host := "away.example"
	if w.sim.Server(host) == nil {
		w.sim.AddServer(fedisim.Config{Host: host, NoLimits: true})
		w.reach()
	}
	people := make([]model.Person, n)
	for i := range people {
		user := fmt.Sprintf("friend%d", i)
		if i >= w.known {
			w.sim.Server(host).AddAccount(fedisim.Account{User: user})
			w.known++
		}
		people[i] = model.Person{TwitterID: fmt.Sprint(1000 + i), Handle: model.Handle{Name: user}, Relations: []model.Relation{model.Following}}
	}
	check(w.t, w.store.SavePeople(ctx, p.move.ID, people))
	matches := map[string][]match.Match{}
	for f, err := range w.store.People(ctx, p.move.ID) {
		check(w.t, err)
		a := model.Address{User: f.Handle.Name, Host: host}
		matches[f.ID] = []match.Match{{PersonID: f.ID, Address: a, Grade: match.Stated, Profile: model.Profile{Address: a, Existence: model.Exists}}}
	}
	check(w.t, w.store.SaveMatchesOf(ctx, p.move.ID, matches))
}

// start starts a Run of somebody's, to be worked on by work.
func (w *world) start(p person, kind string, options any) store.Run {
	w.t.Helper()
	o, err := json.Marshal(options)
	check(w.t, err)
	r, err := w.worker.Start(w.t.Context(), store.Run{MoveID: p.move.ID, AccountID: p.account.ID, Kind: kind, Options: string(o)})
	check(w.t, err)
	w.clock.open++
	w.clock.add(r.ID, r.DueAt, 0)
	return r
}

// limits is what an estimate of somebody's may rest on.
func (w *world) limits(p person) plan.Limits {
	w.t.Helper()
	c, err := w.worker.Capability(w.t.Context(), p.server.Host())
	check(w.t, err)
	l, err := w.worker.PlanLimits(w.t.Context(), p.account, c)
	check(w.t, err)
	return l
}

// work works on all Runs, with so many workers, until they are at their end.
// Others do something beside, on the same clock.
func (w *world) work(workers int, others ...func()) {
	w.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.RequestRead && !w.clock.isOver() {
			if !discovery(p.Path) { // for that, others may stand in line, whom the clock takes for running
				w.clock.sleep(answerTime)
			}
			w.mu.Lock()
			w.requests[p.Server] = append(w.requests[p.Server], w.clock.now())
			w.mu.Unlock()
		}
	})
	defer w.sim.Hook(nil)
	var wg sync.WaitGroup
	w.clock.running = workers + len(others)
	for range workers {
		wg.Go(w.serve)
	}
	for _, do := range others {
		wg.Go(do)
	}
	wg.Wait()
}

// discovery tells whether a request asks a server what it is.
func discovery(path string) bool {
	return !strings.HasPrefix(path, "/api/") || strings.HasSuffix(path, "/instance")
}

// done ends what somebody did beside.
func (w *world) done() {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.stop()
}

func (w *world) serve() {
	ctx := w.t.Context()
	for {
		run, ok := w.clock.take()
		if !ok {
			return
		}
		err := w.worker.Advance(ctx, run)
		r, err2 := w.store.RunByID(ctx, run)
		switch {
		case err != nil || err2 != nil || strings.Contains(r.Error, "our side"):
			w.t.Errorf("run %s: %v, %v, %s", run, err, err2, r.Error)
		case r.State == store.RunWaiting:
			w.clock.add(run, r.DueAt, queueTime)
			continue
		case r.State != store.RunDone:
			w.t.Errorf("run %s is %s: %s", run, r.State, r.Error)
		}
		w.mu.Lock()
		w.ends[run] = w.clock.now()
		w.mu.Unlock()
		w.clock.ended()
	}
}

// took is how long a Run took.
func (w *world) took(r store.Run) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ends[r.ID].Sub(w.began)
}

// phone is another application of somebody.
const phone = "Phone"

// effects returns when Skein did things of a kind for somebody.
func effects(p person, kinds ...string) []time.Time {
	var at []time.Time
	for _, e := range p.server.Effects() {
		for _, kind := range kinds {
			if e.Kind == kind && e.Account == p.user && e.Application != phone {
				at = append(at, e.At)
			}
		}
	}
	return at
}

// share tells how much of what is allowed was used while there was work, in all
// windows but the last one, and the most that was used in any. Windows begin by
// the clock, or with the first use.
func share(used []time.Time, usable int, per time.Duration, aligned bool) (part float64, most int) {
	if len(used) == 0 {
		return 0, 0
	}
	start := func(at time.Time) time.Time {
		if aligned {
			return time.Unix(0, at.UnixNano()-at.UnixNano()%int64(per))
		}
		return at
	}
	first := start(used[0])
	last, before, in := first, 0, 0
	for _, at := range used {
		if !at.Before(last.Add(per)) {
			last, before, in = start(at), before+in, 0
		}
		in++
		most = max(most, in)
	}
	if last.Equal(first) {
		return 1, most
	}
	return float64(before) / (last.Sub(first).Seconds() / per.Seconds() * float64(usable)), most
}
