package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/plan"
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

const followingRoute = "GET /api/v1/accounts/{id}/following"

// A list of whom the Account follows that names a next page for ever, with the same
// accounts on each, holds no Run up. No file goes out: nobody could tell whose follow
// was whose.
func TestFollowingWithoutAnEnd(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		for _, limits := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s limits %v", software, limits), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: !limits})
				want := f.people(50)
				f.sim.MakeFollow("alex@home.example", want[0])
				for i := range 400 {
					f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/following", Kind: fedisim.Untrue, Header: map[string]string{
						"Link": fmt.Sprintf(`<https://home.example/api/v1/accounts/1/following?max_id=%d>; rel="next"`, 1_000_000+i),
					}})
				}
				run := f.done(f.start(jobs.KindFollow, byFile).ID)
				f.wantFollowing(want...)
				if n := f.home.Requests()[followingRoute]; n > 100 {
					t.Errorf("%d pages were read", n)
				}
				if n := f.home.Requests()[importRoute]; n > 0 {
					t.Error("a file was handed over")
				}
				f.undo(run.ID)
				f.wantFollowing(want[0])
			})
		}
	}
}

// A long list is read no further than what is ours of the allowance; each Step asks
// by itself then.
func TestFollowingBeyondTheAllowance(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	var users []string
	for i := range 300 {
		users = append(users, fmt.Sprintf("friend%d", i))
	}
	f.follows(users...)
	f.people(2)
	f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/following", Kind: fedisim.Untrue, Times: -1, Header: map[string]string{
		"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "75", "X-RateLimit-Reset": f.clock.now().Add(4 * time.Minute).Format(time.RFC3339Nano),
	}})
	f.done(f.start(jobs.KindFollow, nil).ID)
	if n := f.home.Requests()[followingRoute]; n > 2 {
		t.Errorf("%d pages were read of an allowance that was used up with the first", n)
	}
	if n := len(f.home.Follows("alex")); n != 302 {
		t.Errorf("follows %d in the end, want 302", n)
	}
}

// A pause that is pressed while a long list is read does not wait for its end.
func TestPauseWhileReading(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	var users []string
	for i := range 500 {
		users = append(users, fmt.Sprintf("friend%d", i))
	}
	f.follows(users...)
	f.people(2)
	f.worker.Lease = 300 * time.Millisecond
	f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/following", Kind: fedisim.Latency, Delay: 250 * time.Millisecond})
	run := f.start(jobs.KindFollow, nil)
	f.at(fedisim.RequestRead, followingRoute, 1, func() { f.wish(run.ID, store.WishPause) })
	f.wantState(f.finish(run.ID), store.RunPaused)
	if n := f.home.Requests()[followingRoute]; n > 2 {
		t.Errorf("%d pages were read before it paused", n)
	}
	f.wantAsked()
}

// Members of a list at the server that do not come to an end hold no Run up.
func TestListWithoutAnEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	f.follows("ada", "bob")
	f.lists("Friends", "ada@away.example")
	first := f.done(f.start(jobs.KindLists, nil).ID)
	f.home.Fault(fedisim.Fault{Method: "GET", Path: "/api/v1/lists/*/accounts", Kind: fedisim.Untrue, Times: -1, Header: map[string]string{
		"Link": `<https://home.example/api/v1/lists/1/accounts?max_id=5>; rel="next"`,
	}})
	f.lists("Friends", "bob@away.example")
	run := f.done(f.start(jobs.KindLists, nil).ID)
	f.wantListed(run.ID, map[string]string{
		"Friends": "skipped already", "Friends ada@away.example": "skipped unreachable", "Friends bob@away.example": "skipped unreachable",
	})
	undo := f.undo(first.ID)
	f.wantListed(undo.ID, map[string]string{"Friends": "skipped kept", "Friends ada@away.example": "confirmed undone"})
}

