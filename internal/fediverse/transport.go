package fediverse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
)

const (
	maxDiscovery = 1 << 20 // bytes of a discovery document
	maxAPI       = 8 << 20 // bytes of an API answer
	maxError     = 64 << 10
	maxRedirects = 3
)

// send is the one door to the network. It checks the URL, names us, and turns a
// failure into NotSentError or UnknownError. An answer of any status is no
// failure here.
//
// net/http sends a request again by itself when a kept connection turns out to
// be dead and it holds the request for replayable, and an Idempotency-Key makes
// a POST replayable in its eyes (Request.isReplayable), although servers may
// ignore the key. Without GetBody a body cannot be rewound, so a POST with a
// body goes out once. What is left is harmless: a POST without body has no key,
// and is only repeated while no byte of it was written.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	host := req.URL.Hostname()
	if err := checkURL(req.URL); err != nil {
		closeBody(req)
		return nil, notSent(host, err)
	}
	if req.Header.Get("Idempotency-Key") != "" && (req.Body == nil || req.Body == http.NoBody) {
		return nil, local(host, errors.New("an idempotency key needs a body"))
	}
	var s sending
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { s.gotConn(info.Conn, c.late(req.Context())) },
	})
	req = req.Clone(ctx)
	req.GetBody = nil
	req.Header.Set("User-Agent", c.o.UserAgent)
	if req.Header.Get("Authorization") == "Bearer " { // go-mastodon sends it without a token too
		req.Header.Del("Authorization")
	}
	resp, err := c.transport.RoundTrip(req)
	if err == nil {
		return resp, nil
	}
	if s.nothingLeft() {
		return nil, notSent(host, err)
	}
	return nil, &UnknownError{Host: host, Err: err}
}

type wallKey struct{}

// WithDeadline returns a context under which no byte of a request leaves after
// that time by the wall clock, as Options.Now tells it. The timers behind a
// context's own deadline stand still while the machine sleeps, so a request could
// leave hours later, unspent. What did not leave in time is a NotSentError.
func WithDeadline(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, wallKey{}, at.Round(0))
}

var errLate = fmt.Errorf("its time was over before it was sent: %w", context.DeadlineExceeded)

// late returns what tells whether it is too late to write, nil if it never is.
func (c *Client) late(ctx context.Context) func() bool {
	at, ok := ctx.Value(wallKey{}).(time.Time)
	if !ok {
		return nil
	}
	return func() bool { return c.o.Now().Round(0).After(at) }
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// readAll reads a whole body of at most limit bytes.
func readAll(host string, body io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, &UnknownError{Host: host, Err: err}
	}
	if int64(len(b)) > limit {
		return nil, &AnswerError{host, fmt.Sprintf("the answer is larger than %d bytes", limit)}
	}
	return b, nil
}

// redirects says where a request may be sent on to.
type redirects int

const (
	nowhere  redirects = iota // the redirect itself is the answer
	sameHost                  // to the same host
	anyHost                   // to any host that passes the guard; no such request carries a token
)

type redirectsKey struct{}

func withRedirects(ctx context.Context, r redirects) context.Context {
	return context.WithValue(ctx, redirectsKey{}, r)
}

// checkRedirect serves http.Client. The guard and the budget see every hop
// again, since each passes the transport chain.
func checkRedirect(req *http.Request, via []*http.Request) error {
	allowed, _ := req.Context().Value(redirectsKey{}).(redirects)
	first := via[0].URL.Hostname()
	switch {
	case allowed == nowhere:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return &AnswerError{first, "too many redirects"}
	case req.URL.Scheme != "https":
		return &AnswerError{first, "redirects away from https"}
	case allowed == sameHost && !strings.EqualFold(req.URL.Hostname(), first):
		return &AnswerError{first, "redirects to another host"}
	}
	return nil
}

// polite is the transport of discovery: one budget per host, at most perHost
// requests at once, a time limit that starts when it is our turn, and 429 as an
// error that keeps further requests to that host back.
type polite struct{ c *Client }

// RoundTrip implements http.RoundTripper.
func (p polite) RoundTrip(req *http.Request) (*http.Response, error) {
	c, host, ctx := p.c, strings.ToLower(req.URL.Hostname()), req.Context()
	if err := checkURL(req.URL); err != nil {
		closeBody(req)
		return nil, notSent(host, err)
	}
	release, err := c.turn(ctx, host)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	cancel := context.CancelFunc(func() {})
	if limit := timeLimit(ctx, c.o.Timeout); limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	}
	done := func() { cancel(); release() }
	resp, err := c.send(req.WithContext(ctx))
	if err != nil {
		done()
		return nil, err
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		limited := c.rateLimited(host, resp)
		_ = resp.Body.Close()
		done()
		c.hosts.block(host, c.o.Now().Add(min(limited.Wait, longestBan)))
		return nil, limited
	}
	resp.Body = &bodyWithEnd{ReadCloser: resp.Body, end: done}
	return resp, nil
}

type timeLimitKey struct{}

// withTimeLimit sets the limit of one discovery request; below 0 it is none but
// the context's own.
func withTimeLimit(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, timeLimitKey{}, d)
}

func timeLimit(ctx context.Context, otherwise time.Duration) time.Duration {
	if d, ok := ctx.Value(timeLimitKey{}).(time.Duration); ok {
		return d
	}
	return otherwise
}

// bodyWithEnd calls end once, when the body is closed.
type bodyWithEnd struct {
	io.ReadCloser
	end func()
}

func (b *bodyWithEnd) Close() error {
	err := b.ReadCloser.Close()
	if b.end != nil {
		b.end()
		b.end = nil
	}
	return err
}
