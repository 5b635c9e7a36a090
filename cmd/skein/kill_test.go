package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// killsPerPoint is how often a worker is killed at each kind of point.
const killsPerPoint = 10

// A worker is killed with kill -9 at seeded points of its requests and started
// again, until every kind of point has seen its kills. Seen from outside, every
// follow and every post happens exactly once, in order, and nothing stays unsure.
func TestKilledWorkersDoNothingTwice(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		for _, kind := range []string{jobs.KindFollow, jobs.KindPosts} {
			t.Run(software+" "+kind, func(t *testing.T) {
				t.Parallel()
				seed := uint64(20261122)
				t.Logf("seed %d", seed)
				k := newKillTest(t, software, kind, rand.New(rand.NewPCG(seed, uint64(len(software+kind)))))
				k.run(t)
				k.check(t)
			})
		}
	}
}

// killTest is a Run of one kind on one kind of server.
type killTest struct {
	kind    string
	sim     *fedisim.Sim
	home    *fedisim.Server
	dir     string
	store   *store.Store
	run0    store.Run
	want    []string // addresses or texts, in order
	orders  childOrders
	rng     *rand.Rand
	mu      sync.Mutex
	victim  *child
	pending []string // kinds of point that still have to kill
	skip    int      // points to let pass before the next kill
	killed  chan struct{}
	t       *testing.T
}

func newKillTest(t *testing.T, software, kind string, rng *rand.Rand) *killTest {
	k := &killTest{kind: kind, sim: fedisim.New(fedisim.Options{Seed: 1}), dir: t.TempDir(), rng: rng, killed: make(chan struct{}, 1), t: t}
	t.Cleanup(k.sim.Close)
	for _, point := range []string{fedisim.NextRequest, fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerSent} {
		for range killsPerPoint {
			k.pending = append(k.pending, point)
		}
	}
	rng.Shuffle(len(k.pending), func(i, j int) { k.pending[i], k.pending[j] = k.pending[j], k.pending[i] })
	k.home = k.sim.AddServer(fedisim.Config{Host: "home.example", Software: software, NoLimits: true})
	k.home.AddAccount(fedisim.Account{User: "alex"})
	keys, err := secret.LoadOrCreate(filepath.Join(k.dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if k.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(k.dir, "skein.db"), Keys: keys}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.store.Close() })
	k.prepare(t, len(k.pending)+10)
	k.orders = childOrders{Parts: partWorker, Simulated: k.sim.Hosts(), Lease: time.Second, Rest: 300 * time.Millisecond}
	k.sim.Hook(k.point)
	return k
}

// prepare makes a Move with so many people or tweets, and a Run.
func (k *killTest) prepare(t *testing.T, n int) {
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	owner, err := k.store.AddOwner(ctx)
	check(err)
	move, err := k.store.AddMove(ctx, owner)
	check(err)
	check(k.store.NameMove(ctx, move.ID, "1", "alex", "Alex"))
	check(k.store.AnswerMove(ctx, move.ID, "no", "no"))
	address, err := model.ParseAddress("alex@home.example")
	check(err)
	account, err := k.store.SaveAccount(ctx, model.Account{OwnerID: owner, Address: address, RemoteID: k.remoteID(t)}, k.home.TokenOf("Skein", "alex"))
	check(err)
	options := ""
	if k.kind == jobs.KindFollow {
		k.preparePeople(t, move.ID, n)
	} else {
		k.prepareTweets(t, move.ID, n)
		b, err := json.Marshal(jobs.PostsOptions{PerHour: 3600})
		check(err)
		options = string(b)
	}
	k.run0, err = k.store.AddRun(ctx, store.Run{MoveID: move.ID, Kind: k.kind, AccountID: account.ID, Options: options})
	check(err)
}

// remoteID asks the simulated server for alex's id, as connecting does.
func (k *killTest) remoteID(t *testing.T) string {
	t.Helper()
	client := simClient(k.sim)
	self, err := client.Self(t.Context(), "home.example", k.home.Token("alex"))
	if err != nil {
		t.Fatal(err)
	}
	return self.ID
}

func (k *killTest) preparePeople(t *testing.T, move string, n int) {
	away := k.sim.AddServer(fedisim.Config{Host: "away.example", NoLimits: true})
	var people []model.Person
	for i := range n {
		user := fmt.Sprintf("person%d", i)
		away.AddAccount(fedisim.Account{User: user})
		k.want = append(k.want, user+"@away.example")
		people = append(people, model.Person{
			TwitterID: fmt.Sprint(1000 + i), Handle: model.Handle{Name: user}, Relations: []model.Relation{model.Following}, Interactions: n - i,
		})
	}
	if err := k.store.SavePeople(t.Context(), move, people); err != nil {
		t.Fatal(err)
	}
	for p, err := range k.store.People(t.Context(), move) {
		if err != nil {
			t.Fatal(err)
		}
		a := model.Address{User: p.Handle.Name, Host: "away.example"}
		m := match.Match{PersonID: p.ID, Address: a, Grade: match.Stated, Profile: model.Profile{Address: a, Existence: model.Exists}}
		if err := k.store.SaveMatches(t.Context(), move, p.ID, []match.Match{m}); err != nil {
			t.Fatal(err)
		}
	}
}

