package fediverse

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"code.dny.dev/ssrf"

	"github.com/skein-migrate/skein/internal/model"
)

// dialer opens connections to strangers: port 443 of public addresses only,
// checked on the address that is really dialled, so that neither a redirect nor
// a name that resolves to another address the second time gets past it.
type dialer struct {
	guarded   *net.Dialer
	tls       *tls.Config
	simulated map[string]string
}

func newDialer(o Options) *dialer {
	guard := ssrf.New(ssrf.WithPorts(443))
	return &dialer{
		guarded:   &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: guard.Safe, Resolver: o.Resolver},
		tls:       tlsConfig,
		simulated: o.Simulated,
	}
}

// dialTLS serves http.Transport. A simulated host gets a plain connection to
// exactly its loopback address; nothing else can reach loopback.
func (d *dialer) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port != "443" {
		return nil, errBlocked("port of " + addr)
	}
	if to, ok := d.simulated[host]; ok {
		at, err := netip.ParseAddrPort(to)
		if err != nil || !at.Addr().IsLoopback() {
			return nil, errBlocked("simulated address " + to)
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, to)
		return counted(conn, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second) // the handshake has no limit of its own
	defer cancel()
	conn, err := d.guarded.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return counted(d.handshake(ctx, conn, host))
}

// handshake makes sure that whoever is at the other end of conn is host.
func (d *dialer) handshake(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	config := d.tls.Clone()
	config.ServerName = host
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

func counted(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn}, nil
}

// checkURL tells whether u may be asked at all. Names of one label, literal
// addresses and other ports are refused before anything is resolved.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "https":
		return errBlocked("scheme " + fmt.Sprintf("%q", u.Scheme))
	case u.User != nil:
		return errBlocked("a user name in a URL")
	case u.Port() != "" && u.Port() != "443":
		return errBlocked("port " + u.Port())
	case !model.ValidHost(u.Hostname()):
		return errBlocked(fmt.Sprintf("host %q", cut(u.Hostname(), 100)))
	}
	return nil
}

// countedConn counts what is written to a connection, before it is written, and
// can be sealed against any further byte. Once it is too late for the request
// that has it, it seals itself.
type countedConn struct {
	net.Conn
	mu      sync.Mutex
	written int64
	sealed  bool
	late    func() bool // nil for never
}

func (c *countedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.sealed {
		c.mu.Unlock()
		return 0, net.ErrClosed
	}
	if c.late != nil && c.late() {
		c.sealed = true
		c.mu.Unlock()
		return 0, errLate
	}
	c.written += int64(len(p))
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// begin hands the connection to a request and returns what was written before.
func (c *countedConn) begin(late func() bool) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = late
	return c.written
}

// seal forbids further writing and tells whether nothing was written since from.
func (c *countedConn) seal(from int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sealed = true
	return c.written == from
}

// sending watches the connections that one request is given. In HTTP/1 a
// connection serves one request at a time, so what is written on it meanwhile
// belongs to that request. This proves more than httptrace.WroteHeaders, which
// is called when the headers are in a buffer and says nothing of a goroutine
// that is about to flush it.
type sending struct {
	mu    sync.Mutex
	conns []*countedConn
	from  []int64
	blind bool // a connection that we do not count
}

func (s *sending) gotConn(conn net.Conn, late func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := conn.(*countedConn)
	if !ok {
		s.blind = true
		return
	}
	s.conns, s.from = append(s.conns, c), append(s.from, c.begin(late))
}

// nothingLeft seals every connection and tells whether no byte of the request
// left, nor will. Call it only after the round trip has failed.
func (s *sending) nothingLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	nothing := !s.blind
	for i, c := range s.conns {
		if !c.seal(s.from[i]) {
			nothing = false
		}
	}
	return nothing
}
