package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

func (f *fixture) kept(name string) bool {
	f.t.Helper()
	_, err := f.files.Size(f.t.Context(), f.medium(name))
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		f.t.Fatal(err)
	}
	return err == nil
}

// Each picture is uploaded once, with its text, attached to its post, and deleted
// here once that is confirmed.
func TestMedia(t *testing.T) {
	for _, kind := range []kindOfServer{{software: "mastodon", options: fast}, {software: "gotosocial"}, {software: "snac", options: fast}} {
		t.Run(kind.software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: kind.software, NoLimits: true})
			one, two := tweet(0, "one picture"), tweet(1, "two pictures")
			names := []string{picture(&one, "a"), picture(&two, "b"), picture(&two, "c")}
			f.bring(names...)
			f.tweets(one, two, tweet(2, "none"))
			run := f.start(jobs.KindPosts, kind.options)
			f.done(run.ID)
			f.wantPosted("one picture", "two pictures", "none")
			if n := f.home.Count(fedisim.MediaUploaded); n != 3 {
				t.Errorf("%d uploads, want 3", n)
			}
			for _, p := range f.home.Posts("alex") {
				if want := map[string]int{"one picture": 1, "two pictures": 2}[p.Text]; len(p.Media) != want {
					t.Errorf("%q has %d pictures, want %d", p.Text, len(p.Media), want)
				}
				for _, m := range p.Media {
					if !strings.HasPrefix(m.Alt, "a picture of ") {
						t.Errorf("%q: a picture described as %q", p.Text, m.Alt)
					}
				}
			}
			for _, name := range names {
				if f.kept(name) {
					t.Errorf("%s is still here", name)
				}
			}
		})
	}
}

// Media are kept as long as the outcome is not known, and the look counts them.
func TestMediaWithoutAnswer(t *testing.T) {
	for _, kind := range kindsOfServer {
		for _, cut := range []string{fedisim.CutBefore, fedisim.CutAfter, fedisim.LateEffect} {
			t.Run(kind.name+" "+cut, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: kind.software, NoLimits: true})
				one := tweet(0, "same")
				name := picture(&one, "a")
				f.bring(name)
				f.tweets(one, tweet(1, "same"))
				f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", Kind: cut, Delay: time.Minute})
				run := f.start(jobs.KindPosts, kind.options)
				f.until(run.ID, func(store.Run) bool { return true })
				if !f.kept(name) {
					t.Error("the picture was deleted before its post was confirmed")
				}
				f.done(run.ID)
				f.wantPosted("same", "same")
				f.wantThreads(run.ID)
				for _, p := range f.home.Posts("alex") {
					if want := map[string]int{f.steps(run.ID)[0].ResultID: 1}[p.ID]; len(p.Media) != want {
						t.Errorf("status %s has %d pictures, want %d", p.ID, len(p.Media), want)
					}
				}
			})
		}
	}
}

// Missing media stop the Run before anything is posted, with their number; it
// goes on when they are brought, or without them.
func TestMissingMedia(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one, two := tweet(0, "one"), tweet(1, "two")
	names := []string{picture(&one, "a"), picture(&two, "b"), picture(&two, "c")}
	f.tweets(one, two)
	f.bring(names[0])
	run := f.start(jobs.KindPosts, nil)
	r := f.finish(run.ID)
	f.wantState(r, store.RunFailed)
	if !strings.HasPrefix(r.Error, "2 pictures") {
		t.Errorf("it says %q, want the number of what is missing", r.Error)
	}
	f.wantPosted()
	other := f.start(jobs.KindPosts, jobs.PostsOptions{WithoutMedia: true, TweetIDs: []string{two.ID}})
	f.done(other.ID)
	f.wantPosted("two")
	if n := f.home.Count(fedisim.MediaUploaded); n != 0 {
		t.Errorf("%d uploads, want none", n)
	}
	f.resume(run.ID)
	f.done(run.ID)
	f.wantPosted("two", "one")
	if n := f.home.Count(fedisim.MediaUploaded); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
}

// What was posted with its media, which are deleted then, needs them no more: a
// later Run over the same tweets posts the rest.
func TestMediaOfPostedTweets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one := tweet(0, "one")
	f.bring(picture(&one, "a"))
	f.tweets(one, tweet(1, "two"))
	f.done(f.start(jobs.KindPosts, jobs.PostsOptions{TweetIDs: []string{one.ID}}).ID)
	f.done(f.start(jobs.KindPosts, nil).ID)
	f.wantPosted("one", "two")
}

