package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// planned keeps steps as the plan of a new Run and returns its lease.
func (f *fixture) planned(t testing.TB, steps ...plan.Step) *store.Lease {
	t.Helper()
	l := f.lease(t, f.run(t).ID)
	if err := l.AddSteps(f.ctx, "alex@goose.example", steps); err != nil {
		t.Fatal(err)
	}
	return l
}

// reach takes a Step through states, all in the same millisecond.
func (f *fixture) reach(t testing.TB, l *store.Lease, id string, o store.Outcome) {
	t.Helper()
	step := must(f.Step(f.ctx, l.Run.ID, id))(t)
	if err := l.SetSent(f.ctx, step, step.Attempt+1, store.Sent{At: f.now(), RemoteID: "77"}); err != nil {
		t.Fatal(err)
	}
	step = must(f.Step(f.ctx, l.Run.ID, id))(t)
	if err := l.Finish(f.ctx, step, o); err != nil {
		t.Fatal(err)
	}
}

// Entries of one millisecond stand in the order in which they were reached.
func TestLedgerOrder(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, post("s1", "1", 1, ""))
		f.reach(t, l, "s1", store.Outcome{State: ledger.StatePlanned})
		f.reach(t, l, "s1", store.Outcome{State: ledger.StateUnsure})
		if err := f.Settle(f.ctx, f.move.ID, l.Run.ID, "s1", true); err != nil {
			t.Fatal(err)
		}
		var got []ledger.State
		for _, e := range must(f.Ledger(f.ctx, "s1"))(t) {
			got = append(got, e.State)
		}
		want := []ledger.State{ledger.StatePlanned, ledger.StateSent, ledger.StatePlanned, ledger.StateSent, ledger.StateUnsure, ledger.StateConfirmed}
		if !slices.Equal(got, want) {
			t.Errorf("ledger %v, want %v", got, want)
		}
	})
}

// An unsure Step that is there becomes the status that looked likeliest, unless
// another Step has that one.
func TestSettleCandidate(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, post("s1", "1", 1, ""), post("s2", "2", 2, ""), post("s3", "3", 3, ""))
		found := store.Found{Text: "hello\nthere", At: f.now().Add(-time.Hour)}
		likely := store.Outcome{State: ledger.StateUnsure, ResultID: "500", ResultURL: "https://goose.example/500", Found: found}
		f.reach(t, l, "s1", likely)
		f.reach(t, l, "s2", likely)
		f.reach(t, l, "s3", store.Outcome{State: ledger.StateUnsure})
		if taken := must(f.StatusConfirmed(f.ctx, "alex@goose.example", "500", ""))(t); taken {
			t.Error("a status that may be ours counts as confirmed")
		}
		page := must(f.StepsPage(f.ctx, l.Run.ID, ledger.StateUnsure, 0, 10))(t)
		if len(page) != 3 || page[0].Found.Text != found.Text || !page[0].Found.At.Equal(found.At) || page[2].Found != (store.Found{}) {
			t.Errorf("unsure: %+v", page)
		}
		for _, id := range []string{"s1", "s2", "s3"} {
			if err := f.Settle(f.ctx, f.move.ID, l.Run.ID, id, true); err != nil {
				t.Fatal(err)
			}
		}
		for id, want := range map[string]string{"s1": "500", "s2": "", "s3": ""} {
			if step := must(f.Step(f.ctx, l.Run.ID, id))(t); step.ResultID != want || step.State != ledger.StateConfirmed {
				t.Errorf("%s is %s as %q, want %q", id, step.State, step.ResultID, want)
			} else if step.Found != (store.Found{}) {
				t.Errorf("%s is decided and still holds what was found: %+v", id, step.Found)
			}
		}
		if id := must(f.PostedStatus(f.ctx, "alex@goose.example", "1", 1))(t); id != "500" {
			t.Errorf("tweet 1 became %q", id)
		}
	})
}

// Where a cancelled Run could not find out about a Step that is no post, the
// Owner's word says what became of it by its kind, and of what it takes back.
func TestSettleOtherKinds(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, post("s1", "1", 1, ""))
		f.reach(t, l, "s1", store.Outcome{State: ledger.StateConfirmed, Outcome: "posted", ResultID: "500"})
		must(l.Release(f.ctx, store.Next{State: store.RunDone}))(t)
		want := map[plan.Kind]string{
			plan.KindFollow: "followed", plan.KindBlock: "blocked", plan.KindMute: "muted", plan.KindList: "made", plan.KindMember: "listed",
			plan.KindImport: "imported", plan.KindUnfollow: "undone", plan.KindDelete: "undone",
		}
		var steps []plan.Step
		for kind := range want {
			steps = append(steps, plan.Step{ID: string(kind), Seq: len(steps) + 1, Kind: kind, State: ledger.StatePlanned})
			if kind == plan.KindDelete {
				steps[len(steps)-1].Undoes = "s1"
			}
		}
		l = f.planned(t, steps...)
		for kind := range want {
			f.reach(t, l, string(kind), store.Outcome{State: ledger.StateUnsure})
		}
		must(l.Release(f.ctx, store.Next{State: store.RunCancelled}))(t)
		for kind, outcome := range want {
			if err := f.Settle(f.ctx, f.move.ID, l.Run.ID, string(kind), true); err != nil {
				t.Fatal(err)
			}
			if step := must(f.StepByID(f.ctx, string(kind)))(t); step.Outcome != outcome || step.State != ledger.StateConfirmed || !step.Adopted {
				t.Errorf("%s became %s %s", kind, step.State, step.Outcome)
			}
		}
		if step := must(f.StepByID(f.ctx, "s1"))(t); step.State != ledger.StateUndone {
			t.Errorf("the post that was deleted is %s", step.State)
		}
	})
}

