package queue

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skein-migrate/skein/internal/model"
)

func TestOpenRedis(t *testing.T) {
	t.Parallel()
	q, err := Open(Options{RedisURL: "redis://" + startRedis(t) + "/3", Logger: slog.New(slog.DiscardHandler), Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"port":   "redis://:hunter2@localhost:port",
		"scheme": "http://:hunter2@localhost",
	} {
		_, err := Open(Options{RedisURL: url, Logger: slog.New(slog.DiscardHandler)})
		if !errors.Is(err, model.ErrInvalid) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v; want ErrInvalid without the password", name, err)
		}
	}
	_, err := Open(Options{RedisURL: "redis://:hunter2@" + freeAddr(t), Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("nobody there: %v", err)
	}
}

// Anybody on the machine could ask a port. Not parallel: other tests listen.
func TestEmbeddedListensNowhere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks into /proc")
	}
	before := listening(t)
	q, err := Open(Options{Logger: slog.New(slog.DiscardHandler), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	stop := serve(t, q, map[string]Handler{"run": report(got)})
	wake(t, q, "run", "a", 1)
	next(t, got, "task")
	if after := listening(t); after != before {
		t.Errorf("%d sockets listen, before it were %d", after, before)
	}
	stop()
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}

// listening counts the TCP sockets of this process that listen.
func listening(t *testing.T) int {
	t.Helper()
	ours := map[string]bool{}
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil && strings.HasPrefix(target, "socket:[") {
			ours[strings.Trim(target, "socket:[]")] = true
		}
	}
	n := 0
	for _, file := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // no IPv6 here
		}
		for _, line := range strings.Split(string(text), "\n") {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && ours[f[9]] {
				n++
			}
		}
	}
	return n
}

// Without Redis every call fails soon: whoever starts a Run in the page waits
// for it.
func TestDownIsToldSoon(t *testing.T) {
	opt, err := redis.ParseURL("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	q := open(opt, Options{Logger: slog.New(slog.DiscardHandler), Workers: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // it was 5 s
	defer cancel()
	for what, err := range map[string]error{
		"wake": q.Wake(ctx, Task{Kind: "run", ID: "1", Wake: 1}, time.Time{}), "publish": q.Publish(ctx, "topic", ""), "ping": q.Ping(ctx),
	} {
		if err == nil || ctx.Err() != nil {
			t.Errorf("%s: %v, %v", what, err, ctx.Err())
		}
	}
	if err := q.Ping(ctx); !errors.Is(err, ErrDown) {
		t.Errorf("ping: %v", err)
	}
}
