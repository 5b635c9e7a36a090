package fedisim

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is one simulated server.
type Server struct {
	sim    *Sim
	cfg    Config
	traits traits
	addr   string // 127.0.0.1:port
	mux    *http.ServeMux

	life sync.Mutex
	http *http.Server // nil while down
	ln   net.Listener

	// All below is guarded by sim.mu.
	down     bool
	accounts map[string]*Account // local ones, by lower-case name
	joined   []*Account          // the same in the order of joining
	ids      map[*Account]string // of every account that the server knows
	byID     map[string]*Account
	apps     map[string]*app
	codes    map[string]*code
	tokens   map[string]*token
	statuses map[string]*status
	media    map[string]*media
	lists    []*list
	keys     map[string]usedKey
	limits   map[string]Limit
	buckets  map[string]*bucket
	faults   []*fault
	effects  []Effect
	requests map[string]int
	began    int
	lastID   int64
}

// AddServer starts a server on its own loopback port. A server with a name
// that is taken, or without one, is a mistake in the caller: AddServer panics.
func (s *Sim) AddServer(cfg Config) *Server {
	cfg.Host, cfg.AccountDomain = strings.ToLower(cfg.Host), strings.ToLower(cfg.AccountDomain)
	v := s.start(cfg.withDefaults(), func(v *Server) []route { return v.routes() })
	if v.cfg.AccountDomain != v.cfg.Host {
		s.start(Config{Host: v.cfg.AccountDomain, Software: "none"}, func(d *Server) []route { return domainRoutes(v) })
	}
	return v
}

func (s *Sim) start(cfg Config, routes func(*Server) []route) *Server {
	v := &Server{
		sim: s, cfg: cfg, traits: traitsOf(cfg.Software, cfg.Version), mux: http.NewServeMux(),
		accounts: map[string]*Account{}, ids: map[*Account]string{}, byID: map[string]*Account{},
		apps: map[string]*app{}, codes: map[string]*code{}, tokens: map[string]*token{},
		statuses: map[string]*status{}, media: map[string]*media{}, keys: map[string]usedKey{},
		buckets: map[string]*bucket{}, requests: map[string]int{},
	}
	v.limits = v.defaultLimits()
	for _, rt := range routes(v) {
		v.mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { v.serve(rt, w, r) })
	}
	v.register()
	if cfg.Down {
		v.SetDown(true)
	}
	return v
}

// register takes the name and a port that no other server of the Sim has, a
// server that is down included.
func (v *Server) register() {
	s := v.sim
	for {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(fmt.Sprintf("fedisim: listen for %s: %v", v.cfg.Host, err))
		}
		addr := ln.Addr().String()
		s.mu.Lock()
		if s.closed || v.cfg.Host == "" || s.servers[v.cfg.Host] != nil {
			s.mu.Unlock()
			panic(fmt.Sprintf("fedisim: cannot add a server named %q: no name, taken, or Sim closed", v.cfg.Host))
		}
		if slices.ContainsFunc(s.order, func(o *Server) bool { return o.addr == addr }) {
			s.mu.Unlock()
			defer ln.Close()
			continue
		}
		v.addr = addr
		s.servers[v.cfg.Host] = v
		s.order = append(s.order, v)
		s.mu.Unlock()
		v.run(ln)
		return
	}
}

func (v *Server) run(ln net.Listener) {
	srv := &http.Server{
		Handler:           v.mux,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // cut connections are on purpose
	}
	if v.traits.family == gotosocial { // measured: a slow upload ends without an answer
		srv.ReadTimeout, srv.WriteTimeout = time.Minute, 30*time.Second
	}
	v.life.Lock()
	v.http, v.ln = srv, ln
	v.life.Unlock()
	go func() { _ = srv.Serve(ln) }() // ends by Close
}

func (v *Server) stop() {
	v.life.Lock()
	defer v.life.Unlock()
	if v.http != nil {
		_ = v.http.Close()
		_ = v.ln.Close() // also where Serve had not yet begun
		v.http = nil
	}
}

// SetDown stops the server, so that connections are refused, or starts it
// again on the same port with everything it had. It panics if another program
// has taken the port meanwhile.
func (v *Server) SetDown(down bool) {
	v.sim.mu.Lock()
	changed := v.down != down
	v.down = down
	v.sim.mu.Unlock()
	if !changed {
		return
	}
	if down {
		v.stop()
		return
	}
	ln, err := net.Listen("tcp", v.addr)
	if err != nil {
		panic(fmt.Sprintf("fedisim: start %s again: %v", v.cfg.Host, err))
	}
	v.run(ln)
}

// URL returns the address for a browser or for a client that knows nothing of
// public names: http://127.0.0.1:port.
func (v *Server) URL() string { return "http://" + v.addr }

// Host returns the public name.
func (v *Server) Host() string { return v.cfg.Host }

// Config returns the settings with everything that was filled in.
func (v *Server) Config() Config { return v.cfg }

// public returns the https URL of a path under the public name.
func (v *Server) public(path string) string { return "https://" + v.cfg.Host + path }
