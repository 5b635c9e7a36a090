package jobs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

const importRoute = "POST /api/v1/import"

// byFile has the server take a file of follows.
var byFile = jobs.FollowOptions{Import: true}

// wantFollowing compares whom alex follows or has asked, in any order.
func (f *fixture) wantFollowing(want ...string) {
	f.t.Helper()
	got := f.home.Follows("alex")
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		f.t.Errorf("follows %d: %q, want %d: %q", len(got), got, len(want), want)
	}
}

// A file is handed over where that is quicker and the server takes one; else
// everybody is asked for one by one.
func TestImportOrOneByOne(t *testing.T) {
	tests := []struct {
		name    string
		config  fedisim.Config
		options any
		people  int
		files   int
	}{
		{"many", fedisim.Config{Software: "gotosocial"}, byFile, 60, 1},
		{"just enough", fedisim.Config{Software: "gotosocial"}, byFile, 50, 1},
		{"few", fedisim.Config{Software: "gotosocial"}, byFile, 49, 0},
		{"not wanted", fedisim.Config{Software: "gotosocial"}, nil, 52, 0},
		{"old", fedisim.Config{Software: "gotosocial", Version: "0.17.3"}, byFile, 52, 0},
		{"mastodon", fedisim.Config{Software: "mastodon"}, byFile, 52, 0},
		{"snac", fedisim.Config{Software: "snac"}, byFile, 52, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.NoLimits = true
			f := newFixture(t, tt.config)
			want := f.people(tt.people)
			run := f.start(jobs.KindFollow, tt.options)
			began := f.clock.now()
			f.done(run.ID)
			f.wantFollowing(want...)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: tt.people + tt.files})
			asked := f.home.Requests()
			if n := asked[importRoute]; n != tt.files || f.home.Count(fedisim.Imported) != n {
				t.Errorf("%d files, want %d", n, tt.files)
			}
			if n := asked["POST /api/v1/accounts/{id}/follow"]; n != tt.people*(1-tt.files) {
				t.Errorf("%d follows one by one", n)
			}
			if tt.files > 0 {
				if n := asked["GET /api/v2/search"]; n > 0 {
					t.Errorf("%d accounts were looked up", n)
				}
				if took := f.clock.now().Sub(began); took > 2*time.Minute {
					t.Errorf("it took %s", took)
				}
			}
			// Again there is nothing to do, and no file without rows goes out.
			again := f.done(f.start(jobs.KindFollow, tt.options).ID)
			if n := len(f.steps(again.ID)); n != 0 || f.home.Requests()[importRoute] != tt.files {
				t.Errorf("%d Steps and %d files the second time", n, f.home.Requests()[importRoute]-tt.files)
			}
		})
	}
}

// What the server made of the file is found out: who is locked was asked, who
// moved, is gone or opted out says so, and whom it dropped is asked by name.
func TestImportFollowedUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	want := f.people(60)
	away := f.sim.Server("away.example")
	late := f.sim.AddServer(fedisim.Config{Host: "late.example", NoLimits: true})
	away.AddAccount(fedisim.Account{User: "locked", Locked: true})
	late.AddAccount(fedisim.Account{User: "ada"})
	f.accounts("before")
	f.sim.MakeFollow("alex@home.example", "before@away.example")
	f.reach()
	f.person("10", "locked", "locked@away.example", 5)
	f.person("11", "nobody", "nobody@away.example", 4)
	f.person("12", "ada", "ada@late.example", 3)
	f.person("13", "before", "before@away.example", 2)
	late.SetDown(true) // GoToSocial finds nobody there and drops the row
	run := f.start(jobs.KindFollow, byFile)
	began := f.clock.now()
	f.until(run.ID, func(store.Run) bool {
		if f.clock.now().Sub(began) > time.Minute {
			late.SetDown(false)
		}
		return false
	})
	f.wantState(f.run(run.ID), store.RunDone)
	f.wantFollowing(append(want, "locked@away.example", "ada@late.example", "before@away.example")...)
	f.clock.set(f.clock.now().Add(time.Hour)) // GoToSocial says "requested" of everybody at first
	_, err := f.worker.TrackRequests(t.Context())
	f.check(err)
	got := f.outcomes(run.ID)
	for address, became := range map[string]string{
		"person0@away.example": "confirmed followed", "locked@away.example": "confirmed requested", "nobody@away.example": "skipped unreachable",
		"ada@late.example": "confirmed followed",
	} {
		if got[address] != became {
			t.Errorf("%s became %q, want %q", address, got[address], became)
		}
	}
	if _, planned := got["before@away.example"]; planned {
		t.Error("somebody followed before is planned")
	}
	if n := f.home.Requests()["POST /api/v1/accounts/{id}/follow"]; n != 1 {
		t.Errorf("%d were asked one by one, want the one that was dropped", n)
	}
	if took := f.clock.now().Sub(began); took > 80*time.Minute {
		t.Errorf("it took %s", took)
	}
}

