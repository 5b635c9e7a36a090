package jobs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// A Move of which something cannot be deleted keeps no other from going, and is
// no failure for the Owner of another.
func TestOneMoveDoesNotKeepOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	owner, err := f.store.AddOwner(t.Context())
	f.check(err)
	stuck, err := f.store.AddMove(t.Context(), owner)
	f.check(err)
	_, err = f.store.AddArchive(t.Context(), store.Archive{MoveID: stuck.ID, Kind: jobs.ArchiveFile, FileKey: "../no/key"})
	f.check(err)
	f.check(f.store.EndMove(t.Context(), stuck.ID))
	other, err := f.store.AddMove(t.Context(), owner)
	f.check(err)
	key := "moves/" + other.ID + "/media/1-a.jpg"
	f.check(f.worker.Files.Put(t.Context(), key, strings.NewReader("x"), 1))
	f.check(f.worker.EndMove(t.Context(), owner, other.ID))
	f.wantGone(key)
	left, err := f.store.EndedMoves(t.Context())
	f.check(err)
	if len(left) != 1 || left[0] != stuck.ID {
		t.Errorf("left to be removed: %v, want only the one that cannot be", left)
	}
	if err := f.worker.RemoveEnded(t.Context()); err == nil || !strings.Contains(err.Error(), stuck.ID) {
		t.Errorf("the operator is told %v", err)
	}
}

// expire comes by as the scheduler does, d later, and tells whether the Move is
// there still.
func (f *fixture) expire(d time.Duration) (there bool) {
	f.t.Helper()
	f.clock.set(f.clock.now().Add(d))
	f.check(f.worker.ExpireMoves(f.t.Context()))
	_, err := f.store.Move(f.t.Context(), f.move.ID)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		f.t.Fatal(err)
	}
	return err == nil
}

const day = 24 * time.Hour

// A Move ends in time although its Run waits for a server that is gone. What was
// sent and not answered stays unsure, and another Move does not send it again.
func TestExpireWithServerThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
	tweets, _ := texts(3)
	f.tweets(tweets...)
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: fedisim.CutAfter})
	run := f.start(jobs.KindPosts, fast)
	r := f.until(run.ID, func(store.Run) bool { return len(f.posted()) == 2 })
	f.home.SetDown(true)
	for range 3 {
		f.pass(r)
		r = f.step(run.ID)
	}
	if !f.expire(29*day) || f.run(run.ID).Wish != "" {
		t.Fatal("ended before its time")
	}
	if !f.expire(2*day) || f.run(run.ID).Wish != store.WishCancel {
		t.Fatal("the Run is not being cancelled")
	}
	f.wantState(f.finish(run.ID), store.RunCancelled)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 1, ledger.StateUnsure: 1, ledger.StateSkipped: 1})
	other := f.addMove("2")
	if f.expire(time.Hour) {
		t.Error("the Move is there for ever")
	}
	f.home.SetDown(false)
	f.tweetsOf(other.ID, "", tweets...)
	again := f.startOf(other.ID, jobs.KindPosts, jobs.PostsOptions{PerHour: 3600, Doubles: true})
	f.done(again.ID)
	f.wantPosted("tweet number 0", "tweet number 1", "tweet number 2")
}

// A Run of which something comes keeps its Move, whoever does not look at it.
func TestExpireSparesRunsAtWork(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	tweets, _ := texts(30)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 1})
	r := f.step(run.ID)
	for range 20 {
		f.clock.set(f.clock.now().Add(2 * day))
		f.sim.Advance(0)
		r = f.step(run.ID)
		if !f.expire(0) || f.run(run.ID).Wish != "" {
			t.Fatalf("a Run at work was cancelled after %d posts", len(f.posted()))
		}
	}
	f.home.SetDown(true)
	if !f.expire(14*day) || f.run(run.ID).Wish != "" {
		t.Error("two weeks without an answer are not for ever")
	}
	f.expire(2 * day)
	f.wantState(f.finish(run.ID), store.RunCancelled)
	if f.expire(time.Hour) {
		t.Errorf("the Move is there for ever; its Run is %s", r.State)
	}
}
