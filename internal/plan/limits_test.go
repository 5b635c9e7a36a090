package plan

import (
	"strings"
	"testing"
	"time"
)

func TestEstimates(t *testing.T) {
	tests := []struct {
		name string
		got  Estimate
		want time.Duration
		says string
	}{
		{"blocks in one window", usual("mastodon").Relations(75), 15 * time.Second, ""},
		{"blocks", usual("mastodon").Relations(1000), 65*time.Minute + 5*time.Second, "300 requests in 5 minutes"},
		{"blocks where nothing limits", usual("snac").Relations(1000), 200 * time.Second, "a few things a second"},
		{"undo posts", usual("mastodon").Undo(220, 0), 4*time.Hour + 30*time.Minute, "30 posts be deleted"},
		{"undo follows", usual("mastodon").Undo(0, 1120), 45 * time.Minute, "300 requests"},
		{"undo posts on GoToSocial", usual("gotosocial").Undo(2250, 0), 46 * time.Minute, "300 requests"},
		{"undo nothing", usual("mastodon").Undo(0, 0), 0, "nothing to take back"},
		{"undo both", usual("mastodon").Undo(44, 112), 35 * time.Minute, "30 posts"},
		{"block nobody", usual("mastodon").Relations(0), 0, "nothing to do"},
	}
	for _, tt := range tests {
		if (tt.got.Duration-tt.want).Abs() > tt.want/50 || !strings.Contains(tt.got.Reason, tt.says) {
			t.Errorf("%s: %+v, want %s and %q", tt.name, tt.got, tt.want, tt.says)
		}
	}
}

// Mastodon's windows begin by the clock, and what is left of them is known.
func TestEstimateGoesByTheClock(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		limits Limits
		n      int
		want   time.Duration
	}{
		{"till midnight", Limits{Now: noon, Reserve: Quarter}, 301, 12 * time.Hour},
		{"one day more", Limits{Now: noon, Reserve: Quarter}, 601, 36 * time.Hour},
		{"nothing left today", Limits{Now: noon, Reserve: Quarter, Known: map[string]Window{
			FamilyFollows: {Max: 400, Remaining: 100, Reset: noon.Add(12 * time.Hour)},
		}}, 1, 12 * time.Hour},
		{"another limit", Limits{Now: noon, Known: map[string]Window{
			FamilyFollows: {Max: 40, Remaining: 40, Reset: noon.Add(12 * time.Hour)},
		}}, 81, 36 * time.Hour},
		{"what was said yesterday", Limits{Now: noon, Reserve: Quarter, Known: map[string]Window{
			FamilyFollows: {Max: 400, Remaining: 0, Reset: noon.Add(-12 * time.Hour)},
		}}, 75, 15 * time.Second},
		{"all reserved", Limits{Now: noon, Reserve: 1}, 2, 12 * time.Hour},
	}
	for _, tt := range tests {
		if e := tt.limits.Follows(tt.n); (e.Duration - tt.want).Abs() > tt.want/50 {
			t.Errorf("%s: %+v, want %s", tt.name, e, tt.want)
		}
	}
}