// Whatever becomes of the answer to the file, everybody is followed once.
func TestImportWithoutAnswer(t *testing.T) {
	for i, fault := range mishaps {
		t.Run(fmt.Sprint(fault.Kind, i), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			want := f.people(55)
			fault.Path = "/api/v1/import"
			f.meetAfter(fault, 0, 1)
			run := f.done(f.start(jobs.KindFollow, byFile).ID)
			f.wantFollowing(want...)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 56})
			if n := f.home.Requests()["POST /api/v1/accounts/{id}/follow"]; n > 0 {
				t.Errorf("%d were asked one by one", n)
			}
			if fault.Kind == fedisim.Malformed || fault.Kind == fedisim.WrongAnswer { // of an answer that is a success nothing is read
				return
			}
			if n := f.home.Requests()[importRoute]; n != 2 {
				t.Errorf("handed over %d times, want twice", n)
			}
			file := f.steps(run.ID)[0]
			if file.Kind != plan.KindImport || file.Outcome != jobs.OutcomeImported {
				t.Errorf("the file is %s %s", file.Kind, file.Outcome)
			}
			f.wantLedger(file.ID, "0 planned", "1 sent", "2 sent", "2 confirmed")
		})
	}
}

// A server that refuses the file, or a token without the scope for it, costs
// nothing: everybody is asked one by one.
func TestImportRefused(t *testing.T) {
	tests := []struct {
		name   string
		before func(f *fixture)
	}{
		{"no scope", func(f *fixture) {
			token := f.home.TokenOf("Skein", "alex", "read", "write:follows")
			_, err := f.store.SaveAccount(f.t.Context(), f.account, token)
			f.check(err)
		}},
		{"refused", func(f *fixture) {
			f.home.Fault(fedisim.Fault{Path: "/api/v1/import", Kind: fedisim.ServerError, Status: 400})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			want := f.people(51)
			tt.before(f)
			run := f.done(f.start(jobs.KindFollow, byFile).ID)
			f.wantFollowing(want...)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 51, ledger.StateRefused: 1})
		})
	}
}

// Without the whole list of those whom the Account follows no file goes out:
// afterwards nobody could tell whom it followed before, and an undo would end
// those follows too.
func TestImportNeedsTheWholeList(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	want := f.people(55)
	for _, address := range want[:3] {
		f.sim.MakeFollow("alex@home.example", address)
	}
	f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/following", Kind: fedisim.ServerError, Status: 404, Times: -1})
	run := f.done(f.start(jobs.KindFollow, byFile).ID)
	f.wantFollowing(want...)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 52, ledger.StateSkipped: 3})
	f.done(f.start(jobs.KindUndo, jobs.UndoOptions{Run: run.ID}).ID)
	f.wantFollowing(want[:3]...)
}

