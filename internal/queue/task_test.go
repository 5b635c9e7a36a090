package queue

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/skein-migrate/skein/internal/model"
)

func TestWakeTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q, other := b.connect(), b.connect()
		q.workers = 1 // so that the order is kept
		for range 3 {
			wake(t, q, "run", "a", 1)
			wake(t, other, "run", "a", 1)
		}
		wake(t, q, "run", "a", 2)
		wake(t, q, "run", "b", 1)
		wake(t, q, "run", "last", 1)
		got := make(chan string, 20)
		serve(t, q, map[string]Handler{"run": report(got)})
		for _, want := range []string{"a", "a", "b", "last"} {
			if id := next(t, got, "task"); id != want {
				t.Errorf("got %s, want %s", id, want)
			}
		}
	})
}

// A task that came before its time would find its row not due, and nobody would
// look again for a minute.
func TestWakeNotEarly(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		got := make(chan time.Time, 20)
		serve(t, q, map[string]Handler{"run": func(context.Context, string) error {
			got <- time.Now()
			return nil
		}})
		for i := range int64(3) {
			at := time.Now().Add(time.Duration(300+250*i) * time.Millisecond)
			if err := q.Wake(t.Context(), Task{Kind: "run", ID: "a", Wake: i}, at); err != nil {
				t.Fatal(err)
			}
			if came := next(t, got, "task"); came.Before(at) {
				t.Errorf("task came %v before its time", at.Sub(came))
			}
		}
	})
}

// A task that is done leaves nothing behind that would refuse its id.
func TestWakeAgainAfterDone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		q.workers = 1
		got := make(chan string, 20)
		serve(t, q, map[string]Handler{"run": report(got), "fence": report(got)})
		for i := range int64(3) {
			wake(t, q, "run", "a", 1)
			next(t, got, "task")
			wake(t, q, "fence", "f", i) // with one worker, this one starts when the other is wholly done
			next(t, got, "fence")
		}
	})
}

// A worker that hangs, or was killed, holds only its own wake-up.
func TestNextWakeWhileActive(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		started := make(chan string, 20)
		serve(t, q, map[string]Handler{"run": func(ctx context.Context, id string) error {
			started <- id
			<-ctx.Done()
			return ctx.Err()
		}})
		wake(t, q, "run", "a", 1)
		next(t, started, "first")
		wake(t, q, "run", "a", 1)
		wake(t, q, "run", "a", 2)
		next(t, started, "second")
		if len(started) > 0 {
			t.Error("the active wake-up was queued again")
		}
	})
}

func TestRetry(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		got := make(chan int, 20)
		var calls atomic.Int32
		serve(t, q, map[string]Handler{"run": func(ctx context.Context, _ string) error {
			n, _ := asynq.GetRetryCount(ctx)
			got <- n
			switch calls.Add(1) {
			case 1:
				panic("a fault of ours")
			case 2:
				return errors.New("the database is down")
			}
			return nil
		}})
		wake(t, q, "run", "a", 1)
		for want := range 3 {
			if n := next(t, got, "call"); n != want {
				t.Errorf("call %d came as retry %d", want, n)
			}
		}
	})
}

// Waiting for a limit is no failure, however often it happens.
func TestRetryAfter(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		got := make(chan int, 20)
		var calls atomic.Int32
		const wait = 100 * time.Millisecond
		var last atomic.Int64
		serve(t, q, map[string]Handler{"run": func(ctx context.Context, _ string) error {
			n, _ := asynq.GetRetryCount(ctx)
			if since := time.Now().UnixNano() - last.Swap(time.Now().UnixNano()); time.Duration(since) < wait {
				t.Errorf("called again after %s", time.Duration(since))
			}
			got <- n
			if calls.Add(1) < 3 {
				return fmt.Errorf("follow: %w, %w", waitError(wait), model.ErrDenied)
			}
			return nil
		}})
		wake(t, q, "run", "a", 1)
		for range 3 {
			if n := next(t, got, "call"); n != 0 {
				t.Errorf("waiting was counted as failure %d", n)
			}
		}
	})
}