// What else a server fails on always ends too, and what stands behind it comes about.
func TestOtherStepsThatAlwaysFail(t *testing.T) {
	fails := func(f *fixture, method, path string) {
		f.home.Fault(fedisim.Fault{Method: method, Path: path, Kind: fedisim.ServerError, Times: 10})
	}
	for _, software := range []string{"gotosocial", "snac"} { // Mastodon honours keys, and is sent the same for 50 minutes
		t.Run("posts "+software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			tweets, want := texts(3)
			f.tweets(tweets...)
			fails(f, "POST", "/api/v1/statuses")
			f.done(f.start(jobs.KindPosts, fast).ID)
			f.wantPosted(want[1:]...)
		})
	}
	t.Run("a list", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, fedisim.Config{NoLimits: true})
		f.follows("ada")
		f.lists("A", "ada@away.example")
		f.lists("B", "ada@away.example")
		fails(f, "POST", "/api/v1/lists")
		f.done(f.start(jobs.KindLists, nil).ID)
		f.wantLists(map[string][]string{"B": {"ada@away.example"}})
	})
	t.Run("a member", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, fedisim.Config{NoLimits: true})
		f.follows("ada", "bob")
		f.lists("A", "ada@away.example", "bob@away.example")
		fails(f, "POST", "/api/v1/lists/*/accounts")
		f.done(f.start(jobs.KindLists, nil).ID)
		f.wantLists(map[string][]string{"A": {"bob@away.example"}})
	})
	t.Run("a deletion", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, fedisim.Config{NoLimits: true})
		tweets, want := texts(3)
		f.tweets(tweets...)
		run := f.done(f.start(jobs.KindPosts, fast).ID)
		fails(f, "DELETE", "/api/v1/statuses/*")
		f.undo(run.ID)
		if got := f.there(); !slices.Equal(got, want[2:]) {
			t.Errorf("left: %q", got)
		}
	})
}

// A plan that was broken off has claimed tweets. A Run that is cancelled before it
// planned anew gives them back.
func TestCancelOfABrokenPlan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	one := tweet(0, "one")
	f.tweets(one)
	for i := range 45 { // more than a page
		f.home.AddPost("alex", fmt.Sprint("by hand ", i), f.clock.now())
	}
	run := f.start(jobs.KindPosts, fast)
	lease, err := f.store.Lease(t.Context(), run.ID, 15*time.Second)
	f.check(err)
	f.check(lease.AddSteps(t.Context(), f.account.Address.Key(), []plan.Step{{
		ID: store.NewID(), RunID: run.ID, Seq: 1, Kind: plan.KindPost, TweetID: one.ID, Part: 1, State: ledger.StatePlanned,
		Status: &compose.Status{TweetIDs: []string{one.ID}, Part: 1, Parts: 1, Text: "one"},
	}}))
	f.check(lease.SetCursor(t.Context(), "")) // there were more to come
	_, err = lease.Release(t.Context(), store.Next{State: store.RunWaiting})
	f.check(err)
	f.worker.Lease = 300 * time.Millisecond
	f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/*/statuses", Kind: fedisim.Latency, Delay: 250 * time.Millisecond})
	f.at(fedisim.RequestRead, "GET /api/v1/accounts/{id}/statuses", 1, func() { f.wish(run.ID, store.WishCancel) })
	f.wantState(f.step(run.ID), store.RunCancelled)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateSkipped: 1})
	f.worker.Lease = 0
	f.done(f.start(jobs.KindPosts, fast).ID)
	f.wantPosted("one")
}

// Whom the server does not know any more cannot be unfollowed and counts as taken
// back; the others are.
func TestUndoOfSomebodyWhoVanished(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			f.people(3)
			run := f.done(f.start(jobs.KindFollow, nil).ID)
			f.sim.Server("away.example").Change("person1", func(a *fedisim.Account) { a.Gone = true })
			undo := f.undo(run.ID)
			f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateUndone: 3})
			if got := f.outcomes(undo.ID)["person1@away.example"]; got != "confirmed already" {
				t.Errorf("the one who vanished became %q", got)
			}
		})
	}
}
