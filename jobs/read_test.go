package jobs_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// archive makes an archive with what the page would upload of it, and more
// entries, by name.
func archive(t testing.TB, o sample.Options, more ...string) []byte {
	t.Helper()
	var whole, sifted bytes.Buffer
	if _, err := sample.Write(t.Context(), &whole, o); err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(whole.Bytes()), int64(whole.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(&sifted)
	for _, entry := range in.File {
		if importer.Allowed(entry.Name) && !strings.Contains(entry.Name, "_media/") {
			if err := out.Copy(entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range more {
		w, err := out.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, pixel); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return sifted.Bytes()
}

// upload puts content where an upload would and starts the Run that reads it.
func (f *fixture) upload(move, kind string, content []byte) (run store.Run, key string) {
	f.t.Helper()
	key = "moves/" + move + "/uploads/" + store.NewID()
	f.check(f.files.Put(f.t.Context(), key, bytes.NewReader(content), int64(len(content))))
	run, err := f.worker.TakeUpload(f.t.Context(), move, kind, "export.zip", key)
	f.check(err)
	return run, key
}

func (f *fixture) wantGone(key string) {
	f.t.Helper()
	if _, err := f.files.Size(f.t.Context(), key); err == nil {
		f.t.Errorf("%s is still here", key)
	}
}

// held is what a Move holds of others and of its own.
func (f *fixture) held(move string) (tweets, people int) {
	f.t.Helper()
	tweets, err := f.store.CountTweets(f.t.Context(), move)
	f.check(err)
	counts, err := f.store.PeopleCounts(f.t.Context(), move)
	f.check(err)
	return tweets, counts.People
}

func (f *fixture) emptyMove() string {
	f.t.Helper()
	m, err := f.store.AddMove(f.t.Context(), f.owner)
	f.check(err)
	return m.ID
}

var small = sample.Options{Tweets: 60, Following: 12, Followers: 5, Seed: 7, Owner: sample.Owner{ID: "77", Handle: "owner", Name: "Owner"}}

// An upload is read, named, deleted, and looked through at once; reading the
// same again changes nothing.
func TestReadArchive(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	move := f.emptyMove()
	run, key := f.upload(move, jobs.ArchiveFile, archive(t, small))
	f.done(run.ID)
	f.wantGone(key)
	m, err := f.store.Move(t.Context(), move)
	f.check(err)
	if m.TwitterID != "77" || m.Handle != "owner" {
		t.Errorf("the move is of %q, @%s", m.TwitterID, m.Handle)
	}
	tweets, people := f.held(move)
	if tweets == 0 || people < 12 {
		t.Errorf("%d tweets, %d people", tweets, people)
	}
	runs, err := f.store.Runs(t.Context(), move)
	f.check(err)
	if len(runs) != 2 || runs[1].Kind != jobs.KindFind {
		t.Errorf("runs: %+v, want a find after the read", runs)
	}
	again, _ := f.upload(move, jobs.ArchiveFile, archive(t, small))
	f.done(again.ID)
	if a, b := f.held(move); a != tweets || b != people {
		t.Errorf("%d tweets and %d people after reading again, want %d and %d", a, b, tweets, people)
	}
}

// An archive of another Twitter account is refused, and nothing of it stays.
func TestReadArchiveOfAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	run, key := f.upload(f.move.ID, jobs.ArchiveFile, archive(t, small))
	r := f.finish(run.ID)
	f.wantState(r, store.RunFailed)
	if !strings.Contains(r.Error, "another Twitter account") {
		t.Errorf("it says %q", r.Error)
	}
	f.wantGone(key)
	if tweets, people := f.held(f.move.ID); tweets != 0 || people != 0 {
		t.Errorf("%d tweets and %d people are kept", tweets, people)
	}
	m, err := f.store.Move(t.Context(), f.move.ID)
	f.check(err)
	if m.TwitterID != "1" {
		t.Errorf("the move is of %q now", m.TwitterID)
	}
	// Resumed it says the same, and is not taken for read.
	f.resume(run.ID)
	f.wantState(f.finish(run.ID), store.RunFailed)
}

// An upload with anything that the page would never send is refused whole.
func TestForbiddenEntry(t *testing.T) {
	for _, kind := range []string{jobs.ArchiveFile, jobs.MediaFile} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{NoLimits: true})
			move := f.emptyMove()
			run, key := f.upload(move, kind, archive(t, small, "data/direct-messages.js", "data/tweets_media/1-a.png"))
			r := f.finish(run.ID)
			f.wantState(r, store.RunFailed)
			f.wantGone(key)
			if tweets, people := f.held(move); tweets != 0 || people != 0 {
				t.Errorf("%d tweets and %d people are kept", tweets, people)
			}
			if _, err := f.files.Size(t.Context(), "moves/"+move+"/media/1-a.png"); err == nil {
				t.Error("a medium of it is kept")
			}
		})
	}
}

