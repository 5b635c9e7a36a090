package jobs_test

import (
	"encoding/json"
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

// Where the operator has switched past dates off, the first post finds out, and
// nothing is posted loudly.
func TestBackdatingOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true, BackdatingOff: true})
	tweets, want := texts(3)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, nil)
	r := f.finish(run.ID)
	f.wantState(r, store.RunPaused)
	if !strings.Contains(r.Error, "past dates") || !strings.Contains(r.Error, "cancel this") {
		t.Errorf("it says %q", r.Error)
	}
	f.wantPosted()
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StatePlanned: 3})
	// The Owner takes the offer.
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.finish(run.ID), store.RunCancelled)
	f.done(f.start(jobs.KindPosts, jobs.PostsOptions{AsNew: true, PerHour: 3600}).ID)
	f.wantPosted(want...)
}

// Old software below 0.18 and software of any other kind is never sent a date.
func TestNoDateElsewhere(t *testing.T) {
	for _, c := range []fedisim.Config{{Software: "mastodon"}, {Software: "snac"}, {Software: "strange"}, {Software: "gotosocial", Version: "0.17.3"}} {
		t.Run(c.Software, func(t *testing.T) {
			t.Parallel()
			c.NoLimits = true
			f := newFixture(t, c)
			f.tweets(tweet(0, "old"))
			f.done(f.start(jobs.KindPosts, fast).ID)
			for _, p := range f.home.Posts("alex") {
				if p.CreatedAt.Before(f.clock.now().Add(-time.Hour)) {
					t.Errorf("the post has the date %s", p.CreatedAt)
				}
				if p.Visibility != "unlisted" {
					t.Errorf("it is %s, want unlisted on a loud server", p.Visibility)
				}
			}
		})
	}
}

// The words about preparing end where posting begins.
func TestPreparingEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon"})
	tweets, _ := texts(3)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, nil)
	if r := f.step(run.ID); r.State != store.RunWaiting || r.Text != "" || len(f.posted()) != 1 {
		t.Errorf("%s after %d posts, and says %q", r.State, len(f.posted()), r.Text)
	}
}

// On a loud server four posts an hour go out unless another pace was set.
func TestLoudPace(t *testing.T) {
	for _, perHour := range []int{0, 12} {
		t.Run(fmt.Sprint(perHour), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "mastodon"})
			tweets, want := texts(9)
			f.tweets(tweets...)
			f.done(f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: perHour}).ID)
			f.wantPosted(want...)
			if perHour == 0 {
				perHour = 4
			}
			var last time.Time
			for _, e := range f.home.Effects() {
				if e.Kind != fedisim.PostCreated {
					continue
				}
				if pause := e.At.Sub(last); pause < time.Hour/time.Duration(perHour) {
					t.Errorf("%s between two posts at %d an hour", pause, perHour)
				}
				last = e.At
			}
		})
	}
}

