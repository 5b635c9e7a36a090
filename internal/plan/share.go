package plan

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// lane is a Run among several that use the same allowance.
type lane struct {
	loads []load
	left  float64 // Steps of the first load
	from  time.Time
}

// rounding is what of a Step is not left any more.
const rounding = 1e-6

func newLane(loads []load, from time.Time) *lane {
	n := &lane{loads: slices.DeleteFunc(slices.Clone(loads), func(d load) bool { return d.steps <= 0 }), from: from}
	if len(n.loads) > 0 {
		n.left = float64(n.loads[0].steps)
	}
	return n
}

// did takes Steps off the first load, and goes on to the next one behind the last.
func (n *lane) did(steps float64) {
	if n.left -= steps; n.left > rounding {
		return
	}
	if n.loads = n.loads[1:]; len(n.loads) > 0 {
		n.left = float64(n.loads[0].steps)
	}
}

// slow tells whether a chosen pace is slower than what the host takes: each Step
// then has its own time.
func (d load) slow() bool { return d.every > d.write }

// share foresees a Run while others are at work beside it. Each does a Step in its
// turn, so that one whose Steps take more calls has more of the allowance. It goes
// from event to event: until somebody has nothing left to do, or may not go on, or
// may again.
func (c *course) share(own []load, beside []Work) {
	lanes := []*lane{newLane(own, time.Time{})}
	for _, w := range beside {
		lanes = append(lanes, newLane(w.loads, w.from))
	}
	began, pause := c.at, time.Duration(0)
	for len(lanes[0].loads) > 0 {
		lanes = slices.DeleteFunc(lanes, func(n *lane) bool { return len(n.loads) == 0 })
		free, until, by := c.free(lanes)
		d := lanes[0].loads[0]
		pause = d.write
		if d.slow() {
			pause, by = 0, cmp.Or(by, byPace)
		}
		by = cmp.Or(by, byWrites)
		if i := slices.IndexFunc(free, func(n *lane) bool { return n.loads[0].slow() }); i >= 0 {
			c.step(free[i])
			continue
		}
		c.waited[by] += c.together(free, paces(free, lanes), until)
	}
	c.at = c.at.Add(-min(pause, c.at.Sub(began))) // up to the beginning of the last Step
}

// step does one Step of a slow lane, which then rests.
func (c *course) step(n *lane) {
	d := n.loads[0]
	for family, takes := range d.takes {
		if w := c.windows[family]; w != nil {
			w.left -= min(takes, c.whole(w))
		}
	}
	n.from = c.at.Add(d.every)
	n.did(1)
}

// free returns who may do a Step now, when somebody else may, the zero time if
// all may, and what the first of them waits for, "" if it does not.
func (c *course) free(lanes []*lane) (free []*lane, until time.Time, by string) {
	for i, n := range lanes {
		wakes := n.from
		if !wakes.After(c.at) {
			steps, family := c.most(n.loads[0], 1)
			if steps > 0 {
				free = append(free, n)
				continue
			}
			if wakes = c.windows[family].ends.Add(clockSlack); i == 0 {
				by = family
			}
		}
		if until.IsZero() || wakes.Before(until) {
			until = wakes
		}
	}
	return free, until, by
}

// together lets those who may go on do so, up to the next event, or waits for it.
// each is how many seconds they take from one Step to the next.
func (c *course) together(free []*lane, each []float64, until time.Time) (pass time.Duration) {
	rates := map[string]float64{} // uses a second, by family
	next := until.Sub(c.at).Seconds()
	if until.IsZero() {
		next = free[0].left * each[0]
	}
	for i, n := range free {
		next = min(next, n.left*each[i])
		for family, takes := range n.loads[0].takes {
			if w := c.windows[family]; w != nil && takes > 0 {
				rates[family] += min(takes, c.whole(w)) / each[i]
			}
		}
	}
	for _, family := range slices.Sorted(maps.Keys(rates)) {
		w, rate := c.windows[family], rates[family]
		ends := w.ends.Sub(c.at).Seconds()
		if rate*w.per.Seconds() > c.whole(w) || rate*ends > w.left { // else it never holds these up
			next = min(next, w.left/rate, ends)
		}
	}
	next = max(next, 1e-9) // a clock goes on
	for i, n := range free {
		n.did(next / each[i])
	}
	for family, rate := range rates {
		c.windows[family].left -= rate * next
	}
	pass = max(time.Nanosecond, time.Duration(next*float64(time.Second)))
	c.at = c.at.Add(pass)
	return pass
}

// paces returns how many seconds each of those who may go on takes from one Step to
// the next. Changes to one host take turns; slow lanes need one now and then.
func paces(free, all []*lane) []float64 {
	taken := 0.0
	for _, n := range all {
		if d := n.loads[0]; d.slow() {
			taken += d.write.Seconds() / d.every.Seconds()
		}
	}
	each := make([]float64, len(free))
	for i, n := range free {
		each[i] = max(n.loads[0].write.Seconds()*float64(len(free))/(1-min(taken, 0.9)), 1e-9)
	}
	return each
}
