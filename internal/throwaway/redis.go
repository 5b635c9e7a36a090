package throwaway

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Redis starts a Redis for one test and returns its URL and a func that ends it
// before the test does; otherwise it ends with the test.
func Redis(t testing.TB) (url string, stop func()) {
	t.Helper()
	program, ok := find("redis-server")
	if !ok {
		missing(t, "redis-server")
	}
	dir, err := os.MkdirTemp("", "skein-redis-")
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--maxmemory-policy", "noeviction")
	s, err := start(cmd, dir, syscall.SIGTERM, func() error { return dial(port) })
	if err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	stop = func() {
		mu.Lock()
		defer mu.Unlock()
		for i, other := range running {
			if other == s {
				running = append(running[:i], running[i+1:]...)
				s.end()
				return
			}
		}
	}
	t.Cleanup(stop)
	return "redis://127.0.0.1:" + port + "/0", stop
}
