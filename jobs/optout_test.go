package jobs_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/jobs"
)

// decide has the Owner decide on the only match of a Person.
func (f *fixture) decide(p model.Person, d match.Decision) {
	f.t.Helper()
	matches, err := f.store.Matches(f.t.Context(), p.ID)
	f.check(err)
	f.check(f.store.Decide(f.t.Context(), f.move.ID, p.ID, matches[0].ID, d))
}

func (f *fixture) optOut(address string) {
	f.t.Helper()
	_, err := f.worker.OptOut(f.t.Context(), []model.Address{mustAddress(f.t, address)})
	f.check(err)
}

// Who opts out between the plan and their turn is not followed, unless the Owner
// said yes to them.
func TestFollowAfterOptOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	for _, user := range []string{"first", "leaves", "known", "moved", "target"} {
		away.AddAccount(fedisim.Account{User: user})
	}
	f.person("10", "first", "first@away.example", 9)
	f.person("11", "leaves", "leaves@away.example", 8)
	f.decide(f.person("12", "known", "known@away.example", 7), match.Yes)
	f.personWith("13", "moved", model.Profile{
		Address: mustAddress(t, "moved@away.example"), Existence: model.Exists, MovedTo: mustAddress(t, "target@away.example"),
	}, 6)
	run := f.start(jobs.KindFollow, nil)
	f.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.AnswerSent && p.Route == "POST /api/v1/accounts/{id}/follow" && p.N == 1 {
			f.optOut("leaves@away.example")
			f.optOut("known@away.example")
			f.optOut("target@away.example")
		}
	})
	f.done(run.ID)
	f.wantAsked("first@away.example", "known@away.example")
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 2, ledger.StateSkipped: 2})
	for _, s := range f.steps(run.ID) {
		if s.State == ledger.StateSkipped && (s.Outcome != jobs.OutcomeOptedOut || s.Reason != plan.LeftOptedOut) {
			t.Errorf("%s was skipped as %s: %s", s.Address, s.Outcome, s.Reason)
		}
	}
}

// The plan of follows says who does not want to be found.
func TestPlanAfterOptOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	for _, address := range []string{"stays@away.example", "out@away.example", "known@away.example"} {
		f.optOut(address)
	}
	if _, err := f.worker.OptIn(t.Context(), []model.Address{mustAddress(t, "stays@away.example")}); err != nil {
		t.Fatal(err)
	}
	f.person("10", "stays", "stays@away.example", 9)
	f.person("11", "out", "out@away.example", 8) // as a search that began before would write it
	f.decide(f.person("12", "known", "known@away.example", 7), match.Yes)
	steps, left, err := f.worker.PlanOf(t.Context(), jobs.KindFollow, f.move.ID, f.account)
	f.check(err)
	if len(steps) != 2 || len(left) != 1 || left[0].Reason != plan.LeftOptedOut || left[0].Count != 1 {
		t.Errorf("steps %+v, left %+v", steps, left)
	}
}

// Pages that show a Move are told when an opt-out takes something from it.
func TestOptOutIsAnnounced(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{})
	p := f.person("10", "ada", "ada@away.example", 1)
	changes, err := f.worker.Queue.Subscribe(t.Context(), jobs.Topic(f.move.ID))
	f.check(err)
	f.optOut("ada@away.example")
	<-changes
	if m, err := f.store.Matches(t.Context(), p.ID); err != nil || len(m) != 0 {
		t.Errorf("matches %v, %v", m, err)
	}
	if counts, err := f.store.PeopleCounts(t.Context(), f.move.ID); err != nil || counts.Unresolved != 1 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if cached, err := f.store.Profiles(t.Context(), []model.Address{mustAddress(t, "ada@away.example")}); err != nil || len(cached) > 0 {
		t.Errorf("still cached: %v, %v", cached, err)
	}
}