// The limits of the servers are kept without meeting one, a quarter stays.
func TestPostLimits(t *testing.T) {
	for _, kind := range []kindOfServer{{software: "mastodon", options: fast}, {software: "gotosocial", quiet: true}} {
		t.Run(kind.software, func(t *testing.T) {
			t.Parallel()
			limits := map[string]fedisim.Limit{"statuses": {Max: 20, Per: 3 * time.Hour}, "token": {Max: 40, Per: 5 * time.Minute}}
			if kind.quiet {
				limits = map[string]fedisim.Limit{"client": {Max: 40, Per: 5 * time.Minute}}
			}
			f := newFixture(t, fedisim.Config{Software: kind.software, Limits: limits})
			tweets, want := texts(50)
			f.tweets(tweets...)
			run := f.start(jobs.KindPosts, kind.options)
			began := f.clock.now()
			f.done(run.ID)
			f.wantPosted(want...)
			if n := f.home.Count(fedisim.TooMany); n > 0 {
				t.Errorf("%d times 429", n)
			}
			if took := f.clock.now().Sub(began); took > 13*time.Hour || kind.quiet && took > time.Hour {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// What may have been meant for few stays out, unless it was picked by hand or is
// posted to followers only.
func TestWhatStaysOut(t *testing.T) {
	circle := time.Date(2022, 9, 1, 12, 0, 0, 0, time.UTC)
	private := time.Date(2015, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(i int, text string, when time.Time) model.Tweet {
		tw := tweet(i, text)
		tw.CreatedAt = when
		return tw
	}
	protected := `{"protected":[{"from":"2015-01-01T00:00:00Z","to":"2016-01-01T00:00:00Z"}]}`
	tests := []struct {
		name            string
		circle, private string
		summary         string
		options         jobs.PostsOptions
		want            []string
	}{
		{name: "neither", circle: "no", private: "no", want: []string{"protected", "plain", "circle", "after"}},
		{name: "circle", circle: "yes", private: "no", want: []string{"protected", "plain", "after"}},
		{name: "circle unsure", circle: "unsure", private: "no", want: []string{"protected", "plain", "after"}},
		{name: "private, dates known", circle: "no", private: "yes", summary: protected, want: []string{"plain", "circle", "after"}},
		{name: "private, no dates", circle: "no", private: "unsure"},
		{name: "both, to followers only", circle: "yes", private: "yes", options: jobs.PostsOptions{Visibility: "private"}, want: []string{"protected", "plain", "circle", "after"}},
		{name: "both, picked", circle: "yes", private: "yes", options: jobs.PostsOptions{TweetIDs: []string{tweet(2, "").ID}}, want: []string{"circle"}},
		{name: "days", circle: "no", private: "no", options: jobs.PostsOptions{From: "2019-05-01", To: "2022-09-01"}, want: []string{"plain", "circle"}},
		{name: "days do not bring circle back", circle: "yes", private: "no", options: jobs.PostsOptions{From: "2019-05-01", To: "2022-09-01"}, want: []string{"plain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
			f.check(f.store.AnswerMove(t.Context(), f.move.ID, tt.circle, tt.private))
			f.tweetsOf(f.move.ID, tt.summary, at(0, "protected", private), tweet(1, "plain"), at(2, "circle", circle), at(3, "after", circle.AddDate(2, 0, 0)))
			run := f.start(jobs.KindPosts, tt.options)
			f.done(run.ID)
			f.wantPosted(tt.want...)
			for _, p := range f.home.Posts("alex") {
				if want := tt.options.Visibility; want != "" && p.Visibility != want {
					t.Errorf("%q is %s, want %s", p.Text, p.Visibility, want)
				}
			}
		})
	}
}

// Without the answers to the two questions nothing is planned and nothing posted.
func TestQuestionsFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	f.check(f.store.AnswerMove(t.Context(), f.move.ID, "no", ""))
	f.tweets(tweet(0, "one"))
	run := f.start(jobs.KindPosts, nil)
	f.wantState(f.finish(run.ID), store.RunFailed)
	f.wantPosted()
	f.check(f.store.AnswerMove(t.Context(), f.move.ID, "no", "no"))
	f.resume(run.ID)
	f.done(run.ID)
	f.wantPosted("one")
}

// A text over the limit becomes parts that answer each other, and a thread stays
// one across tweets and Runs.
func TestThreads(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true, MaxCharacters: 60})
	f.tweets(
		tweet(0, strings.TrimSpace(strings.Repeat("A sentence of words. ", 6))),
		answering(tweet(1, "second"), 0), answering(tweet(2, "third"), 1), answering(tweet(3, "of the first"), 0),
		answering(tweet(4, "of one that is not here"), 99),
	)
	first := f.start(jobs.KindPosts, jobs.PostsOptions{TweetIDs: []string{tweet(0, "").ID, tweet(1, "").ID}})
	f.done(first.ID)
	f.wantThreads(first.ID)
	second := f.start(jobs.KindPosts, nil)
	f.done(second.ID)
	parents := map[string]string{}
	byID := map[string]string{}
	for _, p := range f.home.Posts("alex") {
		byID[p.ID] = p.Text
		if len([]rune(p.Text)) > 60 {
			t.Errorf("%q is too long", p.Text)
		}
	}
	for _, p := range f.home.Posts("alex") {
		parents[p.Text] = byID[p.ReplyTo]
	}
	texts := f.posted()
	lastPart := texts[slices.Index(texts, "second")-1]
	want := map[string]string{"second": lastPart, "third": "second", "of the first": lastPart, "of one that is not here": ""}
	for text, parent := range want {
		if parents[text] != parent {
			t.Errorf("%q answers %q, want %q", text, parents[text], parent)
		}
	}
}

// A post that the server refuses takes its children with it and nothing else.
func TestRefusedParent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	f.tweets(tweet(0, "first"), tweet(1, "parent"), answering(tweet(2, "child"), 1), answering(tweet(3, "grandchild"), 2), tweet(4, "last"))
	f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: fedisim.ServerError, Status: 422})
	run := f.start(jobs.KindPosts, nil)
	f.done(run.ID)
	f.wantPosted("first", "last")
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 2, ledger.StateRefused: 1, ledger.StateSkipped: 2})
	// A later Run may post what was refused.
	f.done(f.start(jobs.KindPosts, nil).ID)
	f.wantPosted("first", "last", "parent", "child", "grandchild")
}

