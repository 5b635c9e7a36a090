package jobs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

func (f *fixture) outlook(r store.Run) jobs.Outlook {
	f.t.Helper()
	counts, err := f.store.StepCounts(f.t.Context(), r.ID)
	f.check(err)
	o, err := f.worker.Outlook(f.t.Context(), r, counts)
	f.check(err)
	return o
}

// What a Run says of the rest of its way is what it then takes.
func TestOutlook(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon"})
	tweets, _ := texts(40)
	f.tweets(tweets...)
	r := f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 30})
	if o := f.outlook(r); o != (jobs.Outlook{}) {
		t.Errorf("before anything is planned: %+v", o)
	}
	for range 10 {
		r = f.step(r.ID)
		f.pass(r)
	}
	o, at := f.outlook(r), f.clock.now()
	if o.LastHour < 9 || o.LastHour > 11 {
		t.Errorf("%d posts in the last hour, want about 10", o.LastHour)
	}
	if a := o.Allowance; a.Max != 300 || a.Remaining < 285 || a.Remaining > 295 || !a.Reset.After(at) {
		t.Errorf("allowance: %+v", a)
	}
	done := f.done(r.ID)
	if took := f.clock.now().Sub(at); (took - o.TimeLeft).Abs() > took/20 {
		t.Errorf("%s were left, it took %s", o.TimeLeft, took)
	}
	if o := f.outlook(done); o != (jobs.Outlook{}) {
		t.Errorf("of one that is done: %+v", o)
	}
}

// Two Runs at once each count the other: on GoToSocial they share one allowance,
// of which a follow takes three times as much as a post.
func TestOutlookBesideAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial"})
	tweets, _ := texts(400)
	f.tweets(tweets...)
	f.people(120)
	can, err := f.worker.Capability(t.Context(), f.home.Host())
	f.check(err)
	alone, err := f.worker.PlanLimits(t.Context(), f.account, can)
	f.check(err)
	if len(alone.Beside) != 0 {
		t.Errorf("%d Runs beside nothing", len(alone.Beside))
	}
	alone.Known = nil
	follows := f.start(jobs.KindFollow, nil)
	f.step(follows.ID)
	before, err := f.worker.PlanLimits(t.Context(), f.account, can)
	f.check(err)
	if len(before.Beside) != 1 {
		t.Fatalf("%d Runs are beside one that is to begin, want 1", len(before.Beside))
	}
	counts, err := f.store.StepCounts(t.Context(), follows.ID)
	f.check(err)
	left := counts[ledger.StatePlanned]
	pace := plan.Pace{Statuses: 400, Quiet: true}
	want := alone
	want.Beside = []plan.Work{alone.FollowsWork(left).From(f.run(follows.ID).DueAt)}
	want.Known, want.Now = before.Known, before.Now
	if got := before.Posts(pace).Duration; got != want.Posts(pace).Duration || got <= alone.Posts(pace).Duration {
		t.Errorf("before the start: %s, want %s and more than %s alone", got, want.Posts(pace).Duration, alone.Posts(pace).Duration)
	}
	posts := f.start(jobs.KindPosts, jobs.PostsOptions{Doubles: true})
	f.step(posts.ID)
	o := f.outlook(f.run(follows.ID))
	if a := o.Allowance; a.Max != 300 || a.Remaining >= 300 {
		t.Errorf("allowance of all requests: %+v", a)
	}
	f.wish(posts.ID, store.WishPause)
	f.clock.set(f.clock.now().Add(time.Second))
	f.wantState(f.step(posts.ID), store.RunPaused)
	if quicker := f.outlook(f.run(follows.ID)); quicker.TimeLeft >= o.TimeLeft {
		t.Errorf("the follows take %s beside posts, %s once those rest", o.TimeLeft, quicker.TimeLeft)
	}
	other := f.account
	other.ID = "somebody else's"
	l, err := f.worker.PlanLimits(t.Context(), other, can)
	f.check(err)
	if len(l.Beside) != 1 {
		t.Errorf("%d Runs are beside that of another account of the server, want 1", len(l.Beside))
	}
	can.Software = "mastodon" // counts each account by itself
	if l, err = f.worker.PlanLimits(t.Context(), other, can); err != nil || len(l.Beside) != 0 {
		t.Errorf("%d Runs are beside that of another account of a Mastodon server, %v; want none", len(l.Beside), err)
	}
}

// Months are counted as if no days were chosen, languages as if none were.
func TestPlanCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "mastodon", NoLimits: true})
	at := func(i int, lang string, month time.Month) model.Tweet {
		t := tweet(i, "something")
		t.Lang, t.CreatedAt = lang, time.Date(2019, month, 5, 0, 0, 0, 0, time.UTC)
		return t
	}
	reply := at(5, "fr", 3)
	reply.ReplyTo = model.Reply{TweetID: "77", UserID: "77", Handle: "somebody"}
	f.tweets(at(1, "en", 1), at(2, "en", 2), at(3, "de", 2), at(4, "de", 3), reply)
	can, err := f.worker.Capability(t.Context(), f.home.Host())
	f.check(err)
	p, err := f.worker.PlanPosts(t.Context(), f.move, f.account, can, jobs.PostsOptions{From: "2019-02-01", Languages: []string{"de"}}, 12)
	f.check(err)
	if want := []jobs.Month{{Month: "2019-02", Count: 1}, {Month: "2019-03", Count: 1}}; !cmp.Equal(want, p.Histogram) {
		t.Errorf("months: %s", cmp.Diff(want, p.Histogram))
	}
	if want := []jobs.LanguageCount{{Language: "de", Count: 2}, {Language: "en", Count: 1}}; !cmp.Equal(want, p.Languages) {
		t.Errorf("languages: %s", cmp.Diff(want, p.Languages))
	}
	p, err = f.worker.PlanPosts(t.Context(), f.move, f.account, can, jobs.PostsOptions{To: "2019-01-31"}, 12)
	f.check(err)
	if p.Tweets != 1 || len(p.Histogram) != 3 {
		t.Errorf("until the end of January: %d tweets, months %+v", p.Tweets, p.Histogram)
	}
}
