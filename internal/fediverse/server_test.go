package fediverse_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// server is a small simulated server: what it answers is in pages, by path or
// by path?query; anything else is 404 in HTML, as snac does it.
type server struct {
	host string
	addr string
	mux  *http.ServeMux

	mu   sync.Mutex
	seen []*http.Request // with parsed forms
}

func newServer(t testing.TB, host string) *server {
	t.Helper()
	s := &server{host: host, mux: http.NewServeMux()}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			_ = r.ParseForm()
		}
		s.mu.Lock()
		s.seen = append(s.seen, r)
		s.mu.Unlock()
		if strings.TrimSuffix(r.Host, ":443") != s.host {
			http.Error(w, "asked as "+r.Host, http.StatusMisdirectedRequest)
			return
		}
		s.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(ts.Close)
	s.addr = strings.TrimPrefix(ts.URL, "http://")
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<html>not found</html>")
	})
	return s
}

// json makes pattern answer with code and body.
func (s *server) json(pattern string, code int, body string) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	})
}

func (s *server) requests(method, path string) []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*http.Request
	for _, r := range s.seen {
		if r.Method == method && r.URL.Path == path {
			all = append(all, r)
		}
	}
	return all
}

// finger makes WebFinger answer, for each resource, with a subject and an actor.
func (s *server) finger(answers map[string][2]string) {
	s.mux.HandleFunc("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
		a, ok := answers[r.FormValue("resource")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, jrd(a[0], a[1]))
	})
}

func jrd(subject, self string) string {
	return fmt.Sprintf(`{"subject":%q,"links":[{"rel":"self","type":"application/activity+json","href":%q}]}`, subject, self)
}

// options have no budget and short waits.
func options(servers ...*server) fediverse.Options {
	o := fediverse.Options{
		Simulated: map[string]string{}, Budget: fediverse.Free{},
		Timeout: 5 * time.Second, SlowTimeout: 5 * time.Second, MediaPoll: time.Millisecond,
	}
	for _, s := range servers {
		o.Simulated[s.host] = s.addr
	}
	return o
}

func newClient(servers ...*server) *fediverse.Client { return fediverse.New(options(servers...)) }

func address(t testing.TB, s string) model.Address {
	t.Helper()
	a, err := model.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func query(t testing.TB, u string) url.Values {
	t.Helper()
	parsed, err := url.Parse(u)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query()
}

var (
	mastodon   = fediverse.CapabilityOf(fediverse.NodeInfo{Software: "mastodon", Version: "4.5.0"}, fediverse.Instance{})
	gotosocial = fediverse.CapabilityOf(fediverse.NodeInfo{Software: "gotosocial", Version: "0.20.0-rc1"}, fediverse.Instance{})
	snac       = fediverse.CapabilityOf(fediverse.NodeInfo{Software: "snac", Version: "2.94"}, fediverse.Instance{})
)
