package jobs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

const followRoute = "/api/v1/accounts/*/follow"

// Everybody who is chosen is followed once, on each kind of server, and every
// row says what became of it.
func TestFollow(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			away := f.sim.Server("away.example")
			for _, a := range []fedisim.Account{{User: "open"}, {User: "locked", Locked: true}, {User: "already"}, {User: "old", MovedTo: "new@away.example"}, {User: "new"}, {User: "foe"}} {
				away.AddAccount(a)
			}
			f.sim.MakeFollow("alex@home.example", "already@away.example")
			f.person("10", "open", "open@away.example", 9)
			f.person("11", "locked", "locked@away.example", 8)
			f.person("12", "already", "already@away.example", 7)
			f.personWith("13", "old", model.Profile{
				Address: mustAddress(t, "old@away.example"), Existence: model.Exists, MovedTo: mustAddress(t, "new@away.example"),
			}, 6)
			f.person("14", "nobody", "nobody@away.example", 5)
			f.person("15", "foe", "foe@away.example", 4, model.Blocking)
			run := f.start(jobs.KindFollow, nil)
			f.done(run.ID)

			want := []string{"open@away.example", "locked@away.example", "new@away.example"}
			f.wantAsked(want...)
			if n := f.home.Count(fedisim.FollowRepeated); n > 0 {
				t.Errorf("%d were asked again", n)
			}
			outcomes := f.outcomes(run.ID)
			if got := outcomes["nobody@away.example"]; got != "skipped unreachable" {
				t.Errorf("an address that is not there: %q", got)
			}
			if got := outcomes["new@away.example"]; got != "confirmed followed" && got != "confirmed requested" {
				t.Errorf("somebody who moved: %q", got)
			}
			if got := outcomes["locked@away.example"]; software == "mastodon" && got != "confirmed requested" {
				t.Errorf("a locked account: %q, want it requested", got)
			}
			if _, planned := outcomes["foe@away.example"]; planned {
				t.Errorf("somebody who is blocked on Twitter is planned to be followed")
			}
			if got, planned := outcomes["already@away.example"]; planned && got != "skipped already" {
				t.Errorf("somebody followed before: %q", got)
			}
			for _, s := range f.steps(run.ID) {
				if s.State == ledger.StateConfirmed {
					f.wantLedger(s.ID, "0 planned", "1 sent", "1 confirmed")
				}
			}
			// Doing it all again follows nobody.
			f.done(f.start(jobs.KindFollow, nil).ID)
			f.wantAsked(want...)
		})
	}
}

func mustAddress(t testing.TB, s string) model.Address {
	t.Helper()
	a, err := model.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Of Mastodon's 400 follows a day a quarter stays with the Owner; the Run meets
// no 429 and goes on the next day.
func TestFollowDailyLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", Limits: map[string]fedisim.Limit{"follows": {Max: 40, Per: 24 * time.Hour}}})
	want := f.people(70)
	run := f.start(jobs.KindFollow, nil)
	began := f.clock.now()
	r := f.until(run.ID, func(r store.Run) bool { return r.DueAt.Sub(f.clock.now()) > time.Hour })
	if n := len(f.asked()); n != 30 {
		t.Errorf("%d follows on the first day, want 30", n)
	}
	if day := r.DueAt.Truncate(24 * time.Hour); !day.After(began) {
		t.Errorf("it goes on at %s, want the next day", r.DueAt)
	}
	f.pass(r)
	f.done(run.ID)
	f.wantAsked(want...)
	if n := f.home.Count(fedisim.TooMany); n > 0 {
		t.Errorf("%d times 429", n)
	}
	if days := f.clock.now().Sub(began); days < 24*time.Hour || days > 3*24*time.Hour {
		t.Errorf("it took %s", days)
	}
}

// The real limits of Mastodon, over the days that so many take.
func TestFollowLimitsOfMastodon(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of follows")
	}
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon"})
	want := f.people(330)
	run := f.start(jobs.KindFollow, nil)
	began := f.clock.now()
	f.done(run.ID)
	f.wantAsked(want...)
	if n := f.home.Count(fedisim.TooMany); n > 0 {
		t.Errorf("%d times 429", n)
	}
	if took := f.clock.now().Sub(began); took > 3*24*time.Hour {
		t.Errorf("it took %s", took)
	}
}

