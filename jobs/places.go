package jobs

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// actAtOnce is how many slices of one process act at a host at a time. A few keep
// it busy, since writes to it take turns; more would only stand in line there,
// each with a worker that others could use.
const actAtOnce = 2

// places are held by slices while they act at a host. The zero value is ready.
type places struct {
	mu    sync.Mutex
	hosts map[string]*place
}

type place struct {
	held int
	away map[string]bool // Runs that were turned away and have had no place since
}

// take takes a place at a host for a slice of a Run. If there is none, it says
// after which time to come back: the later, the more others were turned away.
func (p *places) take(host, run string) (leave func(), wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hosts == nil {
		p.hosts = map[string]*place{}
	}
	at := p.hosts[host]
	if at == nil {
		at = &place{away: map[string]bool{}}
		p.hosts[host] = at
	}
	if at.held >= actAtOnce {
		at.away[run] = true
		return nil, time.Second + rand.N(time.Duration(len(at.away))*turnTime/(2*actAtOnce))
	}
	at.held++
	delete(at.away, run)
	var once sync.Once
	return func() {
		once.Do(func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if at.held--; at.held == 0 { // whoever comes back finds room
				delete(p.hosts, host)
			}
		})
	}, 0
}

// crowdedError is a slice that found no place at a host.
type crowdedError struct {
	host string
	wait time.Duration
}

func (e *crowdedError) Error() string { return fmt.Sprintf("enough others are at %s", e.host) }
