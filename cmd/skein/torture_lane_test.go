//go:build torture && linux

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// failPointVariable arms a fail-point of the store in a child, as name:n:signal.
const failPointVariable = "TEST_SKEIN_FAILPOINT"

func init() {
	name, rest, ok := strings.Cut(os.Getenv(failPointVariable), ":")
	if !ok {
		return
	}
	n, signal, _ := strings.Cut(rest, ":")
	count, err := strconv.Atoi(n)
	number, err2 := strconv.Atoi(signal)
	if err != nil || err2 != nil || !slices.Contains(store.FailPoints, name) {
		panic("no fail-point: " + os.Getenv(failPointVariable))
	}
	store.Arm(name, count, syscall.Signal(number))
}

// A rest that were much shorter than the second to which asynq wakes would prove
// nothing: it would be waited out by itself.
const (
	tortureLease = time.Second
	tortureRest  = 1500 * time.Millisecond
)

// lane is one service on one database with one home server. It has one round
// after the other, and kills its worker at one point after the other.
type lane struct {
	*torture
	name     string // of the combination
	rng      *rand.Rand
	pending  []point
	sim      *fedisim.Sim
	home     *fedisim.Server
	files    *files.Store
	store    *store.Store
	settings map[string]string
	redis    *redis.Client // nil where the queue is inside the process

	rounds int
	round  *round

	mu     sync.Mutex // guards what the hook looks at
	victim *child     // nil while nobody is to be killed by the hook
	aim    point
	skip   int                // so many requests pass first
	later  map[time.Time]bool // requests, by when they came, whose effects are late on purpose
	slow   time.Duration      // what the simulator took at most, where that is too long
	broken error              // why the hook could not do its part
	dice   *rand.Rand
}

// newLane makes lane i of n, which share the kills of a combination.
func newLane(t *testing.T, run *torture, server, database string, i, n int) *lane {
	t.Helper()
	l := &lane{torture: run, name: combination(server, database), later: map[time.Time]bool{}}
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", l.name, i)
	l.rng = rand.New(rand.NewPCG(*tortureSeed, hash.Sum64()))
	l.dice = rand.New(rand.NewPCG(*tortureSeed+1, hash.Sum64()))
	l.deal(i, n)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := inMemory(t)
	keys, err := secret.ParseKeys(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	check(err)
	l.settings = map[string]string{
		"SKEIN_DATA": dir, "SKEIN_FILES": filepath.Join(dir, "files"), "SKEIN_WRITES_PER_SECOND": "1000",
		"SKEIN_SECRET_KEY": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
	}
	o := store.Options{Path: filepath.Join(dir, "skein.db"), Keys: keys}
	if database == "PostgreSQL" {
		o.URL = throwaway.Postgres(t)
		address, _ := throwaway.Redis(t)
		l.settings["SKEIN_DATABASE_URL"], l.settings["SKEIN_REDIS_URL"] = o.URL, address
		options, err := redis.ParseURL(address)
		check(err)
		l.redis = redis.NewClient(options)
		t.Cleanup(func() { _ = l.redis.Close() })
	}
	l.store, err = store.Open(t.Context(), o)
	check(err)
	t.Cleanup(func() { _ = l.store.Close() })
	l.files, err = files.Open(l.settings["SKEIN_FILES"])
	check(err)
	t.Cleanup(func() { _ = l.files.Close() })
	l.sim = fedisim.New(fedisim.Options{Seed: int64(*tortureSeed)})
	t.Cleanup(l.sim.Close)
	l.home = l.sim.AddServer(fedisim.Config{Host: "home.example", Software: server, NoLimits: true, MaxCharacters: 500})
	away := l.sim.AddServer(fedisim.Config{Host: "away.example", NoLimits: true})
	for p := range roundPeople {
		away.AddAccount(fedisim.Account{User: personName(p), Locked: p%5 == 4})
	}
	l.sim.Hook(l.reach)
	return l
}

// deal takes this lane's share of the kills of its combination.
func (l *lane) deal(i, n int) {
	var all []point
	for at, p := range points() {
		n := *tortureKills
		if n == 0 && (at%2 == 0) == strings.HasSuffix(l.name, "SQLite") {
			n = 1
		}
		for range n {
			all = append(all, p)
		}
	}
	if i == 0 {
		l.torture.goal += len(all)
	}
	order := rand.New(rand.NewPCG(*tortureSeed, uint64(len(l.name))))
	order.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	for at, p := range all {
		if at%n == i {
			l.pending = append(l.pending, p)
		}
	}
	if l.torture.tallies[l.name] == nil {
		l.torture.tallies[l.name] = &tally{kills: map[string]int{}, mishaps: map[string]int{}}
	}
}

// inMemory is a directory in memory where there is one: what is killed here is a
// process and not the machine.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "skein-torture-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// run has rounds until every kill has been made.
func (l *lane) run(ctx context.Context) error {
	for len(l.pending) > 0 && !l.timeIsUp() {
		if err := l.begin(ctx); err != nil {
			return fmt.Errorf("%s, round %d: %w", l.name, l.rounds, err)
		}
		for over := false; !over; {
			var err error
			if over, err = l.life(ctx); err != nil {
				return fmt.Errorf("%s, round %d: %w", l.name, l.rounds, err)
			}
		}
		if err := l.check(ctx); err != nil {
			return fmt.Errorf("%s, round %d: %w", l.name, l.rounds, err)
		}
	}
	return nil
}

// tooBusy tells, once, whether the simulator was too slow in this round, or had
// no turn for too long.
func (l *lane) tooBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.slow
	l.slow = 0
	return was > 0 || l.starvedSince(l.round.began)
}

