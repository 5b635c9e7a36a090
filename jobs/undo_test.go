package jobs_test

import (
	"errors"
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

// undo takes a Run back to the end.
func (f *fixture) undo(run string) store.Run {
	f.t.Helper()
	return f.done(f.start(jobs.KindUndo, jobs.UndoOptions{Run: run}).ID)
}

// deleted returns the texts of the posts that were deleted, in order.
func (f *fixture) deleted() []string {
	f.t.Helper()
	texts := map[string]string{}
	var gone []string
	for _, e := range f.home.Effects() {
		switch e.Kind {
		case fedisim.PostCreated:
			texts[e.ID] = e.Text
		case fedisim.PostDeleted:
			gone = append(gone, texts[e.ID])
		}
	}
	return gone
}

// there returns the texts of the posts that alex has.
func (f *fixture) there() (texts []string) {
	for _, p := range f.home.Posts("alex") {
		texts = append(texts, p.Text)
	}
	slices.Sort(texts)
	return texts
}

// All that a posts Run posted goes, the newest first; what alex posted, by hand
// or in another Run, stays, and so does a post that was found there. Afterwards
// the same tweets can be posted again, and taken back again.
func TestUndoPosts(t *testing.T) {
	for _, kind := range kindsOfServer {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: kind.software, NoLimits: true})
			f.home.AddPost("alex", "by hand", f.clock.now())
			tweets := []model.Tweet{tweet(0, "first"), tweet(1, "second"), answering(tweet(2, "third"), 1), tweet(3, "of another run")}
			f.tweets(tweets...)
			o := kind.options
			o.TweetIDs = []string{tweets[3].ID}
			f.done(f.start(jobs.KindPosts, o).ID)
			run := f.done(f.start(jobs.KindPosts, kind.options).ID)
			for range 2 {
				undo := f.undo(run.ID)
				if got := f.there(); !slices.Equal(got, []string{"by hand", "of another run"}) {
					t.Errorf("left: %q", got)
				}
				f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateUndone: 3, ledger.StateSkipped: 1})
				for _, s := range f.steps(run.ID) {
					if s.State == ledger.StateUndone {
						f.wantLedger(s.ID, "0 planned", "1 sent", "1 confirmed", "1 undone")
					}
				}
				run = f.done(f.start(jobs.KindPosts, kind.options).ID)
				f.wantThreads(run.ID)
				if got := f.there(); !slices.Equal(got, []string{"by hand", "first", "of another run", "second", "third"}) {
					t.Errorf("posted again: %q", got)
				}
			}
			gone := []string{"third", "second", "first"}
			if got := f.deleted(); !slices.Equal(got, append(gone, gone...)) {
				t.Errorf("deleted %q, want the newest first", got)
			}
		})
	}
}

// A post that only its looks say is ours was adopted: an undo leaves it alone.
func TestUndoLeavesAdopted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
	f.tweets(tweet(0, "first"), tweet(1, "same"), tweet(2, "last"))
	f.at(fedisim.RequestRead, "POST /api/v1/statuses", 2, func() { f.home.AddPost("alex", "same", f.clock.now()) })
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: fedisim.CutBefore})
	run := f.done(f.start(jobs.KindPosts, fast).ID)
	f.undo(run.ID)
	if got := f.there(); !slices.Equal(got, []string{"same"}) {
		t.Errorf("left: %q, want the one that was adopted", got)
	}
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 1, ledger.StateUndone: 2})
}

// Whatever becomes of the answer to a deletion, everything is gone in the end.
// What was deleted by hand before counts as gone.
func TestUndoWithoutAnswer(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for i, fault := range mishaps {
			t.Run(fmt.Sprintf("%s %s %d", software, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				tweets, _ := texts(4)
				f.tweets(tweets...)
				run := f.done(f.start(jobs.KindPosts, fast).ID)
				steps := f.steps(run.ID)
				f.check(f.byHand().s.Delete(t.Context(), steps[0].ResultID))
				fault.Method, fault.Path = "DELETE", "/api/v1/statuses/*"
				f.meet(fault, 1)
				undo := f.undo(run.ID)
				if got := f.there(); len(got) != 0 {
					t.Errorf("left: %q", got)
				}
				f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 4})
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateUndone: 4})
				for _, s := range f.steps(undo.ID) {
					want := jobs.OutcomeUndone
					if s.Undoes == steps[0].ID {
						want = jobs.OutcomeAlready
					}
					if s.Outcome != want {
						t.Errorf("deleting %s is %s %s (%s), want %s", s.Undoes, s.State, s.Outcome, s.Reason, want)
					}
				}
			})
		}
	}
}

