package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

const leaseTime = 15 * time.Second

func (f *fixture) run(t testing.TB) store.Run {
	t.Helper()
	return must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "posts", AccountID: "a"}))(t)
}

func (f *fixture) lease(t testing.TB, run string) *store.Lease {
	t.Helper()
	return must(f.Lease(f.ctx, run, leaseTime))(t)
}

func post(id, tweet string, seq int, parent string) plan.Step {
	return plan.Step{
		ID: id, Seq: seq, Kind: plan.KindPost, TweetID: tweet, Part: 1, ParentID: parent, State: ledger.StatePlanned,
		Status: &compose.Status{TweetIDs: []string{tweet}, Part: 1, Parts: 1, Text: "text of " + tweet},
	}
}

func TestOneLeaseAtATime(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		run := f.run(t)
		first := f.lease(t, run.ID)
		if first == nil {
			t.Fatal("no lease for a run that is due")
		}
		if f.lease(t, run.ID) != nil {
			t.Fatal("two leases at a time")
		}
		f.advance(leaseTime / 2)
		if _, err := first.Renew(f.ctx); err != nil {
			t.Fatal(err)
		}
		f.advance(leaseTime * 3 / 4)
		if f.lease(t, run.ID) != nil {
			t.Fatal("a renewed lease was taken over")
		}
		f.advance(leaseTime)
		second := f.lease(t, run.ID)
		if second == nil {
			t.Fatal("no lease after the first one ran out")
		}
		if second.Run.Wake <= first.Run.Wake {
			t.Errorf("wake %d after %d: it has to grow", second.Run.Wake, first.Run.Wake)
		}
		// The first holder wakes up again: it may write nothing.
		if _, err := first.Renew(f.ctx); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("renew after the take-over: %v, want lease lost", err)
		}
		if err := first.AddSteps(f.ctx, "k", []plan.Step{post("s1", "1", 1, "")}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("write after the take-over: %v, want lease lost", err)
		}
		if _, err := first.Release(f.ctx, store.Next{State: store.RunDone}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("release after the take-over: %v, want lease lost", err)
		}
	})
}

// A holder whose lease has run out writes nothing even if nobody took it over.
func TestALeaseThatRanOutWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.lease(t, f.run(t).ID)
		f.advance(leaseTime + time.Millisecond)
		if err := l.AddSteps(f.ctx, "k", []plan.Step{post("s1", "1", 1, "")}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("write after the end: %v, want lease lost", err)
		}
	})
}

func TestDueRuns(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		run := f.run(t)
		due := must(f.DueRuns(f.ctx, f.now()))(t)
		if len(due) != 1 || due[0].ID != run.ID || due[0].Wake != 1 {
			t.Fatalf("due = %+v", due)
		}
		l := f.lease(t, run.ID)
		if due := must(f.DueRuns(f.ctx, f.now()))(t); len(due) != 1 || due[0].At.Before(l.Until()) {
			t.Errorf("a held run is due when its lease ends: %+v, lease until %v", due, l.Until())
		}
		later := f.now().Add(time.Hour)
		must(l.Release(f.ctx, store.Next{State: store.RunWaiting, DueAt: later}))(t)
		if due := must(f.DueRuns(f.ctx, f.now().Add(time.Minute)))(t); len(due) != 0 {
			t.Errorf("due before its time: %+v", due)
		}
		if f.lease(t, run.ID) != nil {
			t.Error("a lease before its time")
		}
		wake := must(f.Wish(f.ctx, run.ID, store.WishCancel))(t)
		if due := must(f.DueRuns(f.ctx, f.now()))(t); len(due) != 1 || due[0].Wake != wake {
			t.Errorf("a wish makes a run due at once: %+v", due)
		}
		l = f.lease(t, run.ID)
		if l.Run.Wish != store.WishCancel {
			t.Errorf("wish = %q", l.Run.Wish)
		}
		must(l.Release(f.ctx, store.Next{State: store.RunCancelled}))(t)
		if _, err := f.Wish(f.ctx, run.ID, store.WishPause); !errors.Is(err, model.ErrConflict) {
			t.Errorf("a wish for a run that is over: %v, want conflict", err)
		}
	})
}

