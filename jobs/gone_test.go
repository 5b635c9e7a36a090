package jobs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// An Account that is suspended or moves away half-way stops its Runs at once, with
// no Step used up, and says why. Once it works again they complete.
func TestOwnAccountGone(t *testing.T) {
	moved := func(a *fedisim.Account) { a.MovedTo = "fan@away.example" }
	tests := []struct {
		name, software string
		change         func(*fedisim.Account)
		says           string
	}{
		{"suspended", "mastodon", func(a *fedisim.Account) { a.Suspended = true }, "suspended"},
		{"moved", "mastodon", moved, "moved away"},
		{"moved", "gotosocial", moved, "has moved to fan@away.example"},
	}
	for _, tt := range tests {
		for _, kind := range []string{jobs.KindPosts, jobs.KindFollow} {
			t.Run(tt.name+" "+tt.software+" "+kind, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: tt.software, NoLimits: true})
				tweets, want := texts(7)
				f.tweets(tweets...)
				if kind == jobs.KindFollow {
					want = f.people(7)
				}
				run := f.start(kind, fast)
				f.at(fedisim.AnswerSent, routeOf(kind), 2, func() { f.home.Change("alex", tt.change) })
				r := f.finish(run.ID)
				f.wantState(r, store.RunPaused)
				if !strings.Contains(r.Error, tt.says) {
					t.Errorf("it says %q", r.Error)
				}
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 2, ledger.StatePlanned: 5})
				f.sim.Hook(nil)
				f.resume(run.ID)
				f.wantState(f.finish(run.ID), store.RunPaused)
				f.home.Change("alex", func(a *fedisim.Account) { a.Suspended, a.MovedTo = false, "" })
				f.resume(run.ID)
				f.done(run.ID)
				if got := f.seen(kind); !slices.Equal(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
			})
		}
	}
}

// A token that is revoked half-way pauses every kind of Run; connected again it
// completes.
func TestTokenRevoked(t *testing.T) {
	tests := []struct {
		kind, route string
		done        func(f *fixture) int // how much is done
	}{
		{jobs.KindBlocks, "POST /api/v1/accounts/{id}/block", func(f *fixture) int { return len(f.home.Blocking("alex")) }},
		{jobs.KindMutes, "POST /api/v1/accounts/{id}/mute", func(f *fixture) int { return len(f.home.Muting("alex")) }},
		{jobs.KindLists, "POST /api/v1/lists/{id}/accounts", func(f *fixture) int { return len(f.home.Lists("alex")["Friends"]) }},
		{jobs.KindUndo, "POST /api/v1/accounts/{id}/unfollow", func(f *fixture) int { return 3 - len(f.home.Follows("alex")) }},
	}
	for _, tt := range tests {
		for _, software := range []string{"mastodon", "gotosocial"} {
			t.Run(tt.kind+" "+software, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				users := []string{"a", "b", "c"}
				if tt.kind == jobs.KindLists {
					f.follows(users...)
				} else {
					f.accounts(users...)
				}
				for i, user := range users {
					relation := map[string]model.Relation{jobs.KindBlocks: model.Blocking}[tt.kind]
					if relation == "" {
						relation = model.Muting
					}
					f.person(fmt.Sprint(10+i), user, user+"@away.example", 9-i, relation)
					f.lists("Friends", user)
				}
				var o any
				if tt.kind == jobs.KindUndo {
					follows := f.done(f.start(jobs.KindFollow, nil).ID)
					o = jobs.UndoOptions{Run: follows.ID}
				}
				run := f.start(tt.kind, o)
				f.at(fedisim.EffectDone, tt.route, 2, func() { f.home.RevokeTokens("alex") })
				r := f.finish(run.ID)
				f.wantState(r, store.RunPaused)
				if !strings.Contains(r.Error, "Connect your account again") {
					t.Errorf("it says %q", r.Error)
				}
				if n := tt.done(f); n != 2 {
					t.Errorf("%d are done when it pauses, want 2", n)
				}
				f.sim.Hook(nil)
				f.connect("Skein")
				f.resume(run.ID)
				f.done(run.ID)
				if n := tt.done(f); n != 3 {
					t.Errorf("%d are done, want 3", n)
				}
			})
		}
	}
}

// A status that the server refuses, since its limit is another than it says or
// its rules are against it, is refused with what the server said. The others go on.
func TestRefusedStatus(t *testing.T) {
	tests := []struct {
		software, name, says string
		refuse               func(f *fixture)
	}{
		{"mastodon", "length", "character limit of 60 exceeded", func(f *fixture) { f.lie(500) }},
		{"gotosocial", "length", "exceed max chars (60)", func(f *fixture) { f.lie(500) }},
		{"mastodon", "rule", "the server refused (422)", func(f *fixture) {
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: fedisim.ServerError, Status: 422})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: tt.software, NoLimits: true, MaxCharacters: 60})
			long := strings.TrimSpace(strings.Repeat("long words ", 10))
			if tt.name != "length" {
				long = "not so long"
			}
			tt.refuse(f)
			f.tweets(tweet(0, "first"), tweet(1, long), tweet(2, "last"))
			run := f.done(f.start(jobs.KindPosts, fast).ID)
			f.wantPosted("first", "last")
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 2, ledger.StateRefused: 1})
			if reason := f.steps(run.ID)[1].Reason; !strings.Contains(reason, tt.says) {
				t.Errorf("refused because of %q, want %q", reason, tt.says)
			}
		})
	}
}

// lie has us believe in another limit of the home server's texts.
func (f *fixture) lie(characters int) {
	f.t.Helper()
	c, err := f.worker.Capability(f.t.Context(), "home.example")
	f.check(err)
	c.MaxCharacters = characters
	b, err := json.Marshal(c)
	f.check(err)
	f.check(f.store.SaveHost(f.t.Context(), "home.example", string(b), f.clock.now().Add(time.Hour)))
}

// A language that no server knows is left out, instead of the post.
func TestOddLanguages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	var tweets []model.Tweet
	var want []string
	for i, lang := range []string{"de", "a-very-odd-language-tag", "qme", "und", "in", "x", "<b>", "zh-cn"} {
		tw := tweet(i, "in "+lang)
		tw.Lang = lang
		tweets, want = append(tweets, tw), append(want, tw.Text)
	}
	f.tweets(tweets...)
	f.done(f.start(jobs.KindPosts, nil).ID)
	f.wantPosted(want...)
}
