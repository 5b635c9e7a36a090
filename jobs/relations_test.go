package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// byHand is alex at their own server, with another program.
type byHand struct {
	f *fixture
	s *fediverse.Session
}

func (f *fixture) byHand() byHand {
	f.t.Helper()
	can, err := f.worker.Client.Capability(f.t.Context(), f.home.Host())
	f.check(err)
	return byHand{f, f.worker.Client.As(f.home.Host(), f.home.TokenOf("Phone", "alex"), can)}
}

func (b byHand) id(address string) string {
	b.f.t.Helper()
	r, err := b.s.Resolve(b.f.t.Context(), mustAddress(b.f.t, address))
	b.f.check(err)
	return r.ID
}

func (b byHand) do(change func(*fediverse.Session, context.Context, string) (fediverse.Relationship, error), address string) {
	b.f.t.Helper()
	_, err := change(b.s, b.f.t.Context(), b.id(address))
	b.f.check(err)
}

// wantReasons looks whether everything of a Run is at its end, and whatever did
// not come about says in words why.
func (f *fixture) wantReasons(run string) {
	f.t.Helper()
	for _, s := range f.steps(run) {
		if s.State == ledger.StatePlanned || s.State == ledger.StateSent {
			f.t.Errorf("step %d, %s %s%s, is still %s", s.Seq, s.Kind, s.List, s.Address, s.State)
		}
		if s.State != ledger.StateConfirmed && s.State != ledger.StateUndone && len(strings.Fields(s.Reason)) < 3 {
			f.t.Errorf("step %d, %s %s%s, is %s because of %q", s.Seq, s.Kind, s.List, s.Address, s.State, s.Reason)
		}
	}
}

func (f *fixture) accounts(users ...string) {
	for _, user := range users {
		f.sim.Server("away.example").AddAccount(fedisim.Account{User: user})
	}
}

// Blocks and mutes are carried over once; who is so already is left alone, and
// nobody who is blocked is muted too or followed afterwards.
func TestBlocksAndMutes(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			f.accounts("foe", "known", "loud", "quiet", "both", "friend")
			f.person("10", "foe", "foe@away.example", 9, model.Blocking)
			f.person("11", "known", "known@away.example", 8, model.Blocking)
			f.person("12", "nobody", "nobody@away.example", 7, model.Blocking)
			f.person("13", "loud", "loud@away.example", 6, model.Muting)
			f.person("14", "quiet", "quiet@away.example", 5, model.Muting)
			f.person("15", "both", "both@away.example", 4, model.Blocking, model.Muting)
			f.person("16", "friend", "friend@away.example", 3)
			hand := f.byHand()
			hand.do((*fediverse.Session).Block, "known@away.example")
			hand.do((*fediverse.Session).Mute, "quiet@away.example")
			hand.do((*fediverse.Session).Follow, "foe@away.example")
			f.sim.Advance(0)

			blocks := f.done(f.start(jobs.KindBlocks, nil).ID)
			mutes := f.done(f.start(jobs.KindMutes, nil).ID)
			f.done(f.start(jobs.KindFollow, nil).ID)
			want := map[string]string{
				"foe@away.example": "confirmed blocked", "both@away.example": "confirmed blocked",
				"known@away.example": "skipped already", "nobody@away.example": "skipped unreachable",
			}
			if got := f.outcomes(blocks.ID); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("blocks: %v, want %v", got, want)
			}
			want = map[string]string{"loud@away.example": "confirmed muted", "quiet@away.example": "skipped already"}
			if got := f.outcomes(mutes.ID); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("mutes: %v, want %v", got, want)
			}
			if got, want := f.home.Blocking("alex"), []string{"both@away.example", "foe@away.example", "known@away.example"}; !slices.Equal(got, want) {
				t.Errorf("blocked: %v, want %v", got, want)
			}
			if got, want := f.home.Muting("alex"), []string{"loud@away.example", "quiet@away.example"}; !slices.Equal(got, want) {
				t.Errorf("muted: %v, want %v", got, want)
			}
			// Those who are muted are followed all the same.
			got := f.home.Follows("alex")
			slices.Sort(got)
			if want := []string{"friend@away.example", "loud@away.example", "quiet@away.example"}; !slices.Equal(got, want) {
				t.Errorf("followed: %v, want %v", got, want)
			}
			// Again changes nothing.
			f.done(f.start(jobs.KindBlocks, nil).ID)
			f.done(f.start(jobs.KindMutes, nil).ID)
			if b, m := f.home.Count(fedisim.Blocked), f.home.Count(fedisim.Muted); b != 3 || m != 2 {
				t.Errorf("%d blocked and %d muted in all, want 3 and 2", b, m)
			}
		})
	}
}

// Software that cannot do something is named, before anybody is asked.
func TestWhatSoftwareCannot(t *testing.T) {
	tests := []struct{ software, kind string }{
		{"snac", jobs.KindMutes},
		{"pixelfed", jobs.KindLists},
		{"misskey", jobs.KindFollow},
		{"misskey", jobs.KindBlocks},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.kind, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: tt.software, NoLimits: true})
			f.accounts("loud")
			f.person("10", "loud", "loud@away.example", 1, model.Muting)
			f.lists("Friends", "loud@away.example")
			r := f.finish(f.start(tt.kind, nil).ID)
			f.wantState(r, store.RunFailed)
			if !strings.HasPrefix(r.Error, "home.example runs software that ") || !strings.HasSuffix(r.Error, ".") {
				t.Errorf("it says %q", r.Error)
			}
			if n := len(f.steps(r.ID)); n > 0 {
				t.Errorf("%d Steps are left behind", n)
			}
		})
	}
}

// Whatever becomes of an answer, everybody is blocked and muted, and each of
// them once.
func TestBlocksWithoutAnswer(t *testing.T) {
	for _, kind := range []string{jobs.KindBlocks, jobs.KindMutes} {
		for i, fault := range mishaps {
			t.Run(fmt.Sprintf("%s %s %d", kind, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
				f.accounts("a", "b", "c")
				relation, verb, effect := model.Blocking, "block", fedisim.Blocked
				if kind == jobs.KindMutes {
					relation, verb, effect = model.Muting, "mute", fedisim.Muted
				}
				for j, user := range []string{"a", "b", "c"} {
					f.person(fmt.Sprint(10+j), user, user+"@away.example", 9-j, relation)
				}
				fault.Path = "/api/v1/accounts/*/" + verb
				f.meet(fault, 1)
				run := f.done(f.start(kind, nil).ID)
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
				if n := f.home.Count(effect); n != 3 {
					t.Errorf("%d effects, want 3", n)
				}
			})
		}
	}
}

// Blocks and mutes of people who do not want to be found are for the safety of
// the Owner: they are carried over all the same.
func TestBlocksOfOptedOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.accounts("foe")
	f.person("10", "foe", "foe@away.example", 9, model.Blocking)
	run := f.start(jobs.KindBlocks, nil)
	f.at(fedisim.AnswerSent, "GET /api/v2/search", 1, func() { f.optOut("foe@away.example") })
	f.done(run.ID)
	if got := f.outcomes(run.ID)["foe@away.example"]; got != "confirmed blocked" {
		t.Errorf("%q, want it blocked", got)
	}
}
