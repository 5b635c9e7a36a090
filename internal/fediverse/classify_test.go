package fediverse_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// rawServer hands every connection to serve, which may cut it wherever it likes.
func rawServer(t testing.TB, serve func(net.Conn)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return &server{host: "s.example", addr: l.Addr().String()}
}

// answering reads one request and writes text instead of an answer.
func answering(text string) func(net.Conn) {
	return func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_ = r.ParseForm()
		_, _ = conn.Write([]byte(text))
	}
}

func httpAnswer(status, headers, body string) func(net.Conn) {
	return answering(fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s", status, len(body), headers, body))
}

const made = `{"id":"1","content":"<p>hello</p>","created_at":"2026-01-02T03:04:05.678Z","media_attachments":[]}`

var hello = fediverse.Post{Text: "hello", Visibility: "unlisted", Key: "k"}

// classOf names the kind of err.
func classOf(err error) string {
	var (
		not     *fediverse.NotSentError
		limited *fediverse.RateLimitError
		status  *fediverse.StatusError
		unknown *fediverse.UnknownError
	)
	switch {
	case err == nil:
		return "made"
	case errors.As(err, &not):
		return "not sent: " + string(not.Reason)
	case errors.As(err, &limited):
		return "rate limit " + limited.Wait.String()
	case errors.As(err, &status):
		return fmt.Sprint("refused ", status.Code)
	case errors.As(err, &unknown):
		return "unknown"
	}
	return "untyped: " + err.Error()
}

// Real connections, cut where it hurts: only what provably did not leave, or
// what the server says it did not do, may count as not done.
func TestClassify(t *testing.T) {
	reset := time.Now().Add(90 * time.Second).UTC().Format(time.RFC3339Nano)
	tests := []struct {
		name  string
		serve func(net.Conn)
		want  string
		kind  error
	}{
		{"made", httpAnswer("200 OK", "", made), "made", nil},
		{"a field that go-mastodon cannot read", httpAnswer("200 OK", "", `{"id":"1","card":7,"created_at":"soon"}`), "made", nil},
		{"cut after the request", answering(""), "unknown", nil},
		{"cut inside the status line", answering("HTTP/1.1 20"), "unknown", nil},
		{"cut inside the headers", answering("HTTP/1.1 200 OK\r\nContent-Le"), "unknown", nil},
		{"cut inside the body", answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":\"1\""), "unknown", nil},
		{"cut inside a chunk", answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"id\""), "unknown", nil},
		{"not HTTP", answering("220 mail.example ESMTP\r\n"), "unknown", nil},
		{"200 with HTML", httpAnswer("200 OK", "", "<html>welcome</html>"), "unknown", nil},
		{"200 with half of the JSON", httpAnswer("200 OK", "", `{"id":"1",`), "unknown", nil},
		{"200 without an id", httpAnswer("200 OK", "", `{}`), "unknown", nil},
		{"200 with a list", httpAnswer("200 OK", "", `[]`), "unknown", nil},
		{"200 without a body", httpAnswer("200 OK", "", ""), "unknown", nil},
		{"200 too large", answering("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + strings.Repeat(" ", 9000000)), "unknown", nil},
		{"see other", httpAnswer("303 See Other", "Location: /\r\n", ""), "unknown", nil},
		{"found", httpAnswer("302 Found", "Location: /\r\n", ""), "unknown", nil},
		{"moved", httpAnswer("301 Moved Permanently", "Location: https://x.example/\r\n", ""), "refused 301", nil},
		{"bad request", httpAnswer("400 Bad Request", "", `{"error":"no"}`), "refused 400", model.ErrInvalid},
		{"bad token", httpAnswer("401 Unauthorized", "", `{"error":"no"}`), "refused 401", model.ErrDenied},
		{"forbidden", httpAnswer("403 Forbidden", "", "<html>"), "refused 403", model.ErrDenied},
		{"not found", httpAnswer("404 Not Found", "", "<html>"), "refused 404", model.ErrNotFound},
		{"request timeout", httpAnswer("408 Request Timeout", "", ""), "unknown", nil},
		{"conflict", httpAnswer("409 Conflict", "", "{}"), "refused 409", model.ErrConflict},
		{"gone", httpAnswer("410 Gone", "", ""), "refused 410", model.ErrNotFound},
		{"unprocessable", httpAnswer("422 Unprocessable Entity", "", `{"error":"too long"}`), "refused 422", model.ErrInvalid},
		{"too early", httpAnswer("425 Too Early", "", ""), "unknown", nil},
		{"rate limit with reset", httpAnswer("429 Too Many Requests", "X-RateLimit-Reset: "+reset+"\r\n", "{}"), "rate limit 1m30s", nil},
		{"overload with Retry-After", httpAnswer("429 Too Many Requests", "Retry-After: 30\r\n", "{}"), "rate limit 30s", nil},
		{"rate limit without a word", httpAnswer("429 Too Many Requests", "", "<html>"), "rate limit 1m0s", nil},
		{"rate limit, body cut", answering("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 50\r\n\r\n{"), "rate limit 1m0s", nil},
		{"client closed request", httpAnswer("499 ", "", ""), "unknown", nil},
		{"internal error", httpAnswer("500 Internal Server Error", "", `{"error":"x"}`), "unknown", nil},
		{"bad gateway", httpAnswer("502 Bad Gateway", "", "<html>"), "unknown", nil},
		{"unavailable", httpAnswer("503 Service Unavailable", "Retry-After: 5\r\n", ""), "unknown", nil},
		{"gateway timeout", httpAnswer("504 Gateway Timeout", "", ""), "unknown", nil},
	}
	now := time.Now()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(rawServer(t, tt.serve))
			o.Now = func() time.Time { return now }
			_, err := fediverse.New(o).As("s.example", "t", mastodon).Post(t.Context(), hello)
			got := classOf(err)
			if got = strings.Replace(got, "1m29.999", "1m30", 1); !strings.HasPrefix(got, strings.TrimSuffix(tt.want, "30s")) {
				t.Errorf("got %q (%v); want %q", got, err, tt.want)
			}
			for _, kind := range []error{model.ErrDenied, model.ErrNotFound, model.ErrConflict, model.ErrInvalid} {
				if tt.want != "unknown" && errors.Is(err, kind) != (kind == tt.kind) {
					t.Errorf("errors.Is(%v, %v) = %t", err, kind, errors.Is(err, kind))
				}
			}
		})
	}
}

