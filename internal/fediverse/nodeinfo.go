package fediverse

import (
	"context"
	"net/url"
	"strings"
)

// NodeInfo is what a server says of its software (nodeinfo.diaspora.software).
type NodeInfo struct {
	Software          string // lower case: mastodon, gotosocial, snac …
	Version           string
	OpenRegistrations bool
	Users             int
	ActiveMonth       int
}

// NodeInfo asks host what runs there. A host without NodeInfo is, as far as we
// know, no fediverse server: its error wraps model.ErrNotFound or ErrInvalid.
func (c *Client) NodeInfo(ctx context.Context, host string) (NodeInfo, error) {
	a, err := c.get(ctx, "https://"+host+"/.well-known/nodeinfo", "application/json", maxDiscovery, anyHost)
	if err != nil {
		return NodeInfo{}, err
	}
	at, err := nodeInfoLink(host, a.body)
	if err != nil {
		return NodeInfo{}, err
	}
	if a, err = c.get(ctx, at, "application/json", maxDiscovery, anyHost); err != nil {
		return NodeInfo{}, err
	}
	return parseNodeInfo(host, a.body)
}

// nodeInfoLink picks the newest 2.x document.
func nodeInfoLink(host string, body []byte) (string, error) {
	n, err := parseJSON(host, body)
	if err != nil {
		return "", err
	}
	best, newest := "", ""
	for _, l := range n.at("links").list() {
		version, ok := strings.CutPrefix(l.at("rel").str(), "http://nodeinfo.diaspora.software/ns/schema/2.")
		u, err := url.Parse(l.at("href").str())
		if ok && len(version) == 1 && version > newest && err == nil && checkURL(u) == nil {
			best, newest = u.String(), version
		}
	}
	if best == "" {
		return "", &AnswerError{host, "names no NodeInfo 2 document"}
	}
	return best, nil
}

func parseNodeInfo(host string, body []byte) (NodeInfo, error) {
	n, err := parseJSON(host, body)
	if err != nil {
		return NodeInfo{}, err
	}
	info := NodeInfo{
		Software:          strings.ToLower(name(n.at("software", "name").str())),
		Version:           name(n.at("software", "version").str()),
		OpenRegistrations: n.at("openRegistrations").flag(),
		Users:             int(n.at("usage", "users", "total").num()),
		ActiveMonth:       int(n.at("usage", "users", "activeMonth").num()),
	}
	if info.Software == "" {
		return NodeInfo{}, &AnswerError{host, "its NodeInfo names no software"}
	}
	return info, nil
}
