package throwaway

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Server is the PostgreSQL or the Redis of one test, which may stop it and
// start it again in the same place. It ends with the test.
type Server struct {
	URL   string
	begin func() (*server, error)
	now   *server
}

// Stop ends the server as its operator would. What PostgreSQL holds is kept,
// what Redis holds is lost. A server that is stopped stays so.
func (s *Server) Stop() { s.now.halt() }

// Start starts the server again, on the same port.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	again, err := s.begin()
	if err != nil {
		t.Fatalf("start %s: %v", s.URL, err)
	}
	s.now = again
}

// newServer starts a server for the length of the test.
func newServer(t testing.TB, url string, begin func() (*server, error)) *Server {
	t.Helper()
	s := &Server{URL: url, begin: begin}
	s.Start(t)
	t.Cleanup(func() {
		forget(s.now)
		s.now.end()
	})
	return s
}

// forget leaves a server to its test.
func forget(s *server) {
	mu.Lock()
	defer mu.Unlock()
	for i, other := range running {
		if other == s {
			running = append(running[:i], running[i+1:]...)
			return
		}
	}
}

// keptPort returns a free port below those that the system gives out by itself:
// nobody else takes it while its server is stopped.
func keptPort() (string, error) {
	for range 100 {
		port := strconv.Itoa(10000 + rand.IntN(20000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	return "", fmt.Errorf("no free port")
}
