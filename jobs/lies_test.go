package jobs_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// A server whose numbers are untrue, of calls that are left and of when they are
// renewed, ends no Run and keeps none for longer than makes sense.
func TestUntrueLimits(t *testing.T) {
	header := func(limit, remaining, reset string) map[string]string {
		return map[string]string{"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}
	}
	tests := []struct {
		name   string
		header map[string]string
		most   time.Duration
	}{
		{"nothing left for a hundred years", header("300", "0", "2126-01-01T00:00:00Z"), time.Minute},
		{"nothing left, renewed long ago", header("300", "0", "1999-01-01T00:00:00Z"), time.Minute},
		{"nothing left, renewed at no time", header("300", "0", "soon"), time.Minute},
		{"more left than there is", header("10", "100000", "2026-03-14T13:05:00Z"), time.Minute},
		{"less than nothing", header("300", "-5", "2126-01-01T00:00:00Z"), time.Minute},
		{"no limit", header("0", "0", "2126-01-01T00:00:00Z"), time.Minute},
		{"words", header("many", "few", "later"), time.Minute},
		{"huge", header("999999999999999999999", "9", "99999999999999999999"), time.Minute},
		{"nothing left today", header("300", "0", "2026-03-15T00:00:00Z"), 12 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			want := f.people(4)
			f.home.Fault(fedisim.Fault{Kind: fedisim.Untrue, Times: -1, Header: tt.header})
			began := f.clock.now()
			run := f.start(jobs.KindFollow, nil)
			f.done(run.ID)
			f.wantAsked(want...)
			if took := f.clock.now().Sub(began); took > tt.most {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A server that says that much is left, and then that it was too much, is waited
// for as it asks, at most a day.
func TestUntrueThen429(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	want := f.people(4)
	f.home.Fault(fedisim.Fault{Path: followRoute, Kind: fedisim.TooMuch, After: 1, Times: 2, Header: map[string]string{
		"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2126-01-01T00:00:00Z", "Retry-After": "99999999",
	}})
	run := f.start(jobs.KindFollow, nil)
	began := f.clock.now()
	f.done(run.ID)
	f.wantAsked(want...)
	if took := f.clock.now().Sub(began); took > 49*time.Hour {
		t.Errorf("it took %s", took)
	}
}

// The clock of the machine jumps ahead, by a day or by a year, and back again,
// while a request has no outcome and while a Run waits: everything happens once.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{20 * time.Minute, 24 * time.Hour, 400 * 24 * time.Hour, -time.Hour, -400 * 24 * time.Hour} {
		for _, kind := range []string{jobs.KindPosts, jobs.KindFollow} {
			for _, software := range []string{"mastodon", "gotosocial", "snac"} {
				t.Run(jump.String()+" "+kind+" "+software, func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
					tweets, want := texts(5)
					f.tweets(tweets...)
					if kind == jobs.KindFollow {
						want = f.people(5)
					}
					fault := fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 2, Kind: fedisim.CutAfter}
					if kind == jobs.KindFollow {
						fault.Path = followRoute
					}
					f.home.Fault(fault)
					run := f.start(kind, fast)
					jumped := false
					r := f.until(run.ID, func(r store.Run) bool {
						if !jumped && len(f.seen(kind)) == 3 { // its answer was lost
							jumped = true
							f.clock.jump(jump)
						}
						return false
					})
					f.wantState(r, store.RunDone)
					got := f.seen(kind)
					if len(got) != len(want) || !jumped {
						t.Errorf("%q, want %q; jumped %t", got, want, jumped)
					}
					f.wantReasons(run.ID)
				})
			}
		}
	}
}