func TestStepsInOrder(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		run := f.run(t)
		l := f.lease(t, run.ID)
		steps := []plan.Step{post("s1", "1", 1, ""), post("s2", "2", 2, "s1"), post("s3", "3", 3, "")}
		for range 2 { // planned twice after a crash: the same
			if err := l.AddSteps(f.ctx, "alex@goose.example", steps); err != nil {
				t.Fatal(err)
			}
		}
		next := func() store.Step {
			t.Helper()
			step, ok, err := l.NextStep(f.ctx)
			if err != nil || !ok {
				t.Fatalf("next step: %v, %v", ok, err)
			}
			return step
		}
		s1 := next()
		if s1.ID != "s1" || s1.Status.Text != "text of 1" {
			t.Fatalf("first step = %+v", s1)
		}
		if err := l.SetSent(f.ctx, s1, 1, store.Sent{At: f.now(), Deadline: f.now().Add(time.Second), Key: "k1"}); err != nil {
			t.Fatal(err)
		}
		s1 = next()
		if s1.ID != "s1" || s1.State != ledger.StateSent || s1.Sent.Key != "k1" || s1.Attempt != 1 {
			t.Fatalf("a sent step comes first: %+v", s1)
		}
		if err := l.Finish(f.ctx, s1, store.Outcome{State: ledger.StateUnsure, Reason: "two look the same"}); err != nil {
			t.Fatal(err)
		}
		if s := next(); s.ID != "s3" {
			t.Errorf("next is %s; want s3, since s2 waits for the Owner's word on s1", s.ID)
		}
		if err := f.Settle(f.ctx, f.move.ID, run.ID, "s1", true); err != nil {
			t.Fatal(err)
		}
		if err := f.Settle(f.ctx, f.move.ID, run.ID, "s1", true); !errors.Is(err, model.ErrConflict) {
			t.Errorf("settled twice: %v, want conflict", err)
		}
		if s := next(); s.ID != "s2" {
			t.Errorf("next is %s, want s2", s.ID)
		}
		if err := l.SkipPlanned(f.ctx, "cancelled"); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := l.NextStep(f.ctx); ok || err != nil {
			t.Errorf("a step after all were given up: %v, %v", ok, err)
		}
		counts := must(f.StepCounts(f.ctx, run.ID))(t)
		if counts[ledger.StateConfirmed] != 1 || counts[ledger.StateSkipped] != 2 {
			t.Errorf("counts = %v", counts)
		}
		var states []ledger.State
		for _, e := range must(f.Ledger(f.ctx, "s1"))(t) {
			states = append(states, e.State)
		}
		if len(states) != 4 { // planned, sent, unsure, confirmed
			t.Errorf("ledger of s1 = %v", states)
		}
	})
}

