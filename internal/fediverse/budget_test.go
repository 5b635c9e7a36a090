package fediverse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
)

// At most two requests are at a host at once, redirects and bodies included.
func TestTwoAtOnce(t *testing.T) {
	s := newServer(t, "s.example")
	var now, most, arrived atomic.Int32
	both := make(chan struct{})
	s.mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if arrived.Add(1) == 2 {
			close(both)
		}
		select { // the first waits for the second
		case <-both:
		case <-r.Context().Done():
		}
	})
	c := newClient(s)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), "https://s.example/slow", "*/*", 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 2 {
		t.Errorf("%d at once, want 2", most.Load())
	}
}

// Without a Budget of the caller's, five requests go out at once and the sixth waits.
func TestBurst(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/x", 200, "{}")
	o := options(s)
	o.Budget = nil
	c := fediverse.New(o)
	for range 5 {
		if _, err := c.Get(t.Context(), "https://s.example/x", "*/*", 10); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := c.Get(ctx, "https://s.example/x", "*/*", 10)
	if classOf(err) != "not sent: cancelled" || len(s.seen) != 5 {
		t.Errorf("sixth: %v after %d requests", err, len(s.seen))
	}
}

type countingBudget struct {
	mu    sync.Mutex
	hosts []string
	held  int
}

func (b *countingBudget) Acquire(_ context.Context, host string) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts = append(b.hosts, host)
	b.held++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.held--
	}, nil
}

// Every hop counts against its own host, and its place is given back however it
// ends; calls for an Account do not count.
func TestBudgetCounts(t *testing.T) {
	s, other := newServer(t, "s.example"), newServer(t, "other.example")
	s.mux.Handle("/x", http.RedirectHandler("https://other.example/y", http.StatusFound))
	other.json("/y", 200, "{}")
	o := options(s, other)
	b := &countingBudget{}
	o.Budget = b
	c := fediverse.New(o)
	if _, err := c.Get(t.Context(), "https://s.example/x", "*/*", 10); err != nil {
		t.Fatal(err)
	}
	_ = c.As("s.example", "t", mastodon).Delete(t.Context(), "1")
	if got := fmt.Sprint(b.hosts); got != "[s.example other.example]" {
		t.Errorf("asked for %s", got)
	}
	s.json("/often", 429, "{}")
	for _, path := range []string{"/none", "/often", "/x"} { // the last one is not asked: the 429 holds it back
		if _, err := c.Get(t.Context(), "https://s.example"+path, "*/*", 10); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if b.held != 0 {
		t.Errorf("%d places are still held", b.held)
	}
}

func TestTimeout(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/x", func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done() // a body that never ends
	})
	o := options(s)
	o.Timeout = 30 * time.Millisecond
	_, err := fediverse.New(o).Get(t.Context(), "https://s.example/x", "*/*", 10)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get = %v", err)
	}
}

func TestGetStream(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/x", 200, strings.Repeat("x", 100))
	c := newClient(s)
	for limit, want := range map[int64]bool{100: true, 99: false, 0: false, 1000: true} {
		r, err := c.GetStream(t.Context(), "https://s.example/x", "*/*", limit)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if (err == nil) != want || int64(len(b)) > limit {
			t.Errorf("limit %d: %d bytes, %v", limit, len(b), err)
		}
	}
	if _, err := c.GetStream(t.Context(), "https://s.example/none", "*/*", 5); classOf(err) != "refused 404" {
		t.Errorf("GetStream = %v", err)
	}
}

func TestBrowserURL(t *testing.T) {
	s := newServer(t, "s.example")
	c := newClient(s)
	for in, want := range map[string]string{
		"https://s.example/oauth/authorize?a=b#c": "http://" + s.addr + "/oauth/authorize?a=b#c",
		"https://s.example":                       "http://" + s.addr,
		"https://sub.s.example/x":                 "https://sub.s.example/x",
		"https://s.example@evil.example/":         "https://s.example@evil.example/",
		"https://s.example.evil.example/":         "https://s.example.evil.example/",
		"http://s.example/x":                      "http://s.example/x",
		"not a url\x7f":                           "not a url\x7f",
		"":                                        "",
	} {
		if got := c.BrowserURL(in); got != want {
			t.Errorf("BrowserURL(%q) = %q, want %q", in, got, want)
		}
	}
}