// Mastodon deletes 30 posts in half an hour. A quarter of that stays, and no 429
// is met.
func TestUndoLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon"})
	tweets, _ := texts(60)
	f.tweets(tweets...)
	run := f.done(f.start(jobs.KindPosts, fast).ID)
	before := f.home.Count(fedisim.TooMany)
	began := f.clock.now()
	f.undo(run.ID)
	if got := f.there(); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
	if n := f.home.Count(fedisim.TooMany) - before; n > 0 {
		t.Errorf("%d times 429", n)
	}
	if took := f.clock.now().Sub(began); took < 30*time.Minute || took > 2*time.Hour {
		t.Errorf("it took %s", took)
	}
}

// Follows that the Run made are taken back, requests too; earlier ones stay.
// Whom the Owner has unfollowed meanwhile is counted as taken back.
func TestUndoFollows(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			away := f.sim.Server("away.example")
			f.follows("before")
			f.accounts("open", "old", "new", "left", "optout")
			away.AddAccount(fedisim.Account{User: "locked", Locked: true})
			away.Change("old", func(a *fedisim.Account) { a.MovedTo = "new@away.example" })
			for i, user := range []string{"before", "open", "locked", "old", "left", "optout", "nobody"} {
				f.person(fmt.Sprint(10+i), user, user+"@away.example", 20-i)
			}
			run := f.done(f.start(jobs.KindFollow, nil).ID)
			f.sim.Advance(0)
			f.wantFollowing("before@away.example", "open@away.example", "locked@away.example", "new@away.example", "left@away.example", "optout@away.example")
			if got := f.outcomes(run.ID)["old@away.example"]; software == "mastodon" && got != "confirmed moved" {
				t.Errorf("somebody who moved became %q", got)
			}
			hand := f.byHand()
			hand.do((*fediverse.Session).Unfollow, "left@away.example")
			f.optOut("optout@away.example")
			undo := f.undo(run.ID)
			f.wantFollowing("before@away.example")
			if got := f.outcomes(undo.ID); got["left@away.example"] != "confirmed already" || got["open@away.example"] != "confirmed undone" {
				t.Errorf("became %v", got)
			}
			if n, err := f.worker.TrackRequests(t.Context()); err != nil || n != 0 {
				t.Errorf("%d requests answered, %v", n, err)
			}
			// The same people can be followed again, and an undo of an undo there is not.
			f.done(f.start(jobs.KindFollow, nil).ID)
			if n := len(f.home.Follows("alex")); n < 5 {
				t.Errorf("%d are followed after another Run", n)
			}
			if _, err := f.worker.Undoable(t.Context(), f.move.ID, undo.ID); !errors.Is(err, model.ErrConflict) {
				t.Errorf("an undo can be undone: %v", err)
			}
		})
	}
}

// Blocks and mutes of a Run are taken back, earlier ones stay.
func TestUndoBlocksAndMutes(t *testing.T) {
	for _, kind := range []string{jobs.KindBlocks, jobs.KindMutes} {
		for i, fault := range append([]fedisim.Fault{{}}, mishaps...) {
			t.Run(fmt.Sprintf("%s %s %d", kind, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
				f.accounts("before", "a", "b", "c")
				relation, verb, do, at := model.Blocking, "unblock", (*fediverse.Session).Block, f.home.Blocking
				if kind == jobs.KindMutes {
					relation, verb, do, at = model.Muting, "unmute", (*fediverse.Session).Mute, f.home.Muting
				}
				for j, user := range []string{"before", "a", "b", "c"} {
					f.person(fmt.Sprint(10+j), user, user+"@away.example", 9-j, relation)
				}
				f.byHand().do(do, "before@away.example")
				run := f.done(f.start(kind, nil).ID)
				if n := len(at("alex")); n != 4 {
					t.Errorf("%d before the undo", n)
				}
				if fault.Kind != "" {
					fault.Path = "/api/v1/accounts/*/" + verb
					f.meet(fault, 1)
				}
				undo := f.undo(run.ID)
				if got := at("alex"); !slices.Equal(got, []string{"before@away.example"}) {
					t.Errorf("left: %q", got)
				}
				f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateUndone: 3, ledger.StateSkipped: 1})
			})
		}
	}
}

