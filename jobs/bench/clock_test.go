package bench_test

import (
	"container/heap"
	"sync"
	"time"
)

// clock is a time that moves on only when nobody has anything to do at it: the
// goroutines that count as running are workers at a slice, and whoever sleeps on
// it gives the time away. So a day takes no longer than what is done in it, and
// as many things happen side by side as in real life.
type clock struct {
	mu      sync.Mutex
	at      time.Time
	running int
	serial  int
	asleep  events // goroutines
	due     events // Runs
	idle    []chan struct{}
	open    int // Runs that are not at their end
	over    bool
}

// event is something that happens at a time: a sleeper wakes, or a Run is due.
type event struct {
	at     time.Time
	serial int
	wake   chan struct{}
	run    string
}

type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].serial < q[j].serial
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(e any)   { *q = append(*q, e.(event)) }
func (q *events) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// now returns the time, a little later at every look: no two things happen in
// the same instant.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

// sleep waits, as something that was running, for d.
func (c *clock) sleep(d time.Duration) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	e := event{at: c.at.Add(d), serial: c.serial, wake: make(chan struct{})}
	c.serial++
	heap.Push(&c.asleep, e)
	c.stop()
	c.mu.Unlock()
	<-e.wake
}

// stop counts one less as running, and moves the time if it was the last.
func (c *clock) stop() {
	if c.running--; c.running > 0 || c.over {
		return
	}
	next := func(q events) (time.Time, bool) {
		if len(q) == 0 {
			return time.Time{}, false
		}
		return q[0].at, true
	}
	wakes, someWake := next(c.asleep)
	due, someDue := next(c.due)
	someDue = someDue && len(c.idle) > 0
	switch {
	case someDue && (!someWake || due.Before(wakes)):
		c.move(due)
		for n := range c.due {
			if len(c.idle) > 0 && !c.due[n].at.After(c.at) {
				c.rouse()
			}
		}
	case someWake:
		c.move(wakes)
		e := heap.Pop(&c.asleep).(event)
		c.running++
		close(e.wake)
	}
}

func (c *clock) move(at time.Time) {
	if at.After(c.at) {
		c.at = at
	}
}

// rouse lets an idle worker go on.
func (c *clock) rouse() {
	last := len(c.idle) - 1
	c.running++
	close(c.idle[last])
	c.idle = c.idle[:last]
}

// add has a worker look at a Run at a time; late is how long the queue takes.
func (c *clock) add(run string, at time.Time, late time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		at = at.Add(late)
	}
	heap.Push(&c.due, event{at: at, serial: c.serial, run: run})
	c.serial++
	if len(c.idle) > 0 && !at.After(c.at) {
		c.rouse()
	}
}

// take returns the next Run that is due, for a worker that is running. ok is
// false once all Runs are at their end.
func (c *clock) take() (run string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if c.over {
			return "", false
		}
		if len(c.due) > 0 && !c.due[0].at.After(c.at) {
			return heap.Pop(&c.due).(event).run, true
		}
		wait := make(chan struct{})
		c.idle = append(c.idle, wait)
		c.stop()
		c.mu.Unlock()
		<-wait
		c.mu.Lock()
	}
}

// ended counts a Run at its end. After the last one everybody goes home.
func (c *clock) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open--; c.open > 0 {
		return
	}
	c.end()
}

func (c *clock) end() {
	c.over = true
	for len(c.idle) > 0 {
		c.rouse()
	}
	for _, e := range c.asleep {
		close(e.wake)
	}
	c.asleep = nil
}

func (c *clock) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}
