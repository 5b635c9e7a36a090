package jobs

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/store"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func said(limit, remaining int, reset time.Duration) fediverse.Limits {
	return fediverse.Limits{Limit: limit, Remaining: remaining, Reset: noon.Add(reset)}
}

func TestAllowanceUntil(t *testing.T) {
	type learned struct {
		family string
		said   fediverse.Limits
	}
	tests := []struct {
		name   string
		learn  []learned
		users  int
		family string
		calls  int
		want   time.Duration // 0: now
	}{
		{name: "nothing known", family: familyAPI},
		{name: "one left", learn: []learned{{familyAPI, said(300, 76, time.Minute)}}, family: familyAPI},
		{name: "the reserve begins", learn: []learned{{familyAPI, said(300, 75, time.Minute)}}, family: familyAPI, want: time.Minute},
		{name: "a Step takes three", learn: []learned{{familyAPI, said(300, 77, time.Minute)}}, family: familyAPI, calls: 3, want: time.Minute},
		{name: "a quarter of 30 is not begun", learn: []learned{{familyMedia, said(30, 8, 20*time.Minute)}}, family: familyMedia, want: 20 * time.Minute},
		{name: "the window is over", learn: []learned{{familyAPI, said(300, 0, -time.Minute)}}, family: familyAPI},
		{name: "next year", learn: []learned{{familyAPI, said(300, 0, 8760*time.Hour)}}, family: familyAPI},
		{name: "a limit of one", learn: []learned{{familyAPI, said(1, 1, time.Minute)}}, family: familyAPI, calls: 3},
		{name: "answers out of order", learn: []learned{{familyAPI, said(300, 75, time.Minute)}, {familyAPI, said(300, 80, time.Minute)}}, family: familyAPI, want: time.Minute},
		{name: "three at work", learn: []learned{{familyAPI, said(300, 79, time.Minute)}}, users: 3, family: familyAPI, calls: 3, want: time.Minute},
		{name: "a hundred at work on a full window", learn: []learned{{familyAPI, said(300, 300, time.Minute)}}, users: 100, family: familyAPI, calls: 3},
		{
			name:   "the general limit shown instead of that of posts",
			learn:  []learned{{familyStatuses, said(300, 200, 2*time.Hour)}, {familyStatuses, said(300, 75, time.Minute)}},
			family: familyStatuses,
		},
		{
			name:   "the general limit shown instead is the general one",
			learn:  []learned{{familyStatuses, said(300, 200, 2*time.Hour)}, {familyStatuses, said(300, 75, time.Minute)}},
			family: familyAPI, want: time.Minute,
		},
		{
			name:   "and counts a post",
			learn:  []learned{{familyStatuses, said(300, 76, 2*time.Hour)}, {familyStatuses, said(300, 76, time.Minute)}},
			family: familyStatuses, want: 2 * time.Hour,
		},
	}
	for _, tt := range tests {
		var all allowances
		l := all.enter("a")
		for range tt.users - 1 {
			all.enter("a")
		}
		for _, learned := range tt.learn {
			l.learn(learned.family, learned.said, noon)
		}
		got := l.until(tt.family, max(1, tt.calls), 0.25, noon)
		if want := noon.Add(tt.want); tt.want == 0 && !got.IsZero() || tt.want != 0 && !got.Equal(want) {
			t.Errorf("%s: until %s, want %s", tt.name, got, want)
		}
	}
}

// Who leaves makes room, and the last one takes what was known along.
func TestAllowanceIsShared(t *testing.T) {
	var all allowances
	a, b := all.enter("host:home.example"), all.enter("host:home.example")
	a.learn(familyAPI, said(300, 78, time.Minute), noon)
	if b.until(familyAPI, 3, 0.25, noon).IsZero() {
		t.Error("two may make three calls each, where three are left")
	}
	all.leave(a)
	if !b.until(familyAPI, 3, 0.25, noon).IsZero() {
		t.Error("the last one may not make three calls, where three are left")
	}
	all.leave(b)
	if len(all.of) != 0 {
		t.Errorf("%d allowances are remembered that nobody uses", len(all.of))
	}
}

// What the database knows better counts, also of a block.
func TestAllowanceMerges(t *testing.T) {
	var all allowances
	l := all.enter("a")
	l.learn(familyAPI, said(300, 200, time.Minute), noon)
	l.merge(map[string]store.Limit{
		familyAPI:     {Max: 300, Remaining: 75, ResetAt: noon.Add(time.Minute), UpdatedAt: noon.Add(-time.Second)},
		familyDeletes: {BlockedUntil: noon.Add(time.Hour), UpdatedAt: noon},
	})
	if got := l.until(familyAPI, 1, 0.25, noon); !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("until %s: in one window numbers only fall", got)
	}
	if got := l.until(familyDeletes, 1, 0.25, noon); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("until %s: another process was told to wait for an hour", got)
	}
}