// One tweet part is posted once from an account, whatever Run or Move asks.
func TestPartsAreClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const account = "alex@goose.example"
		first := f.lease(t, f.run(t).ID)
		if err := first.AddSteps(f.ctx, account, []plan.Step{post("s1", "1", 1, ""), post("s2", "2", 2, "")}); err != nil {
			t.Fatal(err)
		}
		s1, _, _ := first.NextStep(f.ctx)
		if err := first.SetSent(f.ctx, s1, 1, store.Sent{At: f.now()}); err != nil {
			t.Fatal(err)
		}
		s1, _, _ = first.NextStep(f.ctx)
		if err := first.Finish(f.ctx, s1, store.Outcome{State: ledger.StateConfirmed, ResultID: "status1"}); err != nil {
			t.Fatal(err)
		}
		if err := first.SkipPlanned(f.ctx, "cancelled"); err != nil {
			t.Fatal(err)
		}
		must(first.Release(f.ctx, store.Next{State: store.RunCancelled}))(t)

		move := must(f.AddMove(f.ctx, f.owner))(t)
		run := must(f.AddRun(f.ctx, store.Run{MoveID: move.ID, Kind: "posts", AccountID: "a"}))(t)
		second := f.lease(t, run.ID)
		if err := second.AddSteps(f.ctx, account, []plan.Step{post("s3", "1", 1, ""), post("s4", "2", 2, "")}); err != nil {
			t.Fatal(err)
		}
		s3 := must(f.Step(f.ctx, run.ID, "s3"))(t)
		if s3.State != ledger.StateSkipped || s3.ResultID != "status1" {
			t.Errorf("a part that was posted before is planned again: %+v", s3)
		}
		if s4, ok, err := second.NextStep(f.ctx); err != nil || !ok || s4.ID != "s4" {
			t.Errorf("a part that was given up is not planned: %+v, %v, %v", s4, ok, err)
		}
		if ok := must(f.StatusConfirmed(f.ctx, account, "status1", "s4"))(t); !ok {
			t.Error("a status that a step confirmed is not known as such")
		}
		if err := f.EndMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if err := f.RemoveMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if id := must(f.PostedStatus(f.ctx, account, "1", 1))(t); id != "status1" {
			t.Errorf("what was posted is forgotten with the Move: %q", id)
		}
	})
}

// A Move that is deleted while a worker holds a Run waits for the lease to end,
// and the worker may write nothing more.
func TestEndMoveFencesItsRuns(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.lease(t, f.run(t).ID)
		if err := f.EndMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if err := l.AddSteps(f.ctx, "k", []plan.Step{post("s1", "1", 1, "")}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("write after the end of the Move: %v, want lease lost", err)
		}
		if ended := must(f.EndedMoves(f.ctx))(t); len(ended) != 0 {
			t.Errorf("ended while a request may be in flight: %v", ended)
		}
		f.advance(leaseTime + time.Second)
		if ended := must(f.EndedMoves(f.ctx))(t); len(ended) != 1 {
			t.Errorf("ended = %v, want the move", ended)
		}
		if err := f.RemoveMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Move(f.ctx, f.move.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("the move is still there: %v", err)
		}
	})
}

func TestExpiredMoves(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		busy := must(f.AddMove(f.ctx, f.owner))(t)
		must(f.AddRun(f.ctx, store.Run{MoveID: busy.ID, Kind: "posts"}))(t)
		f.advance(31 * 24 * time.Hour)
		visited := must(f.AddMove(f.ctx, f.owner))(t)
		_ = visited
		ids := must(f.ExpiredMoves(f.ctx, f.now().Add(-30*24*time.Hour)))(t)
		if len(ids) != 1 || ids[0] != f.move.ID {
			t.Errorf("expired = %v, want only the one without visit and without run (%s)", ids, f.move.ID)
		}
	})
}

// A Run is stuck if none of its Steps came to an end for long, whatever it tries
// meanwhile, and its Move has not been visited.
func TestStuckRuns(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		run := f.run(t)
		find := must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "find"}))(t)
		lease := f.lease(t, run.ID)
		if err := lease.AddSteps(f.ctx, "alex@home.example", []plan.Step{post("s1", "1", 1, ""), post("s2", "2", 2, "")}); err != nil {
			t.Fatal(err)
		}
		step, _, err := lease.NextStep(f.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := lease.SetSent(f.ctx, step, 1, store.Sent{}); err != nil {
				t.Fatal(err)
			}
			step.State = ledger.StateSent
			if err := lease.Finish(f.ctx, step, store.Outcome{State: ledger.StatePlanned}); err != nil {
				t.Fatal(err)
			}
			step.State = ledger.StatePlanned
		}
		began := f.now()
		stuck := func(want ...string) {
			t.Helper()
			got := must(f.StuckRuns(f.ctx, f.now().Add(-30*24*time.Hour), f.now().Add(-15*24*time.Hour)))(t)
			if !slices.Equal(got, want) {
				t.Errorf("%s later: stuck %v, want %v", f.now().Sub(began), got, want)
			}
		}
		f.advance(16 * 24 * time.Hour)
		stuck()
		f.advance(15 * 24 * time.Hour)
		stuck(run.ID)
		lease = f.lease(t, run.ID)
		if err := lease.SetSent(f.ctx, step, 2, store.Sent{}); err != nil {
			t.Fatal(err)
		}
		step.State = ledger.StateSent
		if err := lease.Finish(f.ctx, step, store.Outcome{State: ledger.StateConfirmed, ResultID: "9"}); err != nil {
			t.Fatal(err)
		}
		stuck()
		f.advance(16 * 24 * time.Hour)
		stuck(run.ID)
		wrong := f.lease(t, find.ID)
		must(wrong.Release(f.ctx, store.Next{State: store.RunWaiting, Error: "it does not work"}))(t)
		stuck(run.ID, find.ID)
		must(f.Wish(f.ctx, run.ID, store.WishCancel))(t)
		stuck(find.ID)
	})
}

