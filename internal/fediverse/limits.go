package fediverse

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits is what the latest answer said of a limit. The zero value is unknown.
type Limits struct {
	Limit     int
	Remaining int
	Reset     time.Time // when Remaining is Limit again, by our clock; zero if not said
}

const (
	shortestWait = time.Second
	longestWait  = 24 * time.Hour
	leastSkew    = 5 * time.Second
	unsaidWait   = time.Minute // for a 429 that does not say how long
)

// limitsOf reads X-RateLimit headers; ok is false where they are missing or
// make no sense.
func limitsOf(h http.Header, now time.Time) (l Limits, ok bool) {
	limit, err1 := strconv.Atoi(strings.TrimSpace(h.Get("X-RateLimit-Limit")))
	remaining, err2 := strconv.Atoi(strings.TrimSpace(h.Get("X-RateLimit-Remaining")))
	if err1 != nil || err2 != nil || limit < 0 || remaining < 0 {
		return Limits{}, false
	}
	l = Limits{Limit: limit, Remaining: remaining, Reset: resetOf(h, now)}
	if l.Reset.Sub(now) > longestWait+time.Hour { // no server counts longer than a day: not to be believed
		l.Reset = time.Time{}
	}
	return l, true
}

// resetOf reads X-RateLimit-Reset, by our clock: ISO 8601 (Mastodon, GoToSocial,
// Pleroma), Unix seconds (Laravel, so Pixelfed), or seconds from now.
func resetOf(h http.Header, now time.Time) time.Time {
	s := strings.TrimSpace(h.Get("X-RateLimit-Reset"))
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.Add(-skew(h, now))
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}
	case n >= 1e12 && n < 1e14:
		return time.UnixMilli(n).Add(-skew(h, now))
	case n >= 1e9 && n < 1e11:
		return time.Unix(n, 0).Add(-skew(h, now))
	case n <= int64(longestWait/time.Second):
		return now.Add(time.Duration(n) * time.Second)
	}
	return time.Time{}
}

// skew is how far the server's clock is ahead of ours, 0 if not worth a word: its
// Date has no fractions, and travels a while. By more than a day it is believed
// to be wrong in one of the two.
func skew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if d := date.Sub(now); err == nil && d.Abs() > leastSkew && d.Abs() < longestWait {
		return d
	}
	return 0
}

// waitOf says how long a 429 asks to wait: until the reset, else as Retry-After
// says (GoToSocial's overload answer has nothing else), else a minute. A reset
// in our past or further than a day is a skewed clock; then the server's own
// Date is what it counts from.
func waitOf(h http.Header, now time.Time) time.Duration {
	if reset := resetOf(h, now); !reset.IsZero() {
		if d := reset.Sub(now); d > 0 && d <= longestWait {
			return max(d, shortestWait)
		}
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			if d := reset.Sub(date); d > 0 && d <= longestWait {
				return max(d, shortestWait)
			}
		}
	}
	after := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(after, 10, 32); err == nil && n >= 0 {
		return min(max(time.Duration(n)*time.Second, shortestWait), longestWait)
	}
	if t, err := http.ParseTime(after); err == nil {
		return min(max(t.Sub(now), shortestWait), longestWait)
	}
	return unsaidWait
}

func (c *Client) rateLimited(host string, resp *http.Response) *RateLimitError {
	now := c.o.Now()
	l, _ := limitsOf(resp.Header, now)
	return &RateLimitError{Host: host, Wait: waitOf(resp.Header, now), Limits: l}
}
