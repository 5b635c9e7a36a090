package fediverse

import (
	"container/list"
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budget is asked before every discovery request: Acquire returns when host may
// be asked once more, or with an error when ctx ends first. The request is under
// way until release is called, which has to bound how many are. Workers that
// share one Budget share one allowance per host. Calls for an Account do not use
// it.
type Budget interface {
	Acquire(ctx context.Context, host string) (release func(), err error)
}

// Free is a Budget without limits, for simulated servers.
type Free struct{}

// Acquire implements Budget.
func (Free) Acquire(ctx context.Context, _ string) (func(), error) { return func() {}, ctx.Err() }

const (
	perHost    = 2         // requests at once to one host, from this process
	perSecond  = 1         // requests a second to one host
	burst      = 5         // requests that may go out before that counts
	maxHosts   = 10000     // hosts remembered; a forgotten one starts with a full burst
	longestBan = time.Hour // that a 429 keeps a host from being asked, whatever it says
)

// hostTable remembers the hosts lately asked, the least lately asked first to go.
type hostTable struct {
	mu    sync.Mutex
	max   int
	hosts map[string]*list.Element
	order *list.List // of *hostState, latest in front
}

type hostState struct {
	host    string
	limiter *rate.Limiter
	slots   chan struct{}
	users   int // waiting or asking; such a host is not forgotten
	banned  time.Time
}

func newHostTable(limit int) *hostTable {
	return &hostTable{max: limit, hosts: map[string]*list.Element{}, order: list.New()}
}

func (t *hostTable) take(host string) *hostState {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.state(host)
	h.users++
	return h
}

func (t *hostTable) drop(h *hostState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h.users--
}

// state returns the state of host, made if there is none; t.mu is held.
func (t *hostTable) state(host string) *hostState {
	if e, ok := t.hosts[host]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*hostState)
	}
	for e := t.order.Back(); e != nil && len(t.hosts) >= t.max; {
		older := e.Prev()
		if h := e.Value.(*hostState); h.users == 0 {
			t.order.Remove(e)
			delete(t.hosts, h.host)
		}
		e = older
	}
	h := &hostState{host: host, limiter: rate.NewLimiter(perSecond, burst), slots: make(chan struct{}, perHost)}
	t.hosts[host] = t.order.PushFront(h)
	return h
}

// block keeps requests to host back until then.
func (t *hostTable) block(host string, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state(host).banned = until
}

func (t *hostTable) bannedFor(h *hostState, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return h.banned.Sub(now)
}

// turn waits until host may be asked. A host that lately answered 429 is not
// asked at all: the error says for how long.
func (c *Client) turn(ctx context.Context, host string) (release func(), err error) {
	h := c.hosts.take(host)
	defer func() {
		if err != nil {
			c.hosts.drop(h)
		}
	}()
	if wait := c.hosts.bannedFor(h, c.o.Now()); wait > 0 {
		return nil, &RateLimitError{Host: host, Wait: wait}
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &NotSentError{host, ReasonCancelled, ctx.Err()}
	}
	giveBack, err := c.acquire(ctx, h)
	if err != nil {
		<-h.slots
		return nil, &NotSentError{host, ReasonCancelled, err}
	}
	// The shared place first: whoever gets ours finds it free.
	return func() { giveBack(); <-h.slots; c.hosts.drop(h) }, nil
}

func (c *Client) acquire(ctx context.Context, h *hostState) (giveBack func(), err error) {
	if c.o.Budget != nil {
		return c.o.Budget.Acquire(ctx, h.host)
	}
	return func() {}, h.limiter.Wait(ctx)
}