// What would only fail again is dropped and strands nothing: neither the next
// wake-up nor the same one.
func TestHopelessTask(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		q.workers = 1
		got := make(chan string, 20)
		serve(t, q, map[string]Handler{
			"run": func(_ context.Context, id string) error {
				got <- id
				return fmt.Errorf("run %s: %w", id, model.ErrInvalid)
			},
			"fence": report(got),
		})
		for i, n := range []int64{1, 1, 2} {
			wake(t, q, "run", "a", n)
			if id := next(t, got, "task"); id != "a" {
				t.Fatalf("got %s", id)
			}
			wake(t, q, "fence", "f", int64(i))
			next(t, got, "fence")
		}
		if n, err := q.rdb.ZCard(t.Context(), "asynq:{default}:archived").Result(); n != 0 || err != nil {
			t.Errorf("%d tasks archived, %v", n, err)
		}
	})
}

func TestUnknownKindIsLeftToOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		older, newer := b.connect(), b.connect()
		wake(t, older, "new kind", "a", 1)
		got := make(chan string, 20)
		asked := make(chan string, 20)
		wake(t, older, "run", "fence", 1)
		older.workers = 1
		stop := serve(t, older, map[string]Handler{"run": report(asked)})
		next(t, asked, "the task behind it")
		stop()
		serve(t, newer, map[string]Handler{"new kind": report(got)})
		next(t, got, "task")
	})
}

func TestReconcileAfterFlush(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		got := make(chan string, 20)
		serve(t, q, map[string]Handler{"run": report(got)})
		if err := q.Wake(t.Context(), Task{"run", "later", 1}, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		wake(t, q, "run", "now", 1)
		next(t, got, "task before")
		if err := q.rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		rounds := make(chan int, 1000)
		ended := make(chan struct{})
		var n atomic.Int32
		go func() {
			defer close(ended)
			q.Reconcile(ctx, time.Millisecond, func(context.Context) ([]Due, error) {
				rounds <- int(n.Add(1))
				switch n.Load() {
				case 1:
					return nil, errors.New("the database is down")
				case 2:
					return []Due{{Task: Task{"run", "later", 1}}, {Task: Task{"run", "tomorrow", 1}, At: time.Now().Add(24 * time.Hour)}}, nil
				}
				return nil, nil
			})
		}()
		if id := next(t, got, "task after"); id != "later" {
			t.Errorf("got %s, want later", id)
		}
		cancel()
		next(t, rounds, "round")
		<-ended
	})
}

// A worker that was killed between taking its task and its row leaves the task to
// nobody, while Redis takes it for worked on.
func TestReconcileReplacesWhatIsStranded(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		dead, alive := b.connect(), b.connect()
		taken, got := make(chan string, 20), make(chan string, 20)
		serve(t, dead, map[string]Handler{"run": func(ctx context.Context, id string) error {
			taken <- id
			<-ctx.Done()
			return nil
		}})
		wake(t, dead, "run", "a", 1)
		wake(t, dead, "run", "a", 2) // its other place
		next(t, taken, "task")
		next(t, taken, "task of the other place")
		serve(t, alive, map[string]Handler{"run": report(got)})
		due := func(at time.Time, wake int64) {
			t.Helper()
			list := func(context.Context) ([]Due, error) { return []Due{{Task: Task{"run", "a", wake}, At: at}}, nil }
			if err := alive.reconcile(t.Context(), list); err != nil {
				t.Fatal(err)
			}
		}
		due(time.Now(), 1) // it may just be taking its row
		wake(t, alive, "run", "fence", 1)
		if id := next(t, got, "fence"); id != "fence" {
			t.Fatal("a task was taken from a worker that had just got it")
		}
		due(time.Now().Add(-2*stranded), 2)
		if id := next(t, got, "what was stranded"); id != "a" {
			t.Errorf("got %s", id)
		}
	})
}

// With all workers at work, what waits for its turn does not become more by it.
func TestReconcileLeavesWhatWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		for range 3 {
			err := q.reconcile(t.Context(), func(context.Context) ([]Due, error) {
				return []Due{{Task: Task{"run", "a", 1}, At: time.Now().Add(-time.Hour)}, {Task: Task{"run", "b", 1}}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n, err := q.rdb.LLen(t.Context(), "asynq:{default}:pending").Result(); n != 2 || err != nil {
			t.Errorf("%d tasks wait, want 2; %v", n, err)
		}
	})
}
