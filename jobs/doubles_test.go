package jobs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// What another program carried over is recognised and left out, each post for
// one tweet; what only looks like it is not.
func TestDoubles(t *testing.T) {
	t.Parallel()
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
			linked := linking(tweet(1, "With a link https://t.co/aaaaaaaaaa and @ada"), 900)
			linked.Mentions = []model.Mention{{TwitterID: "7", Handle: "ada", Start: 41, End: 45}}
			f.tweets(
				tweet(0, "Good morning, everybody"), linked, tweet(2, "Good morning, everybody"), tweet(3, "Only on Twitter, this one"),
				tweet(4, "Years later, the same words"), tweet(5, "Yes!"),
			)
			at := func(i int) time.Time { return tweet(i, "").CreatedAt }
			f.home.AddPost("alex", "Good morning,  everybody", at(0).Add(time.Minute))
			f.home.AddPost("alex", "With a link https://short.example/x and @ada@twitter.com", at(1).Add(3*time.Hour))
			f.home.AddPost("alex", "Years later, the same words", at(4).AddDate(3, 0, 0))
			f.home.AddPost("alex", "Yes!", at(5))
			before := len(f.home.Posts("alex"))
			run := f.done(f.start(jobs.KindPosts, fast).ID)
			var got []string
			for _, p := range f.home.Posts("alex") {
				if p.Application != "" {
					got = append(got, p.Text)
				}
			}
			want := []string{"Good morning, everybody", "Only on Twitter, this one", "Years later, the same words", "Yes!"}
			if len(f.home.Posts("alex")) != before+4 || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("posted %q, want %q", got, want)
			}
			if n := len(f.steps(run.ID)); n != 4 {
				t.Errorf("%d Steps, want 4", n)
			}
		})
	}
}

// The Owner may want doubles.
func TestDoublesWanted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.tweets(tweet(0, "Good morning, everybody"))
	f.home.AddPost("alex", "Good morning, everybody", tweet(0, "").CreatedAt)
	o := fast
	o.Doubles = true
	f.done(f.start(jobs.KindPosts, o).ID)
	if n := len(f.home.Posts("alex")); n != 2 {
		t.Errorf("%d posts, want 2", n)
	}
}

// Many posts are read in several slices, within the server's limits, and not
// again by the next Run.
func TestDoublesOfMany(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{})
	first := tweet(0, "Good morning, everybody")
	f.tweets(first)
	f.home.AddPost("alex", "Good morning, everybody", first.CreatedAt)
	for i := range 10_500 {
		f.home.AddPost("alex", fmt.Sprintf("something else %d", i), first.CreatedAt.Add(time.Duration(i+1)*time.Minute))
	}
	waits := 0
	run := f.start(jobs.KindPosts, fast)
	r := f.until(run.ID, func(store.Run) bool { waits++; return false })
	f.wantState(r, store.RunDone)
	if n := len(f.steps(run.ID)); n != 0 || waits == 0 {
		t.Errorf("%d Steps after %d waits, want none: it is there", n, waits)
	}
	if n := f.home.Count(fedisim.TooMany); n != 0 {
		t.Errorf("%d times 429", n)
	}
	asked := f.home.Requests()["GET /api/v1/accounts/{id}/statuses"]
	f.done(f.start(jobs.KindPosts, fast).ID)
	if again := f.home.Requests()["GET /api/v1/accounts/{id}/statuses"] - asked; again > 1 || asked < 200 {
		t.Errorf("asked %d times at first, %d the second time", asked, again)
	}
}
