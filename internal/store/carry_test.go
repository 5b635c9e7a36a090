package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

func stepTo(t testing.TB, id string, kind plan.Kind, to string, seq int, parent string) plan.Step {
	t.Helper()
	s := plan.Step{ID: id, Seq: seq, Kind: kind, ParentID: parent, State: ledger.StatePlanned}
	if to != "" {
		s.Address = address(t, to)
	}
	return s
}

func ids(steps []store.Step) (all []string) {
	for _, s := range steps {
		all = append(all, s.ID)
	}
	return all
}

// What a Run did itself is taken back, the latest first; what it adopted, found
// there, was refused or has no name at the server is not. What was taken back is
// so in the ledger, its tweet may be posted again, and it is not among the
// Account's own posts any more.
func TestFinishUndo(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		account := must(f.SaveAccount(f.ctx, model.Account{OwnerID: f.owner, Address: address(t, "alex@goose.example"), RemoteID: "1"}, "t"))(t)
		run := must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "posts", AccountID: account.ID}))(t)
		l := f.lease(t, run.ID)
		var steps []plan.Step
		for i := range 6 {
			steps = append(steps, post(fmt.Sprint("s", i), fmt.Sprint(i), i+1, ""))
		}
		steps = append(steps, stepTo(t, "f1", plan.KindFollow, "ada@away.example", 7, ""), stepTo(t, "f2", plan.KindFollow, "eve@away.example", 8, ""))
		if err := l.AddSteps(f.ctx, "alex@goose.example", steps); err != nil {
			t.Fatal(err)
		}
		f.reach(t, l, "s0", store.Outcome{State: ledger.StateConfirmed, ResultID: "100"})
		f.reach(t, l, "s1", store.Outcome{State: ledger.StateConfirmed, ResultID: "101"})
		f.reach(t, l, "s2", store.Outcome{State: ledger.StateConfirmed, ResultID: "102", Adopted: true})
		f.reach(t, l, "s3", store.Outcome{State: ledger.StateConfirmed}) // by the Owner's word
		f.reach(t, l, "s4", store.Outcome{State: ledger.StateRefused})
		f.reach(t, l, "f1", store.Outcome{State: ledger.StateConfirmed, Outcome: "followed"}) // of a file: no id is known
		f.reach(t, l, "f2", store.Outcome{State: ledger.StateSkipped, Outcome: "already", ResultID: "9"})
		if got := ids(must(f.StepsToUndo(f.ctx, run.ID, 1<<31, 10))(t)); !slices.Equal(got, []string{"f1", "s1", "s0"}) {
			t.Errorf("to undo: %q", got)
		}
		if got := ids(must(f.StepsToUndo(f.ctx, run.ID, 7, 1))(t)); !slices.Equal(got, []string{"s1"}) {
			t.Errorf("the next to undo: %q", got)
		}
		own := []store.OwnStatus{{ID: "100", Text: "a", At: f.now()}, {ID: "77", Text: "b", At: f.now()}}
		if err := f.SaveOwnStatuses(f.ctx, account.ID, own, f.now()); err != nil {
			t.Fatal(err)
		}
		must(l.Release(f.ctx, store.Next{State: store.RunDone}))(t)

		undo := must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "undo", AccountID: account.ID}))(t)
		ul := f.lease(t, undo.ID)
		back := []plan.Step{
			{ID: "u1", Seq: 1, Kind: plan.KindDelete, Undoes: "s0", TweetID: "0", Part: 1, State: ledger.StatePlanned},
			{ID: "u2", Seq: 2, Kind: plan.KindDelete, Undoes: "s1", TweetID: "1", Part: 1, State: ledger.StatePlanned},
		}
		if err := ul.AddSteps(f.ctx, "alex@goose.example", back); err != nil {
			t.Fatal(err)
		}
		finish := func(id string, o store.Outcome) {
			t.Helper()
			step := must(f.StepByID(f.ctx, id))(t)
			if err := ul.SetSent(f.ctx, step, step.Attempt+1, store.Sent{At: f.now()}); err != nil {
				t.Fatal(err)
			}
			if err := ul.FinishUndo(f.ctx, must(f.StepByID(f.ctx, id))(t), o); err != nil {
				t.Fatal(err)
			}
		}
		finish("u1", store.Outcome{State: ledger.StateConfirmed, Outcome: "undone", ResultID: "100"})
		finish("u2", store.Outcome{State: ledger.StateRefused, Reason: "the server refused"})
		for id, want := range map[string]ledger.State{"s0": ledger.StateUndone, "s1": ledger.StateConfirmed, "u1": ledger.StateConfirmed, "u2": ledger.StateRefused} {
			if s := must(f.StepByID(f.ctx, id))(t); s.State != want {
				t.Errorf("%s is %s, want %s", id, s.State, want)
			}
		}
		var states []ledger.State
		for _, e := range must(f.Ledger(f.ctx, "s0"))(t) {
			states = append(states, e.State)
		}
		if !slices.Equal(states, []ledger.State{ledger.StatePlanned, ledger.StateSent, ledger.StateConfirmed, ledger.StateUndone}) {
			t.Errorf("ledger of s0: %v", states)
		}
		if got := ids(must(f.StepsToUndo(f.ctx, run.ID, 1<<31, 10))(t)); !slices.Equal(got, []string{"f1", "s1"}) {
			t.Errorf("left to undo: %q", got)
		}
		if got := must(f.PostedTweets(f.ctx, "alex@goose.example"))(t); !maps.Equal(got, map[string]int{"1": 1, "2": 1}) {
			t.Errorf("posted: %v", got)
		}
		kept := must(f.OwnStatuses(f.ctx, account.ID, "alex@goose.example"))(t)
		if len(kept) != 1 || kept[0].ID != "77" {
			t.Errorf("own posts: %+v", kept)
		}
		// The tweet can be claimed anew.
		must(ul.Release(f.ctx, store.Next{State: store.RunDone}))(t)
		next := must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "posts", AccountID: account.ID}))(t)
		nl := f.lease(t, next.ID)
		if err := nl.AddSteps(f.ctx, "alex@goose.example", []plan.Step{post("n0", "0", 1, ""), post("n1", "1", 2, "")}); err != nil {
			t.Fatal(err)
		}
		if a, b := must(f.StepByID(f.ctx, "n0"))(t), must(f.StepByID(f.ctx, "n1"))(t); a.State != ledger.StatePlanned || b.State != ledger.StateSkipped {
			t.Errorf("planned again: %s, and what is still there: %s", a.State, b.State)
		}
	})
}

