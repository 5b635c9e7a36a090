package fedisim

import (
	"io"
	"time"
)

// Kinds of Point, in the order in which a request meets them.
const (
	NextRequest = "next request" // a request after the first of its server has begun, its body is unread
	RequestHalf = "request half" // half of a body of known length has arrived
	RequestRead = "request read" // the whole request has arrived, nothing was done
	EffectDone  = "effect done"  // everything was done, nothing answered
	AnswerHalf  = "answer half"  // headers and half of the answer have left
	AnswerSent  = "answer sent"  // the whole answer has left
)

// Point is a moment within a request at which a hook is called.
type Point struct {
	Kind   string
	Server string // Config.Host
	Method string
	Path   string    // as asked for
	Route  string    // as in "POST /api/v1/statuses/{id}"
	N      int       // the how-manieth of its Kind, Server and Route, from 1
	Began  time.Time // when the request came, by the real clock
}

// Hook has f called at every Point of every request, in the goroutine that
// serves the request: while f runs, the request waits. A client that is killed
// meanwhile changes nothing of the effect. Requests run side by side, and so do
// calls of f. A nil f ends it.
func (s *Sim) Hook(f func(Point)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = f
}

func (v *Server) hooked() bool {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return v.sim.hook != nil
}

// reach calls the hook. Called without the lock.
func (v *Server) reach(kind string, c *call) {
	s := v.sim
	key := Point{Kind: kind, Server: v.cfg.Host, Route: c.route}
	s.mu.Lock()
	f := s.hook
	s.points[key]++
	key.N = s.points[Point{Kind: kind, Server: v.cfg.Host, Route: c.route}]
	s.mu.Unlock()
	if f == nil {
		return
	}
	key.Method, key.Path, key.Began = c.r.Method, c.r.URL.Path, c.began
	f(key)
}

// halfway is a request's body that reaches RequestHalf on its way.
type halfway struct {
	io.ReadCloser
	left int64 // until the point, which is passed at 0
	at   func()
}

func (h *halfway) Read(p []byte) (int, error) {
	if h.left > 0 && int64(len(p)) > h.left {
		p = p[:h.left]
	}
	n, err := h.ReadCloser.Read(p)
	if h.left > 0 {
		if h.left -= int64(n); h.left == 0 {
			h.at()
		}
	}
	return n, err
}
