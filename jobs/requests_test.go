package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/jobs"
)

// track looks after requests once an hour for that long.
func (f *fixture) track(long time.Duration) (answered int) {
	f.t.Helper()
	for range int(long / time.Hour) {
		f.clock.set(f.clock.now().Add(time.Hour))
		f.sim.Advance(0)
		n, err := f.worker.TrackRequests(f.t.Context())
		f.check(err)
		answered += n
	}
	return answered
}

// A request that waits is followed up: accepted, rejected, or left unanswered,
// which is said too. Nobody is asked more often than needed, or again.
func TestTrackRequests(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			away := f.sim.Server("away.example")
			users := []string{"soon", "later", "no", "silent", "back"}
			for i, user := range users {
				away.AddAccount(fedisim.Account{User: user, Locked: true})
				f.person(fmt.Sprint(10+i), user, user+"@away.example", 9-i)
			}
			run := f.done(f.start(jobs.KindFollow, nil).ID)
			for address, became := range f.outcomes(run.ID) {
				if became != "confirmed requested" {
					t.Errorf("%s became %q at first", address, became)
				}
			}
			away.Accept("soon", "alex@home.example")
			if n := f.track(2 * time.Hour); n != 1 {
				t.Errorf("%d answers in two hours, want 1", n)
			}
			f.byHand().do((*fediverse.Session).Unfollow, "back@away.example")
			f.track(5 * 24 * time.Hour)
			away.Reject("no", "alex@home.example")
			f.track(5 * 24 * time.Hour)
			away.Accept("later", "alex@home.example")
			asked := f.home.Requests()["GET /api/v1/accounts/relationships"]
			f.track(25 * 24 * time.Hour)
			want := map[string]string{
				"soon@away.example": "confirmed followed", "later@away.example": "confirmed followed", "no@away.example": "confirmed refused",
				"silent@away.example": "confirmed requested", "back@away.example": "confirmed refused",
			}
			if got := f.outcomes(run.ID); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("became %v, want %v", got, want)
			}
			for _, s := range f.steps(run.ID) {
				switch user := s.Address.User; {
				case user == "silent" && !strings.HasPrefix(s.Reason, "no answer for 30 days"), s.Outcome == jobs.OutcomeRefused && s.Reason == "":
					t.Errorf("%s is %s because of %q", user, s.Outcome, s.Reason)
				}
			}
			more := f.home.Requests()["GET /api/v1/accounts/relationships"] - asked
			if more > 25 {
				t.Errorf("asked %d times in 25 days", more)
			}
			f.track(5 * 24 * time.Hour)
			if n := f.home.Requests()["GET /api/v1/accounts/relationships"] - asked; n != more {
				t.Errorf("asked %d times after all was over", n-more)
			}
			// Nobody is asked once more by another Run, whatever they answered.
			f.done(f.start(jobs.KindFollow, nil).ID)
			if n := len(f.asked()); n != len(users) {
				t.Errorf("%d were asked, want %d", n, len(users))
			}
		})
	}
}

// A server that does not answer, a token that is gone and an Account that is not
// connected any more keep nobody else's requests.
func TestTrackRequestsOfMany(t *testing.T) {
	tests := []struct {
		name   string
		before func(f *fixture)
		after  func(f *fixture) // nil where nobody can ask any more
	}{
		{"down", func(f *fixture) { f.home.SetDown(true) }, func(f *fixture) { f.home.SetDown(false) }},
		{"limited", func(f *fixture) {
			f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/relationships", Kind: fedisim.TooMuch})
		}, func(f *fixture) {}},
		{"revoked", func(f *fixture) { f.home.RevokeTokens("alex") }, func(f *fixture) { f.connect("Skein") }},
		{"forgotten", func(f *fixture) { f.check(f.store.ForgetAccount(f.t.Context(), f.owner, f.account.ID)) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{NoLimits: true})
			away := f.sim.Server("away.example")
			away.AddAccount(fedisim.Account{User: "ada", Locked: true})
			f.person("10", "ada", "ada@away.example", 9)
			run := f.done(f.start(jobs.KindFollow, nil).ID)
			away.Accept("ada", "alex@home.example")
			tt.before(f)
			if n := f.track(2 * time.Hour); n != 0 && tt.name != "limited" {
				t.Errorf("%d answers", n)
			}
			if tt.after == nil {
				return
			}
			tt.after(f)
			f.track(48 * time.Hour)
			if got := f.outcomes(run.ID)["ada@away.example"]; got != "confirmed followed" {
				t.Errorf("became %q", got)
			}
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 1})
		})
	}
}

// More requests than fit into one question are all looked at.
func TestTrackRequestsInParts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	want := f.people(95)
	away := f.sim.Server("away.example")
	for i := range want {
		away.Change(fmt.Sprintf("person%d", i), func(a *fedisim.Account) { a.Locked = true })
	}
	run := f.done(f.start(jobs.KindFollow, nil).ID)
	for i := range want {
		away.Accept(fmt.Sprintf("person%d", i), "alex@home.example")
	}
	asked := f.home.Requests()["GET /api/v1/accounts/relationships"]
	if n := f.track(time.Hour); n != len(want) {
		t.Errorf("%d answers, want %d", n, len(want))
	}
	if n := f.home.Requests()["GET /api/v1/accounts/relationships"] - asked; n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
	for address, became := range f.outcomes(run.ID) {
		if became != "confirmed followed" {
			t.Errorf("%s became %q", address, became)
		}
	}
}
