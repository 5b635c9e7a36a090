package queue

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	everyLease = 30 * time.Second // of the process that runs the job; renewed
	everyLook  = time.Minute      // longest pause between two looks at whose turn it is
	everyRetry = 5 * time.Minute  // after a failure, unless the interval is shorter
)

// Every runs fn once in every interval, in one of all the processes that call
// Every with that name, until ctx ends. After a failure it tries again sooner.
// Redis may forget when fn last ran, and the embedded one does at every start:
// fn must be safe to run early, and look into the database if that is costly.
// The context of fn ends when another process may have taken over.
func (q *Queue) Every(ctx context.Context, name string, interval time.Duration, fn func(context.Context) error) {
	for {
		wait, err := q.turn(ctx, name, interval, fn)
		if err != nil && ctx.Err() == nil {
			q.log.Error("scheduled job", "job", name, "error", err)
		}
		if !sleep(ctx, wait) {
			return
		}
	}
}

// extend and drop act on a key only while it holds our token.
var (
	extend = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`)
	drop   = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)
)

// turn runs fn if no process has done so within the interval, and returns when
// to look again. The key stands for the job: while fn runs it expires with our
// lease, afterwards when fn is due again.
func (q *Queue) turn(ctx context.Context, name string, interval time.Duration, fn func(context.Context) error) (time.Duration, error) {
	key, token, started := "skein:every:"+name, rand.Text(), time.Now()
	err := q.rdb.SetArgs(ctx, key, token, redis.SetArgs{Mode: "NX", TTL: everyLease}).Err()
	if err == redis.Nil { // somebody else's turn
		left, err := q.rdb.PTTL(ctx, key).Result()
		return min(max(left, time.Second), everyLook), err
	}
	if err != nil {
		return everyLease, fmt.Errorf("take the turn: %w", err)
	}
	err = q.runHeld(ctx, key, token, fn)
	after := interval - time.Since(started)
	if err != nil {
		after = min(interval, everyRetry)
	}
	// The turn is over whatever happens to the caller.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTime)
	defer cancel()
	if ctx.Err() != nil || after <= 0 {
		return 0, drop.Run(keep, q.rdb, []string{key}, token).Err()
	}
	if keepErr := extend.Run(keep, q.rdb, []string{key}, token, after.Milliseconds()).Err(); err == nil {
		err = keepErr
	}
	return min(after, everyLook), err
}

// runHeld runs fn and renews the lease meanwhile; if it is lost, the context
// of fn ends.
func (q *Queue) runHeld(ctx context.Context, key, token string, fn func(context.Context) error) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		deadline := time.Now().Add(everyLease)
		for sleep(ctx, everyLease/3) {
			n, err := extend.Run(ctx, q.rdb, []string{key}, token, everyLease.Milliseconds()).Int()
			switch {
			case err == nil && n == 1:
				deadline = time.Now().Add(everyLease)
			case err == nil || time.Now().After(deadline):
				cancel(fmt.Errorf("the turn was lost to another process"))
			}
		}
	}()
	defer func() {
		if p := recover(); p != nil { // one job must not end the whole service
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		cancel(nil)
		<-renewed
	}()
	return fn(ctx)
}
