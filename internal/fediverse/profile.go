package fediverse

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

const maxFields = 20

// accountProfile reads an account of the Mastodon API. Accounts without a host
// live on localHost. Existence and FetchedAt are the caller's.
func accountProfile(n node, localHost string) model.Profile {
	address, _ := parseAcct(n.at("acct").str(), localHost)
	p := model.Profile{
		Address:      address,
		DisplayName:  name(n.at("display_name").str()),
		Note:         cut(StripHTML(n.at("note").str()), maxNote),
		URL:          link443(n.at("url").str()),
		Avatar:       link443(n.at("avatar").str()),
		Bot:          n.at("bot").flag(),
		Locked:       n.at("locked").flag(),
		Suspended:    n.at("suspended").flag(),
		Discoverable: n.at("discoverable").flag(),
		NoIndex:      n.at("noindex").flag() || n.has("indexable") && !n.at("indexable").flag(),
		LastStatusAt: n.at("last_status_at").time(),
	}
	for _, f := range n.at("fields").list() {
		p.Fields = appendField(p.Fields, f.at("name").str(), f.at("value").str(), !f.at("verified_at").time().IsZero())
	}
	if moved := n.at("moved"); moved.isObject() {
		p.MovedTo, _ = parseAcct(moved.at("acct").str(), localHost)
	}
	p.NoIndex = p.NoIndex || asksForNoBots(p)
	return p
}

var noBots = regexp.MustCompile(`(?i)#(?:nobots?|noindex|noarchive)\b`)

// asksForNoBots tells whether the account holder writes what crawlers are asked to heed.
func asksForNoBots(p model.Profile) bool {
	return noBots.MatchString(p.Note) || slices.ContainsFunc(p.Fields, func(f model.ProfileField) bool {
		return noBots.MatchString(f.Name) || noBots.MatchString(f.Value)
	})
}

// actor reads the account's ActivityPub actor, which servers in secure mode
// show to nobody without a signature. It knows no verified fields.
func (c *Client) actor(ctx context.Context, f finger) (model.Profile, error) {
	host := f.self.Hostname()
	const accept = `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
	a, err := c.get(ctx, f.self.String(), accept, maxDiscovery, sameHost)
	if err != nil {
		return model.Profile{}, err
	}
	n, err := parseJSON(host, a.body)
	if err != nil {
		return model.Profile{}, err
	}
	if n.at("id").str() != f.self.String() {
		return model.Profile{}, &AnswerError{host, "the actor has another id"}
	}
	p := actorProfile(n)
	if moved := n.at("movedTo").str(); moved != "" {
		p.MovedTo, _ = c.addressOf(ctx, moved) // what cannot be found cannot be followed
	}
	return p, nil
}

func actorProfile(n node) model.Profile {
	p := model.Profile{
		DisplayName:  name(n.at("name").str()),
		Note:         cut(StripHTML(n.at("summary").str()), maxNote),
		Locked:       n.at("manuallyApprovesFollowers").flag(),
		Suspended:    n.at("suspended").flag(),
		Discoverable: n.at("discoverable").flag(),
		NoIndex:      n.has("indexable") && !n.at("indexable").flag(),
	}
	switch n.at("type").str() {
	case "Service", "Application":
		p.Bot = true
	}
	for _, u := range n.at("url").list() {
		if p.URL == "" {
			p.URL = link443(u.str() + u.at("href").str())
		}
	}
	for _, icon := range n.at("icon").list() {
		if p.Avatar == "" {
			p.Avatar = link443(icon.at("url").str())
		}
	}
	for _, f := range n.at("attachment").list() {
		if f.at("type").str() == "PropertyValue" {
			p.Fields = appendField(p.Fields, f.at("name").str(), f.at("value").str(), false)
		}
	}
	p.NoIndex = p.NoIndex || asksForNoBots(p)
	return p
}

func appendField(fields []model.ProfileField, label, value string, verified bool) []model.ProfileField {
	f := model.ProfileField{Name: name(StripHTML(label)), Value: cut(StripHTML(value), maxValue), Verified: verified}
	if len(fields) >= maxFields || f.Name == "" && f.Value == "" {
		return fields
	}
	return append(fields, f)
}

// name makes a name fit for one line. Names are text, not HTML.
func name(s string) string {
	return cut(strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(s, ""))), " "), maxName)
}

// link443 returns s if it is a URL that may be asked, else "".
func link443(s string) string {
	u, err := url.Parse(s)
	if err != nil || len(s) > 2000 || checkURL(u) != nil {
		return ""
	}
	return s
}
