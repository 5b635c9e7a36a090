package fedisim

import (
	"path"
	"time"
)

// Kinds of Fault.
const (
	Latency     = "latency"      // the request waits for Delay, then goes on
	TooMuch     = "429"          // refused as by a limit; with RetryAfter as by GoToSocial's throttle
	ServerError = "5xx"          // Status (503 if unset), nothing was done
	ErrorAfter  = "5xx after"    // the same, but everything was done
	CutBefore   = "cut before"   // connection cut, nothing was done
	CutAfter    = "cut after"    // everything was done, then the connection was cut
	LateEffect  = "late effect"  // connection cut; everything is done after Delay, at most 60 s, on the Sim's clock
	LostAnswer  = "lost answer"  // everything was done, no byte is answered; cut after Delay (60 s if unset)
	SlowBody    = "slow body"    // the answer comes in bits spread over Delay
	Malformed   = "malformed"    // the answer is cut JSON
	Endless     = "endless"      // everything was done, the answer goes on until the client has gone
	WrongAnswer = "wrong answer" // everything was done, the answer is a page of HTML with status 200
	Untrue      = "untrue"       // everything was done, the answer carries Header, whatever is true
)

// Fault is something that goes wrong on demand. Latency, SlowBody and
// LostAnswer take real time, and Endless as much as the client gives it; LateEffect goes by the Sim's clock.
type Fault struct {
	Method string // any if unset
	Path   string // a pattern of path.Match, as /api/v1/accounts/*/follow; any if unset
	After  int    // so many matching requests pass first
	Times  int    // how often it happens: once if 0, always if negative
	Chance float64
	Kind   string
	Status int
	Delay  time.Duration
	// RetryAfter stands in the header of that name, which a real limit lacks.
	RetryAfter time.Duration
	Header     map[string]string
}

type fault struct {
	Fault
	seen, done int
}

// Fault adds f. Where several match a request, the one added first counts.
func (v *Server) Fault(f Fault) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.faults = append(v.faults, &fault{Fault: f})
}

// ClearFaults takes all faults away.
func (v *Server) ClearFaults() {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.faults = nil
}

// strike returns the fault that this request meets. Called without the lock.
func (v *Server) strike(c *call) Fault {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	for _, f := range v.faults {
		if f.hits(c) && (f.Chance == 0 || v.sim.rng.Float64() < f.Chance) {
			f.done++
			return f.Fault
		}
	}
	return Fault{}
}

func (f *fault) hits(c *call) bool {
	if f.Method != "" && f.Method != c.r.Method {
		return false
	}
	if ok, err := path.Match(f.Path, c.r.URL.Path); f.Path != "" && (!ok || err != nil) {
		return false
	}
	times := f.Times
	or(&times, 1)
	f.seen++
	return f.seen > f.After && (times < 0 || f.done < times)
}

// refusal answers the faults after which nothing is done.
func (v *Server) refusal(c *call, f Fault) (reply, bool) {
	switch f.Kind {
	case TooMuch:
		v.sim.mu.Lock()
		defer v.sim.mu.Unlock()
		return tooMany(c, window{name: "fault", reset: v.sim.now().Add(5 * time.Minute)}, f.RetryAfter), true
	case ServerError:
		return broken(f), true
	}
	return reply{}, false
}

func broken(f Fault) reply {
	or(&f.Status, 503)
	return reply{status: f.Status, contentType: "text/html; charset=utf-8", body: []byte("<html><body><h1>Something went wrong</h1></body></html>")}
}
