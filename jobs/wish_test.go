package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// moments are the points of the second post, or follow, at which an Owner may
// press a button.
var moments = []string{fedisim.NextRequest, fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerSent}

func routeOf(kind string) string {
	if kind == jobs.KindFollow {
		return "POST /api/v1/accounts/{id}/follow"
	}
	return "POST /api/v1/statuses"
}

// at calls do once, when the n-th request of that route is at that point.
func (f *fixture) at(point, route string, n int, do func()) {
	f.sim.Hook(func(p fedisim.Point) {
		if p.Kind == point && p.Route == route && p.N == n { // there is one such
			do()
		}
	})
}

func (f *fixture) seen(kind string) []string {
	if kind == jobs.KindFollow {
		return f.asked()
	}
	return f.posted()
}

// wished starts a Run of that kind and has the Owner wish something at a moment
// of the second request. It returns the Run after the slice that saw it.
func (f *fixture) wished(kind, software, point, wish string) (store.Run, []string) {
	f.t.Helper()
	var want []string
	var run store.Run
	if kind == jobs.KindFollow {
		want = f.people(5)
		run = f.start(kind, nil)
	} else {
		tweets, texts := texts(5)
		f.tweets(tweets...)
		want = texts
		run = f.start(kind, jobs.PostsOptions{PerHour: 60})
	}
	wished := false
	f.at(point, routeOf(kind), 2, func() { wished = true; f.wish(run.ID, wish) })
	return f.until(run.ID, func(store.Run) bool { return wished }), want
}

// A Run that is told to pause at any moment pauses without being told again, and
// completes when it is resumed.
func TestPauseAtEachMoment(t *testing.T) {
	for _, kind := range []string{jobs.KindFollow, jobs.KindPosts} {
		for _, point := range moments {
			t.Run(kind+" "+point, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
				r, want := f.wished(kind, "mastodon", point, store.WishPause)
				if r.State == store.RunWaiting {
					r = f.step(r.ID) // the wish makes it due at once
				}
				f.wantState(r, store.RunPaused)
				before := len(f.seen(kind))
				f.clock.set(f.clock.now().Add(time.Hour))
				f.wantState(f.step(r.ID), store.RunPaused)
				if n := len(f.seen(kind)); n != before || n > 3 {
					t.Errorf("%d done when it paused, %d an hour later", before, n)
				}
				f.resume(r.ID)
				f.done(r.ID)
				if got := f.seen(kind); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

// A Run that is cancelled at any moment ends, and does no more.
func TestCancelAtEachMoment(t *testing.T) {
	for _, kind := range []string{jobs.KindFollow, jobs.KindPosts} {
		for _, point := range moments {
			t.Run(kind+" "+point, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
				r, want := f.wished(kind, "mastodon", point, store.WishCancel)
				if r.State == store.RunWaiting {
					r = f.step(r.ID)
				}
				f.wantState(r, store.RunCancelled)
				f.wantState(f.step(r.ID), store.RunCancelled)
				got := f.seen(kind)
				if len(got) > 3 || !slices.Equal(got, want[:len(got)]) {
					t.Errorf("got %q after a cancel", got)
				}
				f.wantCounts(r.ID, map[ledger.State]int{ledger.StateConfirmed: len(got), ledger.StateSkipped: 5 - len(got)})
			})
		}
	}
}

// A Run that is cancelled while a request has no outcome yet finds out what
// became of it, and sends nothing more.
func TestCancelWithoutAnswer(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for _, kind := range []string{jobs.KindFollow, jobs.KindPosts} {
			for _, cut := range []string{fedisim.CutBefore, fedisim.CutAfter, fedisim.LateEffect} {
				t.Run(fmt.Sprintf("%s %s %s", software, kind, cut), func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
					path := "/api/v1/statuses"
					if kind == jobs.KindFollow {
						path = followRoute
					}
					f.home.Fault(fedisim.Fault{Method: "POST", Path: path, After: 1, Kind: cut, Delay: time.Minute})
					r, want := f.wished(kind, software, fedisim.RequestRead, store.WishCancel)
					if r.State == store.RunWaiting {
						r = f.finish(r.ID)
					}
					f.wantState(r, store.RunCancelled)
					got, n := f.seen(kind), 2
					if cut == fedisim.CutBefore {
						n = 1
					}
					if !slices.Equal(got, want[:n]) {
						t.Errorf("got %q, want %q", got, want[:n])
					}
					f.wantCounts(r.ID, map[ledger.State]int{ledger.StateConfirmed: n, ledger.StateSkipped: 5 - n})
				})
			}
		}
	}
}

// A Run that is paused while a request has no outcome yet goes on rightly.
func TestPauseWithoutAnswer(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for _, cut := range []string{fedisim.CutBefore, fedisim.CutAfter, fedisim.LateEffect} {
			t.Run(software+" "+cut, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: cut, Delay: time.Minute})
				r, want := f.wished(jobs.KindPosts, software, fedisim.RequestRead, store.WishPause)
				if r.State == store.RunWaiting {
					r = f.step(r.ID)
				}
				f.wantState(r, store.RunPaused)
				f.resume(r.ID)
				f.done(r.ID)
				f.wantPosted(want...)
			})
		}
	}
}

// A cancel needs no server: one that is down, or an Account that has to be
// connected again, does not keep a Run.
func TestCancelWithoutServer(t *testing.T) {
	tests := []struct {
		name string
		lose func(*fixture)
	}{
		{"server down", func(f *fixture) { f.home.SetDown(true) }},
		{"server down for days", func(f *fixture) {
			f.home.SetDown(true)
			f.clock.set(f.clock.now().Add(48 * time.Hour))
		}},
		{"account revoked", func(f *fixture) { f.check(f.store.RevokeAccount(t.Context(), f.account.ID)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			tweets, _ := texts(3)
			f.tweets(tweets...)
			run := f.start(jobs.KindPosts, nil)
			f.step(run.ID)
			tt.lose(f)
			f.wish(run.ID, store.WishCancel)
			f.wantState(f.step(run.ID), store.RunCancelled)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 1, ledger.StateSkipped: 2})
		})
	}
}

// A cancelled Run gives its tweets back: a later one posts them.
func TestPostAfterCancel(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	tweets, want := texts(3)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, nil)
	f.step(run.ID)
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
	f.done(f.start(jobs.KindPosts, fast).ID)
	f.wantPosted(want...)
}
