package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// mishaps are all the ways in which nobody can tell what became of a request.
var mishaps = []fedisim.Fault{
	{Kind: fedisim.CutBefore},
	{Kind: fedisim.CutAfter},
	{Kind: fedisim.LateEffect, Delay: time.Minute},
	{Kind: fedisim.LostAnswer},
	{Kind: fedisim.ServerError},
	{Kind: fedisim.ErrorAfter, Status: 500},
	{Kind: fedisim.Malformed},
	{Kind: fedisim.WrongAnswer},
	{Kind: fedisim.SlowBody, Delay: 10 * time.Second},
}

// meet has the request after the first one meet a mishap. Where that takes real
// time the lease is short, and with it the deadline.
func (f *fixture) meet(fault fedisim.Fault, times int) { f.meetAfter(fault, 1, times) }

func (f *fixture) meetAfter(fault fedisim.Fault, after, times int) {
	fault.After, fault.Times = after, times
	if fault.Kind == fedisim.LostAnswer || fault.Kind == fedisim.SlowBody {
		f.worker.Lease, fault.Times = 700*time.Millisecond, 1
	}
	f.home.Fault(fault)
}

// Whatever becomes of the answer, everybody is followed exactly once, in order.
func TestFollowWithoutAnswer(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac"} {
		for i, fault := range mishaps {
			t.Run(fmt.Sprintf("%s %s %d", software, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: software, NoLimits: true})
				want := f.people(4)
				fault.Path = followRoute
				f.meet(fault, 1)
				run := f.start(jobs.KindFollow, nil)
				began := f.clock.now()
				f.done(run.ID)
				f.wantAsked(want...)
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 4})
				if n := f.home.Count(fedisim.FollowRepeated); n > 0 {
					t.Errorf("%d were asked again", n)
				}
				if took := f.clock.now().Sub(began); took < 90*time.Second || took > 4*time.Minute {
					t.Errorf("it took %s, want a rest of 90 s", took)
				}
			})
		}
	}
}

// kindOfServer is a server as posting knows it.
type kindOfServer struct {
	name     string
	software string
	options  jobs.PostsOptions
	keys     bool
	quiet    bool
}

var kindsOfServer = []kindOfServer{
	{name: "mastodon", software: "mastodon", options: fast, keys: true},
	{name: "akkoma", software: "akkoma", options: fast, keys: true},
	{name: "gotosocial", software: "gotosocial", quiet: true},
	{name: "gotosocial as new", software: "gotosocial", options: jobs.PostsOptions{PerHour: 3600, AsNew: true}},
	{name: "snac", software: "snac", options: fast},
	{name: "unknown", software: "strange", options: fast},
}

// Whatever becomes of the answer, every tweet is posted exactly once, in order,
// two of the same text included, and nothing stays unsure.
func TestPostWithoutAnswer(t *testing.T) {
	for _, kind := range kindsOfServer {
		for i, fault := range mishaps {
			t.Run(fmt.Sprintf("%s %s %d", kind.name, fault.Kind, i), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fedisim.Config{Software: kind.software, NoLimits: true})
				f.home.AddPost("alex", "good morning", f.clock.now())
				f.clock.set(f.clock.now().Add(time.Hour)) // of the last minute it could be ours
				f.tweets(tweet(0, "first"), tweet(1, "good morning"), tweet(2, "good morning"), answering(tweet(3, "so it goes on"), 2), tweet(4, "last"))
				fault.Method, fault.Path = "POST", "/api/v1/statuses"
				f.meet(fault, 2)
				run := f.start(jobs.KindPosts, kind.options)
				f.done(run.ID)
				f.wantPosted("first", "good morning", "good morning", "so it goes on", "last")
				f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 5})
				f.wantThreads(run.ID)
				f.wantKeys(kind)
			})
		}
	}
}

// wantThreads compares who answers whom on the server with the ledger.
func (f *fixture) wantThreads(run string) {
	f.t.Helper()
	ids := map[string]string{}
	for _, s := range f.steps(run) {
		ids[s.ID] = s.ResultID
	}
	answers := map[string]string{}
	for _, p := range f.home.Posts("alex") {
		answers[p.ID] = p.ReplyTo
	}
	seen := map[string]bool{}
	for _, s := range f.steps(run) {
		if s.State != ledger.StateConfirmed {
			continue
		}
		got, there := answers[s.ResultID]
		if !there || seen[s.ResultID] {
			f.t.Errorf("%q is noted as status %s, which is not there or another one's", s.Status.Text, s.ResultID)
		}
		seen[s.ResultID] = true
		if want := ids[s.ParentID]; got != want {
			f.t.Errorf("%q answers %q, want %q", s.Status.Text, got, want)
		}
	}
}

// wantKeys looks whether each post had a key of its own.
func (f *fixture) wantKeys(kind kindOfServer) {
	f.t.Helper()
	seen := map[string]bool{}
	for _, e := range f.home.Effects() {
		if e.Kind != fedisim.PostCreated || e.Application == "" && e.Key == "" {
			continue
		}
		if e.Key == "" || seen[e.Key] {
			f.t.Errorf("%q was posted with the key %q, want one of its own", e.Text, e.Key)
		}
		seen[e.Key] = true
		if quiet := e.Delivered == 0 && e.CreatedAt.Before(f.clock.now().AddDate(-1, 0, 0)); quiet != kind.quiet {
			f.t.Errorf("%q reached %d feeds with the date %s", e.Text, e.Delivered, e.CreatedAt)
		}
	}
}