// A Run that is over goes on when the Owner's word leaves something to do; one
// that was paused by hand, or cancelled, does not.
func TestSettleRevives(t *testing.T) {
	tests := []struct {
		name       string
		end        store.Next
		posted     bool
		state      string
		step       ledger.State
		extraSteps []plan.Step
	}{
		{name: "done", end: store.Next{State: store.RunDone}, state: store.RunWaiting, step: ledger.StatePlanned},
		{name: "paused by us", end: store.Next{State: store.RunPaused, Error: "decide"}, state: store.RunWaiting, step: ledger.StatePlanned},
		{name: "paused by us, there, children", end: store.Next{State: store.RunPaused, Error: "decide"}, posted: true, state: store.RunWaiting,
			step: ledger.StateConfirmed, extraSteps: []plan.Step{post("s2", "2", 2, "s1")}},
		{name: "paused by hand", end: store.Next{State: store.RunPaused}, state: store.RunPaused, step: ledger.StatePlanned},
		{name: "done, there", end: store.Next{State: store.RunDone}, posted: true, state: store.RunDone, step: ledger.StateConfirmed},
		{name: "cancelled", end: store.Next{State: store.RunCancelled}, state: store.RunCancelled, step: ledger.StateSkipped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, f *fixture) {
				l := f.planned(t, append([]plan.Step{post("s1", "1", 1, "")}, tt.extraSteps...)...)
				f.reach(t, l, "s1", store.Outcome{State: ledger.StateUnsure})
				must(l.Release(f.ctx, tt.end))(t)
				if err := f.Settle(f.ctx, f.move.ID, l.Run.ID, "s1", tt.posted); err != nil {
					t.Fatal(err)
				}
				if run := must(f.RunByID(f.ctx, l.Run.ID))(t); run.State != tt.state {
					t.Errorf("the run is %s, want %s", run.State, tt.state)
				}
				if step := must(f.Step(f.ctx, l.Run.ID, "s1"))(t); step.State != tt.step {
					t.Errorf("the step is %s, want %s", step.State, tt.step)
				}
				if due := must(f.DueRuns(f.ctx, f.now()))(t); len(due) == 1 != (tt.state == store.RunWaiting) {
					t.Errorf("due: %+v", due)
				}
			})
		})
	}
}

// What an Account did last and whom it followed is known over all its Runs.
func TestAccountHistory(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		follow := func(id, to string, seq int) plan.Step {
			return plan.Step{ID: id, Seq: seq, Kind: plan.KindFollow, Address: address(t, to), State: ledger.StatePlanned}
		}
		l := f.planned(t, post("p1", "1", 1, ""), post("p2", "2", 2, ""), follow("f1", "Ada@away.example", 3), follow("f2", "bob@away.example", 4), follow("f3", "eve@away.example", 5))
		if last := must(f.LastPost(f.ctx, "a"))(t); !last.IsZero() {
			t.Errorf("a last post before the first: %s", last)
		}
		f.reach(t, l, "p1", store.Outcome{State: ledger.StateConfirmed, ResultID: "5"})
		at := f.now()
		f.advance(time.Second)
		f.reach(t, l, "p2", store.Outcome{State: ledger.StateRefused})
		if last := must(f.LastPost(f.ctx, "a"))(t); !last.Equal(at) {
			t.Errorf("last post at %s, want %s", last, at)
		}
		f.reach(t, l, "f1", store.Outcome{State: ledger.StateConfirmed, Outcome: "followed"})
		step := must(f.Step(f.ctx, l.Run.ID, "f2"))(t)
		if err := l.Finish(f.ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: "already"}); err != nil {
			t.Fatal(err)
		}
		f.reach(t, l, "f3", store.Outcome{State: ledger.StateRefused})
		got := must(f.Followed(f.ctx, "a"))(t)
		if len(got) != 2 || !got["ada@away.example"] || !got["bob@away.example"] {
			t.Errorf("followed %v", got)
		}
		if got := must(f.Followed(f.ctx, "b"))(t); len(got) != 0 {
			t.Errorf("another account followed %v", got)
		}
	})
}
