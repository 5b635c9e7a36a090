package fedisim

// Kinds of Point, in the order in which a request meets them.
const (
	NextRequest = "next request" // a request after the first of its server has begun, its body is unread
	RequestRead = "request read" // the whole request has arrived, nothing was done
	EffectDone  = "effect done"  // everything was done, nothing answered
	AnswerSent  = "answer sent"  // the whole answer has left
)

// Point is a moment within a request at which a hook is called.
type Point struct {
	Kind   string
	Server string // Config.Host
	Method string
	Path   string // as asked for
	Route  string // as in "POST /api/v1/statuses/{id}"
	N      int    // the how-manieth of its Kind, Server and Route, from 1
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
	key.Method, key.Path = c.r.Method, c.r.URL.Path
	f(key)
}
