package fedisim

import (
	"container/heap"
	"time"
)

// pollEvery is how often, in real time, the Sim looks whether something is due.
const pollEvery = 10 * time.Millisecond

// Now returns the time on the Sim's clock.
func (s *Sim) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Sim) now() time.Time {
	switch {
	case s.opt.Now != nil:
		return s.opt.Now().UTC()
	case !s.opt.Start.IsZero():
		return s.opt.Start.Add(s.offset).UTC()
	default:
		return time.Now().Add(s.offset).UTC()
	}
}

// Advance moves the clock, and lets everything that becomes due on the way
// happen at its time, before it returns. With Options.Now set it does no more
// than let happen what is due.
func (s *Sim) Advance(d time.Duration) {
	s.mu.Lock()
	end := s.now().Add(d)
	for s.opt.Now == nil && len(s.events) > 0 && !s.events[0].due.After(end) {
		s.moveTo(s.events[0].due)
		s.mu.Unlock()
		s.step()
		s.mu.Lock()
	}
	s.moveTo(end)
	s.mu.Unlock()
	s.settle()
}

// moveTo sets the Sim's own clock forward, never back.
func (s *Sim) moveTo(t time.Time) {
	if ahead := t.Sub(s.now()); ahead > 0 && s.opt.Now == nil {
		s.offset += ahead
	}
}

// Pending returns how many things are still to happen later: late effects,
// follows to be accepted, media in processing, imports, scheduled posts.
func (s *Sim) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

// event is something that happens later. do runs under the lock; the function
// that it returns, if any, runs after that outside of it.
type event struct {
	due    time.Time
	serial int64
	do     func() func()
}

// later arranges for do to run once the clock shows due or more. Called under
// the lock.
func (s *Sim) later(due time.Time, do func() func()) {
	if s.closed {
		return
	}
	s.serial++
	heap.Push(&s.events, event{due, s.serial, do})
	if !s.polling {
		s.polling = true
		s.wg.Go(s.poll)
	}
}

// moment is the time from which what comes of something counts: that of the
// event that is happening, however late the clock was looked at, else now.
func (s *Sim) moment() time.Time {
	if !s.during.IsZero() {
		return s.during
	}
	return s.now()
}

// settle runs whatever is due. Called without the lock.
func (s *Sim) settle() {
	for s.step() {
	}
}

func (s *Sim) step() bool {
	s.mu.Lock()
	if len(s.events) == 0 || s.events[0].due.After(s.now()) {
		s.mu.Unlock()
		return false
	}
	e := heap.Pop(&s.events).(event)
	s.during = e.due
	after := e.do()
	s.during = time.Time{}
	s.mu.Unlock()
	if after != nil {
		after()
	}
	return true
}

// poll settles again and again until nothing is left to wait for. The clock
// may belong to a test and cannot wake anybody, hence the ticker.
func (s *Sim) poll() {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		s.settle()
		s.mu.Lock()
		if len(s.events) == 0 {
			s.polling = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

type eventHeap []event

func (h eventHeap) Len() int      { return len(h) }
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h eventHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].serial < h[j].serial
}

func (h *eventHeap) Push(x any) { *h = append(*h, x.(event)) }

func (h *eventHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
