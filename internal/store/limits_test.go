package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/store"
)

// Two workers that write down what they saw, in whatever order, keep what was
// seen last, and in one window the least.
func TestLimitsAreNotSetBack(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		now := f.now()
		at := func(d time.Duration) time.Time { return now.Add(d) }
		limit := func(seen time.Duration, remaining int, reset, blocked time.Time) store.Limit {
			return store.Limit{
				Subject: "host:home.example", Family: "api", Max: 300, Remaining: remaining, ResetAt: reset, BlockedUntil: blocked, UpdatedAt: at(seen),
			}
		}
		minute, none := time.Minute, time.Time{}
		for i, tt := range []struct{ save, want store.Limit }{
			{limit(0, 100, at(minute), none), limit(0, 100, at(minute), none)},
			{limit(time.Second, 120, at(minute), none), limit(time.Second, 100, at(minute), none)}, // an answer that overtook another
			{limit(-time.Second, 90, at(minute), none), limit(time.Second, 90, at(minute), none)},  // seen earlier, written later
			{limit(-minute, 7, at(-minute/2), none), limit(time.Second, 90, at(minute), none)},     // of a window that is over
			{limit(2*minute, 299, at(6*minute), none), limit(2*minute, 299, at(6*minute), none)},   // the next window
			{limit(3*minute, 0, at(6*minute), at(9*minute)), limit(3*minute, 0, at(6*minute), at(9*minute))},
			{limit(4*minute, 0, at(6*minute), none), limit(4*minute, 0, at(6*minute), at(9*minute))}, // the block stays
			{limit(5*minute, 5, none, at(100*time.Hour)), limit(5*minute, 5, none, at(100*time.Hour))},
			{limit(6*minute, 9, none, none), limit(6*minute, 9, none, none)}, // no reset: the latest counts; no block is so long
		} {
			if err := f.SaveLimit(f.ctx, tt.save); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]store.Limit{"api": tt.want}, must(f.Limits(f.ctx, "host:home.example"))(t)); diff != "" {
				t.Errorf("%d: %s", i, diff)
			}
		}
	})
}
