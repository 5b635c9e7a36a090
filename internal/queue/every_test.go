package queue

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEveryRunsInOneProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		one, two := b.connect(), b.connect()
		runs := 0
		job := func(context.Context) error { runs++; return nil }
		for i, q := range []*Queue{one, two, one} {
			wait, err := q.turn(t.Context(), "job", time.Hour, job)
			if err != nil || wait != everyLook {
				t.Errorf("turn %d: wait %s, %v", i, wait, err)
			}
		}
		if runs != 1 {
			t.Errorf("ran %d times, want once", runs)
		}
		if _, err := two.turn(t.Context(), "other job", time.Hour, job); err != nil || runs != 2 {
			t.Errorf("another job: %d runs, %v", runs, err)
		}
	})
}

func TestEveryWhileRunning(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		one, two := b.connect(), b.connect()
		_, err := one.turn(t.Context(), "job", time.Millisecond, func(ctx context.Context) error {
			wait, err := two.turn(ctx, "job", time.Millisecond, func(context.Context) error {
				t.Error("ran twice at once")
				return nil
			})
			if wait < time.Second || wait > everyLease {
				t.Errorf("the other looks again after %s", wait)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestEveryAfterFailure(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		failed := errors.New("wikidata is down")
		if _, err := q.turn(t.Context(), "job", time.Hour, func(context.Context) error { return failed }); !errors.Is(err, failed) {
			t.Errorf("got %v, want %v", err, failed)
		}
		if left := q.rdb.PTTL(t.Context(), "skein:every:job").Val(); left <= 0 || left > everyRetry {
			t.Errorf("due again in %s, want at most %s", left, everyRetry)
		}
		_, err := q.turn(t.Context(), "broken", time.Hour, func(context.Context) error { panic("broken") })
		if err == nil || !strings.Contains(err.Error(), "panic: broken") {
			t.Errorf("got %v, want the panic", err)
		}
	})
}

// A process that stops gives its turn back.
func TestEveryStopped(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		one, two := b.connect(), b.connect()
		ctx, cancel := context.WithCancel(t.Context())
		one.Every(ctx, "job", time.Hour, func(ctx context.Context) error {
			cancel()
			return ctx.Err()
		})
		ran := false
		if _, err := two.turn(t.Context(), "job", time.Hour, func(context.Context) error { ran = true; return nil }); err != nil || !ran {
			t.Errorf("the other process: ran %v, %v", ran, err)
		}
	})
}
