package queue_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// A host sees two requests at once, however many workers ask it, and they do not
// wait for each other in turn.
func TestTwoAtOnceOfAllWorkers(t *testing.T) {
	t.Parallel()
	var now, most, served atomic.Int32
	both := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if served.Add(1) == 2 {
			close(both)
		}
		select { // the first waits for the second
		case <-both:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)

	url, _ := throwaway.Redis(t)
	var wg sync.WaitGroup
	for range 3 { // processes
		q, err := queue.Open(queue.Options{RedisURL: url, Logger: slog.New(slog.DiscardHandler), Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		budget := q.Budget(queue.BudgetOptions{Name: "test", PerSecond: 1000, Burst: 100, AtOnce: 2})
		c := fediverse.New(fediverse.Options{
			Simulated: map[string]string{"s.example": strings.TrimPrefix(server.URL, "http://")}, Budget: budget,
		})
		for range 4 {
			wg.Go(func() {
				if _, err := c.Get(t.Context(), "https://s.example/", "*/*", 10); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if most.Load() != 2 || served.Load() != 12 {
		t.Errorf("%d served, %d at once; want 12, 2", served.Load(), most.Load())
	}
}
