package queue

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Most tests wait more than they work, so that more of them may run at once
// than there are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	m.Run()
}

// backend is one Redis, embedded or real, to which several processes connect.
type backend struct {
	t       testing.TB
	options func() *redis.Options
}

// onBoth runs a test on the embedded server and on a real Redis.
func onBoth(t *testing.T, test func(t *testing.T, b *backend)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		opt, stop := embedded()
		t.Cleanup(stop)
		test(t, &backend{t, func() *redis.Options { o := *opt; return &o }})
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		addr := startRedis(t)
		test(t, &backend{t, func() *redis.Options { return &redis.Options{Addr: addr} }})
	})
}

// connect opens the queue as one more process would.
func (b *backend) connect() *Queue {
	b.t.Helper()
	q := open(b.options(), Options{Logger: slog.New(slog.NewTextHandler(b.t.Output(), nil)), Workers: 2})
	q.retryBase = time.Millisecond
	b.t.Cleanup(func() { q.Close() })
	if err := q.Ping(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return q
}

// startRedis starts a throw-away redis-server and returns its address. Without
// the program the test is skipped, under CI=true it fails.
func startRedis(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is missing")
		}
		t.Skip("redis-server is missing")
	}
	for range 5 { // somebody may take the port first
		addr := freeAddr(t)
		host, port, _ := net.SplitHostPort(addr)
		cmd := exec.Command(program, "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				go func() { // or it would stand still once the pipe is full
					for lines.Scan() {
					}
				}()
				return addr
			}
		}
	}
	t.Fatal("redis-server does not start")
	return ""
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serve runs Serve until stop, or the test, ends; stop waits for it.
func serve(t testing.TB, q *Queue, handlers map[string]Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := q.Serve(ctx, handlers); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

// next returns the next element, or fails after far longer than it should take.
func next[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v, ok := <-ch:
		if !ok {
			t.Fatalf("%s: closed", what)
		}
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing came", what)
		panic("unreachable")
	}
}

// report returns a handler that sends what it is called with.
func report(ch chan<- string) Handler {
	return func(_ context.Context, id string) error { ch <- id; return nil }
}

func wake(t testing.TB, q *Queue, kind, id string, n int64) {
	t.Helper()
	if err := q.Wake(t.Context(), Task{kind, id, n}, time.Time{}); err != nil {
		t.Fatal(err)
	}
}

type waitError time.Duration

func (e waitError) Error() string             { return fmt.Sprintf("wait %s", time.Duration(e)) }
func (e waitError) RetryAfter() time.Duration { return time.Duration(e) }
