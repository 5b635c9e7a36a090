// Package xsim is a small simulated X, for tests: its pages where people allow an
// application to sign them in, and the few routes of API v2 that Skein uses, over
// real HTTP, with limits and faults on demand. It shares no code with the client,
// whose mistakes it would share otherwise. What it answers is what X documents:
// https://docs.x.com/fundamentals/authentication and https://docs.x.com/x-api/users.
package xsim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// User is an account. One that is suspended is answered with an error.
type User struct {
	ID, Username, Name string
	Description        string // with X's short links
	Location           string
	URL                string            // a short link
	Links              map[string]string // short link → what it stands for
	Suspended          bool
}

// Options are the keys that the simulated X knows.
type Options struct {
	Bearer       string // reads profiles
	ClientID     string
	ClientSecret string
	RedirectURI  string
	PerWindow    int // requests for profiles in a quarter of an hour; 0: no limit
	Now          func() time.Time
}

// Sim is a running X.
type Sim struct {
	URL string

	o      Options
	server *httptest.Server
	mu     sync.Mutex
	users  map[string]User
	codes  map[string]grant // by code
	tokens map[string]grant // by access token
	serial int
	window time.Time
	used   int
	counts map[string]int
	fault  func(w http.ResponseWriter, r *http.Request) bool
}

// grant is what somebody allowed.
type grant struct {
	user, redirect, challenge string
	scope                     string
	expires                   time.Time
}

// New starts an X. Close it.
func New(o Options) *Sim {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Sim{o: o, users: map[string]User{}, codes: map[string]grant{}, tokens: map[string]grant{}, counts: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /i/oauth2/authorize", s.authorize)
	mux.HandleFunc("POST /i/oauth2/authorize", s.decide)
	mux.HandleFunc("POST /2/oauth2/token", s.token)
	mux.HandleFunc("POST /2/oauth2/revoke", s.revoke)
	mux.HandleFunc("GET /2/users/me", s.me)
	mux.HandleFunc("GET /2/users", s.lookup)
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.counts[r.Method+" "+r.URL.Path]++
		fault := s.fault
		s.mu.Unlock()
		if fault != nil && fault(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	}))
	s.URL = s.server.URL
	return s
}

// Close stops it.
func (s *Sim) Close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// Add adds accounts.
func (s *Sim) Add(users ...User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range users {
		s.users[u.ID] = u
	}
}

// Fault has f answer instead, as long as it returns true; nil ends that.
func (s *Sim) Fault(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Count returns how often a route was asked, such as "GET /2/users".
func (s *Sim) Count(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[route]
}

// Tokens returns how many user tokens are valid.
func (s *Sim) Tokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}

// limited tells whether the window has no request left, and sets X's headers.
func (s *Sim) limited(h http.Header) bool {
	if s.o.PerWindow == 0 {
		return false
	}
	const length = 15 * time.Minute
	now := s.o.Now()
	if now.Sub(s.window) >= length {
		s.window, s.used = now.Truncate(time.Second), 0
	}
	s.used++
	h.Set("x-rate-limit-limit", strconv.Itoa(s.o.PerWindow))
	h.Set("x-rate-limit-remaining", strconv.Itoa(max(0, s.o.PerWindow-s.used)))
	h.Set("x-rate-limit-reset", strconv.FormatInt(s.window.Add(length).Unix(), 10))
	return s.used > s.o.PerWindow
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// problem answers as API v2 does.
func problem(w http.ResponseWriter, status int, detail string) {
	answer(w, status, map[string]any{
		"title": http.StatusText(status), "detail": detail, "type": "about:blank", "status": status,
	})
}