// choose returns the place in pending of the next point that can be reached in
// this round, -1 if there is none. Those of the plan come first while there is
// one to be made.
func (l *lane) choose(ctx context.Context) (int, error) {
	planned, err := l.round.planned(ctx, l.store)
	if err != nil || l.timeIsUp() {
		return -1, err
	}
	ofPlan := func(p point) bool { return strings.HasSuffix(p.store, " plan") }
	if !planned {
		if i := slices.IndexFunc(l.pending, ofPlan); i >= 0 {
			return i, nil
		}
	}
	return slices.IndexFunc(l.pending, func(p point) bool { return !ofPlan(p) }), nil
}

// patience is how long a worker may take to come by its point, or to the end.
const patience = 3 * time.Minute

// life is one of the worker's lives: from its start to its kill, or to the end of
// the round.
func (l *lane) life(ctx context.Context) (over bool, err error) {
	at, err := l.choose(ctx)
	if err != nil {
		return false, err
	}
	var aim point
	if at >= 0 {
		aim = l.pending[at]
	}
	c, err := l.start(aim)
	if err != nil {
		return false, err
	}
	defer c.kill()
	watch, stop := context.WithTimeout(ctx, patience)
	defer stop()
	select {
	case fate := <-fateOf(c):
		armed, broken := l.disarm()
		switch {
		case broken != nil:
			return false, broken
		case fate == stopped:
			taken, err := l.takeOver(ctx, c)
			if err != nil || !taken {
				return false, err
			}
		case fate != killed || at < 0 || armed:
			return false, fmt.Errorf("the worker ended by itself: %v\n%s", c.err, c.output())
		}
		l.pending = slices.Delete(l.pending, at, at+1)
		l.round.kills = append(l.round.kills, aim)
		return false, nil
	case over := <-l.over(watch):
		l.disarm()
		if !over {
			return false, fmt.Errorf("not %q within %s; %s\n%s", aim.name, patience, l.round.describe(ctx, l.store), c.output())
		}
		return true, nil
	}
}