// A Run that is cancelled after the file was handed over waits until the server
// must have read it: an undo takes back all whom it followed. Of the others it says
// what may come.
func TestImportCancelled(t *testing.T) {
	for _, wait := range []time.Duration{0, 10 * time.Second} {
		t.Run(wait.String(), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			f.people(55)
			run := f.start(jobs.KindFollow, byFile)
			f.wantState(f.step(run.ID), store.RunWaiting)
			f.clock.set(f.clock.now().Add(wait))
			f.sim.Advance(0)
			began := f.clock.now()
			f.wish(run.ID, store.WishCancel)
			f.wantState(f.finish(run.ID), store.RunCancelled)
			if took := f.clock.now().Sub(began); took > time.Minute {
				t.Errorf("cancelling took %s", took)
			}
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 56})
			f.undo(run.ID)
			f.wantFollowing()
		})
	}
}

// Somebody whom the server does not follow keeps a cancel waiting as long as a file
// may take, and then it says so. Nobody is asked for any more.
func TestImportCancelledOfSomebodyMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	f.people(55)
	f.person("10", "nobody", "nobody@away.example", 1)
	run := f.start(jobs.KindFollow, byFile)
	f.step(run.ID)
	began := f.clock.now()
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.finish(run.ID), store.RunCancelled)
	if took := f.clock.now().Sub(began); took > 15*time.Minute {
		t.Errorf("cancelling took %s", took)
	}
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 56, ledger.StateSkipped: 1})
	f.wantReasons(run.ID)
	for _, s := range f.steps(run.ID) {
		if s.State == ledger.StateSkipped && !strings.Contains(s.Reason, "may follow this account all the same") {
			t.Errorf("%s was left out because of %q", s.Address, s.Reason)
		}
	}
	if n := f.home.Requests()["POST /api/v1/accounts/{id}/follow"]; n > 0 {
		t.Errorf("%d were asked for after the cancel", n)
	}
}

// A file of which no answer came is not handed over again once the Owner cancels.
// Whom the server follows because of it is found out, and taken back by an undo.
func TestImportLostAndCancelled(t *testing.T) {
	for i, fault := range mishaps[:6] {
		for _, deaf := range []bool{false, true} {
			t.Run(fmt.Sprint(fault.Kind, i, deaf), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
				f.people(55)
				fault.Path = "/api/v1/import"
				f.meetAfter(fault, 0, 1)
				run := f.start(jobs.KindFollow, byFile)
				f.wantState(f.step(run.ID), store.RunWaiting)
				if deaf { // for the first three looks
					f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/following", Kind: fedisim.ServerError, Times: 3})
				}
				f.wish(run.ID, store.WishCancel)
				f.wantState(f.finish(run.ID), store.RunCancelled)
				want := map[ledger.State]int{ledger.StateConfirmed: 56}
				if f.home.Count(fedisim.Imported) == 0 {
					want = map[ledger.State]int{ledger.StateSkipped: 56}
				}
				f.wantCounts(run.ID, want)
				f.wantReasons(run.ID)
				if n := f.home.Requests()[importRoute]; n != 1 {
					t.Errorf("handed over %d times", n)
				}
				f.undo(run.ID)
				f.wantFollowing()
			})
		}
	}
}

// A cancel that is pressed while the file is on its way finds out as much.
func TestImportCancelledOnItsWay(t *testing.T) {
	for _, point := range []string{fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerSent} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			f.people(55)
			f.worker.Lease = 1500 * time.Millisecond
			f.home.Fault(fedisim.Fault{Path: "/api/v1/import", Kind: fedisim.Latency, Delay: 700 * time.Millisecond}) // the slice hears of it
			run := f.start(jobs.KindFollow, byFile)
			f.at(point, importRoute, 1, func() { f.wish(run.ID, store.WishCancel) })
			f.step(run.ID)
			f.worker.Lease = 0
			f.wantState(f.finish(run.ID), store.RunCancelled)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 56})
			f.undo(run.ID)
			f.wantFollowing()
		})
	}
}

