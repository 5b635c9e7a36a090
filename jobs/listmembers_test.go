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
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// lists keeps who is to be in a list: its title, then its members.
func (f *fixture) lists(title string, members ...string) {
	f.t.Helper()
	kept, err := f.store.ListMembers(f.t.Context(), f.move.ID)
	f.check(err)
	for _, m := range members {
		kept = append(kept, store.ListMember{List: title, Member: m})
	}
	f.check(f.store.SetListMembers(f.t.Context(), f.move.ID, kept))
}

// listed returns what became of each Step of a lists Run: by title, and for
// members with their address.
func (f *fixture) listed(run string) map[string]string {
	f.t.Helper()
	all := map[string]string{}
	for _, s := range f.steps(run) {
		key := s.List
		if s.Address != (model.Address{}) {
			key += " " + s.Address.String()
		}
		all[key] = string(s.State) + " " + s.Outcome
	}
	return all
}

func (f *fixture) wantListed(run string, want map[string]string) {
	f.t.Helper()
	if got := f.listed(run); fmt.Sprint(got) != fmt.Sprint(want) {
		f.t.Errorf("became %v, want %v", got, want)
	}
}

// wantLists compares alex's lists at the server.
func (f *fixture) wantLists(want map[string][]string) {
	f.t.Helper()
	got := f.home.Lists("alex")
	for title := range got {
		slices.Sort(got[title])
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		f.t.Errorf("lists %v, want %v", got, want)
	}
}

// follows has alex follow accounts at away.example.
func (f *fixture) follows(users ...string) {
	f.accounts(users...)
	for _, user := range users {
		f.sim.MakeFollow("alex@home.example", user+"@away.example")
	}
}

// Lists are made once, or the ones that are there are used, and filled with
// those whom the Account follows: named by handle, by id or by address.
func TestLists(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			f.follows("ada", "bob", "eve", "old", "new")
			f.accounts("stranger")
			f.sim.Server("away.example").Change("old", func(a *fedisim.Account) { a.MovedTo = "new@away.example" })
			f.person("10", "Ada", "ada@away.example", 9)
			f.person("11", "bob", "bob@away.example", 8)
			hand := f.byHand()
			there, err := hand.s.CreateList(t.Context(), "Work")
			f.check(err)
			f.check(hand.s.AddToList(t.Context(), there.ID, hand.id("bob@away.example")))
			f.lists("Friends", "@ada", "11", "eve@away.example", "stranger@away.example", "nobody@away.example", "unknown_handle", "old@away.example")
			f.lists("Work", "bob", "ada")

			run := f.done(f.start(jobs.KindLists, nil).ID)
			f.wantListed(run.ID, map[string]string{
				"Friends": "confirmed made", "Work": "skipped already",
				"Friends ada@away.example": "confirmed listed", "Friends bob@away.example": "confirmed listed",
				"Friends eve@away.example": "confirmed listed", "Friends stranger@away.example": "skipped skipped",
				"Friends nobody@away.example": "skipped unreachable", "Friends old@away.example": "confirmed listed",
				"Work bob@away.example": "skipped already", "Work ada@away.example": "confirmed listed",
			})
			lists := map[string][]string{
				"Friends": {"ada@away.example", "bob@away.example", "eve@away.example", "new@away.example"},
				"Work":    {"ada@away.example", "bob@away.example"},
			}
			f.wantLists(lists)
			_, left, err := f.worker.PlanOf(t.Context(), jobs.KindLists, f.move.ID, f.account)
			f.check(err)
			if fmt.Sprint(left) != "[{no account chosen 1 [] [{unknown_handle Friends}]}]" {
				t.Errorf("left out: %v, want the handle that nobody has", left)
			}
			again := f.done(f.start(jobs.KindLists, nil).ID)
			for what, became := range f.listed(again.ID) {
				if !strings.HasPrefix(became, "skipped ") {
					t.Errorf("the second time %s became %s", what, became)
				}
			}
			f.wantLists(lists)
		})
	}
}

// A list in which nobody could be put is made all the same only if somebody is
// planned for it.
func TestListOfNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.lists("Nobody", "unknown_handle", "another one")
	run := f.done(f.start(jobs.KindLists, nil).ID)
	f.wantListed(run.ID, map[string]string{})
	f.wantLists(map[string][]string{})
}

// A locked account that says yes later is put into its list then; one that says
// no, or nothing, is left out.
func TestListWaitsForYes(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			away := f.sim.Server("away.example")
			for i, user := range []string{"yes", "no", "silent"} {
				away.AddAccount(fedisim.Account{User: user, Locked: true})
				f.person(fmt.Sprint(10+i), user, user+"@away.example", 9-i)
			}
			f.lists("Friends", "yes", "no", "silent")
			f.done(f.start(jobs.KindFollow, nil).ID)
			run := f.start(jobs.KindLists, nil)
			began := f.clock.now()
			r := f.step(run.ID)
			f.wantState(r, store.RunWaiting)
			if wait := r.DueAt.Sub(f.clock.now()); wait < 5*time.Minute || wait > 15*time.Minute {
				t.Errorf("looks again after %s", wait)
			}
			f.wantListed(run.ID, map[string]string{
				"Friends": "confirmed made", "Friends yes@away.example": "planned ", "Friends no@away.example": "planned ", "Friends silent@away.example": "planned ",
			})
			away.Accept("yes", "alex@home.example")
			away.Reject("no", "alex@home.example")
			r = f.until(run.ID, func(store.Run) bool { return f.clock.now().Sub(began) > 7*24*time.Hour })
			f.wantState(r, store.RunWaiting)
			f.wantLists(map[string][]string{"Friends": {"yes@away.example"}})
			if n := f.sim.Requests()["home.example GET /api/v1/accounts/relationships"]; n > 60 {
				t.Errorf("asked %d times in a week", n)
			}
			f.done(run.ID)
			f.wantListed(run.ID, map[string]string{
				"Friends": "confirmed made", "Friends yes@away.example": "confirmed listed", "Friends no@away.example": "skipped skipped",
				"Friends silent@away.example": "skipped requested",
			})
		})
	}
}

