package fedisim_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
)

func TestFaults(t *testing.T) {
	tests := []struct {
		fault        fedisim.Fault
		code         int // 0: no answer
		posts, later int // at once, and a minute later
	}{
		{fedisim.Fault{Kind: fedisim.Latency, Delay: time.Millisecond}, 200, 1, 1},
		{fedisim.Fault{Kind: fedisim.TooMuch}, 429, 0, 0},
		{fedisim.Fault{Kind: fedisim.ServerError, Status: 502}, 502, 0, 0},
		{fedisim.Fault{Kind: fedisim.ErrorAfter}, 503, 1, 1},
		{fedisim.Fault{Kind: fedisim.CutBefore}, 0, 0, 0},
		{fedisim.Fault{Kind: fedisim.CutAfter}, 0, 1, 1},
		{fedisim.Fault{Kind: fedisim.LateEffect, Delay: time.Hour}, 0, 0, 1},
		{fedisim.Fault{Kind: fedisim.LostAnswer, Delay: 5 * time.Millisecond}, 0, 1, 1},
		{fedisim.Fault{Kind: fedisim.SlowBody, Delay: 5 * time.Millisecond}, 200, 1, 1},
		{fedisim.Fault{Kind: fedisim.Malformed}, 200, 1, 1},
		{fedisim.Fault{Kind: fedisim.WrongAnswer}, 200, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.fault.Kind, func(t *testing.T) {
			s, v := alone(t, "mastodon")
			u := as(t, v, "ada")
			tt.fault.Method, tt.fault.Path, tt.fault.After = "POST", "/api/v1/status*", 1
			v.Fault(tt.fault)
			wantCode(t, "before its turn", u.post("/api/v1/statuses", form("status", "first")), 200)
			got := u.post("/api/v1/statuses", form("status", "second"))
			if got.code != tt.code || (got.err != nil) != (tt.code == 0) {
				t.Errorf("answer %d, %v; want %d", got.code, got.err, tt.code)
			}
			if n := len(v.Posts("ada")) - 1; n != tt.posts {
				t.Errorf("%d posts at once; want %d", n, tt.posts)
			}
			s.Advance(time.Minute)
			if n := len(v.Posts("ada")) - 1; n != tt.later {
				t.Errorf("%d posts a minute later; want %d", n, tt.later)
			}
			wantCode(t, "after it", u.post("/api/v1/statuses", form("status", "third")), 200)
		})
	}
}

// A late effect and its repetition with the same key are one post.
func TestLateEffectWithKey(t *testing.T) {
	s, v := alone(t, "mastodon")
	u := as(t, v, "ada")
	v.Fault(fedisim.Fault{Kind: fedisim.LateEffect, Delay: 30 * time.Second})
	u.post("/api/v1/statuses", form("status", "x"), "Idempotency-Key", "k")
	wantCode(t, "again", u.post("/api/v1/statuses", form("status", "x"), "Idempotency-Key", "k"), 200)
	s.Advance(time.Minute)
	if n := len(v.Posts("ada")); n != 1 || s.Pending() != 0 {
		t.Errorf("%d posts, %d pending; want 1 and none", n, s.Pending())
	}
}

func TestThrottleOfGoToSocial(t *testing.T) {
	_, v := alone(t, "gotosocial")
	v.Fault(fedisim.Fault{Kind: fedisim.TooMuch, RetryAfter: 2 * time.Second})
	got := stranger(t, v).get("/api/v1/instance")
	if got.code != 429 || got.header.Get("Retry-After") != "2" || got.header.Get("X-RateLimit-Limit") != "" || got.text(t, "error") != "server capacity exceeded" {
		t.Errorf("%d %v %s", got.code, got.header, got.body)
	}
}

func TestChance(t *testing.T) {
	run := func() (codes []int) {
		_, v := alone(t, "mastodon")
		v.Fault(fedisim.Fault{Kind: fedisim.ServerError, Times: -1, Chance: 0.5})
		for range 20 {
			codes = append(codes, stranger(t, v).get("/api/v1/instance").code)
		}
		return codes
	}
	first := run()
	if !slices.Equal(first, run()) || !slices.Contains(first, 200) || !slices.Contains(first, 503) {
		t.Errorf("codes %v; want some of both, the same for a seed", first)
	}
}

