package jobs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
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
			f.wantLedger(file.ID, "0 planned", "1 sent", "1 planned", "2 sent", "2 confirmed")
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

// A Run that is cancelled after the file was handed over knows whom the server
// has followed by then, says of the others what may come, and can be undone.
func TestImportCancelled(t *testing.T) {
	for _, wait := range []time.Duration{0, 10 * time.Second} {
		t.Run(wait.String(), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			f.people(55)
			f.sim.Server("away.example").AddAccount(fedisim.Account{User: "locked", Locked: true})
			f.person("10", "locked", "locked@away.example", 1)
			run := f.start(jobs.KindFollow, byFile)
			f.wantState(f.step(run.ID), store.RunWaiting)
			f.clock.set(f.clock.now().Add(wait))
			f.sim.Advance(0)
			f.wish(run.ID, store.WishCancel)
			f.wantState(f.step(run.ID), store.RunCancelled)
			confirmed := 1
			if wait > 0 {
				confirmed = 56
			}
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: confirmed, ledger.StateSkipped: 57 - confirmed})
			f.wantReasons(run.ID)
			for _, s := range f.steps(run.ID) {
				if s.State == ledger.StateSkipped && !strings.Contains(s.Reason, "may follow this account all the same") {
					t.Errorf("%s was left out because of %q", s.Address, s.Reason)
				}
			}
			f.done(f.start(jobs.KindUndo, jobs.UndoOptions{Run: run.ID}).ID)
			if n := len(f.home.Following("alex")); wait > 0 && n != 0 {
				t.Errorf("%d are followed after the undo", n)
			}
		})
	}
}