// A Step that was taken back meanwhile, by another undo, stays so.
func TestFinishUndoTwice(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, post("s1", "1", 1, ""))
		f.reach(t, l, "s1", store.Outcome{State: ledger.StateConfirmed, ResultID: "5"})
		undo := must(f.AddRun(f.ctx, store.Run{MoveID: f.move.ID, Kind: "undo", AccountID: "a"}))(t)
		ul := f.lease(t, undo.ID)
		var back []plan.Step
		for i, id := range []string{"u1", "u2", "u3"} {
			back = append(back, plan.Step{ID: id, Seq: i + 1, Kind: plan.KindDelete, Undoes: "s1", State: ledger.StatePlanned})
		}
		back[2].Undoes = "nothing"
		if err := ul.AddSteps(f.ctx, "alex@goose.example", back); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"u1", "u2", "u3"} {
			step := must(f.StepByID(f.ctx, id))(t)
			if err := ul.SetSent(f.ctx, step, 1, store.Sent{}); err != nil {
				t.Fatal(err)
			}
			err := ul.FinishUndo(f.ctx, must(f.StepByID(f.ctx, id))(t), store.Outcome{State: ledger.StateConfirmed})
			if (err != nil) != (id == "u3") {
				t.Errorf("%s: %v", id, err)
			}
		}
		if s := must(f.StepByID(f.ctx, "u3"))(t); s.State != ledger.StateSent {
			t.Errorf("an undo of nothing is %s, want it as it was", s.State)
		}
	})
}

