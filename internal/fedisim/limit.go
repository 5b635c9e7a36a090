package fedisim

import (
	"strconv"
	"strings"
	"time"
)

// Limit allows Max requests in every window of length Per.
type Limit struct {
	Max int
	Per time.Duration
}

// mastodonLimits are those of Mastodon's rack_attack.rb and rate_limiter.rb.
// The last two count what was done, by account; the others count requests.
var mastodonLimits = map[string]Limit{
	"token":    {300, 5 * time.Minute},
	"user":     {1500, 5 * time.Minute},
	"ip":       {300, 5 * time.Minute}, // without a token
	"paging":   {300, 15 * time.Minute},
	"media":    {30, 30 * time.Minute},
	"deletes":  {30, 30 * time.Minute},
	"apps":     {5, 10 * time.Minute},
	"statuses": {300, 3 * time.Hour},
	"follows":  {400, 24 * time.Hour},
}

// gotosocialLimits are by client address. Its windows begin with the first
// request in them.
var gotosocialLimits = map[string]Limit{
	"client":     {300, 5 * time.Minute},
	"federation": {300, 5 * time.Minute},
}

func (v *Server) defaultLimits() map[string]Limit {
	limits := map[string]Limit{}
	if !v.cfg.NoLimits {
		var of map[string]Limit
		switch v.traits.family {
		case mastodon, unknown:
			of = mastodonLimits
		case gotosocial:
			of = gotosocialLimits
		}
		for name, l := range of {
			limits[name] = l
		}
	}
	for name, l := range v.cfg.Limits {
		limits[name] = l
	}
	return limits
}

// SetLimit changes one limit; a Max of 0 switches it off.
func (v *Server) SetLimit(name string, l Limit) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.limits[name] = l
}

type bucket struct {
	start time.Time
	n     int
}

// window is the state of a limit for somebody.
type window struct {
	name             string
	limit, remaining int
	reset            time.Time
}

// take counts one use of a limit and tells whether it was allowed. A use that
// was refused counts too, as in rack_attack.
func (v *Server) take(name, key string) (window, bool) {
	w, b, limited := v.bucket(name, key)
	if !limited {
		return w, true
	}
	b.n++
	w.remaining = max(0, w.limit-b.n)
	return w, b.n <= w.limit
}

// look returns the state of a limit without using it.
func (v *Server) look(name, key string) (window, bool) {
	w, b, limited := v.bucket(name, key)
	if !limited {
		return w, false
	}
	w.remaining = max(0, w.limit-b.n)
	return w, true
}

func (v *Server) bucket(name, key string) (window, *bucket, bool) {
	l := v.limits[name]
	if l.Max <= 0 {
		return window{}, nil, false
	}
	now := v.sim.now()
	b := v.buckets[name+" "+key]
	if b == nil {
		b = &bucket{}
		v.buckets[name+" "+key] = b
	}
	if v.traits.family == gotosocial {
		if !now.Before(b.start.Add(l.Per)) {
			*b = bucket{start: now}
		}
	} else if start := sinceEpoch(now, l.Per); !start.Equal(b.start) {
		*b = bucket{start: start}
	}
	return window{name: name, limit: l.Max, reset: b.start.Add(l.Per)}, b, true
}

// sinceEpoch returns the beginning of the window of length per that t is in.
// time.Truncate would count from the year 1, which is another grid.
func sinceEpoch(t time.Time, per time.Duration) time.Time {
	ns := t.UnixNano()
	return time.Unix(0, ns-ns%int64(per)).UTC()
}

// throttle counts the request against every limit that it falls under.
func (v *Server) throttle(c *call) (reply, bool) {
	for _, use := range v.uses(c) {
		w, ok := v.take(use[0], use[1])
		if !ok {
			return tooMany(c, w, 0), false
		}
		if w.limit > 0 {
			c.windows = append(c.windows, w)
		}
	}
	return reply{}, true
}

// uses lists the limits, with whose they are, that a request falls under.
func (v *Server) uses(c *call) [][2]string {
	path := c.r.URL.Path
	api := strings.HasPrefix(path, "/api/")
	if v.traits.family == gotosocial {
		switch {
		case api, strings.HasPrefix(path, "/oauth/"), strings.HasPrefix(path, "/auth/"):
			return [][2]string{{"client", c.ip}}
		case strings.HasPrefix(path, "/.well-known/"), strings.HasPrefix(path, "/nodeinfo/"), strings.HasPrefix(path, "/users/"):
			return [][2]string{{"federation", c.ip}}
		}
		return nil
	}
	if !api {
		return nil
	}
	who, uses := c.ip, [][2]string{{"ip", c.ip}}
	if c.token != nil {
		uses = [][2]string{{"token", c.token.value}}
		if c.token.self != nil {
			who = "@" + c.token.self.User
			uses = append(uses, [2]string{"user", who})
		}
	}
	switch c.route {
	case "POST /api/v1/apps":
		uses = append(uses, [2]string{"apps", c.ip})
	case "POST /api/v1/media", "POST /api/v2/media":
		uses = append(uses, [2]string{"media", who})
	case "DELETE /api/v1/statuses/{id}":
		uses = append(uses, [2]string{"deletes", who})
	}
	for _, name := range []string{"page", "min_id", "max_id", "since_id"} {
		if c.r.URL.Query().Has(name) {
			return append(uses, [2]string{"paging", who})
		}
	}
	return uses
}

// allow counts a thing that is about to be done against a limit by account.
func (c *call) allow(name string) (reply, bool) {
	w, ok := c.v.take(name, "@"+c.self.User)
	if !ok {
		return tooMany(c, w, 0), false
	}
	if w.limit > 0 {
		c.windows = append(c.windows, w)
	}
	return reply{}, true
}

// tooMany is the answer 429. retryAfter is set for GoToSocial's throttle only.
func tooMany(c *call, w window, retryAfter time.Duration) reply {
	c.log(Effect{Kind: TooMany, Detail: w.name, Target: c.route})
	text := "Too many requests"
	if c.v.traits.family == gotosocial {
		text = "rate limit reached"
	}
	if retryAfter > 0 {
		rep := c.json(429, map[string]string{"error": "server capacity exceeded"})
		rep.header = map[string]string{"Retry-After": strconv.Itoa(int(retryAfter.Seconds()))}
		return rep
	}
	or(&w.limit, 300)
	c.windows = []window{w}
	return c.json(429, map[string]string{"error": text})
}

// limitHeaders shows the limit that is closest to exhaustion.
func (c *call) limitHeaders(set func(name, value string)) {
	if len(c.windows) == 0 {
		return
	}
	tightest := c.windows[0]
	for _, w := range c.windows[1:] {
		if w.remaining < tightest.remaining {
			tightest = w
		}
	}
	layout := "2006-01-02T15:04:05.000000Z"
	if c.v.traits.family == gotosocial {
		layout = "2006-01-02T15:04:05.000Z"
	}
	set("X-RateLimit-Limit", strconv.Itoa(tightest.limit))
	set("X-RateLimit-Remaining", strconv.Itoa(tightest.remaining))
	set("X-RateLimit-Reset", tightest.reset.UTC().Format(layout))
}
