package jobs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
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