// prepareTweets makes tweets with threads among them, and texts that are the same.
func (k *killTest) prepareTweets(t *testing.T, move string, n int) {
	a, err := k.store.AddArchive(t.Context(), store.Archive{MoveID: move, Kind: jobs.ArchiveFile})
	if err != nil {
		t.Fatal(err)
	}
	var tweets []model.Tweet
	start := time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC)
	for i := range n {
		tweet := model.Tweet{
			ID: fmt.Sprint(1_100_000_000_000_000_000 + i), Text: fmt.Sprintf("tweet number %d &amp; more", i), CreatedAt: start.Add(time.Duration(i) * time.Minute),
		}
		if i%7 == 6 {
			tweet.Text = "good morning"
		}
		if i%3 == 2 {
			tweet.ReplyTo = model.Reply{TweetID: tweets[i-1].ID, UserID: "1", Handle: "alex"}
		}
		tweets = append(tweets, tweet)
		k.want = append(k.want, strings.ReplaceAll(tweet.Text, "&amp;", "&"))
	}
	if err := k.store.SaveTweets(t.Context(), move, a.ID, "data/tweets.js", tweets); err != nil {
		t.Fatal(err)
	}
	if err := k.store.FileComplete(t.Context(), a.ID, "data/tweets.js", n); err != nil {
		t.Fatal(err)
	}
}

// point is called by the simulator at every point of every request.
func (k *killTest) point(p fedisim.Point) {
	route := "POST /api/v1/statuses"
	if k.kind == jobs.KindFollow {
		route = "POST /api/v1/accounts/{id}/follow"
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.victim == nil || len(k.pending) == 0 || p.Server != "home.example" || p.Kind != k.pending[0] {
		return
	}
	if p.Kind != fedisim.NextRequest && p.Route != route {
		return
	}
	if k.skip > 0 {
		k.skip--
		return
	}
	k.t.Logf("kill %d at %s, %s %s", 4*killsPerPoint-len(k.pending)+1, p.Kind, p.Method, p.Path)
	k.victim.kill()
	k.victim, k.pending, k.skip = nil, k.pending[1:], k.rng.IntN(2)
	k.killed <- struct{}{}
}

// run starts workers until the Run is done.
func (k *killTest) run(t *testing.T) {
	settings := map[string]string{"SKEIN_DATA": k.dir, "SKEIN_WRITES_PER_SECOND": "1000"}
	deadline := time.After(8 * time.Minute)
	for {
		c := startChild(t, k.orders, settings)
		k.mu.Lock()
		k.victim = c
		k.mu.Unlock()
		ctx, cancel := context.WithCancel(t.Context())
		over := k.over(ctx)
		select {
		case <-k.killed:
			cancel()
			continue
		case <-c.done:
			if k.byUs() {
				<-k.killed
				cancel()
				continue
			}
			t.Fatalf("worker ended by itself: %v\n%s", c.err, c.output())
		case <-deadline:
			run, err := k.store.RunByID(t.Context(), k.run0.ID)
			t.Fatalf("not done in time; %d kills to go; run %+v, %v\n%s", len(k.pending), run, err, c.output())
		case <-over:
			k.mu.Lock()
			k.victim = nil
			k.mu.Unlock()
			c.stop(t)
		}
		cancel()
		return
	}
}

// byUs tells whether the worker that ended was killed by a point.
func (k *killTest) byUs() bool {
	k.mu.Lock() // held by the point until the worker is gone
	defer k.mu.Unlock()
	return k.victim == nil
}

// over returns a channel that is closed when the Run's row says that it is over.
func (k *killTest) over(ctx context.Context) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			run, err := k.store.RunByID(ctx, k.run0.ID)
			if err == nil && (run.State == store.RunDone || run.State == store.RunFailed || run.State == store.RunPaused) {
				close(over)
				return
			}
		}
	}()
	return over
}

func (k *killTest) check(t *testing.T) {
	run, err := k.store.RunByID(t.Context(), k.run0.ID)
	if err != nil || run.State != store.RunDone {
		t.Fatalf("run = %+v, %v; want it done", run, err)
	}
	if len(k.pending) > 0 {
		t.Errorf("%d kills did not happen: %v", len(k.pending), k.pending)
	}
	counts, err := k.store.StepCounts(t.Context(), k.run0.ID)
	if err != nil {
		t.Fatal(err)
	}
	if counts[ledger.StateConfirmed] != len(k.want) || len(counts) != 1 {
		t.Errorf("steps = %v, want %d confirmed and nothing else", counts, len(k.want))
	}
	var got []string
	for _, e := range k.home.Effects() {
		switch e.Kind {
		case fedisim.Followed, fedisim.FollowRequested:
			got = append(got, e.Target)
		case fedisim.PostCreated:
			got = append(got, e.Text)
		case fedisim.FollowRepeated:
			t.Errorf("%s was asked for twice", e.Target)
		}
	}
	if !slices.Equal(got, k.want) {
		t.Errorf("the server saw\n%q\nwant\n%q", got, k.want)
	}
}
