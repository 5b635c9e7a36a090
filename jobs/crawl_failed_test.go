package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
)

// A server that has no list, or none for us, rests for a week and says why. What
// is known of it is looked at all the same.
func TestCrawlRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		cfg   fedisim.Config
		words string
	}{
		{"off", fedisim.Config{DirectoryOff: true}, "has no profile directory"},
		{"GoToSocial", fedisim.Config{Software: "gotosocial"}, "has no profile directory"},
		{"closed", fedisim.Config{APINeedsToken: true}, "keeps its profile directory to itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCrawling(t, tt.cfg)
			c.joins("ada", "https://twitter.com/ada")
			c.wake()
			s := c.state()
			if rest := s.DueAt.Sub(c.clock.now()); s.Error != tt.words || rest < 6*24*time.Hour || rest > 8*24*time.Hour {
				t.Errorf("rests %v: %q", rest, s.Error)
			}
			requests := len(c.sim.Requests())
			c.pass(6 * 24 * time.Hour)
			c.wake()
			if len(c.sim.Requests()) != requests {
				t.Error("asked while it rests")
			}
			states, err := c.store.SourceStates(t.Context())
			c.check(err)
			if got := states[directory.SourceDirectory]; got.Asked != 1 || got.Failed != 1 {
				t.Errorf("counted %+v", got)
			}
		})
	}
	t.Run("switched off later", func(t *testing.T) {
		t.Parallel()
		c := newCrawling(t, fedisim.Config{})
		c.joins("ada", "https://twitter.com/ada")
		c.joins("bob", "https://twitter.com/bob")
		c.settle()
		c.pond.Fault(fedisim.Fault{Path: "/api/v1/directory", Kind: fedisim.ServerError, Status: 404, Times: -1})
		c.pond.Change("ada", func(a *fedisim.Account) { a.Discoverable = false })
		for range 5 {
			c.pass(8 * 24 * time.Hour)
			c.settle()
		}
		c.wantRows("bob=bob", "ada", "bob")
	})
}

// Whatever goes wrong, a wake ends, the host is asked again later or rests for
// days after three times, others are read meanwhile, and the reading goes on where
// it was.
func TestCrawlFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, words string
	}{
		{fedisim.ServerError, "answered 503"},
		{fedisim.CutBefore, "did not answer in full"},
		{fedisim.Malformed, "gave an answer that is no list of accounts"},
		{fedisim.WrongAnswer, "gave an answer that is no list of accounts"},
		{fedisim.Endless, "gave an answer that is no list of accounts"},
		{fedisim.LostAnswer, "did not answer in full"},
		{fedisim.SlowBody, "did not answer in full"},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			c := newCrawling(t, fedisim.Config{})
			c.many(0, 300)
			lake := c.sim.AddServer(fedisim.Config{Host: "lake.example", NoLimits: true})
			lake.AddAccount(fedisim.Account{User: "eve", Note: "https://twitter.com/eve", Discoverable: true})
			c.worker.Client = fediverse.New(fediverse.Options{
				Simulated: c.sim.Hosts(), Budget: fediverse.Free{}, Now: c.clock.now, Timeout: 2 * time.Second,
			})
			c.catalogue("pond.example", "lake.example")
			c.pond.Fault(fedisim.Fault{Path: "/api/v1/directory", Kind: tt.kind, After: 2, Times: -1, Delay: time.Minute})
			for i := range 3 {
				c.wake()
				s := c.state()
				rest := s.DueAt.Sub(c.clock.now())
				if s.Error != tt.words || s.Fails != i+1 || s.Phase != "full" || s.Place != 159 || (rest > 24*time.Hour) != (i == 2) {
					t.Fatalf("failure %d: rests %v, %+v", i, rest, s)
				}
				c.clock.set(s.DueAt)
			}
			c.wantRows("eve=eve", "eve")
			c.pond.ClearFaults()
			if s := c.settle(); s.Error != "" || s.Fails != 0 || s.Accounts != 300 {
				t.Errorf("in the end: %+v", s)
			}
			c.wantAll(300)
		})
	}
}

// Of a server that is gone for good nothing stays for ever.
func TestCrawlOfAServerThatIsGone(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "https://twitter.com/ada")
	c.settle()
	c.pond.SetDown(true)
	until := func(days int) {
		for end := c.clock.now().AddDate(0, 0, days); c.clock.now().Before(end); {
			c.wake()
			c.pass(12 * time.Hour)
		}
	}
	until(85)
	c.wantRows("ada=ada", "ada")
	if s := c.state(); s.Error != "cannot be reached" || s.Fails < 10 {
		t.Errorf("state %+v", s)
	}
	until(10)
	c.wantRows("", "ada")
}

// A server that asks to wait is not asked before.
func TestCrawlWaits(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.many(0, 200)
	c.pond.Fault(fedisim.Fault{Path: "/api/v1/directory", Kind: fedisim.TooMuch, After: 1, RetryAfter: 10 * time.Minute})
	c.wake()
	s := c.state()
	if rest := s.DueAt.Sub(c.clock.now()); s.Error != "asks to wait" || s.Fails != 0 || rest < 9*time.Minute || rest > 11*time.Minute {
		t.Errorf("waits %v: %+v", rest, s)
	}
	c.wake()
	if n := c.pond.Requests()[directoryRoute]; n != 2 {
		t.Errorf("asked %d times", n)
	}
	c.clock.set(s.DueAt)
	c.settle()
	c.wantAll(200)
	if n := c.pond.Count(fedisim.TooMany); n > 1 {
		t.Errorf("%d requests were too many", n)
	}
}

// While the queue, which keeps the pace, is down, no server is asked and none is
// blamed.
func TestCrawlWithoutQueue(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "https://twitter.com/ada")
	c.worker.Client = fediverse.New(fediverse.Options{Simulated: c.sim.Hosts(), Budget: noBudget{}, Now: c.clock.now})
	c.wake()
	if s := c.state(); s.Error != "" || s.Fails != 0 || s.DueAt.After(c.clock.now()) {
		t.Errorf("blamed: %+v", s)
	}
	c.reach()
	c.settle()
	c.wantRows("ada=ada", "ada")
}

// A worker that stops in the middle of a request blames no server, and the next
// one goes on at once.
func TestCrawlStopped(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.many(0, 300)
	ctx, stop := context.WithCancel(t.Context())
	var once sync.Once
	c.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.RequestRead && p.Route == directoryRoute && p.N == 3 {
			once.Do(stop)
			<-ctx.Done()
		}
	})
	c.check(c.worker.CrawlDirectories(ctx))
	c.sim.Hook(nil)
	if s := c.state(); s.Error != "" || s.Fails != 0 || s.Place != 159 || s.DueAt.After(c.clock.now()) {
		t.Errorf("after it was stopped: %+v", s)
	}
	c.settle()
	c.wantAll(300)
}
