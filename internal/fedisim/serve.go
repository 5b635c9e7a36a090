package fedisim

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request, read whole.
type call struct {
	v       *Server
	r       *http.Request
	route   string
	ip      string
	form    url.Values // query and body together
	files   map[string]*upload
	now     time.Time
	began   time.Time // by the real clock
	token   *token
	self    *Account // whose token it is
	windows []window // limits that were counted
}

// reply is a whole answer.
type reply struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
	cut         bool // no answer, the connection is closed
	endless     bool // body is repeated until the client goes
}

// serve leads a request past its points and faults. What is done is done under
// the lock of the whole Sim; reading, waiting and writing are not.
func (v *Server) serve(rt route, w http.ResponseWriter, r *http.Request) {
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	c := &call{v: v, r: r, route: rt.pattern, ip: ip, began: time.Now()}
	if v.begin(c) {
		v.reach(NextRequest, c)
	}
	if half := r.ContentLength / 2; half > 0 {
		r.Body = &halfway{r.Body, half, func() { v.reach(RequestHalf, c) }}
	}
	var err error
	if c.form, c.files, err = readForm(r); err != nil {
		if !errors.Is(err, errBadForm) {
			panic(http.ErrAbortHandler) // the client went away
		}
		v.write(c, w, c.fail(400, "Error occurred while parsing request parameters"), Fault{})
		return
	}
	v.reach(RequestRead, c)
	v.sim.settle()
	f := v.strike(c)
	if rep, refused := v.refusal(c, f); refused {
		v.write(c, w, rep, f)
		return
	}
	switch f.Kind {
	case Latency:
		v.wait(f.Delay, nil)
	case CutBefore:
		panic(http.ErrAbortHandler)
	case LateEffect:
		v.late(rt, c, min(f.Delay, time.Minute))
		panic(http.ErrAbortHandler)
	}
	rep := v.act(rt, c)
	v.reach(EffectDone, c)
	switch f.Kind {
	case LostAnswer:
		or(&f.Delay, time.Minute)
		v.wait(f.Delay, r.Context().Done())
		panic(http.ErrAbortHandler)
	case CutAfter:
		panic(http.ErrAbortHandler)
	case ErrorAfter:
		rep = broken(f)
	}
	if rep.cut {
		panic(http.ErrAbortHandler)
	}
	v.write(c, w, rep, f)
	v.reach(AnswerSent, c)
}

// begin counts the request and tells whether it is not the server's first.
func (v *Server) begin(c *call) bool {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.requests[c.route]++
	v.began++
	return v.began > 1
}

// wait lasts for d of real time, or until stop or the end of the Sim.
func (v *Server) wait(d time.Duration, stop <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	case <-v.sim.done:
	}
}

func (v *Server) act(rt route, c *call) reply {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return v.actLocked(rt, c)
}

func (v *Server) actLocked(rt route, c *call) reply {
	c.now = v.sim.now()
	if rep, ok := v.admit(rt, c); !ok {
		return rep
	}
	return rt.do(c)
}

// late has the request done after d on the Sim's clock, answered to nobody.
func (v *Server) late(rt route, c *call, d time.Duration) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.sim.later(v.sim.now().Add(d), func() func() {
		v.actLocked(rt, c)
		return func() { v.reach(EffectDone, c) }
	})
}

// admit checks host name, limits, token and scope.
func (v *Server) admit(rt route, c *call) (reply, bool) {
	if !v.isNamed(c.r.Host) {
		return c.fail(http.StatusMisdirectedRequest, "this server has another name than "+c.r.Host), false
	}
	bearer, sent := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	c.token = v.tokens[bearer]
	if c.token != nil && c.token.revoked {
		c.token = nil
	}
	if c.token != nil {
		c.self = c.token.self
	}
	if rep, ok := v.throttle(c); !ok {
		return rep, false
	}
	return c.authorize(rt.access, sent)
}

func (v *Server) isNamed(host string) bool {
	host = strings.ToLower(host)
	if host == v.cfg.Host || host == v.addr {
		return true
	}
	_, port, _ := net.SplitHostPort(v.addr)
	return host == "localhost:"+port
}

// write sends the answer, as the fault spoils it, to its last byte.
func (v *Server) write(c *call, w http.ResponseWriter, rep reply, f Fault) {
	switch f.Kind {
	case Malformed:
		rep.body = rep.body[:len(rep.body)/2]
	case WrongAnswer:
		rep = reply{status: 200, contentType: "text/html; charset=utf-8", body: []byte("<html><body>Just a moment…</body></html>")}
	}
	h := w.Header()
	for name, value := range rep.header {
		h.Set(name, value)
	}
	c.limitHeaders(h.Set)
	h.Set("Date", v.sim.Now().Format(http.TimeFormat)) // by the clock that the resets go by
	for name, value := range f.Header {
		h.Set(name, value)
	}
	if rep.contentType != "" {
		h.Set("Content-Type", rep.contentType)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	if f.Kind == Endless { // blanks behind it, which JSON allows
		v.pour(w, rep, rep.body[:max(0, len(rep.body)-1)], bytes.Repeat([]byte(" "), 64<<10))
		return
	}
	if rep.endless {
		v.pour(w, rep, rep.body, rep.body)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	w.WriteHeader(rep.status)
	if f.Kind == SlowBody {
		v.trickle(w, rep.body, f.Delay)
		return
	}
	half := 0
	if v.hooked() { // in two parts only for whoever looks between them
		half = len(rep.body) / 2
		v.send(w, rep.body[:half])
		v.reach(AnswerHalf, c)
	}
	v.send(w, rep.body[half:])
}

// send writes a part of an answer. The client may have gone away: then nobody is
// left to be told.
func (v *Server) send(w http.ResponseWriter, part []byte) {
	_, _ = w.Write(part)
	_ = http.NewResponseController(w).Flush()
}

// pour writes first, and then more again and again, for as long as somebody reads.
func (v *Server) pour(w http.ResponseWriter, rep reply, first, more []byte) {
	w.WriteHeader(rep.status)
	for _, err := w.Write(first); err == nil && len(more) > 0; _, err = w.Write(more) {
		select {
		case <-v.sim.done:
			panic(http.ErrAbortHandler)
		default:
		}
	}
}

func (v *Server) trickle(w http.ResponseWriter, body []byte, over time.Duration) {
	const bits = 10
	size := len(body)/bits + 1
	for len(body) > 0 {
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		body = body[n:]
		v.wait(over/bits, nil)
	}
}

// log notes an effect of the one who calls.
func (c *call) log(e Effect) {
	if c.self != nil && e.Account == "" {
		e.Account = c.self.User
	}
	c.v.log(e)
}

func (c *call) json(status int, value any) reply {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // all values are ours
	}
	return reply{status: status, contentType: "application/json; charset=utf-8", body: body}
}

// ok answers 200 with JSON.
func (c *call) ok(value any) reply { return c.json(http.StatusOK, value) }

// fail answers an error in the way of the server's program.
func (c *call) fail(status int, text string) reply {
	switch c.v.traits.family {
	case snac:
		rep := reply{status: status, contentType: "text/html; charset=utf-8"}
		if status == http.StatusNotFound {
			rep.body = []byte("<h1>404 Not Found</h1>")
		}
		return rep
	case gotosocial:
		text = http.StatusText(status) + ": " + text
	}
	return c.json(status, map[string]string{"error": text})
}

func (c *call) notFound() reply { return c.fail(http.StatusNotFound, "Record not found") }

func (c *call) redirect(status int, to string) reply {
	return reply{status: status, contentType: "text/html; charset=utf-8", header: map[string]string{"Location": to}}
}
