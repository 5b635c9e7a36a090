package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// A server that refuses us, and not our Steps, pauses the Run before they are
// used up; it completes once the server has changed its mind.
func TestGeneralRefusal(t *testing.T) {
	tests := []struct {
		kind, path string
		status     int
		refused    int
		skipped    int
	}{
		{kind: jobs.KindPosts, path: "/api/v1/statuses", status: 403, refused: 4},
		{kind: jobs.KindPosts, path: "/api/v1/statuses", status: 404, refused: 4},
		{kind: jobs.KindPosts, path: "/api/v1/statuses", status: 308, refused: 4},
		{kind: jobs.KindFollow, path: followRoute, status: 403, refused: 4},
		{kind: jobs.KindFollow, path: "/api/v2/search", status: 405, skipped: 4},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.kind, " ", tt.path, " ", tt.status), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			f.home.Fault(fedisim.Fault{Path: tt.path, After: 1, Times: -1, Kind: fedisim.ServerError, Status: tt.status})
			tweets, _ := texts(9)
			f.tweets(tweets...)
			f.people(9)
			run := f.start(tt.kind, nil)
			r := f.finish(run.ID)
			f.wantState(r, store.RunPaused)
			if !strings.Contains(r.Error, fmt.Sprint(tt.status)) || !strings.Contains(r.Error, "home.example") {
				t.Errorf("it says %q", r.Error)
			}
			want := map[ledger.State]int{ledger.StateConfirmed: 1, ledger.StatePlanned: 4}
			if tt.refused > 0 {
				want[ledger.StateRefused] = tt.refused
			} else {
				want[ledger.StateSkipped] = tt.skipped
			}
			f.wantCounts(run.ID, want)
			f.home.ClearFaults()
			f.resume(run.ID)
			f.done(run.ID)
			want[ledger.StateConfirmed], want[ledger.StatePlanned] = 5, 0
			delete(want, ledger.StatePlanned)
			f.wantCounts(run.ID, want)
		})
	}
}

// Refusals of single Steps, with others that succeed in between, pause nothing.
func TestSingleRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	f.people(12)
	for _, after := range []int{1, 2} { // what meets the first is not counted by the second
		f.home.Fault(fedisim.Fault{Path: followRoute, After: after, Times: 4, Kind: fedisim.ServerError, Status: 403})
	}
	run := f.start(jobs.KindFollow, nil)
	f.done(run.ID)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 4, ledger.StateRefused: 8})
}

// A server that does not say what it can is named, and waited for as it asks.
func TestServerNotAsked(t *testing.T) {
	for _, limited := range []bool{false, true} {
		t.Run(fmt.Sprint("limited ", limited), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			f.tweets(tweet(0, "one"))
			wait := time.Minute
			if limited {
				wait = 5 * time.Minute
				f.home.Fault(fedisim.Fault{Path: "/.well-known/nodeinfo", Kind: fedisim.TooMuch})
			} else {
				f.home.SetDown(true)
			}
			r := f.step(f.start(jobs.KindPosts, fast).ID)
			f.wantState(r, store.RunWaiting)
			if !strings.HasPrefix(r.Error, "home.example ") {
				t.Errorf("it says %q", r.Error)
			}
			if got := r.DueAt.Sub(f.clock.now()).Round(time.Minute); got != wait {
				t.Errorf("waits %s, want %s", got, wait)
			}
			f.home.SetDown(false)
			f.pass(r)
			f.done(r.ID)
			f.wantPosted("one")
		})
	}
}