// Runs at work beside share the allowance, Step by Step. On GoToSocial 225 calls in
// 5 minutes are ours: a post takes one of them and a follow three, so that each
// comes to 56 and a quarter in a window. Alone, 450 posts take 346 s.
func TestEstimateBesideOthers(t *testing.T) {
	posts := Pace{Statuses: 450, Quiet: true}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	gts, mastodon := Limits{Software: "gotosocial", Reserve: Quarter, Now: now}, Limits{Software: "mastodon", Reserve: Quarter, Now: now}
	known := gts
	known.Known = map[string]Window{FamilyAPI: {Max: 300, Remaining: 175, Reset: now.Add(100 * time.Second)}} // 100 of ours
	loud := Pace{Statuses: 225, PerHour: fastest}
	beside := func(l Limits, others ...Work) Limits { l.Beside = others; return l }
	tests := []struct {
		name string
		got  Estimate
		want time.Duration
	}{
		// 56.25 and 18.75 s with the follows, 150 s of the second window and all of the third alone: 2 × 301 + 225 / 5.
		{"posts beside follows", beside(gts, gts.FollowsWork(75)).Posts(posts), 647 * time.Second},
		// The second window's 18.75 follows take 0.4 s each, as two take turns.
		{"follows beside posts", beside(gts, gts.PostsWork(posts)).Follows(75), 308 * time.Second},
		{"the other begins later", beside(gts, gts.FollowsWork(75).From(now.Add(400*time.Second))).Posts(posts), 346 * time.Second},
		{"the other has nothing left", beside(gts, gts.FollowsWork(0)).Posts(posts), 346 * time.Second},
		// 100 in this window, which is over after 101 s; the other 100 in turns.
		{"what is left of a window", beside(known, gts.PostsWork(Pace{Statuses: 100, Quiet: true})).Posts(Pace{Statuses: 100, Quiet: true}), 121 * time.Second},
		// Three equal ones have 75 of each window.
		{"three at once", beside(gts, gts.PostsWork(posts), gts.PostsWork(posts)).Posts(Pace{Statuses: 150, Quiet: true}), 346 * time.Second},
		// Of Mastodon's 225 calls the first window sees 56.25 of each, the second the rest of both.
		{"on Mastodon", beside(mastodon, mastodon.FollowsWork(75)).Posts(loud), 338 * time.Second},
		// A slow Run beside takes a call now and then.
		{"a slow one", beside(mastodon, mastodon.PostsWork(Pace{Statuses: 100_000})).Relations(74), 15 * time.Second},
		{"beside a fast one", beside(mastodon, mastodon.RelationsWork(1000)).Posts(Pace{Statuses: 400}), 399 * time.Hour / 4},
		{"where nothing limits", beside(usual("snac"), usual("snac").FollowsWork(100)).Follows(100), 40 * time.Second},
	}
	for _, tt := range tests {
		if (tt.got.Duration - tt.want).Abs() > max(time.Second, tt.want/100) {
			t.Errorf("%s: %+v, want %s", tt.name, tt.got, tt.want)
		}
	}
}

// More never takes less, whatever the server said.
func FuzzEstimate(f *testing.F) {
	f.Add(10, 3, 2, 300, 10, int64(60), 0.25)
	f.Add(5000, 0, 5000, 30, 0, int64(-5), 0.9)
	f.Fuzz(func(t *testing.T, statuses, perHour, media, limit, remaining int, reset int64, reserve float64) {
		if statuses < 0 || statuses > 20_000 || media < 0 || media > 20_000 || perHour < 0 || perHour > 3600 || !(reserve >= 0 && reserve <= 0.9) {
			return
		}
		now := time.Unix(1e9, 0)
		w := Window{Max: limit, Remaining: remaining, Reset: now.Add(time.Duration(reset%86400) * time.Second)}
		l := Limits{Reserve: reserve, Now: now, Known: map[string]Window{FamilyStatuses: w, FamilyAPI: w}}
		p := Pace{Statuses: statuses, Media: media, PerHour: perHour}
		less := l.Posts(p)
		p.Statuses, p.Media = p.Statuses*2, p.Media*2
		if more := l.Posts(p); more.Duration < less.Duration || less.Duration < 0 {
			t.Errorf("%+v takes %s, half of it %s", p, more.Duration, less.Duration)
		}
		alone := l.Posts(p)
		l.Beside = []Work{l.FollowsWork(statuses), l.PostsWork(Pace{Statuses: media})}
		if beside := l.Posts(p); beside.Duration < alone.Duration-alone.Duration/20-time.Minute {
			t.Errorf("%+v takes %s beside others, %s alone", p, beside.Duration, alone.Duration)
		}
	})
}

// usual is what is taken of a server that has said nothing yet.
func usual(software string) Limits { return Limits{Software: software, Reserve: Quarter} }
