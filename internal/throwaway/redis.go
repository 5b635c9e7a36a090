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
	s := RedisServer(t)
	return s.URL, s.Stop
}

// RedisServer starts a Redis for one test.
func RedisServer(t testing.TB) *Server {
	t.Helper()
	program, ok := find("redis-server")
	if !ok {
		missing(t, "redis-server")
	}
	dir, err := os.MkdirTemp("", "skein-redis-")
	if err != nil {
		t.Fatal(err)
	}
	port, err := keptPort()
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, "redis://127.0.0.1:"+port+"/0", func() (*server, error) {
		cmd := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
			"--maxmemory-policy", "noeviction")
		return start(cmd, dir, syscall.SIGTERM, func() error { return dial(port) })
	})
}