// Media that disappear while a Run is under way cost no tweet: the Owner may
// bring them again and resume, or start anew without them.
func TestMediaLost(t *testing.T) {
	for _, anew := range []bool{false, true} {
		t.Run(fmt.Sprintf("anew %t", anew), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			one := tweet(1, "one")
			name := picture(&one, "a")
			f.tweets(tweet(0, "zero"), one, tweet(2, "two"))
			f.bring(name)
			run := f.start(jobs.KindPosts, nil)
			r := f.step(run.ID)
			f.check(f.files.Delete(t.Context(), f.medium(name)))
			f.pass(r)
			r = f.finish(run.ID)
			if r.State != store.RunPaused && r.State != store.RunFailed || r.Error == "" {
				t.Errorf("run is %s (%s)", r.State, r.Error)
			}
			if anew {
				if r.State == store.RunPaused {
					f.wish(run.ID, store.WishCancel)
					f.wantState(f.step(run.ID), store.RunCancelled)
				}
				f.done(f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 3600, WithoutMedia: true}).ID)
			} else {
				f.bring(name)
				f.resume(run.ID)
				f.done(run.ID)
			}
			f.wantPosted("zero", "one", "two")
		})
	}
}

// Mastodon takes 30 files in half an hour; the Run keeps a quarter free, waits,
// and meets no 429.
func TestMediaLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon"})
	var tweets []model.Tweet
	for i := range 20 {
		tw := tweet(i, fmt.Sprint("with pictures ", i))
		f.bring(picture(&tw, "a"), picture(&tw, "b"), picture(&tw, "c"))
		tweets = append(tweets, tw)
	}
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, fast)
	began := f.clock.now()
	f.done(run.ID)
	if n := len(f.posted()); n != 20 {
		t.Errorf("%d posts, want 20", n)
	}
	if n := f.home.Count(fedisim.TooMany); n > 0 {
		t.Errorf("%d times 429", n)
	}
	if took := f.clock.now().Sub(began); took < 45*time.Minute || took > 3*time.Hour {
		t.Errorf("it took %s", took)
	}
}

// One file that nobody can digest does not hold up the others for ever. What is
// said beside it is posted.
func TestBadMedia(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(f *fixture, name string)
	}{
		{"empty", func(f *fixture, name string) {
			f.check(f.files.Put(f.t.Context(), f.medium(name), strings.NewReader(""), 0))
		}},
		{"refused", func(f *fixture, name string) {
			f.check(f.files.Put(f.t.Context(), f.medium(name), strings.NewReader("no picture"), 10))
		}},
		{"the server fails on it", func(f *fixture, name string) {
			f.bring(name)
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v*/media", Kind: fedisim.ServerError, Status: 500, Times: -1})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			bad, alone := tweet(1, "bad"), tweet(2, "")
			name, other := picture(&bad, "a"), picture(&alone, "b")
			f.tweets(tweet(0, "first"), bad, alone, tweet(3, "last"))
			tt.spoil(f, name)
			tt.spoil(f, other)
			run := f.start(jobs.KindPosts, fast)
			week := f.clock.now().AddDate(0, 0, 7)
			r := f.until(run.ID, func(store.Run) bool { return f.clock.now().After(week) || f.home.Requests()["POST /api/v2/media"] > 50 })
			f.wantState(r, store.RunDone)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 3, ledger.StateSkipped: 1})
			f.wantPosted("first", "bad", "last")
			if step := f.steps(run.ID)[1]; !strings.HasPrefix(step.Reason, "posted without 1 of 1 files: ") {
				t.Errorf("the reason is %q", step.Reason)
			}
		})
	}
}

// A video that the server works on for long is uploaded once.
func TestSlowVideo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true, MediaProcessing: 10 * time.Minute})
	tw := tweet(0, "a video")
	file := tw.ID + "-v.mp4"
	tw.Media = []model.Media{{Type: model.Video, File: file, Expected: file}}
	video := "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + strings.Repeat("v", 100)
	f.check(f.files.Put(t.Context(), f.medium(file), strings.NewReader(video), int64(len(video))))
	f.tweets(tw, tweet(1, "last"))
	run := f.start(jobs.KindPosts, fast)
	r := f.until(run.ID, func(store.Run) bool { return f.home.Count(fedisim.MediaUploaded) > 20 })
	f.wantState(r, store.RunDone)
	if n := f.home.Count(fedisim.MediaUploaded); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
	f.wantPosted("a video", "last")
}
