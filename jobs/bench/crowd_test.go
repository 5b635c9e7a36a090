package bench_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/jobs"
)

// crowd is a number of people on a number of servers, all at it at once.
type crowd struct {
	workers                    int
	mastodon, gotosocial, snac int // servers
	each                       int // people on a server of Mastodon, half of whom follow; others have a few more or less
	posts, friends, few        int // of each person; few where all on a server share one allowance
}

// shares is how much of what was allowed was used, of each Account or host.
type shares struct {
	name  string
	parts []float64
}

func (s shares) mean() float64 {
	sum := 0.0
	for _, p := range s.parts {
		sum += p
	}
	return sum / float64(len(s.parts))
}

func (s shares) row() string {
	slices.Sort(s.parts)
	return fmt.Sprintf("| %s | %d | %.1f %% | %.1f %% |", s.name, len(s.parts), s.mean()*100, s.parts[0]*100)
}

func (c crowd) run(t testing.TB) (people, tooMany int, all []shares) {
	w := newWorld(t)
	w.sim.AddServer(fedisim.Config{Host: "away.example", NoLimits: true})
	var servers []*fedisim.Server
	for i := range c.mastodon + c.gotosocial + c.snac {
		software := "mastodon"
		if i >= c.mastodon {
			software = "gotosocial"
		}
		if i >= c.mastodon+c.gotosocial {
			software = "snac"
		}
		servers = append(servers, w.sim.AddServer(fedisim.Config{Host: fmt.Sprintf("home%d.example", i), Software: software}))
	}
	w.reach()
	var posting, following []person
	for _, server := range servers {
		n, posts := c.each, c.few
		if server.Config().Software == "mastodon" {
			posts = c.posts
		}
		for i := range n {
			p := w.join(server, fmt.Sprintf("user%d", i))
			people++
			if server.Config().Software == "mastodon" && i%2 == 1 {
				w.friends(p, c.friends)
				w.start(p, jobs.KindFollow, jobs.FollowOptions{})
				following = append(following, p)
				continue
			}
			w.tweets(p, posts, 0)
			w.start(p, jobs.KindPosts, jobs.PostsOptions{PerHour: asFast, Doubles: true})
			posting = append(posting, p)
		}
	}
	w.work(c.workers)

	posts, follows := shares{name: "posts on Mastodon, by Account"}, shares{name: "follows on Mastodon, by Account"}
	quiet, snac := shares{name: "GoToSocial, by host"}, shares{name: "snac, 5 a second, by host"}
	for _, p := range posting {
		if p.server.Config().Software == "mastodon" {
			part, _ := share(effects(p, fedisim.PostCreated), 225, 3*time.Hour, true)
			posts.parts = append(posts.parts, part)
		}
	}
	for _, p := range following {
		part, _ := share(effects(p, fedisim.Followed, fedisim.FollowRequested), 75, 5*time.Minute, true)
		follows.parts = append(follows.parts, part)
	}
	for _, server := range servers {
		tooMany += server.Count(fedisim.TooMany)
		switch at := w.requests[server.Host()]; server.Config().Software {
		case "gotosocial":
			part, _ := share(at, 225, 5*time.Minute, false)
			quiet.parts = append(quiet.parts, part)
		case "snac":
			n := server.Count(fedisim.PostCreated)
			snac.parts = append(snac.parts, float64(n)/perSecond/at[len(at)-1].Sub(w.began).Seconds())
		}
	}
	return people, tooMany, []shares{posts, follows, quiet, snac}
}

// TestCrowd holds a small version of the table, by the same means.
func TestCrowd(t *testing.T) {
	c := crowd{workers: 16, mastodon: 2, gotosocial: 1, snac: 1, each: 4, posts: 20, friends: 80, few: 240}
	_, tooMany, all := c.run(t)
	for _, s := range all {
		t.Log(s.row())
		if s.mean() < 0.95 {
			t.Errorf("%s: %.1f %% of what was allowed was used, want 95 %%", s.name, s.mean()*100)
		}
	}
	if tooMany != 0 {
		t.Errorf("%d answers of 429", tooMany)
	}
}

// TestCrowdTable prints what 500 people on 60 servers use of what they may.
func TestCrowdTable(t *testing.T) {
	if !*table {
		t.Skip("only measured with -table")
	}
	began := time.Now()
	c := crowd{workers: 128, mastodon: 42, gotosocial: 12, snac: 6, each: 8, posts: 230, friends: 100, few: 60}
	c.each = 500/60 + 1
	people, tooMany, all := c.run(t)
	fmt.Println("| | Accounts or hosts | used, mean | used, least |\n|---|--:|--:|--:|")
	for _, s := range all {
		fmt.Println(s.row())
		if s.mean() < 0.95 {
			t.Errorf("%s: %.1f %%, want 95 %%", s.name, s.mean()*100)
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("\n%d people on 60 servers, %d answers of 429; took %s; %s of memory at the most, the simulator's included; %d MB of heap at the end\n",
		people, tooMany, time.Since(began).Round(time.Second), peak(t), m.HeapAlloc>>20)
}

// peak is the most memory that this process ever had, as Linux tells it.
func peak(t testing.TB) string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Log(err)
		return "an unknown amount"
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kb int
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return fmt.Sprintf("%d MB", kb>>10)
			}
		}
	}
	return "an unknown amount"
}
