package queue

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// embedded starts a Redis inside the process and returns how to connect to it:
// through pipes, so that nothing listens where others could ask it.
func embedded() (opt *redis.Options, stop func()) {
	server := miniredis.NewMiniRedis() // never started: Dial serves without a port
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() { letTimePass(server, done) })
	return &redis.Options{
			Addr:   "inside the process",
			Dialer: func(context.Context, string, string) (net.Conn, error) { return server.Dial() },
		}, func() {
			close(done)
			ticking.Wait()
			server.Close()
		}
}

// letTimePass makes keys expire, to the second. The server's own way
// (ClockTTL) looks at every key for every command: 123 tasks a second with
// 20,000 of them, where this takes 25 ms a second with 50,000.
func letTimePass(server *miniredis.Miniredis, done <-chan struct{}) {
	const step = time.Second
	tick := time.NewTicker(step)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			now := time.Now()
			server.FastForward(now.Sub(last))
			last = now
		}
	}
}
