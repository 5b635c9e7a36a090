package queue

import (
	"context"
	"crypto/rand"
	"fmt"
	mrand "math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// BudgetOptions say what one host may be asked for.
type BudgetOptions struct {
	Name      string        // keeps different budgets for the same host apart
	PerSecond float64       // more than 0
	Burst     int           // how much an idle host may be asked for at once; at least 1
	AtOnce    int           // Acquire: how many may hold a place; 0 is any number
	Hold      time.Duration // Acquire: after this a place counts as given back, as its process may be dead; 2 min if 0
}

// Budget is an allowance for each host that all processes share. It starts at
// nothing, not with a full burst, when Redis comes up empty.
type Budget struct {
	q *Queue
	o BudgetOptions
}

// Budget returns the budget of that name. All processes have to use the same
// options for it.
func (q *Queue) Budget(o BudgetOptions) *Budget {
	if o.Hold <= 0 {
		o.Hold = 2 * time.Minute
	}
	o.Burst = max(1, o.Burst)
	return &Budget{q, o}
}

// Polite returns the budget for asking a host that owes us nothing: one request
// a second, a burst of 5, 2 at once.
func (q *Queue) Polite() *Budget {
	return q.Budget(BudgetOptions{Name: "polite", PerSecond: 1, Burst: 5, AtOnce: 2})
}

// Writes returns the budget for follows and posts to a host over all Moves.
// It has no burst, so that no second sees more than perSecond of them.
func (q *Queue) Writes(perSecond float64) *Budget {
	return q.Budget(BudgetOptions{Name: "writes", PerSecond: perSecond, Burst: 1})
}

// Wait returns when host may be asked once more, or an error when ctx ends
// first or, as ErrDown, when Redis cannot be asked. It takes no place.
func (b *Budget) Wait(ctx context.Context, host string) error {
	return b.take(ctx, host, "")
}

// Acquire is Wait for a request that is in flight until release is called, of
// which a host sees at most AtOnce. Calling release again does nothing.
func (b *Budget) Acquire(ctx context.Context, host string) (release func(), err error) {
	place := rand.Text()
	if err := b.take(ctx, host, place); err != nil {
		return nil, err
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTime)
			defer cancel()
			if err := b.q.rdb.ZRem(ctx, b.places(host), place).Err(); err != nil {
				b.q.log.Debug("place not given back", "host", host, "error", err) // it goes with Hold
			}
		})
	}, nil
}

func (b *Budget) bucket(host string) string { return "skein:budget:" + b.o.Name + ":" + host }
func (b *Budget) places(host string) string { return "skein:places:" + b.o.Name + ":" + host }

// spend takes a token, and a place if ARGV[5] names one, or returns after how
// many milliseconds to ask again. It goes by the server's clock. A bucket that
// is missing belongs to a host that was left alone for long enough to be full,
// or Redis has been emptied: since tells which, being lost at the same time.
var spend = redis.NewScript(`
local bucket, places, since = KEYS[1], KEYS[2], KEYS[3]
local rate, burst, atonce, hold, place = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
if place ~= '' and atonce > 0 then
	redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
	if redis.call('ZCARD', places) >= atonce then
		return 100
	end
end
local tokens, at = 0, tonumber(redis.call('GET', since))
if not at then
	at = now
	redis.call('SET', since, string.format('%.0f', now))
end
local b = redis.call('HMGET', bucket, 'tokens', 'at')
if b[1] then
	tokens, at = tonumber(b[1]), tonumber(b[2])
end
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000)
if tokens < 0.999999 then
	return math.max(1, math.ceil((1 - tokens) * 1000 / rate))
end
redis.call('HSET', bucket, 'tokens', string.format('%.6f', tokens - 1), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', bucket, math.ceil(burst * 1000 / rate) + 5000)
if place ~= '' and atonce > 0 then
	redis.call('ZADD', places, now + hold, place)
	redis.call('PEXPIRE', places, hold + 5000)
end
return 0
`)

// take asks until it is let through. Of the callers in this process one asks
// for a host, the others stand in line behind it.
func (b *Budget) take(ctx context.Context, host, place string) error {
	leave, err := b.q.gates.enter(ctx, b.bucket(host))
	if err != nil {
		return fmt.Errorf("budget of %s: %w", host, err)
	}
	defer leave()
	keys := []string{b.bucket(host), b.places(host), "skein:budgets:since"}
	for {
		wait, err := spend.Run(ctx, b.q.rdb, keys, b.o.PerSecond, b.o.Burst, b.o.AtOnce, b.o.Hold.Milliseconds(), place).Int64()
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrDown, err)
		}
		if err != nil {
			return fmt.Errorf("budget of %s: %w", host, err)
		}
		if wait == 0 {
			return nil
		}
		// The few milliseconds keep processes from asking all at once.
		if !sleep(ctx, time.Duration(wait)*time.Millisecond+mrand.N(5*time.Millisecond)) {
			return fmt.Errorf("budget of %s: %w", host, ctx.Err())
		}
	}
}

// gates lets one caller at a time through each gate, first come, first served.
type gates struct {
	mu    sync.Mutex
	gates map[string]*gate
}

type gate struct {
	open  chan struct{} // holds one element while nobody is inside
	users int           // inside or in line
}

func (g *gates) enter(ctx context.Context, name string) (leave func(), err error) {
	g.mu.Lock()
	if g.gates == nil {
		g.gates = map[string]*gate{}
	}
	it := g.gates[name]
	if it == nil {
		it = &gate{open: make(chan struct{}, 1)}
		it.open <- struct{}{}
		g.gates[name] = it
	}
	it.users++
	g.mu.Unlock()
	select {
	case <-it.open:
		return func() {
			it.open <- struct{}{}
			g.forget(name, it)
		}, nil
	case <-ctx.Done():
		g.forget(name, it)
		return nil, ctx.Err()
	}
}

func (g *gates) forget(name string, it *gate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if it.users--; it.users == 0 {
		delete(g.gates, name)
	}
}