func TestHookPoints(t *testing.T) {
	s, v := alone(t, "mastodon")
	u := as(t, v, "ada")
	var mu sync.Mutex
	var seen []string
	s.Hook(func(p fedisim.Point) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, p.Kind)
		if p.Kind == fedisim.EffectDone && p.Route == "POST /api/v1/statuses" && (p.N != 1 || len(v.Posts("ada")) != 1) {
			t.Errorf("at %+v: %d posts", p, len(v.Posts("ada")))
		}
		if p.Kind == fedisim.RequestRead && v.Count(fedisim.PostCreated) != 0 && p.Method == "POST" {
			t.Errorf("done before it was read")
		}
	})
	u.post("/api/v1/statuses", form("status", "x"))
	u.get("/api/v1/instance")
	// The answer arrives before the hook after it has run; the next call waits.
	s.Hook(nil)
	mu.Lock()
	defer mu.Unlock()
	seen = slices.DeleteFunc(seen, func(kind string) bool { return kind == fedisim.AnswerSent })
	want := []string{
		fedisim.RequestHalf, fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerHalf,
		fedisim.NextRequest, fedisim.RequestRead, fedisim.EffectDone, fedisim.AnswerHalf,
	}
	if !slices.Equal(seen, want) {
		t.Errorf("points %q, want %q", seen, want)
	}
}

// The client goes away while the effect is done: the effect stays.
func TestClientGone(t *testing.T) {
	for _, kind := range []string{fedisim.RequestRead, fedisim.EffectDone} {
		t.Run(kind, func(t *testing.T) {
			s, v := alone(t, "mastodon")
			token := v.Token("ada")
			ctx, kill := context.WithCancel(t.Context())
			gone, finished := make(chan struct{}), make(chan struct{})
			s.Hook(func(p fedisim.Point) {
				if p.Kind == kind {
					kill()
					<-gone // else the answer may be quicker than the end of the connection
				}
				if p.Kind == fedisim.EffectDone {
					close(finished)
				}
			})
			req, err := http.NewRequestWithContext(ctx, "POST", v.URL()+"/api/v1/statuses", strings.NewReader("status=x"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := plainClient.Do(req)
			close(gone)
			if err == nil {
				resp.Body.Close()
				t.Errorf("answered %d", resp.StatusCode)
			}
			<-finished
			if n := len(v.Posts("ada")); n != 1 {
				t.Errorf("%d posts; want 1", n)
			}
		})
	}
}

// With the clock that runs by itself, late things happen without a request.
func TestRunningClock(t *testing.T) {
	s := fedisim.New(fedisim.Options{})
	t.Cleanup(s.Close)
	v := s.AddServer(fedisim.Config{Host: "one.example", Software: "gotosocial", AcceptDelay: 20 * time.Millisecond})
	far := s.AddServer(fedisim.Config{Host: "far.example"})
	v.AddAccount(fedisim.Account{User: "ada"})
	far.AddAccount(fedisim.Account{User: "bob"})
	u := as(t, v, "ada")
	u.post("/api/v1/accounts/"+u.id("bob@far.example")+"/follow", nil)
	end := time.Now().Add(10 * time.Second)
	for len(v.Following("ada")) == 0 {
		if time.Now().After(end) {
			t.Fatal("never accepted")
		}
		time.Sleep(time.Millisecond)
	}
}

// An endless answer goes on until the client has enough, and does not keep the
// Sim from closing.
func TestEndless(t *testing.T) {
	_, v := alone(t, "mastodon")
	v.Fault(fedisim.Fault{Path: "/api/v1/instance", Kind: fedisim.Endless, Times: 2})
	for range 2 {
		resp, err := http.Get(v.URL() + "/api/v1/instance")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // the second one after the Sim is closed
		const much = 4 << 20
		if n, err := io.CopyN(io.Discard, resp.Body, much); n != much || err != nil || resp.ContentLength >= 0 {
			t.Fatalf("%d bytes of %d: %v", n, resp.ContentLength, err)
		}
	}
	wantCode(t, "afterwards", stranger(t, v).get("/api/v1/instance"), 200)
}