// Lists that a Run made are deleted, unless others are in them by now; from a
// list that was there it takes those out whom it put in.
func TestUndoLists(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for i, fault := range append([]fedisim.Fault{{}}, mishaps...) {
			t.Run(fmt.Sprintf("%s %s %d", software, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				f.follows("ada", "bob", "eve")
				hand := f.byHand()
				there, err := hand.s.CreateList(t.Context(), "Work")
				f.check(err)
				f.check(hand.s.AddToList(t.Context(), there.ID, hand.id("bob@away.example")))
				f.lists("Friends", "ada@away.example")
				f.lists("Others", "ada@away.example")
				f.lists("Work", "ada@away.example", "bob@away.example")
				run := f.done(f.start(jobs.KindLists, nil).ID)
				lists, err := hand.s.Lists(t.Context())
				f.check(err)
				for _, l := range lists {
					if l.Title == "Others" {
						f.check(hand.s.AddToList(t.Context(), l.ID, hand.id("eve@away.example")))
					}
				}
				if fault.Kind != "" {
					fault.Method, fault.Path = "DELETE", "/api/v1/lists/*"
					f.meetAfter(fault, 0, 1)
					fault.Path = "/api/v1/lists/*/accounts"
					f.meet(fault, 1)
				}
				undo := f.undo(run.ID)
				f.wantLists(map[string][]string{"Others": {"eve@away.example"}, "Work": {"bob@away.example"}})
				f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 4, ledger.StateSkipped: 1})
				for _, s := range f.steps(undo.ID) {
					if s.State == ledger.StateSkipped && (s.List != "Others" || s.Outcome != jobs.OutcomeKept) {
						t.Errorf("%s of %q was left out: %s", s.Kind, s.List, s.Reason)
					}
				}
			})
		}
	}
}

// A list stays in which somebody is whose address we cannot read.
func TestUndoListOfOddName(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			f.follows("ada", "eve")
			f.lists("Friends", "ada@away.example")
			run := f.done(f.start(jobs.KindLists, nil).ID)
			hand := f.byHand()
			lists, err := hand.s.Lists(t.Context())
			f.check(err)
			f.check(hand.s.AddToList(t.Context(), lists[0].ID, hand.id("eve@away.example")))
			f.sim.Server("away.example").Change("eve", func(a *fedisim.Account) { a.User = "an odd name" })
			undo := f.undo(run.ID)
			f.wantLists(map[string][]string{"Friends": {"an odd name@away.example"}})
			f.wantListed(undo.ID, map[string]string{"Friends": "skipped kept", "Friends ada@away.example": "confirmed undone"})
		})
	}
}

// A Run that is under way cannot be taken back; once cancelled it can, as far as
// it came. Only the Account that did it can take it back.
func TestUndoWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	tweets, want := texts(4)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 60})
	f.step(run.ID)
	if _, err := f.worker.Undoable(t.Context(), f.move.ID, run.ID); !errors.Is(err, model.ErrConflict) {
		t.Errorf("a Run that is under way: %v", err)
	}
	early := f.finish(f.start(jobs.KindUndo, jobs.UndoOptions{Run: run.ID}).ID)
	f.wantState(early, store.RunFailed)
	if !strings.Contains(early.Error, "Cancel this first") || len(f.steps(early.ID)) != 0 {
		t.Errorf("it says %q", early.Error)
	}
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
	f.wantPosted(want[0])

	first := f.account
	f.home.AddAccount(fedisim.Account{User: "archive"})
	token := f.home.TokenOf("Skein", "archive")
	self, err := f.worker.Client.Self(t.Context(), "home.example", token)
	f.check(err)
	f.account, err = f.store.SaveAccount(t.Context(), model.Account{OwnerID: f.owner, Address: self.Address, Server: "home.example", RemoteID: self.ID, Software: "mastodon"}, token)
	f.check(err)
	f.wantState(f.finish(f.start(jobs.KindUndo, jobs.UndoOptions{Run: run.ID}).ID), store.RunFailed)
	f.account = first

	again := f.addMove("2")
	r := f.startOf(again.ID, jobs.KindUndo, jobs.UndoOptions{Run: run.ID})
	if r = f.finish(r.ID); r.State != store.RunFailed {
		t.Errorf("a Run of another Move can be taken back: %s", r.State)
	}
	if got := f.there(); !slices.Equal(got, want[:1]) {
		t.Errorf("left: %q", got)
	}
	undo := f.undo(run.ID)
	f.wantCounts(undo.ID, map[ledger.State]int{ledger.StateConfirmed: 1})
	if got := f.there(); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
	f.wantCounts(f.undo(run.ID).ID, map[ledger.State]int{}) // nothing is left to take back
}

// An undo that is cancelled half-way leaves the rest, and another one goes on.
func TestUndoCancelled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	tweets, _ := texts(5)
	f.tweets(tweets...)
	run := f.done(f.start(jobs.KindPosts, nil).ID)
	undo := f.start(jobs.KindUndo, jobs.UndoOptions{Run: run.ID})
	f.at(fedisim.EffectDone, "DELETE /api/v1/statuses/{id}", 2, func() { f.wish(undo.ID, store.WishCancel) })
	f.wantState(f.finish(undo.ID), store.RunCancelled)
	f.sim.Hook(nil)
	left := len(f.there())
	if left == 0 || left == 5 {
		t.Errorf("%d are left", left)
	}
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: left, ledger.StateUndone: 5 - left})
	f.undo(run.ID)
	if got := f.there(); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
}
