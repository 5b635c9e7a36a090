package fediverse

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// bearer is the transport of a Session: it adds what the call asks for, reads
// the whole answer, and lets only a complete 2xx pass as a success. A 429 comes
// out as an error because go-mastodon would sleep and send again, for hours.
type bearer struct{ s *Session }

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	s := b.s
	k, _ := req.Context().Value(callKey{}).(*call)
	if k == nil || !strings.EqualFold(req.URL.Host, s.host) {
		closeBody(req)
		return nil, notSent(req.URL.Hostname(), errBlocked("a token for another host"))
	}
	req, err := k.apply(req)
	if err != nil {
		return nil, local(s.host, err)
	}
	resp, err := s.c.send(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	now := s.c.o.Now()
	if l, ok := limitsOf(resp.Header, now); ok {
		s.note(cmp.Or(k.family, k.paging(), FamilyAPI), l)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return nil, s.c.rateLimited(s.host, resp)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
		return nil, s.refusal(resp.StatusCode, text)
	}
	body, err := readAll(s.host, resp.Body, maxAPI)
	if err != nil {
		return nil, &UnknownError{Host: s.host, Code: resp.StatusCode, Err: err}
	}
	k.status, k.body, k.link = resp.StatusCode, body, resp.Header.Get("Link")
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// refusal is refusal with snac's way to say that a token is not good.
func (s *Session) refusal(code int, body []byte) error {
	err := refusal(s.host, code, body)
	var status *StatusError
	if errors.As(err, &status) && code == http.StatusUnprocessableEntity && len(body) == 0 && family(s.can.Software) == famSnac {
		status.kind = model.ErrDenied
	}
	return err
}

// paging is the family of a call that asks for another page, as Mastodon counts
// them (config/initializers/rack_attack.rb), "" for one that does not.
func (k *call) paging() string {
	for _, name := range []string{"page", "min_id", "max_id", "since_id"} {
		if k.extra.Has(name) {
			return FamilyPaging
		}
	}
	return ""
}

// apply returns a copy of req with the call's key and form fields.
func (k *call) apply(req *http.Request) (*http.Request, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	if k.key != "" {
		req.Header.Set("Idempotency-Key", k.key)
	}
	if len(k.extra) == 0 {
		return req, nil
	}
	if req.Method == http.MethodGet {
		q := req.URL.Query()
		addAll(q, k.extra)
		req.URL.RawQuery = q.Encode()
		return req, nil
	}
	return req, k.appendForm(req)
}

func (k *call) appendForm(req *http.Request) error {
	var form []byte
	if req.Body != nil {
		var err error
		if form, err = io.ReadAll(req.Body); err != nil {
			return fmt.Errorf("read form: %w", err)
		}
		closeBody(req)
	}
	q, err := url.ParseQuery(string(form))
	if err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	addAll(q, k.extra)
	encoded := q.Encode()
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(encoded)), int64(len(encoded))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return nil
}

func addAll(q, extra url.Values) {
	for name, values := range extra {
		q[name] = append(q[name], values...)
	}
}
