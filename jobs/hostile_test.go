package jobs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// jsonServer answers one path with a text, whatever is asked.
type jsonServer struct {
	addr string
	n    atomic.Int32
}

func (s *jsonServer) asked() int { return int(s.n.Load()) }

func serveJSON(t testing.TB, path, text string) *jsonServer {
	t.Helper()
	s := &jsonServer{}
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		s.n.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.addr = strings.TrimPrefix(server.URL, "http://")
	return s
}
