package plan

import (
	"maps"
	"math"
	"slices"
	"time"
)

// The families of limits that servers count apart. FamilyAPI counts every call.
const (
	FamilyAPI      = "api"
	FamilyStatuses = "statuses"
	FamilyFollows  = "follows"
	FamilyMedia    = "media"
	FamilyDeletes  = "deletes"
)

// Quarter is the part of every allowance that stays free unless an operator
// chose another: the Owner's phone shares it.
const Quarter = 0.25

// limit allows max uses in every window of length per.
type limit struct {
	max     int
	per     time.Duration
	aligned bool // windows begin by the clock, not with the first use
}

// Mastodon's limits (config/initializers/rack_attack.rb, app/lib/rate_limiter.rb)
// and GoToSocial's (advanced-rate-limit-requests, for a whole IP address).
var (
	mastodonLimits = map[string]limit{
		FamilyAPI:      {300, 5 * time.Minute, true},
		FamilyStatuses: {300, 3 * time.Hour, true},
		FamilyFollows:  {400, 24 * time.Hour, true},
		FamilyMedia:    {30, 30 * time.Minute, true},
		FamilyDeletes:  {30, 30 * time.Minute, true},
	}
	gotosocialLimits = map[string]limit{FamilyAPI: {300, 5 * time.Minute, false}}
)

func limitsOf(software string) map[string]limit {
	switch software {
	case "gotosocial":
		return gotosocialLimits
	case "pleroma", "akkoma", "snac": // none that we know of
		return nil
	}
	return mastodonLimits
}

// Limits is what an estimate knows of how a server limits an Account. Software
// without known limits is taken for Mastodon.
type Limits struct {
	Software string
	Reserve  float64           // part of each allowance that is not used
	Writes   float64           // changes a second to one host; 5 if zero
	Now      time.Time         // when the Run begins; if zero, all windows begin with it
	Known    map[string]Window // what the server said, by family
	Beside   []Work            // other Runs that use the same allowance meanwhile
}

// Window is what a server said of a limit.
type Window struct {
	Max, Remaining int
	Reset          time.Time
}

// Usable is how many uses of an allowance are ours.
func Usable(limit int, reserve float64) int {
	return int(math.Floor(float64(limit)*(1-reserve) + 1e-9))
}

// load is a number of equal Steps.
type load struct {
	steps int
	takes map[string]float64 // what each uses, by family
	every time.Duration      // from one to the next at the chosen pace
	write time.Duration      // from one to the next, as no host gets more changes
	last  time.Duration      // behind the last one: it belongs to no Step
}

// clockSlack is what is waited beyond the end of a window: clocks differ.
const clockSlack = time.Second

// fill is how far a window is used.
type fill struct {
	limit
	left float64
	ends time.Time
}

// course is a Run as it is foreseen.
type course struct {
	limits  Limits
	at      time.Time
	windows map[string]*fill
	waited  map[string]time.Duration // by family, or byPace and byWrites
}

// What a Run waits for besides families of limits.
const (
	byPace   = "pace"
	byWrites = "writes"
)

// foresee goes through the windows of the server's limits, load after load. It
// returns how long that takes, and what it waited for longest, "" for nothing.
func (l Limits) foresee(loads ...load) (took time.Duration, slowest string) {
	c := course{limits: l, at: l.Now, windows: map[string]*fill{}, waited: map[string]time.Duration{}}
	if c.at.IsZero() {
		c.at = time.Unix(0, 0)
	}
	began := c.at
	for family, limit := range limitsOf(l.Software) {
		c.windows[family] = &fill{limit: limit}
	}
	for family, known := range l.Known {
		w := c.windows[family]
		if w == nil || known.Max <= 0 {
			continue
		}
		w.max = known.Max
		if known.Reset.After(c.at) && !known.Reset.After(c.at.Add(w.per+time.Minute)) { // else it is no window of ours
			w.ends = known.Reset
			w.left = min(c.whole(w), float64(Usable(w.max, l.Reserve)-(known.Max-known.Remaining)))
		}
	}
	if len(l.Beside) > 0 {
		c.share(loads, l.Beside)
	} else {
		for _, d := range loads {
			c.do(d)
		}
	}
	for _, by := range slices.Sorted(maps.Keys(c.waited)) {
		if c.waited[by] > c.waited[slowest] {
			slowest = by
		}
	}
	return c.at.Sub(began), slowest
}

// do foresees one load, up to the beginning of its last Step.
func (c *course) do(d load) {
	each := max(d.every, d.write)
	for left := d.steps; left > 0; {
		n, by := c.most(d, left)
		if n == 0 {
			until := c.windows[by].ends.Add(clockSlack)
			c.waited[by] += until.Sub(c.at)
			c.at = until
			continue
		}
		for family, takes := range d.takes {
			if w := c.windows[family]; w != nil {
				w.left -= takes * float64(n)
			}
		}
		left -= n
		pass := each * time.Duration(n)
		if left == 0 {
			pass = max(0, pass-max(each, d.last))
		}
		c.at = c.at.Add(pass)
		if d.every > d.write {
			c.waited[byPace] += pass
		} else {
			c.waited[byWrites] += pass
		}
	}
}

// most returns how many of a load's Steps, at most left, may be done before a
// window ends; for none, which family's window has to end first.
func (c *course) most(d load, left int) (n int, by string) {
	n, each := left, max(d.every, d.write)
	for _, family := range slices.Sorted(maps.Keys(d.takes)) {
		takes, w := d.takes[family], c.windows[family]
		if w == nil || takes <= 0 {
			continue
		}
		c.begin(w)
		takes = min(takes, c.whole(w)) // a Step may have to take more than is ours
		if w.left < takes-1e-9 {
			if n > 0 || w.ends.After(c.windows[by].ends) {
				n, by = 0, family
			}
			continue
		}
		n = min(n, int(w.left/takes+1e-9))
		if each > 0 { // those that begin before it ends
			n = min(n, max(1, int((w.ends.Sub(c.at)+each-1)/each)))
		}
	}
	return n, by
}

// whole is what of a window is ours.
func (c *course) whole(w *fill) float64 { return float64(max(1, Usable(w.max, c.limits.Reserve))) }

// begin opens the window that the course is in by now.
func (c *course) begin(w *fill) {
	if c.at.Before(w.ends) {
		return
	}
	w.left, w.ends = c.whole(w), c.at.Add(w.per)
	if w.aligned {
		w.ends = time.Unix(0, (c.at.UnixNano()/int64(w.per)+1)*int64(w.per))
	}
}
