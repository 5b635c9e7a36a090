package fediverse

import (
	"net/http"
	"testing"
	"time"
)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestWait(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	reset := func(d time.Duration) string { return now.Add(d).Format("2006-01-02T15:04:05.000000Z07:00") }
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		name string
		h    http.Header
		want time.Duration
	}{
		{"Mastodon's reset", headers("X-RateLimit-Reset", reset(3*time.Minute)), 3 * time.Minute},
		{"reset wins over Retry-After", headers("X-RateLimit-Reset", reset(3*time.Minute), "Retry-After", "5"), 3 * time.Minute},
		{"GoToSocial's overload", headers("Retry-After", "30"), 30 * time.Second},
		{"Retry-After as a date", headers("Retry-After", date(2*time.Minute)), 2 * time.Minute},
		{"nothing said", headers(), time.Minute},
		{"Unix seconds", headers("X-RateLimit-Reset", "1772366460"), time.Minute},
		{"seconds from now", headers("X-RateLimit-Reset", "90"), 90 * time.Second},
		{"nonsense", headers("X-RateLimit-Reset", "tomorrow", "Retry-After", "soon"), time.Minute},
		{"a reset right now", headers("X-RateLimit-Reset", reset(10*time.Millisecond)), time.Second},
		{"their clock is an hour behind", headers("X-RateLimit-Reset", reset(-57*time.Minute), "Date", date(-time.Hour)), 3 * time.Minute},
		{"their clock is a week ahead", headers("X-RateLimit-Reset", reset(7*24*time.Hour+time.Minute), "Date", date(7*24*time.Hour)), time.Minute},
		{"a reset in the past", headers("X-RateLimit-Reset", reset(-time.Hour)), time.Minute},
		{"a reset in the past, Retry-After", headers("X-RateLimit-Reset", reset(-time.Hour), "Retry-After", "7"), 7 * time.Second},
		{"a year", headers("Retry-After", "31536000"), 24 * time.Hour},
		{"below zero", headers("Retry-After", "-5"), time.Minute},
		{"zero", headers("Retry-After", "0"), time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := waitOf(tt.h, now); got != tt.want {
				t.Errorf("waitOf = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLimitsOf(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	got, ok := limitsOf(headers("X-RateLimit-Limit", "300", "X-RateLimit-Remaining", "299", "X-RateLimit-Reset", "2026-03-01T15:00:00.000000Z"), now)
	want := Limits{300, 299, time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)}
	if got != want || !ok {
		t.Errorf("limitsOf = %v, %t; want %v", got, ok, want)
	}
	ahead := headers("X-RateLimit-Limit", "300", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "2026-03-01T12:15:00.000Z",
		"Date", now.Add(10*time.Minute).Format(http.TimeFormat))
	if got, _ := limitsOf(ahead, now); !got.Reset.Equal(now.Add(5 * time.Minute)) {
		t.Errorf("the reset of a server whose clock is 10 minutes ahead is %s, want in 5 minutes", got.Reset)
	}
	for _, h := range []http.Header{headers(), headers("X-RateLimit-Limit", "-1", "X-RateLimit-Remaining", "1"), headers("X-RateLimit-Limit", "300")} {
		if got, ok := limitsOf(h, now); ok {
			t.Errorf("limitsOf(%v) = %v", h, got)
		}
	}
}

// Whatever a server writes, the wait is between a second and a day.
func FuzzLimits(f *testing.F) {
	f.Add("300", "0", "2026-03-01T15:00:00.000000Z", "30", "Sun, 01 Mar 2026 12:00:00 GMT")
	f.Add("", "", "1772366460", "", "")
	f.Add("-1", "9e9", "99999999999999999999", "1e3", "x")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, limit, remaining, reset, after, date string) {
		h := headers("X-RateLimit-Limit", limit, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset, "Retry-After", after, "Date", date)
		if d := waitOf(h, now); d < shortestWait || d > longestWait {
			t.Errorf("waitOf(%v) = %v", h, d)
		}
		if l, _ := limitsOf(h, now); l.Limit < 0 || l.Remaining < 0 {
			t.Errorf("limitsOf(%v) = %v", h, l)
		}
	})
}
