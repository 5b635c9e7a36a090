package jobs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// noBudget stands for the budget of all workers while Redis is down.
type noBudget struct{}

func (noBudget) Acquire(context.Context, string) (func(), error) { return nil, queue.ErrDown }

// While the queue, which keeps the pace, is down, no server is asked. That is
// no fault of the servers: they are asked when it is back, not hours later.
func TestServersThatWereNotAsked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.sim.Server("away.example").AddAccount(fedisim.Account{User: "ada"})
	f.named("10", "ada", "ada@away.example")
	f.worker.Client = fediverse.New(fediverse.Options{Simulated: f.sim.Hosts(), Budget: noBudget{}, Now: f.clock.now})

	run := f.start(jobs.KindFind, nil)
	f.check(f.worker.Advance(t.Context(), run.ID))
	run, err := f.store.RunByID(t.Context(), run.ID)
	f.check(err)
	if run.State != store.RunWaiting || !strings.Contains(run.Error, "queue") || !run.DueAt.After(f.clock.now()) {
		t.Errorf("run is %s until %v: %q; want it to wait and say why", run.State, run.DueAt, run.Error)
	}
	f.reach()
	f.done(run.ID)
	got := f.found()["ada ada@away.example"]
	if got.Profile.Existence != model.Exists || got.Grade != match.Stated {
		t.Errorf("found %+v; want an account that was looked at", got)
	}
}
