// Package xapi is the client for X's API v2: it reads profiles by their numeric
// ids, and lets people sign in with X. It sends one request and says what became
// of it; whether X may be asked at all, how often, and what is kept is the
// caller's. What X allows: docs/operating.md, "X's API".
//
// The requests are those of gotwi, which knows X's fields. It knows neither
// another address than X's nor a limit to an answer, and prints X's errors to the
// standard output: the door below gives it both and keeps errors from it.
package xapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/michimani/gotwi"

	"github.com/skein-migrate/skein/internal/model"
)

// Options say where X's API is and what the operator may do there.
type Options struct {
	API          string // scheme and host
	Token        string // a bearer token, to read profiles
	ClientID     string // with ClientSecret: people can sign in
	ClientSecret string
	RedirectURI  string // where X sends the browser back to
	UserAgent    string
	Now          func() time.Time // time.Now if nil
	Timeout      time.Duration    // of one request; 20 s if 0
}

// Client asks X's API. A nil Client can do nothing.
type Client struct {
	o    Options
	http *http.Client
}

// New returns a Client.
func New(o Options) (*Client, error) {
	at, err := url.Parse(o.API)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("address of X's API %q: %w", o.API, model.ErrInvalid)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// The address is the operator's and no stranger's, so it may be on this machine.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	return &Client{o, &http.Client{
		Transport: &door{at: at, o: o, next: transport}, Timeout: cmp.Or(o.Timeout, 20*time.Second),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// CanRead tells whether profiles can be read.
func (c *Client) CanRead() bool { return c != nil && c.o.Token != "" }

// CanSignIn tells whether people can sign in with X.
func (c *Client) CanSignIn() bool { return c != nil && c.o.ClientID != "" && c.o.ClientSecret != "" }

// RateLimitError is a 429: X did nothing, and may be asked again after Wait.
type RateLimitError struct{ Wait time.Duration }

func (e *RateLimitError) Error() string {
	return fmt.Sprintf("X asks to wait %s", e.Wait.Round(time.Second))
}

// StatusError is any other answer than a success. It wraps model.ErrDenied for
// 401, 402 (no credits are left) and 403, and ErrInvalid for 400.
type StatusError struct {
	Code   int
	Detail string // in X's words; may be empty
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("X answered %d %s", e.Code, http.StatusText(e.Code))
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns the kind of model that the status stands for, or nil.
func (e *StatusError) Unwrap() error {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return model.ErrDenied
	case http.StatusBadRequest:
		return model.ErrInvalid
	}
	return nil
}

const mostBytes = 4 << 20 // of an answer

// door is what every request passes: it goes to the address that the operator
// gave, and what is no success comes back as an error of ours.
type door struct {
	at   *url.URL
	o    Options
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = d.at.Scheme, d.at.Host, d.at.Host
	req.Header.Set("User-Agent", cmp.Or(d.o.UserAgent, "Skein"))
	resp, err := d.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		resp.Body = &capped{resp.Body, mostBytes}
		return resp, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests {
		return nil, &RateLimitError{waitOf(resp.Header, d.o.Now())}
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return nil, &StatusError{resp.StatusCode, detail(body)}
}

type capped struct {
	io.ReadCloser
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.New("the answer of X is too large")
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// A window of X's limits is a quarter of an hour; some are a day.
const (
	shortestWait = time.Second
	unsaidWait   = 15 * time.Minute
	longestWait  = 24 * time.Hour
)

// waitOf reads how long a 429 asks to wait.
func waitOf(h http.Header, now time.Time) time.Duration {
	if reset, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64); err == nil && reset > 0 && reset < 1<<40 {
		if wait := time.Unix(reset, 0).Sub(now); wait > 0 {
			return min(max(wait, shortestWait), longestWait)
		}
	}
	if after, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil && after > 0 {
		return min(max(time.Duration(after)*time.Second, shortestWait), longestWait)
	}
	return unsaidWait
}

// detail reads what X says of a refusal, for the log.
func detail(body []byte) string {
	var said struct {
		Title       string `json:"title"`
		Detail      string `json:"detail"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	text := strings.Join(strings.Fields(cmp.Or(said.Detail, said.Description, said.Title, said.Error)), " ")
	return strings.ToValidUTF8(text[:min(len(text), 300)], "")
}

// plain takes out of an error what others wrap around it: the text of http.Client
// would repeat the address with everybody's ids in it.
func plain(err error) error {
	var limited *RateLimitError
	var status *StatusError
	var request *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limited):
		return limited
	case errors.As(err, &status):
		return status
	case errors.As(err, &request):
		return fmt.Errorf("no answer from X: %w", request.Err)
	}
	return fmt.Errorf("the answer of X cannot be used: %w", err)
}

// as returns gotwi's client with a bearer token.
func (c *Client) as(token string) (*gotwi.Client, error) {
	return gotwi.NewClientWithAccessToken(&gotwi.NewClientWithAccessTokenInput{HTTPClient: c.http, AccessToken: token})
}