// A zip of media alone brings them, and goes.
func TestReadMedia(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"data/tweets_media/1-a.png", "data/tweets_media/2-b.png"} {
		e, err := w.Create(name)
		f.check(err)
		_, err = io.WriteString(e, pixel)
		f.check(err)
	}
	f.check(w.Close())
	run, key := f.upload(f.move.ID, jobs.MediaFile, b.Bytes())
	f.done(run.ID)
	f.wantGone(key)
	if !f.kept("1-a.png") || !f.kept("2-b.png") {
		t.Error("media are missing")
	}
}

// A reading that was paused is done again from the start and comes to the same.
func TestReadInterrupted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	whole := f.emptyMove()
	run, _ := f.upload(whole, jobs.ArchiveFile, archive(t, small))
	f.done(run.ID)

	other, err := f.store.AddOwner(t.Context())
	f.check(err)
	m, err := f.store.AddMove(t.Context(), other)
	f.check(err)
	run, key := f.upload(m.ID, jobs.ArchiveFile, archive(t, small))
	f.wish(run.ID, store.WishPause)
	f.wantState(f.step(run.ID), store.RunPaused)
	f.resume(run.ID)
	f.done(run.ID)
	f.wantGone(key)
	tweets, people := f.held(whole)
	if a, b := f.held(m.ID); a != tweets || b != people {
		t.Errorf("%d tweets and %d people, want %d and %d", a, b, tweets, people)
	}
	// Cancelled, nothing of the upload stays.
	m, err = f.store.AddMove(t.Context(), other)
	f.check(err)
	run, key = f.upload(m.ID, jobs.ArchiveFile, archive(t, small))
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
	f.wantGone(key)
}

// A Move that ends in the middle of a Run sends nothing more; the token is given
// back, the files and rows go when the request in flight must be over.
func TestEndMove(t *testing.T) {
	for _, point := range []string{fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerSent} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
			one := tweet(4, "with a picture")
			name := picture(&one, "a")
			f.bring(name)
			tweets, want := texts(4)
			f.tweets(append(tweets, one)...)
			app, err := f.worker.Client.Register(t.Context(), "home.example", "https://skein.example/oauth/callback/home.example", []string{"read", "write"})
			f.check(err)
			f.worker.CallbackURL = "https://skein.example/oauth/callback"
			b, err := json.Marshal(app)
			f.check(err)
			f.check(f.store.ReserveApp(t.Context(), "home.example", time.Minute))
			f.check(f.store.SaveApp(t.Context(), "home.example", f.worker.RedirectURI("home.example"), b))
			run := f.start(jobs.KindPosts, fast)
			ended := make(chan error, 1)
			end := func() {
				err := f.worker.EndMove(t.Context(), f.owner, f.move.ID)
				if n := f.home.Requests()["POST /oauth/revoke"]; n != 0 && point != fedisim.AnswerSent {
					t.Error("the token is revoked before the request in flight is over")
				}
				ended <- err
			}
			f.at(point, "POST /api/v1/statuses", 2, func() {
				if point == fedisim.AnswerSent { // the connection is free by now, and would be used while it waits
					go end()
					return
				}
				end()
			})
			for range 20 {
				r, err := f.store.RunByID(t.Context(), run.ID)
				if err != nil || r.State != store.RunWaiting {
					break
				}
				f.pass(r)
				f.check(f.worker.Advance(t.Context(), run.ID))
			}
			f.check(<-ended)
			f.sim.Hook(nil)
			f.clock.set(f.clock.now().Add(time.Hour))
			f.check(f.worker.RemoveEnded(t.Context()))
			f.check(f.worker.Advance(t.Context(), run.ID))
			if got := f.posted(); len(got) > 2 || len(got) > 0 && got[0] != want[0] {
				t.Errorf("posted %q after the end", got)
			}
			if n := f.home.Requests()["POST /oauth/revoke"]; n != 1 {
				t.Errorf("asked %d times to revoke the token, want once", n)
			}
			if f.kept(name) {
				t.Error("a picture is still here")
			}
			if _, err := f.store.RunByID(t.Context(), run.ID); err == nil {
				t.Error("the run is still here")
			}
			accounts, err := f.store.Accounts(t.Context(), f.owner)
			f.check(err)
			if len(accounts) != 0 {
				t.Error("the account is still connected")
			}
		})
	}
}
