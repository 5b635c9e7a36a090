package bench_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// scenario is one row of the table of paces.
type scenario struct {
	name      string
	software  string
	posts     int
	perHour   int // 0: by the server
	pictures  int // every how-manieth post has one
	friends   int
	other     func(w *world, p person) // another client that uses the same allowance
	least     float64                  // share
	mostTimes int                      // answers of 429
}

// outcome is what came of it.
type outcome struct {
	posts, follows  float64 // share of what was allowed; 0 without
	tooMany, theirs int     // answers of 429 to us, and to the other client
	took, foreseen  [2]time.Duration
}

// asFast is the pace that stands for "as fast as the server allows".
const asFast = 3600

func (s scenario) run(t testing.TB) outcome {
	w := newWorld(t)
	server := w.sim.AddServer(fedisim.Config{Host: "home.example", Software: s.software})
	w.reach()
	p := w.join(server, "alex")
	var posts, follows store.Run
	var o outcome
	limits := w.limits(p)
	pace := plan.Pace{Statuses: s.posts, Quiet: s.software == "gotosocial", PerHour: s.perHour}
	if s.pictures > 0 {
		pace.Media = (s.posts + s.pictures - 1) / s.pictures
	}
	if s.posts > 0 {
		w.tweets(p, s.posts, s.pictures)
		l := limits // as if the follows had begun a moment before
		if s.friends > 0 {
			l.Beside = []plan.Work{limits.FollowsWork(s.friends)}
		}
		o.foreseen[0] = l.Posts(pace).Duration
		posts = w.start(p, jobs.KindPosts, jobs.PostsOptions{PerHour: s.perHour, Doubles: true})
	}
	if s.friends > 0 {
		w.friends(p, s.friends)
		l := limits
		if s.posts > 0 {
			l.Beside = []plan.Work{limits.PostsWork(pace)}
		}
		o.foreseen[1] = l.Follows(s.friends).Duration
		follows = w.start(p, jobs.KindFollow, jobs.FollowOptions{})
	}
	var others []func()
	if s.other != nil {
		others = append(others, func() { s.other(w, p) })
	}
	w.work(2, others...)
	if s.posts > 0 {
		o.took[0] = w.took(posts)
		o.posts = s.shareOf(w, p, false)
	}
	if s.friends > 0 {
		o.took[1] = w.took(follows)
		o.follows = s.shareOf(w, p, true)
	}
	o.tooMany, o.theirs = server.Count(fedisim.TooMany), w.theirs
	return o
}

// allowance is what the server that limits tightest allows us, and what was used
// of it.
type allowance struct {
	usable  int
	per     time.Duration
	aligned bool
	used    []time.Time
}

// of returns the limit that decides how long posts or follows take. GoToSocial
// counts requests of all kinds.
func (s scenario) of(w *world, p person, follows bool) allowance {
	switch {
	case s.other != nil && s.software == "gotosocial": // of ours alone
		return allowance{225, 5 * time.Minute, false, effects(p, fedisim.PostCreated)}
	case s.software == "gotosocial":
		return allowance{225, 5 * time.Minute, false, w.requests[p.server.Host()]}
	case follows:
		return allowance{300, 24 * time.Hour, true, effects(p, fedisim.Followed, fedisim.FollowRequested)}
	case s.software == "snac": // no limits but ours
		return allowance{perSecond, time.Second, false, effects(p, fedisim.PostCreated)}
	case s.pictures == 1: // else posts are limited more tightly than pictures
		return allowance{22, 30 * time.Minute, true, effects(p, fedisim.MediaUploaded)}
	}
	return allowance{225, 3 * time.Hour, true, effects(p, fedisim.PostCreated)}
}

// shareOf returns how much of what was allowed was used. At a pace of ours, that
// pace is what is allowed.
func (s scenario) shareOf(w *world, p person, follows bool) float64 {
	if !follows && s.perHour != asFast && s.software != "gotosocial" {
		posted := effects(p, fedisim.PostCreated)
		pause := time.Hour / time.Duration(max(s.perHour, 4))
		return float64(len(posted)-1) * pause.Seconds() / posted[len(posted)-1].Sub(posted[0]).Seconds()
	}
	a := s.of(w, p, follows)
	part, most := share(a.used, a.usable, a.per, a.aligned)
	if s.other == nil && most > a.usable+2 { // a Step that has begun is brought to its end
		w.t.Errorf("%s: %d uses in a window of which %d are ours", s.name, most, a.usable)
	}
	return part
}

// check compares with what was to be reached.
func (s scenario) check(t *testing.T, o outcome) {
	t.Helper()
	for i, what := range []string{"posts", "follows"} {
		got := []float64{o.posts, o.follows}[i]
		if o.took[i] == 0 {
			continue
		}
		if got < s.least {
			t.Errorf("%s, %s: %.1f %% of what was allowed was used, want %.0f %%", s.name, what, got*100, s.least*100)
		}
		if off := s.off(o, i); s.other == nil && (off < -5 || off > 5) {
			t.Errorf("%s, %s: foreseen %s, took %s: %.1f %% off", s.name, what, o.foreseen[i], o.took[i], off)
		}
	}
	if o.tooMany-o.theirs > s.mostTimes {
		t.Errorf("%s: %d answers of 429 to us, want at most %d", s.name, o.tooMany-o.theirs, s.mostTimes)
	}
}

