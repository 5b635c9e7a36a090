package compose

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/publicsuffix"
)

// count is the length of plain text as the server counts it.
func (c *Composer) count(s string) int {
	if c.o.CountCodePoints {
		return utf8.RuneCountInString(s)
	}
	return uniseg.GraphemeClusterCount(s)
}

// measure is what a piece counts. Where a link counts a fixed number, that goes
// for what the server surely takes for a link; the rest counts as text.
func (c *Composer) measure(p piece) int {
	full := c.count(p.text)
	if p.link && c.o.URLLength == 0 && c.o.OwnURLLength > full && statusURL.MatchString(p.text) {
		return c.o.OwnURLLength // it may become a link to an own post
	}
	if !p.link || c.o.URLLength == 0 {
		return full
	}
	n := linkLength(p.text)
	if n == 0 {
		return max(full, c.o.URLLength)
	}
	return c.o.URLLength + c.count(p.text[n:])
}

var (
	linkHost  = regexp.MustCompile(`^(?i:https?)://((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})(?::[0-9]+)?`)
	linkPath  = regexp.MustCompile(`^/(?:[A-Za-z0-9._~/%!$&*+,;=:@#'-]*[A-Za-z0-9_/+#-])?`)
	linkQuery = regexp.MustCompile(`^\?[A-Za-z0-9!*;:&=+$/%#_.,~|@'-]*[A-Za-z0-9_&=#/-]`)
)

// linkLength returns how many bytes of u Mastodon takes for a link: less than
// its rules allow (https://github.com/twitter/twitter-text, with Mastodon's
// config/initializers/twitter_regex.rb), never more. 0 is no link.
func linkLength(u string) int {
	host := linkHost.FindStringSubmatch(u)
	if host == nil {
		return 0
	}
	if _, known := publicsuffix.PublicSuffix(strings.ToLower(host[1])); !known {
		return 0 // its list of top-level domains is the public one
	}
	n := len(host[0])
	n += len(linkPath.FindString(u[n:]))
	return n + len(linkQuery.FindString(u[n:]))
}