// A server that did not take the file has followed nobody: whom the Owner follows
// by hand until the cancel is the Owner's.
func TestImportNotTakenAndCancelled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	f.people(55)
	run := f.start(jobs.KindFollow, byFile)
	f.home.Fault(fedisim.Fault{Path: "/api/v1/import", Kind: fedisim.TooMuch})
	f.wantState(f.step(run.ID), store.RunWaiting)
	f.byHand().do((*fediverse.Session).Follow, "person0@away.example")
	f.clock.set(f.clock.now().Add(6 * time.Minute))
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateSkipped: 56})
	f.undo(run.ID)
	f.wantFollowing("person0@away.example")
}

// A file that was taken, though no answer came, counts whatever the server says to
// the next one: those whom it followed are ours.
func TestImportLostThenNo(t *testing.T) {
	for _, then := range []fedisim.Fault{
		{Kind: fedisim.ServerError, Status: 400}, {Kind: fedisim.TooMuch}, {Kind: fedisim.ServerError, Status: 500, Times: -1},
	} {
		t.Run(fmt.Sprint(then.Kind, then.Status), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			want := f.people(55)
			f.home.Fault(fedisim.Fault{Path: "/api/v1/import", Kind: fedisim.CutAfter})
			then.Path = "/api/v1/import"
			f.home.Fault(then)
			run := f.done(f.start(jobs.KindFollow, byFile).ID)
			f.wantFollowing(want...)
			confirmed, err := f.store.StepCounts(t.Context(), run.ID)
			f.check(err)
			if confirmed[ledger.StateConfirmed] < 55 {
				t.Errorf("%v: not all are known for ours", confirmed)
			}
			f.undo(run.ID)
			f.wantFollowing()
		})
	}
}

// A server that fails on the file always is not handed it for ever.
func TestImportThatAlwaysFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	want := f.people(55)
	f.home.Fault(fedisim.Fault{Path: "/api/v1/import", Kind: fedisim.ServerError, Times: -1})
	run := f.done(f.start(jobs.KindFollow, byFile).ID)
	f.wantFollowing(want...)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 55, ledger.StateRefused: 1})
	f.undo(run.ID)
	f.wantFollowing()
}

// Who opts out after the file was handed over, and whom the server dropped, is not
// asked by name. Whom it followed has to be known, to be taken back.
func TestImportAndOptOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	away, late := f.sim.Server("away.example"), f.sim.AddServer(fedisim.Config{Host: "late.example", NoLimits: true})
	late.AddAccount(fedisim.Account{User: "ada"})
	away.AddAccount(fedisim.Account{User: "locked", Locked: true})
	f.reach()
	f.people(50)
	f.person("10", "ada", "ada@late.example", 3)
	f.person("11", "locked", "locked@away.example", 2)
	late.SetDown(true)
	run := f.start(jobs.KindFollow, byFile)
	f.step(run.ID)
	f.pass(f.run(run.ID)) // the server has dropped the row by now
	late.SetDown(false)
	f.optOut("ada@late.example")
	f.optOut("locked@away.example")
	f.done(run.ID)
	got := f.outcomes(run.ID)
	if got["ada@late.example"] != "skipped opted out" || got["locked@away.example"] != "confirmed requested" {
		t.Errorf("became %q and %q", got["ada@late.example"], got["locked@away.example"])
	}
	f.undo(run.ID)
	f.wantFollowing()
}

// An account that has moved to where the Owner followed it before is not ours,
// although the old one stood in the file.
func TestImportOfSomebodyWhoMoved(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	late := f.sim.AddServer(fedisim.Config{Host: "late.example", NoLimits: true})
	late.AddAccount(fedisim.Account{User: "old"})
	f.reach()
	f.follows("new")
	f.people(50)
	f.person("10", "old", "old@late.example", 3)
	late.SetDown(true)
	run := f.start(jobs.KindFollow, byFile)
	f.step(run.ID)
	f.pass(f.run(run.ID)) // the server has dropped the row by now
	late.SetDown(false)
	late.Change("old", func(a *fedisim.Account) { a.MovedTo = "new@away.example" })
	f.done(run.ID)
	if got := f.outcomes(run.ID)["old@late.example"]; got != "skipped already" {
		t.Errorf("became %q", got)
	}
	f.undo(run.ID)
	f.wantFollowing("new@away.example")
}