// off is by how many per cent the estimate was off.
func (s scenario) off(o outcome, i int) float64 {
	return (o.foreseen[i].Seconds() - o.took[i].Seconds()) / o.took[i].Seconds() * 100
}

func (s scenario) row(o outcome) string {
	cell := func(i int, share float64) string {
		if o.took[i] == 0 {
			return "– | – | –"
		}
		return fmt.Sprintf("%.1f %% | %s | %+.1f %%", share*100, o.took[i].Round(time.Second), s.off(o, i))
	}
	return fmt.Sprintf("| %s | %s | %s | %d |", s.name, cell(0, o.posts), cell(1, o.follows), o.tooMany-o.theirs)
}

// posting posts as another application of the same person, so often.
func posting(every time.Duration, at int) func(*world, person) {
	return func(w *world, p person) {
		defer w.done()
		token := p.server.TokenOf(phone, p.user)
		for n := 0; !w.clock.isOver(); n++ {
			for i := range at {
				form := url.Values{"status": {fmt.Sprintf("from the phone %d %d", n, i)}, "visibility": {"public"}}
				req, err := http.NewRequest(http.MethodPost, p.server.URL()+"/api/v1/statuses", strings.NewReader(form.Encode()))
				check(w.t, err)
				req.Header.Set("Authorization", "Bearer "+token)
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				resp, err := http.DefaultClient.Do(req)
				check(w.t, err)
				if resp.Body.Close(); resp.StatusCode == http.StatusTooManyRequests {
					w.mu.Lock()
					w.theirs++
					w.mu.Unlock()
				}
			}
			w.clock.sleep(every)
		}
	}
}

// TestPace holds small versions of the table, by the same means.
func TestPace(t *testing.T) {
	for _, s := range []scenario{
		{name: "Mastodon, as fast as allowed", software: "mastodon", posts: 240, perHour: asFast, friends: 305, least: 0.98},
		{name: "GoToSocial, quiet", software: "gotosocial", posts: 460, least: 0.98},
		{name: "Mastodon, 4 an hour", software: "mastodon", posts: 40, least: 0.98},
		{name: "Mastodon, with pictures", software: "mastodon", posts: 70, perHour: asFast, pictures: 1, least: 0.98},
		{name: "GoToSocial, follows", software: "gotosocial", friends: 160, least: 0.98},
		{name: "GoToSocial, both at once", software: "gotosocial", posts: 800, friends: 270, least: 0.97},
		{name: "snac, as fast as allowed", software: "snac", posts: 100, perHour: asFast, least: 0},
		{name: "Mastodon, another client", software: "mastodon", posts: 230, perHour: asFast, other: posting(10*time.Minute, 10), mostTimes: 1},
		{name: "GoToSocial, another client", software: "gotosocial", posts: 250, other: posting(time.Minute, 30), mostTimes: 2},
	} {
		t.Run(s.name, func(t *testing.T) {
			o := s.run(t)
			t.Log(s.row(o))
			s.check(t, o)
		})
	}
}

// TestPaceTable prints the table of paces.
func TestPaceTable(t *testing.T) {
	if !*table {
		t.Skip("only measured with -table")
	}
	fmt.Println("| | posts: used | took | estimate | follows: used | took | estimate | 429 |\n|---|--:|--:|--:|--:|--:|--:|--:|")
	for _, s := range []scenario{
		{name: "Mastodon, 10,000 posts and 2,000 follows, as fast as allowed", software: "mastodon", posts: 10_000, perHour: asFast, friends: 2_000, least: 0.98},
		{name: "GoToSocial, 10,000 posts and 2,000 follows", software: "gotosocial", posts: 10_000, friends: 2_000, least: 0.98},
		{name: "Mastodon, another client posts 72 in 3 hours", software: "mastodon", posts: 10_000, perHour: asFast, other: posting(10*time.Minute, 4), mostTimes: 5},
		{name: "Mastodon, another client posts 270 in 3 hours", software: "mastodon", posts: 3_000, perHour: asFast, other: posting(10*time.Minute, 15), mostTimes: 30},
		{name: "GoToSocial, another client makes 150 requests in 5 minutes", software: "gotosocial", posts: 5_000, other: posting(time.Minute, 30), mostTimes: 30},
		{name: "Mastodon, 2,000 follows", software: "mastodon", friends: 2_000, least: 0.98},
		{name: "GoToSocial, 2,000 follows", software: "gotosocial", friends: 2_000, least: 0.98},
		{name: "GoToSocial, 10,000 posts", software: "gotosocial", posts: 10_000, least: 0.98},
		{name: "GoToSocial, 3,000 posts, every third with a picture", software: "gotosocial", posts: 3_000, pictures: 3, least: 0.98},
		{name: "Mastodon, 1,000 posts, 4 an hour", software: "mastodon", posts: 1_000, least: 0.98},
		{name: "Mastodon, 2,000 posts, every third with a picture", software: "mastodon", posts: 2_000, perHour: asFast, pictures: 3, least: 0.98},
		{name: "snac, 2,000 posts", software: "snac", posts: 2_000, perHour: asFast},
	} {
		t.Run(s.name, func(t *testing.T) {
			o := s.run(t)
			fmt.Println(s.row(o))
			s.check(t, o)
		})
	}
}
