package fediverse

import (
	"context"
	"encoding/xml"
	"errors"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/skein-migrate/skein/internal/model"
)

// finger is what a WebFinger answer says of one account.
type finger struct {
	subject model.Address
	self    *url.URL // the ActivityPub actor; https, and a host that may be asked
	page    string   // the profile page; may be empty
	by      string   // the host that gave the answer, after redirects
}

// account finds the account that a is the address of, and makes sure that all
// hosts that have a say in it agree: the host of the subject, where it is
// another than a's (RFC 7033 lets a host answer with an alias), and the host of
// the actor. Otherwise any host could pass off strangers' accounts as its own.
func (c *Client) account(ctx context.Context, a model.Address) (finger, error) {
	f, err := c.fingerOrHostMeta(ctx, a.Host, "acct:"+a.String())
	if err != nil {
		return finger{}, err
	}
	if !strings.EqualFold(f.subject.User, a.User) {
		return finger{}, &AnswerError{a.Host, "WebFinger names another account"}
	}
	if f.subject.Host != a.Host {
		again, err := c.fingerOrHostMeta(ctx, f.subject.Host, "acct:"+f.subject.String())
		if err != nil {
			return finger{}, err
		}
		if !again.sameAs(f) {
			return finger{}, &AnswerError{f.subject.Host, "WebFinger names another account"}
		}
		f = again
	}
	return f, c.vouched(ctx, f)
}

// vouched makes sure that the actor's host gives the account the same address.
func (c *Client) vouched(ctx context.Context, f finger) error {
	host := f.self.Hostname()
	if f.by == host || f.subject.Host == host {
		return nil
	}
	there, err := c.finger(ctx, host, "acct:"+f.subject.User+"@"+host)
	if refused(err) { // GoToSocial refuses domains other than that of its accounts
		there, err = c.finger(ctx, host, "acct:"+f.subject.String())
	}
	if err != nil && !refused(err) {
		return err
	}
	if err != nil || !there.sameAs(f) {
		return &AnswerError{host, "does not know the account as " + f.subject.String()}
	}
	return nil
}

func (f finger) sameAs(g finger) bool {
	return f.subject.Key() == g.subject.Key() && f.self.String() == g.self.String()
}

func refused(err error) bool {
	var status *StatusError
	return errors.As(err, &status)
}

func (c *Client) finger(ctx context.Context, host, resource string) (finger, error) {
	return c.fingerAt(ctx, "https://"+host+"/.well-known/webfinger?resource="+url.QueryEscape(resource))
}

// fingerOrHostMeta asks WebFinger at its usual place and, where that fails in a
// way that another place could mend, where the host's host-meta says (RFC 6415).
func (c *Client) fingerOrHostMeta(ctx context.Context, host, resource string) (finger, error) {
	f, err := c.finger(ctx, host, resource)
	var not *NotSentError
	var limited *RateLimitError
	if err == nil || ctx.Err() != nil || errors.As(err, &not) || errors.As(err, &limited) {
		return f, err
	}
	at, ok := c.hostMeta(ctx, host, resource)
	if !ok {
		return finger{}, err
	}
	return c.fingerAt(ctx, at)
}

// hostMeta returns where the host-meta of host sends those who ask for resource;
// ok is false where that is its usual place or where there is no host-meta.
func (c *Client) hostMeta(ctx context.Context, host, resource string) (at string, ok bool) {
	a, err := c.get(ctx, "https://"+host+"/.well-known/host-meta", "application/xrd+xml", maxDiscovery, anyHost)
	if err != nil {
		return "", false
	}
	var xrd struct {
		Links []struct {
			Rel      string `xml:"rel,attr"`
			Template string `xml:"template,attr"`
		} `xml:"Link"`
	}
	if xml.Unmarshal(a.body, &xrd) != nil {
		return "", false
	}
	for _, l := range xrd.Links {
		if l.Rel != "lrdd" || !strings.Contains(l.Template, "{uri}") {
			continue
		}
		u, err := url.Parse(strings.ReplaceAll(l.Template, "{uri}", url.QueryEscape(resource)))
		if err != nil || checkURL(u) != nil || u.Hostname() == host && u.Path == "/.well-known/webfinger" {
			return "", false
		}
		return u.String(), true
	}
	return "", false
}

func (c *Client) fingerAt(ctx context.Context, at string) (finger, error) {
	a, err := c.get(ctx, at, "application/jrd+json, application/json", maxDiscovery, anyHost)
	if err != nil {
		return finger{}, err
	}
	return parseFinger(a.url.Hostname(), a.body)
}

// parseFinger reads a JRD (RFC 7033) that host gave.
func parseFinger(host string, body []byte) (finger, error) {
	doc, err := parseJSON(host, body)
	if err != nil {
		return finger{}, err
	}
	f := finger{by: strings.ToLower(host)}
	f.subject, err = parseAcct(doc.at("subject").str(), "")
	if err != nil {
		return finger{}, &AnswerError{host, "WebFinger names no account"}
	}
	for _, l := range doc.at("links").list() {
		rel, kind, href := l.at("rel").str(), l.at("type").str(), l.at("href").str()
		u, err := url.Parse(href)
		if err != nil || len(href) > 2000 {
			continue
		}
		switch {
		case rel == "self" && f.self == nil && isActivity(kind):
			if checkURL(u) != nil {
				return finger{}, &AnswerError{host, "WebFinger links to an address that is not allowed"}
			}
			f.self = u
		case rel == "http://webfinger.net/rel/profile-page" && f.page == "" && checkURL(u) == nil:
			f.page = href
		}
	}
	if f.self == nil {
		return finger{}, &AnswerError{host, "WebFinger links to no fediverse account"}
	}
	f.self.Host = strings.ToLower(f.self.Host)
	return f, nil
}

func isActivity(kind string) bool {
	kind, parameters, _ := strings.Cut(kind, ";")
	switch strings.TrimSpace(kind) {
	case "application/activity+json":
		return true
	case "application/ld+json":
		return strings.Contains(parameters, "https://www.w3.org/ns/activitystreams")
	}
	return false
}

// parseAcct reads what a server calls an account: acct:user@host, user@host, or
// user alone where it lives on localHost. Hosts in other scripts become ASCII.
func parseAcct(s, localHost string) (model.Address, error) {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "acct:"), "@")
	user, host, ok := strings.Cut(s, "@")
	if !ok {
		host = localHost
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return model.ParseAddress(user + "@" + host)
}