// Steps that are put off wait for their time, say why, and do not keep others.
func TestDefer(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t,
			stepTo(t, "i", plan.KindImport, "", 1, ""), stepTo(t, "f1", plan.KindFollow, "ada@away.example", 2, "i"),
			stepTo(t, "f2", plan.KindFollow, "eve@away.example", 3, "i"), stepTo(t, "m", plan.KindMember, "eve@away.example", 4, ""))
		if at := must(l.NextDue(f.ctx))(t); !at.IsZero() {
			t.Errorf("something waits for %s", at)
		}
		f.reach(t, l, "i", store.Outcome{State: ledger.StateConfirmed})
		f.reach(t, l, "f1", store.Outcome{State: ledger.StateConfirmed, Outcome: "followed"})
		until := f.now().Add(10 * time.Minute)
		if err := l.DeferFollows(f.ctx, until, "the server reads the file"); err != nil {
			t.Fatal(err)
		}
		if err := l.Defer(f.ctx, must(f.StepByID(f.ctx, "m"))(t), until.Add(time.Hour), "waits for a yes"); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := l.NextStep(f.ctx); ok || err != nil {
			t.Errorf("something is due: %t, %v", ok, err)
		}
		if at := must(l.NextDue(f.ctx))(t); !at.Equal(until) {
			t.Errorf("the next is due at %s, want %s", at, until)
		}
		if s := must(f.StepByID(f.ctx, "f2"))(t); s.Reason != "the server reads the file" || !s.DueAt.Equal(until) {
			t.Errorf("f2 waits until %s: %q", s.DueAt, s.Reason)
		}
		if s := must(f.StepByID(f.ctx, "f1"))(t); s.Reason != "" || !s.DueAt.IsZero() {
			t.Errorf("what is confirmed was put off: %+v", s)
		}
		if _, err := l.Renew(f.ctx); err != nil {
			t.Fatal(err)
		}
		f.advance(10 * time.Minute)
		l = f.lease(t, l.Run.ID) // it ran out
		if s, ok, err := l.NextStep(f.ctx); !ok || err != nil || s.ID != "f2" {
			t.Errorf("next is %q, %t, %v", s.ID, ok, err)
		}
	})
}

// Whether somebody is still to be followed is known over all Runs of the
// Account that are not over, whoever writes the address how.
func TestFollowPlanned(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, stepTo(t, "f1", plan.KindFollow, "Ada@away.example", 1, ""), stepTo(t, "b", plan.KindBlock, "foe@away.example", 2, ""),
			stepTo(t, "f2", plan.KindFollow, "eve@away.example", 3, ""))
		is := func(account, to string) bool { return must(f.FollowPlanned(f.ctx, account, address(t, to)))(t) }
		if !is("a", "ada@away.example") || !is("a", "ADA@away.example") || is("other", "ada@away.example") || is("a", "foe@away.example") || is("a", "bob@away.example") {
			t.Error("who is to be followed is not known")
		}
		f.reach(t, l, "f1", store.Outcome{State: ledger.StateConfirmed, Outcome: "followed"})
		if is("a", "ada@away.example") || !is("a", "eve@away.example") {
			t.Error("who was followed is still to be followed, or nobody is")
		}
		must(l.Release(f.ctx, store.Next{State: store.RunCancelled}))(t)
		if is("a", "eve@away.example") {
			t.Error("a Run that is over is still to follow somebody")
		}
	})
}

