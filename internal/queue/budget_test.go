package queue

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two processes with several workers each stay within one allowance, and use it.
func TestBudgetIsShared(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		const rate, burst, span = 50, 5, time.Second
		o := BudgetOptions{Name: "test", PerSecond: rate, Burst: burst}
		budgets := []*Budget{b.connect().Budget(o), b.connect().Budget(o)}
		ctx, cancel := context.WithTimeout(t.Context(), span)
		defer cancel()
		start := time.Now()
		var granted atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for budgets[i%2].Wait(ctx, "tusk.example") == nil {
					granted.Add(1)
				}
			})
		}
		wg.Wait()
		most := burst + rate*time.Since(start).Seconds()
		t.Logf("%d of at most %.1f", granted.Load(), most)
		if n := float64(granted.Load()); n > most || n < rate*span.Seconds()*0.7 { // the machine may be busy
			t.Errorf("%v granted, want nearly %v", n, rate)
		}
	})
}

// What comes up empty may have been emptied just after a burst.
func TestBudgetStartsSlow(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		budget := q.Budget(BudgetOptions{Name: "test", PerSecond: 20, Burst: 100})
		count := func(host string) {
			t.Helper()
			start := time.Now()
			for range 4 {
				if err := budget.Wait(t.Context(), host); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took < 190*time.Millisecond {
				t.Errorf("four took %s, want 200ms", took)
			}
		}
		count("a.example")
		if err := q.rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		count("a.example")
		// Redis is known to be up for long, so a host without a bucket was left alone.
		if err := q.rdb.Set(t.Context(), "skein:budgets:since", time.Now().Add(-time.Hour).UnixMilli(), 0).Err(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		for range 100 {
			if err := budget.Wait(ctx, "b.example"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 4*time.Second { // 5 s without a burst
			t.Errorf("the burst of an idle host took %s", took)
		}
	})
}

func TestBudgetAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		o := BudgetOptions{Name: "test", PerSecond: 1000, Burst: 100, AtOnce: 2}
		budgets := []*Budget{b.connect().Budget(o), b.connect().Budget(o)}
		var inside, done atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				release, err := budgets[i%2].Acquire(t.Context(), "tusk.example")
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n > 2 {
					t.Errorf("%d at once", n)
				}
				if err := budgets[i%2].Wait(t.Context(), "other.example"); err != nil { // takes a while
					t.Error(err)
				}
				inside.Add(-1)
				release()
				release()
				done.Add(1)
			})
		}
		wg.Wait()
		if done.Load() != 8 {
			t.Errorf("%d got through", done.Load())
		}
	})
}

// The places of a process that died come back.
func TestBudgetPlacesExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		const hold = 200 * time.Millisecond
		o := BudgetOptions{Name: "test", PerSecond: 1000, AtOnce: 1, Hold: hold}
		dead, alive := b.connect().Budget(o), b.connect().Budget(o)
		start := time.Now()
		if _, err := dead.Acquire(t.Context(), "tusk.example"); err != nil {
			t.Fatal(err)
		}
		release, err := alive.Acquire(t.Context(), "tusk.example")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if took := time.Since(start); took < hold {
			t.Errorf("after %s, want %s", took, hold)
		}
	})
}

func TestBudgetOfSlowHost(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		budget := b.connect().Budget(BudgetOptions{Name: "test", PerSecond: 0.001})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for range 2 { // one asks, one stands in line
			go func() { errs <- budget.Wait(ctx, "slow.example") }()
		}
		cancel()
		for range 2 {
			if err := next(t, errs, "end of waiting"); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want Canceled", err)
			}
		}
		if n := len(budget.q.gates.gates); n != 0 {
			t.Errorf("%d gates left", n)
		}
	})
}

// One request a second, a burst of five, two at once: docs/architecture.md.
func TestPoliteBudget(t *testing.T) {
	if o := new(Queue).Polite().o; o.PerSecond != 1 || o.Burst != 5 || o.AtOnce != 2 {
		t.Errorf("polite is %+v", o)
	}
}

func TestWritesHaveNoBurst(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		budget := b.connect().Writes(20)
		if err := budget.Wait(t.Context(), "a.example"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 5 {
			if err := budget.Wait(t.Context(), "a.example"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < 245*time.Millisecond {
			t.Errorf("five writes took %s, want 250ms", took)
		}
	})
}