// Whom another Run is still to follow is waited for, whoever wrote the address
// how; once that Run was cancelled they are left out.
func TestListWaitsForFollowRun(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		t.Run(fmt.Sprint("cancelled ", cancel), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{NoLimits: true})
			f.accounts("ada", "eve")
			f.person("10", "ada", "Ada@away.example", 9)
			f.person("11", "eve", "eve@away.example", 8)
			f.lists("Friends", "ada@away.example")
			follows := f.start(jobs.KindFollow, nil)
			f.home.Fault(fedisim.Fault{Path: followRoute, Kind: fedisim.TooMuch})
			f.step(follows.ID)
			lists := f.start(jobs.KindLists, nil)
			f.wantState(f.step(lists.ID), store.RunWaiting)
			want := map[string][]string{"Friends": {"ada@away.example"}}
			if cancel {
				f.wish(follows.ID, store.WishCancel)
				want = map[string][]string{"Friends": {}}
			}
			f.clock.set(f.clock.now().Add(6 * time.Minute))
			f.finish(follows.ID)
			f.done(lists.ID)
			f.wantLists(want)
		})
	}
}

// Whatever becomes of an answer, there is one list of each title with everybody
// in it once. Mastodon would make a second list of the same title.
func TestListsWithoutAnswer(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for _, route := range []string{"/api/v1/lists", "/api/v1/lists/*/accounts"} {
			for i, fault := range mishaps {
				t.Run(fmt.Sprintf("%s %s %s %d", software, route, fault.Kind, i), func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
					f.follows("ada", "bob", "eve")
					f.lists("A", "ada@away.example", "bob@away.example")
					f.lists("B", "bob@away.example", "eve@away.example")
					fault.Method, fault.Path = "POST", route
					f.meet(fault, 1)
					run := f.done(f.start(jobs.KindLists, nil).ID)
					f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 6})
					f.wantLists(map[string][]string{"A": {"ada@away.example", "bob@away.example"}, "B": {"bob@away.example", "eve@away.example"}})
					if made, added := f.home.Count(fedisim.ListCreated), f.home.Count(fedisim.ListAdded); made != 2 || added != 4 {
						t.Errorf("%d lists made and %d times somebody put in, want 2 and 4", made, added)
					}
				})
			}
		}
	}
}

// What the Owner does meanwhile: a list that is deleted, somebody who is put in
// by hand or not followed any more. Each Step says so and the others go on.
func TestListsMeanwhile(t *testing.T) {
	tests := []struct {
		name string
		do   func(f *fixture, hand byHand)
		want map[string]string
	}{
		{"deleted", func(f *fixture, hand byHand) {
			lists, err := hand.s.Lists(f.t.Context())
			f.check(err)
			f.check(hand.s.DeleteList(f.t.Context(), lists[0].ID))
		}, map[string]string{"Friends": "confirmed made", "Friends ada@away.example": "skipped skipped", "Friends bob@away.example": "skipped skipped"}},
		{"put in", func(f *fixture, hand byHand) {
			lists, err := hand.s.Lists(f.t.Context())
			f.check(err)
			f.check(hand.s.AddToList(f.t.Context(), lists[0].ID, hand.id("ada@away.example")))
		}, map[string]string{"Friends": "confirmed made", "Friends ada@away.example": "skipped already", "Friends bob@away.example": "confirmed listed"}},
		{"not followed", func(f *fixture, hand byHand) { hand.do((*fediverse.Session).Unfollow, "ada@away.example") },
			map[string]string{"Friends": "confirmed made", "Friends ada@away.example": "skipped skipped", "Friends bob@away.example": "confirmed listed"}},
	}
	for _, tt := range tests {
		for _, software := range []string{"mastodon", "gotosocial"} {
			t.Run(tt.name+" "+software, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				f.follows("ada", "bob")
				f.lists("Friends", "ada@away.example", "bob@away.example")
				hand := f.byHand()
				run := f.start(jobs.KindLists, nil)
				f.at(fedisim.AnswerSent, "POST /api/v1/lists", 1, func() { f.wish(run.ID, store.WishPause) })
				f.until(run.ID, func(r store.Run) bool { return false })
				f.sim.Hook(nil)
				tt.do(f, hand)
				f.resume(run.ID)
				f.done(run.ID)
				f.wantListed(run.ID, tt.want)
			})
		}
	}
}
