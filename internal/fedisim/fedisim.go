// Package fedisim is a simulated fediverse: any number of servers in one
// process, each with its own listener on loopback and real HTTP, for tests and
// for the demo. It imports nothing else of ours on purpose, since shared code
// would hide the client's bugs.
//
// What is simulated: WebFinger, host-meta, NodeInfo, actors, OAuth with its
// authorize page, the parts of the Mastodon API that somebody who moves needs,
// following across servers, the servers' limits with their headers, the public
// list of servers and a SPARQL endpoint. Servers differ as the real ones do:
//
//   - Mastodon honours Idempotency-Key for an hour, ignores a scheduled_at in
//     the past (the post goes out now, to every follower), counts graphemes and
//     throttles by token, user and address in windows aligned to the epoch.
//   - GoToSocial ignores Idempotency-Key and PKCE, takes a scheduled_at in the
//     past as the date of a post that reaches nobody, needs @user@host in a
//     search, answers a follow with requested first, and has its own CSV import.
//   - snac hands out a token for any code, takes every date and delivers.
//   - Pleroma and Akkoma honour Idempotency-Key; Pixelfed wants a picture.
//
// Where the facts come from: measured on GoToSocial 0.20 and snac 2.94; for the
// others from Mastodon's and Pleroma's source and documentation.
//
// Servers have public names under https (Config.Host) but speak plain HTTP on
// loopback: a client dials what Hosts says for the name and keeps the name in
// the Host header. Pages for people (authorize, profiles, posts) work as well
// when opened at the loopback address.
//
// Everything that happens is logged (Server.Effects, Server.Requests), so that
// a test counts from the outside. Faults and hooks break or stop a request at
// a chosen point. One lock guards the whole simulation; hooks run outside it.
package fedisim

import (
	"maps"
	"math/rand"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options are the settings of a Sim. All may be left unset.
type Options struct {
	// Now is the clock. If it is nil the Sim has its own, which Advance moves.
	Now func() time.Time
	// Start makes the Sim's own clock stand still at that time, so that only
	// Advance moves it. If it is zero the clock runs with the real one.
	Start time.Time
	// Seed decides everything that is random: ids, and faults with a Chance.
	Seed int64
}

// Sim is a simulated fediverse. Its methods may be called at any time from any
// goroutine, also within a Hook.
type Sim struct {
	opt  Options
	done chan struct{}
	wg   sync.WaitGroup

	mu      sync.Mutex
	rng     *rand.Rand
	offset  time.Duration
	events  eventHeap
	polling bool
	during  time.Time // when the event that is happening was due
	closed  bool
	servers map[string]*Server // by every host name
	order   []*Server
	hook    func(Point)
	points  map[Point]int
	kept    int64 // bytes of media held in memory
	serial  int64
}

// New makes an empty fediverse. Close it to give the ports back.
func New(o Options) *Sim {
	return &Sim{
		opt:     o,
		done:    make(chan struct{}),
		rng:     rand.New(rand.NewSource(o.Seed)),
		servers: map[string]*Server{},
		points:  map[Point]int{},
	}
}

// Close ends every server. What was due later does not happen any more.
func (s *Sim) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	servers := s.order
	s.mu.Unlock()
	close(s.done)
	for _, v := range servers {
		v.stop()
	}
	s.wg.Wait()
}

// Hosts maps every public host name to the loopback address that serves it.
func (s *Sim) Hosts() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	hosts := make(map[string]string, len(s.servers))
	for host, v := range s.servers {
		hosts[host] = v.addr
	}
	return hosts
}

// Server returns the server with that public name, or nil.
func (s *Sim) Server(host string) *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.servers[strings.ToLower(host)]
}

// Servers returns all servers in the order in which they were added.
func (s *Sim) Servers() []*Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Server(nil), s.order...)
}

// BrowserURL turns the https URL of a simulated host into one that a browser
// on this machine can open. Other URLs come back unchanged.
func (s *Sim) BrowserURL(raw string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.browserURL(raw)
}

func (s *Sim) browserURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	v := s.servers[strings.ToLower(u.Host)]
	if v == nil {
		return raw
	}
	u.Scheme, u.Host = "http", v.addr
	return u.String()
}

// Effects returns what happened on all servers, in the order of happening.
func (s *Sim) Effects() []Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Effect
	for _, v := range s.order {
		all = append(all, v.effects...)
	}
	sortEffects(all)
	return all
}

// Requests returns how many requests all servers got, by "host METHOD route".
func (s *Sim) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]int{}
	for _, v := range s.order {
		for route, n := range maps.All(v.requests) {
			all[v.cfg.Host+" "+route] += n
		}
	}
	return all
}
