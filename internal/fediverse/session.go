package fediverse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/mattn/go-mastodon"

	"github.com/skein-migrate/skein/internal/model"
)

// client is go-mastodon's. It builds requests and pages; what a server answered
// is read from the call instead, because one odd field that the library cannot
// decode must not make a post look as if it had not been made.
type client = mastodon.Client

// Session acts for one Account. Its calls are paced by the caller, not by the
// Client's Budget, and follow no redirect, so that the token goes to the
// Account's host only. It is safe for concurrent use.
type Session struct {
	c     *Client
	host  string
	token string
	can   Capability

	// Domain is the host in the addresses of the server's own accounts, where it
	// is another than the API's. Set it before the first call.
	Domain string

	// OnLimits is called with what each answer says of the limits, and the family
	// of the call. Mastodon shows only the limit that is nearest its end, so it
	// may be the general one. Set it before the first call.
	OnLimits func(family string, l Limits)
}

// As returns a Session for the account that token belongs to.
func (c *Client) As(host, token string, can Capability) *Session {
	return &Session{c: c, host: host, token: token, can: can, Domain: host}
}

// The families of limits that Mastodon counts apart.
const (
	FamilyAPI      = "api"
	FamilyStatuses = "statuses"
	FamilyFollows  = "follows"
	FamilyMedia    = "media"
	FamilyDeletes  = "deletes"
	FamilyPaging   = "paging" // whatever asks for another page
)

// note tells what an answer said of the limits.
func (s *Session) note(fam string, l Limits) {
	if s.OnLimits == nil {
		return
	}
	if s.can.LimitsByAddress() { // one bucket for everything
		fam = FamilyAPI
	}
	s.OnLimits(fam, l)
}

// call is what one request needs beyond what go-mastodon can say, and what came
// of it. It travels in the context.
type call struct {
	family string
	key    string     // Idempotency-Key
	extra  url.Values // added to the form, or to the query of a GET
	limit  time.Duration

	status int
	body   []byte
	link   string // the Link header
}

type callKey struct{}

// do runs one call. The error is one of the four of errors.go.
func (s *Session) do(ctx context.Context, k *call, send func(context.Context, *client) error) error {
	limit := cmp.Or(k.limit, s.c.o.SlowTimeout)
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, callKey{}, k), limit)
	defer cancel()
	m := &client{
		Client: http.Client{Transport: bearer{s}, CheckRedirect: checkRedirect},
		Config: &mastodon.Config{Server: "https://" + s.host, AccessToken: s.token},
	}
	err := send(ctx, m)
	if k.status >= 200 && k.status <= 299 {
		return nil // the library may still not like the body, which is whole
	}
	if err == nil {
		return local(s.host, errors.New("no request was made"))
	}
	return s.typed(err)
}

func (s *Session) typed(err error) error {
	var (
		not     *NotSentError
		limited *RateLimitError
		refused *StatusError
		unknown *UnknownError
	)
	switch {
	case errors.As(err, &not):
		return not
	case errors.As(err, &limited):
		return limited
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &unknown):
		return unknown
	}
	return local(s.host, err) // everything that reached the transport is typed
}

// bad returns the error of an answer that says neither yes nor no.
func (s *Session) bad(problem string) error {
	return &UnknownError{Host: s.host, Err: &AnswerError{s.host, problem}}
}

// json reads the answer of k.
func (s *Session) json(k *call) (node, error) {
	n, err := parseJSON(s.host, k.body)
	if err != nil {
		return node{}, &UnknownError{Host: s.host, Code: k.status, Err: err}
	}
	return n, nil
}

// validID tells whether s can stand in a path as an id. Ids are opaque, but
// those of all servers that we know are of these characters.
func validID(s string) bool {
	if s == "" || len(s) > 128 || s[0] == '.' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

func (s *Session) checkID(id string) error {
	if !validID(id) {
		return local(s.host, fmt.Errorf("id %q: %w", cut(id, 50), model.ErrInvalid))
	}
	return nil
}
