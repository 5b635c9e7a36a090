package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// A handler that is told to stop gives its task to the next process.
func TestServeStops(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q, other := b.connect(), b.connect()
		started, ended := make(chan string, 20), make(chan error, 20)
		stop := serve(t, q, map[string]Handler{"run": func(ctx context.Context, id string) error {
			started <- id
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}})
		wake(t, q, "run", "a", 1)
		next(t, started, "start")
		stop()
		if len(ended) != 1 {
			t.Fatal("Serve did not wait for its handler")
		}
		retries := make(chan int, 20)
		serve(t, other, map[string]Handler{"run": func(ctx context.Context, _ string) error {
			n, _ := asynq.GetRetryCount(ctx)
			retries <- n
			return nil
		}})
		if n := next(t, retries, "second start"); n != 0 {
			t.Errorf("stopping was counted as failure %d", n)
		}
	})
}

// One that does not stop is left behind, and its task still goes on elsewhere.
func TestServeLeavesWhatHangs(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q, other := b.connect(), b.connect()
		q.stopTime = 10 * time.Millisecond
		started, release := make(chan string, 20), make(chan struct{})
		defer close(release)
		stop := serve(t, q, map[string]Handler{"run": func(_ context.Context, id string) error {
			started <- id
			<-release
			return nil
		}})
		wake(t, q, "run", "a", 1)
		next(t, started, "start")
		stop()
		got := make(chan string, 20)
		serve(t, other, map[string]Handler{"run": report(got)})
		next(t, got, "second start")
	})
}

func TestRetryDelay(t *testing.T) {
	q := &Queue{retryBase: 5 * time.Second}
	tests := []struct {
		name      string
		n         int
		err       error
		low, high time.Duration
	}{
		{"first", 0, errors.New("x"), 5 * time.Second, 7 * time.Second},
		{"third", 2, errors.New("x"), 20 * time.Second, 26 * time.Second},
		{"hundredth", 99, errors.New("x"), time.Minute, 76 * time.Second},
		{"asked for", 5, waitError(time.Minute), time.Minute, 66 * time.Second},
		{"asked for an hour", 0, waitError(time.Hour), time.Hour, time.Hour + 10*time.Second},
		{"asked for less than nothing", 0, waitError(-time.Hour), 0, 0},
		{"stopping", 9, errStopping, 0, 0},
		{"orphan", 9, asynq.ErrLeaseExpired, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 100 {
				if d := q.retryDelay(tt.n, tt.err); d < tt.low || d > tt.high {
					t.Fatalf("%s, want %s to %s", d, tt.low, tt.high)
				}
			}
		})
	}
}