// Clicks at the same moment begin one Run, and none begins in a Move that is gone.
func TestRunsBeginOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		m := f.move
		for _, account := range strings.Split("abcdefghijklmnopqrst", "") { // often enough that two meet
			results := make(chan error)
			for range 4 {
				go func() {
					_, err := f.AddRun(f.ctx, store.Run{MoveID: m.ID, Kind: "posts", AccountID: account})
					results <- err
				}()
			}
			begun := 0
			for range 4 {
				switch err := <-results; {
				case err == nil:
					begun++
				case !errors.Is(err, model.ErrConflict):
					t.Error(err)
				}
			}
			if begun != 1 {
				t.Errorf("%d of 4 clicks began a Run", begun)
			}
		}
		if err := f.EndMove(f.ctx, m.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.AddRun(f.ctx, store.Run{MoveID: m.ID, Kind: "find"}); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a Run in a Move that is gone: %v", err)
		}
		_, err := f.AddReading(f.ctx, store.Archive{MoveID: m.ID, Kind: "archive"}, func(string) store.Run { return store.Run{MoveID: m.ID, Kind: "read"} })
		if archives, _ := f.Archives(f.ctx, m.ID); !errors.Is(err, model.ErrNotFound) || len(archives) != 0 {
			t.Errorf("an upload for a Move that is gone: %v, %d archives", err, len(archives))
		}
	})
}

// A Run that failed is not resumed beside the one that was begun in its place.
func TestResumeBesideAnother(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		m := f.move
		r := must(f.AddRun(f.ctx, store.Run{MoveID: m.ID, Kind: "posts", AccountID: "a"}))(t)
		lease := must(f.Lease(f.ctx, r.ID, time.Minute))(t)
		must(lease.Release(f.ctx, store.Next{State: store.RunFailed}))(t)
		other := must(f.AddRun(f.ctx, store.Run{MoveID: m.ID, Kind: "posts", AccountID: "a"}))(t)
		if _, err := f.Resume(f.ctx, r.ID); !errors.Is(err, model.ErrConflict) {
			t.Errorf("resumed beside another: %v", err)
		}
		lease = must(f.Lease(f.ctx, other.ID, time.Minute))(t)
		must(lease.Release(f.ctx, store.Next{State: store.RunDone}))(t)
		must(f.Resume(f.ctx, r.ID))(t)
	})
}

// A reader who was overtaken does not undo how the reading of an Archive ended.
func TestArchiveEndsOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		a := must(f.AddArchive(f.ctx, store.Archive{MoveID: f.move.ID, Kind: "archive"}))(t)
		for _, state := range []string{store.ArchiveComplete, store.ArchiveFailed} {
			if err := f.FinishArchive(f.ctx, a.ID, state, "", ""); err != nil {
				t.Fatal(err)
			}
		}
		if got := must(f.Archive(f.ctx, a.ID))(t).State; got != store.ArchiveComplete {
			t.Errorf("the archive is %s", got)
		}
	})
}
