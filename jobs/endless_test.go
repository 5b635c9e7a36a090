package jobs_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// A Run that is cancelled while its server is gone ends, though nobody can say
// what became of the request that was under way.
func TestCancelOfServerThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	f.people(3)
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/accounts/*/follow", Kind: fedisim.CutBefore})
	run := f.start(jobs.KindFollow, nil)
	f.step(run.ID)
	f.home.SetDown(true)
	f.wish(run.ID, store.WishCancel)
	began := f.clock.now()
	f.wantState(f.finish(run.ID), store.RunCancelled)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateUnsure: 1, ledger.StateSkipped: 2})
	if took := f.clock.now().Sub(began); took < time.Hour || took > 3*time.Hour {
		t.Errorf("given up after %s", took)
	}
}

// A Step on which the server fails always is refused in the end, and those behind
// it come about.
func TestStepThatAlwaysFails(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			f.people(3)
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/accounts/*/follow", Kind: fedisim.ServerError, Times: 10})
			run := f.done(f.start(jobs.KindFollow, nil).ID)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateRefused: 1, ledger.StateConfirmed: 2})
		})
	}
}

// The accounts of a server whose addresses have another host than its API are
// found there, also those of its own.
func TestFollowOnSplitDomain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true, AccountDomain: "uni.example"})
	f.home.AddAccount(fedisim.Account{User: "ada"})
	f.person("10", "ada", "ada@uni.example", 9)
	run := f.done(f.start(jobs.KindFollow, nil).ID)
	if got := f.outcomes(run.ID)["ada@uni.example"]; got != "confirmed followed" {
		t.Errorf("became %q", got)
	}
}

// Whom the Owner followed between the plan and the file is the Owner's, and who
// opted out meanwhile is not in the file.
func TestImportAfterAPause(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	f.people(55)
	run := f.start(jobs.KindFollow, byFile)
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/import", Kind: fedisim.TooMuch})
	f.step(run.ID) // the server asks to wait, and a day goes by
	hand := f.byHand()
	hand.do((*fediverse.Session).Follow, "person0@away.example")
	f.optOut("person1@away.example")
	f.done(run.ID)
	got := f.outcomes(run.ID)
	if got["person0@away.example"] != "skipped already" || got["person1@away.example"] != "skipped opted out" {
		t.Errorf("became %v and %v", got["person0@away.example"], got["person1@away.example"])
	}
	f.undo(run.ID)
	f.wantFollowing("person0@away.example")
}

// A follow that the Owner makes after somebody had said no to the Run's is not
// taken back.
func TestUndoAfterARefusal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	away := f.sim.Server("away.example")
	away.AddAccount(fedisim.Account{User: "ada", Locked: true})
	f.person("10", "ada", "ada@away.example", 9)
	run := f.done(f.start(jobs.KindFollow, nil).ID)
	away.Reject("ada", "alex@home.example")
	f.track(48 * time.Hour)
	away.Change("ada", func(a *fedisim.Account) { a.Locked = false })
	hand := f.byHand()
	hand.do((*fediverse.Session).Follow, "ada@away.example")
	f.sim.Advance(0)
	f.undo(run.ID)
	f.wantFollowing("ada@away.example")
}