func TestClassifyUnsent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	o := options(&server{host: "closed.example", addr: closed.Addr().String()})
	o.Resolver = fediverse.ResolverOf(map[string][]string{"private.example": {"10.1.2.3"}})
	c := fediverse.New(o)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name, host string
		ctx        context.Context
		post       fediverse.Post
		want       string
	}{
		{"refused", "closed.example", t.Context(), hello, "not sent: connect"},
		{"no such host", "nowhere.example", t.Context(), hello, "not sent: no host"},
		{"private", "private.example", t.Context(), hello, "not sent: blocked"},
		{"literal", "10.0.0.1", t.Context(), hello, "not sent: blocked"},
		{"cancelled before", "closed.example", ended, hello, "not sent: cancelled"},
		{"no visibility", "closed.example", t.Context(), fediverse.Post{Text: "x"}, "not sent: local"},
		{"empty", "closed.example", t.Context(), fediverse.Post{Visibility: "public"}, "not sent: local"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.As(tt.host, "t", mastodon).Post(tt.ctx, tt.post)
			if got := classOf(err); got != tt.want {
				t.Errorf("got %q (%v); want %q", got, err, tt.want)
			}
		})
	}
}

// A request that was written and then given up may have been done.
func TestClassifyGivenUp(t *testing.T) {
	read, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	s := rawServer(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		close(read)
		<-release
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-read; cancel() }()
	_, err := newClient(s).As("s.example", "t", mastodon).Post(ctx, hello)
	if got := classOf(err); got != "unknown" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q (%v)", got, err)
	}
}

// net/http sends a POST with an Idempotency-Key again when a kept connection
// dies under it. Ours goes out once; the control shows that the test would see.
func TestKeptConnectionDies(t *testing.T) {
	var posts atomic.Int32
	s := rawServer(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for i := range 2 {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			_ = req.ParseForm()
			posts.Add(1)
			if i == 0 {
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(made), made)
			}
		}
	})
	session := newClient(s).As("s.example", "t", mastodon)
	if _, err := session.Post(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	_, err := session.Post(t.Context(), hello)
	if got := classOf(err); got != "unknown" {
		t.Errorf("got %q (%v); want unknown", got, err)
	}
	if n := posts.Swap(0); n != 2 {
		t.Errorf("the server read %d posts; want 2", n)
	}

	plain := &http.Client{Transport: &http.Transport{}}
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.addr, strings.NewReader("status=hello"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Idempotency-Key", "k")
		if resp, err := plain.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	plain.CloseIdleConnections()
	if n := posts.Load(); n != 3 {
		t.Errorf("control: net/http sent %d posts; it used to send 3, one of them unasked", n)
	}
}

// The same for a POST without a body, which net/http could send again only
// while nothing of it was written.
func TestKeptConnectionDiesFollow(t *testing.T) {
	var follows atomic.Int32
	s := rawServer(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for i := range 2 {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			follows.Add(1)
			if i == 0 {
				body := `{"id":"2","following":true}`
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			}
		}
	})
	session := newClient(s).As("s.example", "t", mastodon)
	if _, err := session.Follow(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	_, err := session.Follow(t.Context(), "2")
	if got := classOf(err); got != "unknown" || follows.Load() != 2 {
		t.Errorf("got %q (%v) after %d follows", got, err, follows.Load())
	}
}