// Requests are looked at when they are due, the longest overdue first, for a
// while; what became of them stays, whatever comes later.
func TestRequestedSteps(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.planned(t, stepTo(t, "f1", plan.KindFollow, "a@away.example", 1, ""), stepTo(t, "f2", plan.KindFollow, "b@away.example", 2, ""),
			stepTo(t, "f3", plan.KindFollow, "c@away.example", 3, ""))
		asked := f.now()
		for _, id := range []string{"f1", "f2"} {
			f.reach(t, l, id, store.Outcome{State: ledger.StateConfirmed, Outcome: "requested"})
		}
		f.reach(t, l, "f3", store.Outcome{State: ledger.StateConfirmed, Outcome: "followed"})
		due := func(since time.Time, limit int) []string {
			t.Helper()
			return ids(must(f.RequestedSteps(f.ctx, since, limit))(t))
		}
		set := func(id, outcome, reason string, at time.Time) {
			t.Helper()
			if err := f.SetRequested(f.ctx, id, outcome, reason, at); err != nil {
				t.Fatal(err)
			}
		}
		if got := due(asked, 10); !slices.Equal(got, []string{"f1", "f2"}) {
			t.Errorf("due: %q", got)
		}
		if got := due(asked.Add(time.Millisecond), 10); got != nil {
			t.Errorf("of a time before that they were asked: %q", got)
		}
		set("f1", "requested", "", f.now().Add(time.Hour))
		if got := due(asked, 10); !slices.Equal(got, []string{"f2"}) {
			t.Errorf("due: %q", got)
		}
		f.advance(2 * time.Hour)
		if got := due(asked, 1); !slices.Equal(got, []string{"f2"}) {
			t.Errorf("the longest overdue: %q", got)
		}
		set("f2", "refused", "no", time.Time{})
		set("f2", "followed", "", time.Time{}) // too late
		set("f3", "refused", "", time.Time{})  // never asked
		for id, want := range map[string]string{"f1": "requested", "f2": "refused", "f3": "followed"} {
			if s := must(f.StepByID(f.ctx, id))(t); s.Outcome != want || s.State != ledger.StateConfirmed {
				t.Errorf("%s is %s %s, want %s", id, s.State, s.Outcome, want)
			}
		}
		if got := due(asked, 10); !slices.Equal(got, []string{"f1"}) {
			t.Errorf("due in the end: %q", got)
		}
	})
}

// Members of lists and words for pictures are kept as brought, each Move's apart,
// and go with it.
func TestListMembersAndAltTexts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		other := must(f.AddMove(f.ctx, f.owner))(t)
		members := []store.ListMember{{List: "B", Member: "@ada"}, {List: "A", Member: "x@y.example"}, {List: "A", Member: "17"}, {List: "A\x00", Member: "1\x007"}}
		for range 2 {
			if err := f.SetListMembers(f.ctx, f.move.ID, members); err != nil {
				t.Fatal(err)
			}
		}
		want := []store.ListMember{{List: "A", Member: "17"}, {List: "A", Member: "x@y.example"}, {List: "B", Member: "@ada"}}
		got := must(f.ListMembers(f.ctx, f.move.ID))(t)
		slices.SortFunc(got, func(a, b store.ListMember) int { return cmpMember(a, b) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if err := f.SetListMembers(f.ctx, f.move.ID, members[:1]); err != nil {
			t.Fatal(err)
		}
		if got := must(f.ListMembers(f.ctx, f.move.ID))(t); len(got) != 1 {
			t.Errorf("after another list: %+v", got)
		}

		if err := f.SaveAltTexts(f.ctx, f.move.ID, map[string]string{"a.jpg": "A", "b.jpg": "B ' \" \x01", "c.jpg": ""}); err != nil {
			t.Fatal(err)
		}
		if err := f.SaveAltTexts(f.ctx, f.move.ID, map[string]string{"a.jpg": "", "b.jpg": "ag\x00ain\xff"}); err != nil {
			t.Fatal(err)
		}
		if got := must(f.AltTexts(f.ctx, f.move.ID))(t); !maps.Equal(got, map[string]string{"b.jpg": "again"}) {
			t.Errorf("texts %v", got)
		}
		if m, a := must(f.ListMembers(f.ctx, other.ID))(t), must(f.AltTexts(f.ctx, other.ID))(t); len(m)+len(a) != 0 {
			t.Errorf("another Move has %v and %v", m, a)
		}
		if err := f.EndMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if err := f.RemoveMove(f.ctx, f.move.ID); err != nil {
			t.Fatal(err)
		}
		if m, a := must(f.ListMembers(f.ctx, f.move.ID))(t), must(f.AltTexts(f.ctx, f.move.ID))(t); len(m)+len(a) != 0 {
			t.Errorf("a Move that is gone has %v and %v", m, a)
		}
	})
}

func cmpMember(a, b store.ListMember) int {
	return slices.Compare([]string{a.List, a.Member}, []string{b.List, b.Member})
}
