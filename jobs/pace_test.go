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

// wantPause compares the time between any two posts.
func (f *fixture) wantPause(want time.Duration) {
	f.t.Helper()
	var last time.Time
	for _, e := range f.home.Effects() {
		if e.Kind != fedisim.PostCreated {
			continue
		}
		if pause := e.At.Sub(last); pause < want {
			f.t.Errorf("%s before %q, want %s", pause, e.Text, want)
		}
		last = e.At
	}
}

var slow = jobs.PostsOptions{PerHour: 12}

// The pace holds after a post whose outcome was not known at first.
func TestPaceAfterLook(t *testing.T) {
	for _, kind := range []string{fedisim.CutAfter, fedisim.LateEffect} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
			tweets, want := texts(4)
			f.tweets(tweets...)
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: kind, Delay: time.Minute})
			f.done(f.start(jobs.KindPosts, slow).ID)
			f.wantPosted(want...)
			f.wantPause(5*time.Minute - time.Minute) // a late effect comes up to a minute after its request
		})
	}
}

// The pace holds over a pause, and over two Moves of one Account.
func TestPaceOfAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	tweets, want := texts(4)
	f.tweets(tweets[:2]...)
	other := f.addMove("2")
	f.tweetsOf(other.ID, "", tweets[2:]...)
	first := f.start(jobs.KindPosts, slow)
	f.step(first.ID)
	f.wish(first.ID, store.WishPause)
	f.wantState(f.step(first.ID), store.RunPaused)
	f.resume(first.ID)
	f.step(first.ID)
	f.wantPosted(want[:1]...)
	second := f.startOf(other.ID, jobs.KindPosts, slow)
	f.step(second.ID)
	f.wantPosted(want[:1]...)
	f.done(first.ID)
	f.done(second.ID)
	f.wantPosted(want...)
	f.wantPause(5 * time.Minute)
}

// A pause that is pressed during an upload keeps its post back.
func TestPauseDuringUpload(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	one := tweet(0, "one")
	f.bring(picture(&one, "a"))
	f.tweets(one)
	run := f.start(jobs.KindPosts, fast)
	f.at(fedisim.RequestRead, "POST /api/v2/media", 1, func() { f.wish(run.ID, store.WishPause) })
	f.wantState(f.finish(run.ID), store.RunPaused)
	f.wantPosted()
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StatePlanned: 1})
	f.resume(run.ID)
	f.done(run.ID)
	f.wantPosted("one")
	if n := f.home.Count(fedisim.MediaUploaded); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
}

// A Step that is tried again uploads only what the server does not have.
func TestUploadsAreRemembered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	one := tweet(0, "one")
	f.bring(picture(&one, "a"), picture(&one, "b"), picture(&one, "c"))
	f.tweets(one)
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v2/media", After: 2, Kind: fedisim.ServerError})
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", Kind: fedisim.TooMuch})
	f.done(f.start(jobs.KindPosts, fast).ID)
	if n := f.home.Count(fedisim.MediaUploaded); n != 3 {
		t.Errorf("%d uploads, want 3", n)
	}
	if posts := f.home.Posts("alex"); len(posts) != 1 || len(posts[0].Media) != 3 {
		t.Errorf("posts %+v, want one with three pictures", posts)
	}
}

// A machine that slept between noting a post as sent and sending it sends nothing
// when it wakes up after the deadline.
func TestAsleepBeforeWrite(t *testing.T) {
	for _, kind := range []string{jobs.KindPosts, jobs.KindFollow} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
			asleep := time.Hour
			f.worker.Client = fediverse.New(fediverse.Options{
				Simulated: f.sim.Hosts(), Budget: fediverse.Free{}, Now: func() time.Time { return f.clock.now().Add(asleep) },
			})
			f.tweets(tweet(0, "one"))
			people := f.people(1)
			run := f.start(kind, fast)
			r := f.step(run.ID)
			f.wantState(r, store.RunWaiting)
			if got := f.seen(kind); len(got) != 0 {
				t.Errorf("%q went out an hour late", got)
			}
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StatePlanned: 1})
			asleep = 0
			f.pass(r)
			f.done(run.ID)
			if got := f.seen(kind); len(got) != 1 || got[0] != "one" && got[0] != people[0] {
				t.Errorf("%q, want it once", got)
			}
		})
	}
}
