package jobs_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// Where the server does not say whether a follow was done it is asked for again:
// nobody has to decide on that.
func TestFollowUnreadable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	want := f.people(3)
	f.home.Fault(fedisim.Fault{Path: followRoute, After: 1, Kind: fedisim.CutBefore})
	f.home.Fault(fedisim.Fault{Path: "/api/v1/accounts/relationships", After: 2, Kind: fedisim.ServerError, Status: 404})
	run := f.start(jobs.KindFollow, nil)
	f.done(run.ID)
	f.wantAsked(want...)
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
}

// After a follow Run its people are not offered once more.
func TestPlanAfterFollows(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	f.people(3)
	plan := func() int {
		steps, _, err := f.worker.PlanOf(t.Context(), jobs.KindFollow, f.move.ID, f.account)
		f.check(err)
		return len(steps)
	}
	if n := plan(); n != 3 {
		t.Errorf("%d planned before, want 3", n)
	}
	f.done(f.start(jobs.KindFollow, nil).ID)
	if n := plan(); n != 0 {
		t.Errorf("%d planned after all were followed", n)
	}
}

// The plan does not ask for the media of what is posted.
func TestPlanOfPostedMedia(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one, two := tweet(0, "one"), tweet(1, "two")
	f.bring(picture(&one, "a"))
	missing := picture(&two, "b")
	f.tweets(one, two)
	quiet := fediverse.Capability{Software: "gotosocial", Backdates: true, Posts: true, MaxMedia: 4, MaxCharacters: 500}
	f.done(f.start(jobs.KindPosts, jobs.PostsOptions{TweetIDs: []string{one.ID}}).ID)
	plan, err := f.worker.PlanPosts(t.Context(), f.move, f.account, quiet, jobs.PostsOptions{}, 0)
	f.check(err)
	if plan.MediaMissing != 1 || len(plan.MediaFiles) != 1 || plan.MediaFiles[0] != missing {
		t.Errorf("%d media missing: %q, want %s", plan.MediaMissing, plan.MediaFiles, missing)
	}
}

// Posts wait, with a word, for media that are being unpacked, and not for a
// reading that brings nothing by itself.
func TestWaitsForUnpacking(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one := tweet(0, "one")
	name := picture(&one, "a")
	f.tweets(one)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.Create("data/tweets_media/" + name)
	f.check(err)
	_, err = io.WriteString(e, pixel)
	f.check(err)
	f.check(w.Close())
	read, _ := f.upload(f.move.ID, jobs.MediaFile, b.Bytes())
	posts := f.start(jobs.KindPosts, nil)
	r := f.step(posts.ID)
	f.wantState(r, store.RunWaiting)
	if !strings.Contains(r.Error, "unpacked") {
		t.Errorf("it says %q", r.Error)
	}
	f.wish(read.ID, store.WishPause)
	f.wantState(f.step(read.ID), store.RunPaused)
	f.pass(r)
	r = f.step(posts.ID)
	f.wantState(r, store.RunFailed)
	if !strings.HasPrefix(r.Error, "1 pictures") {
		t.Errorf("it says %q", r.Error)
	}
	f.resume(read.ID)
	f.done(read.ID)
	f.resume(posts.ID)
	f.done(posts.ID)
	f.wantPosted("one")
}

// Of a reading that is cancelled after some files were read nothing counts.
func TestReadCancelledHalfWay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	run, _ := f.upload(f.move.ID, jobs.ArchiveFile, archive(t, small))
	var o jobs.ReadOptions
	f.check(json.Unmarshal([]byte(run.Options), &o))
	tweets, _ := texts(3)
	f.check(f.store.SaveTweets(t.Context(), f.move.ID, o.Archive, "data/tweets.js", tweets))
	f.check(f.store.FileComplete(t.Context(), o.Archive, "data/tweets.js", len(tweets)))
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
	if n, _ := f.held(f.move.ID); n != 0 {
		t.Errorf("%d tweets count", n)
	}
}

// A post does not go out without its picture because that cannot be read.
func TestUnreadableMedia(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one := tweet(0, "one")
	picture(&one, "a")
	f.tweets(one)
	f.check(f.files.Put(t.Context(), "moves/"+f.move.ID+"/media", strings.NewReader("no folder"), 9))
	run := f.start(jobs.KindPosts, jobs.PostsOptions{WithoutMedia: true})
	f.step(run.ID)
	f.wantPosted()
	f.wantCounts(run.ID, map[ledger.State]int{})
}
