package bench_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

var table = flag.Bool("table", false, "measure and print the table")

// What the servers of the benchmark are like: as many as a Move of 5,000 people
// meets, one of them with a quarter of all, each 50 ms away. The budget is that
// of every host, sped up, so that the table takes minutes and not an hour.
const (
	findServers = 400
	findPeople  = 5_000
	findLatency = 50 * time.Millisecond
	faster      = 20.0
)

// TestFindRemote prints how long a find Run takes to ask 400 servers about 5,000
// addresses, beside the least time that the budget per host allows.
func TestFindRemote(t *testing.T) {
	if !*table {
		t.Skip("only measured with -table")
	}
	ctx := t.Context()
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	var servers []*fedisim.Server
	for i := range findServers {
		v := sim.AddServer(fedisim.Config{Host: fmt.Sprintf("server%d.example", i), NoLimits: true})
		v.Fault(fedisim.Fault{Kind: fedisim.Latency, Delay: findLatency, Times: -1})
		servers = append(servers, v)
	}
	people := make([]model.Person, findPeople)
	for i := range people {
		v := servers[placeOf(i)]
		user := fmt.Sprintf("person%d", i)
		v.AddAccount(fedisim.Account{User: user, Note: "https://twitter.com/" + user})
		people[i] = model.Person{
			TwitterID: fmt.Sprint(1000 + i), Handle: model.Handle{Name: user}, Relations: []model.Relation{model.Following},
			Bio: "@" + user + "@" + v.Host(),
		}
	}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "skein.db")})
	check(t, err)
	defer db.Close()
	log := slog.New(slog.DiscardHandler)
	q, err := queue.Open(queue.Options{Logger: log, Workers: 1})
	check(t, err)
	defer q.Close()
	w := &jobs.Worker{Store: db, Queue: q, Log: log, Now: time.Now, Keep: time.Hour, Client: fediverse.New(fediverse.Options{
		Simulated: sim.Hosts(), Budget: q.Budget(queue.BudgetOptions{Name: "bench", PerSecond: faster, Burst: 5, AtOnce: 2}),
	})}
	owner, err := db.AddOwner(ctx)
	check(t, err)
	move, err := db.AddMove(ctx, owner)
	check(t, err)
	check(t, db.SavePeople(ctx, move.ID, people))

	began := time.Now()
	finish(ctx, t, w, move.ID)
	took := time.Since(began)
	counts, err := db.PeopleCounts(ctx, move.ID)
	check(t, err)
	if counts.Proven != findPeople {
		t.Fatalf("%+v, want all of them proven", counts)
	}
	bound, busiest, all := time.Duration(0), "", 0
	for _, v := range servers {
		n := 0
		for _, count := range v.Requests() {
			n += count
		}
		all += n
		if d := leastTime(n); d > bound {
			bound, busiest = d, fmt.Sprintf("%d requests to %s", n, v.Host())
		}
	}
	fmt.Printf("| people | servers | requests | longest list | least time | took | ratio |\n|--:|--:|--:|---|--:|--:|--:|\n")
	fmt.Printf("| %d | %d | %d | %s | %.1f s | %.1f s | %.2f |\n", findPeople, findServers, all, busiest, bound.Seconds(), took.Seconds(), took.Seconds()/bound.Seconds())
}

// placeOf spreads people as real life does: a quarter on one server, the rest
// by Zipf's law over the others.
func placeOf(i int) int {
	if i%4 == 0 {
		return 0
	}
	weights := 0.0
	for s := 1; s < findServers; s++ {
		weights += 1 / float64(s)
	}
	at := float64((i*7919)%findPeople) / findPeople * weights
	for s := 1; s < findServers; s++ {
		if at -= 1 / float64(s); at <= 0 {
			return s
		}
	}
	return findServers - 1
}

// leastTime is how long n requests to one host take if nothing else does: by
// the rate behind the burst, or by two at once of the latency each.
func leastTime(n int) time.Duration {
	byRate := time.Duration(float64(max(0, n-5)) / faster * float64(time.Second))
	return max(byRate, time.Duration(n)*findLatency/2)
}

func finish(ctx context.Context, t *testing.T, w *jobs.Worker, move string) {
	t.Helper()
	o, err := json.Marshal(jobs.FindOptions{})
	check(t, err)
	run, err := w.Start(ctx, store.Run{MoveID: move, Kind: jobs.KindFind, Options: string(o)})
	check(t, err)
	for {
		check(t, w.Advance(ctx, run.ID))
		run, err = w.Store.RunByID(ctx, run.ID)
		check(t, err)
		if run.State == store.RunDone {
			return
		}
		if run.State != store.RunWaiting || time.Until(run.DueAt) > time.Second {
			t.Fatalf("the run is %s (%s)", run.State, run.Error)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