// start starts a worker that ends at aim; the zero point is none.
func (l *lane) start(aim point) (*child, error) {
	skip := 0
	switch {
	case aim.store == "before sent", aim.store == "after sent", aim.store == "before finish", aim.store == "after finish":
		skip = l.rng.IntN(4)
	case aim.kind != "" && !aim.media:
		skip = l.rng.IntN(3)
	case aim.store == "before lease", aim.store == "after lease":
		skip = l.rng.IntN(2)
	}
	settings := l.settings
	if aim.store != "" {
		signal := syscall.SIGKILL
		if aim.freeze {
			signal = syscall.SIGSTOP
		}
		settings = map[string]string{failPointVariable: fmt.Sprintf("%s:%d:%d", aim.store, skip+1, signal)}
		for name, value := range l.settings {
			settings[name] = value
		}
	}
	orders := childOrders{Parts: partWorker, Simulated: l.sim.Hosts(), Lease: tortureLease, Rest: tortureRest, Reconcile: time.Second}
	c, _, err := launch(orders, settings)
	if err != nil || aim.kind == "" {
		return c, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.victim, l.aim, l.skip = c, aim, skip
	return c, nil
}

// disarm keeps the hook from killing, and tells whether it was still to do so.
func (l *lane) disarm() (armed bool, broken error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	armed = l.victim != nil
	l.victim = nil
	return armed, l.broken
}

// over tells, once, that the Runs of the round are over, or that ctx is.
func (l *lane) over(ctx context.Context) <-chan bool {
	over := make(chan bool, 1)
	go func() {
		over <- l.await(ctx, func() bool { return l.round.over(ctx, l.store) })
	}()
	return over
}

// await looks again and again whether something is so, until ctx ends. A row of
// the database calls nobody.
func (l *lane) await(ctx context.Context, so func() bool) bool {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// reach is the hook of the simulator.
func (l *lane) reach(p fedisim.Point) {
	if p.Server != "home.example" || p.Method != "POST" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock(p)
	if l.redis != nil && l.dice.IntN(60) == 0 {
		l.breaks(l.flush(context.Background()))
	}
	if l.strikes(p) {
		return
	}
	if l.victim == nil || p.Kind != l.aim.kind || strings.HasSuffix(p.Route, "/media") != l.aim.media {
		return
	}
	if l.skip > 0 {
		l.skip--
		return
	}
	c := l.victim
	l.victim = nil
	if l.aim.freeze {
		l.breaks(c.cmd.Process.Signal(syscall.SIGSTOP))
		return
	}
	c.kill()
	if l.aim.late {
		l.later[p.Began] = true
		l.breaks(l.late(p))
	}
}

// mishaps are what befalls requests of a worker that lives on.
var mishaps = []string{fedisim.CutBefore, fedisim.CutAfter, fedisim.LateEffect, fedisim.ServerError, fedisim.ErrorAfter, fedisim.LostAnswer}

// strikes lets a mishap befall one in twelve posts and follows, besides all kills.
func (l *lane) strikes(p fedisim.Point) bool {
	if p.Kind != fedisim.RequestRead || strings.HasSuffix(p.Route, "/media") || l.dice.IntN(12) != 0 {
		return false
	}
	kind := mishaps[l.dice.IntN(len(mishaps))]
	l.count(l.name, func(y *tally) { y.mishaps[kind]++ })
	if kind == fedisim.LateEffect {
		l.later[p.Began] = true
		l.breaks(l.late(p))
		return true
	}
	l.home.Fault(fedisim.Fault{Method: "POST", Path: p.Path, Kind: kind})
	return true
}

func (l *lane) breaks(err error) {
	if l.broken == nil && err != nil {
		l.broken = err
	}
}

// late has the request that was just read carried out when a server at its
// latest would: two thirds of the rest after the deadline, as 60 s are of 90.
func (l *lane) late(p fedisim.Point) error {
	run := l.round.posts
	if p.Route != "POST /api/v1/statuses" {
		run = l.round.follows
	}
	steps, err := l.store.StepsPage(context.Background(), run, ledger.StateSent, 0, 1)
	if err != nil || len(steps) == 0 {
		return fmt.Errorf("a request to %s of which nothing is committed: %v", p.Path, err)
	}
	due := steps[0].Sent.Deadline.Add(tortureRest * 2 / 3)
	l.home.Fault(fedisim.Fault{Method: "POST", Path: p.Path, Kind: fedisim.LateEffect, Delay: max(time.Millisecond, time.Until(due))})
	return nil
}

// clock notes where the simulator does not keep what servers are believed to keep:
// they are done with a request two thirds of the rest after its deadline. On a
// machine that is too busy for that a round proves nothing. An effect that is late
// on purpose is done in time, before the next request is at the latest.
func (l *lane) clock(p fedisim.Point) {
	if took := time.Since(p.Began); p.Kind == fedisim.EffectDone && !l.later[p.Began] && took > tortureLease*9/10+tortureRest*2/3 {
		l.slow = max(l.slow, took)
	}
}

// flush empties Redis, as its operator might.
func (l *lane) flush(ctx context.Context) error {
	if l.redis == nil {
		return nil
	}
	l.count(l.name, func(y *tally) { y.flushes++ })
	return l.redis.FlushAll(ctx).Err()
}
