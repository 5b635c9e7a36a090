package fediverse

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Check asks whether a is a fediverse account and what its profile says. It
// takes two to four requests through the budget.
//
// The Profile's Address is the account's own, which may be another than a (an
// alias). Existence is Gone, without an error, where the host says that there is
// no such account; Suspended is set where the account was there once. It is
// Unknown, with an error, where the host cannot be asked or gives no usable
// answer. Exists with an error means that only the profile could not be read
// now; without an error a server may still have kept all but the address to
// itself (GoToSocial does). MovedTo is what the old account says: it has to be
// checked in its turn, and should name the old one back, before it is followed.
func (c *Client) Check(ctx context.Context, a model.Address) (model.Profile, error) {
	p := model.Profile{Address: a, FetchedAt: c.o.Now().UTC()}
	f, err := c.account(ctx, a)
	if isGone(err) {
		p.Existence = model.Gone
		p.Suspended = hasStatus(err, http.StatusGone)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Address, p.Existence, p.URL = f.subject, model.Exists, f.page
	if p.URL == "" {
		p.URL = f.self.String()
	}
	return c.profile(ctx, p, f)
}

// profile reads the profile by REST, which servers answer without a signature
// and which knows the verified fields, else from the actor.
func (c *Client) profile(ctx context.Context, p model.Profile, f finger) (model.Profile, error) {
	found, err := c.lookup(ctx, f)
	if hasStatus(err, http.StatusGone) {
		p.Existence, p.Suspended = model.Gone, true
		return p, nil
	}
	if err == nil {
		return over(p, found), nil
	}
	var limited *RateLimitError
	if ctx.Err() != nil || errors.As(err, &limited) {
		return p, err
	}
	found, err = c.actor(ctx, f)
	switch {
	case err == nil:
		return over(p, found), nil
	case isGone(err):
		p.Existence, p.Suspended = model.Gone, hasStatus(err, http.StatusGone)
		return p, nil
	case errors.Is(err, model.ErrDenied): // secure mode: only signed requests are answered
		return p, nil
	}
	return p, err
}

// over lays what a profile says over what WebFinger said.
func over(base, found model.Profile) model.Profile {
	found.Address, found.Existence, found.FetchedAt = base.Address, base.Existence, base.FetchedAt
	if found.URL == "" {
		found.URL = base.URL
	}
	return found
}

// lookup reads the account by the Mastodon API, which many servers answer
// without a token and which only knows what is there already.
func (c *Client) lookup(ctx context.Context, f finger) (model.Profile, error) {
	host := f.self.Hostname()
	a, err := c.get(ctx, "https://"+host+"/api/v1/accounts/lookup?acct="+url.QueryEscape(f.subject.User), "application/json", maxDiscovery, sameHost)
	if err != nil {
		return model.Profile{}, err
	}
	n, err := parseJSON(host, a.body)
	if err != nil {
		return model.Profile{}, err
	}
	acct, err := parseAcct(n.at("acct").str(), f.subject.Host)
	if err != nil || acct.Key() != f.subject.Key() {
		return model.Profile{}, &AnswerError{host, "the API answers with another account"}
	}
	return accountProfile(n, f.subject.Host), nil
}

// addressOf returns the address of the account with that actor or page URL.
func (c *Client) addressOf(ctx context.Context, actor string) (model.Address, error) {
	u, err := url.Parse(actor)
	if err != nil || checkURL(u) != nil {
		return model.Address{}, &AnswerError{"", "no address of an account"}
	}
	f, err := c.finger(ctx, strings.ToLower(u.Hostname()), actor)
	if err != nil {
		return model.Address{}, err
	}
	if f.subject.Host != u.Hostname() {
		if f, err = c.account(ctx, f.subject); err != nil {
			return model.Address{}, err
		}
	}
	if f.self.String() != actor {
		return model.Address{}, &AnswerError{u.Hostname(), "WebFinger names another account"}
	}
	return f.subject, nil
}

func isGone(err error) bool {
	return hasStatus(err, http.StatusNotFound) || hasStatus(err, http.StatusGone)
}

func hasStatus(err error, code int) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == code
}