// Two Runs over the same tweets, and a second Move of the same Twitter account,
// post each tweet once.
func TestTwoRuns(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	tweets, want := texts(5)
	f.tweets(tweets...)
	f.done(f.start(jobs.KindPosts, jobs.PostsOptions{TweetIDs: []string{tweets[0].ID, tweets[1].ID}}).ID)
	f.done(f.start(jobs.KindPosts, nil).ID)
	again := f.start(jobs.KindPosts, nil)
	f.done(again.ID)
	f.wantCounts(again.ID, map[ledger.State]int{ledger.StateSkipped: 5})
	f.wantPosted(want...)
	other := f.addMove("2")
	f.tweetsOf(other.ID, "", tweets...)
	f.done(f.startOf(other.ID, jobs.KindPosts, nil).ID)
	f.wantPosted(want...)
}

// Two Moves at work at the same time over the same tweets post each once.
func TestTwoMovesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	tweets, want := texts(6)
	f.tweets(tweets...)
	other := f.addMove("2")
	f.tweetsOf(other.ID, "", tweets...)
	runs := []store.Run{f.start(jobs.KindPosts, fast), f.startOf(other.ID, jobs.KindPosts, fast)}
	for range 100 {
		for i, r := range runs {
			if runs[i] = f.step(r.ID); runs[i].State == store.RunWaiting {
				f.pass(runs[i])
			}
		}
	}
	f.wantState(runs[0], store.RunDone)
	f.wantState(runs[1], store.RunDone)
	f.wantPosted(want...)
}

// A token that is revoked half-way pauses the Run; connected again it completes.
func TestPostsTokenRevoked(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			tweets, want := texts(5)
			f.tweets(tweets...)
			run := f.start(jobs.KindPosts, fast)
			f.sim.Hook(func(p fedisim.Point) {
				if p.Kind == fedisim.EffectDone && p.Route == "POST /api/v1/statuses" && p.N == 2 {
					f.home.RevokeTokens("alex")
				}
			})
			r := f.finish(run.ID)
			f.wantState(r, store.RunPaused)
			if r.Error == "" {
				t.Error("nothing tells the Owner why it paused")
			}
			f.sim.Hook(nil)
			f.connect("Skein")
			f.resume(run.ID)
			f.done(run.ID)
			f.wantPosted(want...)
		})
	}
}

// A server that gives a post another date than the one asked for, so that it may
// have gone out loudly, is not sent a second one.
func TestOtherDate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true}) // it ignores past dates, and is taken for a GoToSocial
	quiet, err := json.Marshal(fediverse.CapabilityOf(fediverse.NodeInfo{Software: "gotosocial", Version: "0.20.3"}, fediverse.Instance{}))
	f.check(err)
	f.check(f.store.SaveHost(t.Context(), "home.example", string(quiet), f.clock.now().Add(time.Hour)))
	tweets, want := texts(3)
	f.tweets(tweets...)
	run := f.start(jobs.KindPosts, nil)
	r := f.finish(run.ID)
	f.wantState(r, store.RunPaused)
	if !strings.Contains(r.Error, "another date") {
		t.Errorf("it says %q", r.Error)
	}
	f.wantPosted(want[0])
	f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 1, ledger.StatePlanned: 2})
}