// A storm: any request may meet any mishap. In the end everything is there once.
func TestNothingTwiceInAStorm(t *testing.T) {
	storm := []fedisim.Fault{
		{Kind: fedisim.CutBefore}, {Kind: fedisim.CutAfter}, {Kind: fedisim.LateEffect, Delay: time.Minute},
		{Kind: fedisim.ErrorAfter}, {Kind: fedisim.Malformed}, {Kind: fedisim.TooMuch, RetryAfter: time.Minute},
	}
	for _, kind := range kindsOfServer {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: kind.software, NoLimits: true})
			tweets, want := texts(18)
			for i := 2; i < len(tweets); i += 3 {
				tweets[i] = answering(tweets[i], i-1)
			}
			f.tweets(tweets...)
			people := f.people(10)
			for _, fault := range storm {
				fault.Times, fault.Chance = -1, 0.07
				f.home.Fault(fault)
			}
			posts := f.start(jobs.KindPosts, kind.options)
			follows := f.start(jobs.KindFollow, nil)
			f.done(posts.ID)
			f.done(follows.ID)
			f.wantPosted(want...)
			f.wantThreads(posts.ID)
			f.wantCounts(posts.ID, map[ledger.State]int{ledger.StateConfirmed: len(want)})
			got := f.asked()
			slices.Sort(got)
			slices.Sort(people)
			if !slices.Equal(got, people) {
				t.Errorf("followed %q, want %q", got, people)
			}
		})
	}
}

// On a server without keys a post by hand of the same text makes it impossible
// to tell: the Step stays unsure, its children wait, and the Owner's word goes.
func TestUnsure(t *testing.T) {
	for _, posted := range []bool{true, false} {
		t.Run(fmt.Sprintf("posted %t", posted), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
			f.tweets(tweet(0, "first"), tweet(1, "same"), answering(tweet(2, "child"), 1), tweet(3, "last"))
			f.sim.Hook(func(p fedisim.Point) {
				if p.Kind == fedisim.RequestRead && p.Route == "POST /api/v1/statuses" && p.N == 2 {
					f.home.AddPost("alex", "same", f.clock.now())
					f.home.AddPost("alex", "same", f.clock.now())
				}
			})
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: fedisim.CutBefore})
			run := f.start(jobs.KindPosts, fast)
			r := f.finish(run.ID)
			f.wantState(r, store.RunPaused)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 2, ledger.StateUnsure: 1, ledger.StatePlanned: 1})
			f.sim.Hook(nil)
			unsure, err := f.store.Step(t.Context(), run.ID, f.unsure(run.ID)[0])
			f.check(err)
			if unsure.Found.Text != "same" || unsure.Found.At.IsZero() || unsure.ResultID == "" {
				t.Errorf("for the Owner to compare: %+v as %q", unsure.Found, unsure.ResultID)
			}
			f.resume(run.ID)
			f.wantState(f.finish(run.ID), store.RunPaused)
			f.check(f.store.Settle(t.Context(), f.move.ID, run.ID, unsure.ID, posted))
			f.done(run.ID) // it goes on by itself
			texts := f.posted()
			if n := count(texts, "same"); n == 1 == posted {
				t.Errorf("%q, the Owner said that it is there: %t", texts, posted)
			}
			if n := count(texts, "child"); n != 1 {
				t.Errorf("%q, want the child posted once", texts)
			}
			f.wantThreads(run.ID)
		})
	}
}

// A Run whose last Step is unsure ends by itself when the Owner has decided on it,
// also where nothing else is left to do.
func TestUnsureAtTheEnd(t *testing.T) {
	for _, posted := range []bool{true, false} {
		t.Run(fmt.Sprintf("posted %t", posted), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: "snac", NoLimits: true})
			f.tweets(tweet(0, "first"), tweet(1, "same"), tweet(2, "like"))
			f.sim.Hook(func(p fedisim.Point) {
				if text := map[int]string{2: "same", 3: "like"}[p.N]; text != "" && p.Kind == fedisim.RequestRead && p.Route == "POST /api/v1/statuses" {
					f.home.AddPost("alex", text, f.clock.now())
					f.home.AddPost("alex", text, f.clock.now())
				}
			})
			f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Times: 2, Kind: fedisim.CutBefore})
			run := f.start(jobs.KindPosts, fast)
			f.wantState(f.finish(run.ID), store.RunPaused)
			f.sim.Hook(nil)
			for i, id := range f.unsure(run.ID) {
				f.check(f.store.Settle(t.Context(), f.move.ID, run.ID, id, posted || i == 1))
				if i == 0 {
					f.wantState(f.finish(run.ID), store.RunPaused)
				}
			}
			f.done(run.ID)
			f.wantCounts(run.ID, map[ledger.State]int{ledger.StateConfirmed: 3})
		})
	}
}

func count[T comparable](all []T, what T) (n int) {
	for _, x := range all {
		if x == what {
			n++
		}
	}
	return n
}