// Another program used up the allowance: the server says 429, nothing happened,
// and the Run waits as long as it was told.
func TestFollowMeets429(t *testing.T) {
	for _, route := range []string{followRoute, "/api/v2/search", "/api/v1/accounts/relationships"} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			want := f.people(4)
			f.home.Fault(fedisim.Fault{Path: route, Kind: fedisim.TooMuch, After: 1, Times: 2})
			run := f.start(jobs.KindFollow, nil)
			r := f.step(run.ID)
			f.wantState(r, store.RunWaiting)
			if wait := r.DueAt.Sub(f.clock.now()); wait < 4*time.Minute || wait > 6*time.Minute {
				t.Errorf("waits %s, want the five minutes that the server asked for", wait)
			}
			f.pass(r)
			f.done(run.ID)
			f.wantAsked(want...)
		})
	}
}

// A server that is down for an hour costs that hour and nothing else, at the
// beginning and in the middle of a Run.
func TestFollowServerDown(t *testing.T) {
	for _, after := range []int{0, 2} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			want := f.people(5)
			run := f.start(jobs.KindFollow, nil)
			if after == 0 {
				f.home.SetDown(true)
			} else {
				f.sim.Hook(func(p fedisim.Point) {
					if p.Kind == fedisim.AnswerSent && p.Route == "POST /api/v1/accounts/{id}/follow" && p.N == after {
						go f.home.SetDown(true)
					}
				})
			}
			up := f.clock.now().Add(time.Hour)
			r := f.until(run.ID, func(r store.Run) bool { return r.DueAt.After(up) })
			f.wantState(r, store.RunWaiting)
			if r.Error == "" {
				t.Error("nothing tells the Owner what it waits for")
			}
			f.sim.Hook(nil)
			f.home.SetDown(false)
			f.pass(r)
			r = f.done(run.ID)
			if r.Error != "" {
				t.Errorf("the error stays: %q", r.Error)
			}
			got := f.asked()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("followed %q, want %q", got, want)
			}
		})
	}
}

// A token that is revoked half-way pauses the Run with a sentence; once the
// Account is connected again it goes on and completes.
func TestFollowTokenRevoked(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			want := f.people(5)
			run := f.start(jobs.KindFollow, nil)
			f.sim.Hook(func(p fedisim.Point) {
				if p.Kind == fedisim.EffectDone && p.Route == "POST /api/v1/accounts/{id}/follow" && p.N == 2 {
					f.home.RevokeTokens("alex")
				}
			})
			r := f.finish(run.ID)
			f.wantState(r, store.RunPaused)
			if r.Error == "" {
				t.Error("nothing tells the Owner why it paused")
			}
			f.sim.Hook(nil)
			f.resume(run.ID)
			r = f.finish(run.ID)
			f.wantState(r, store.RunPaused)
			f.connect("Skein")
			f.resume(run.ID)
			f.done(run.ID)
			f.wantAsked(want...)
		})
	}
}

// One address on which the own server fails again and again holds nobody up, and
// somebody whom the Owner blocks there is not followed.
func TestFollowBadOnes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "akkoma", NoLimits: true})
	want := f.people(3)
	away := f.sim.Server("away.example")
	away.AddAccount(fedisim.Account{User: "foe"})
	f.person("10", "foe", "foe@away.example", 20)
	session := f.worker.Client.As("home.example", f.home.Token("alex"), fediverse.Capability{Software: "akkoma", Follows: true})
	foe, err := session.Resolve(t.Context(), mustAddress(t, "foe@away.example"))
	f.check(err)
	_, err = session.Block(t.Context(), foe.ID)
	f.check(err)
	f.home.Fault(fedisim.Fault{Path: "/api/v2/search", After: 1, Times: 40, Kind: fedisim.ServerError, Status: 500})
	run := f.start(jobs.KindFollow, nil)
	day := f.clock.now().AddDate(0, 0, 1)
	r := f.until(run.ID, func(store.Run) bool { return f.clock.now().After(day) })
	f.wantState(r, store.RunDone)
	got := f.outcomes(run.ID)
	if got["foe@away.example"] != "skipped blocked" || got[want[0]] != "skipped unreachable" {
		t.Errorf("outcomes %v", got)
	}
}
