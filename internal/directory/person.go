package directory

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

// FromPerson returns what the Twitter profile says: its bio, name, location and
// links, where the Owner's list, their X pages or X's API have them. An account
// that the Person left is evidence only if they name no other: it would be a
// rival of the new one.
func FromPerson(p model.Person) []model.Evidence {
	found := address.Profile{Name: p.Name, Bio: p.Bio, Location: p.Location, URLs: p.URLs}.Find(nil)
	elsewhere := slices.ContainsFunc(found, func(f address.Found) bool { return f.Sure && f.Role != address.MovedFrom })
	var evidence []model.Evidence
	for _, f := range found {
		if f.Role == address.MovedFrom && elsewhere {
			continue
		}
		e := model.Evidence{
			Address: f.Address, Source: cmp.Or(p.ProfileSource, SourceList), Side: model.TwitterSide, Tie: tie(p), Text: f.Text, At: p.Handle.SeenAt,
		}
		if weak(f, p.Handle.Name) {
			e.Tie = model.TieName
		}
		evidence = append(evidence, e)
	}
	return evidence
}

// weak tells whether the words leave open that the address is the Person's home:
// it may be an e-mail address, somebody else's, or a copy.
func weak(f address.Found, handle string) bool {
	switch f.Role {
	case address.MovedFrom, address.Mirror, address.Bridge:
		return true
	}
	return !f.Sure || f.Other && !strings.EqualFold(f.Address.User, handle)
}

func tie(p model.Person) model.Tie {
	if p.TwitterID != "" {
		return model.TieID
	}
	return model.TieHandle
}

var (
	retweeted = regexp.MustCompile(`^RT @([A-Za-z0-9_]{1,20}): `)
	warning   = regexp.MustCompile(`(?i)fake|impost[eo]r|impersonat|scam|phish|hoax|not me\b|not my\b|isn['’]?t me\b|not (?:a |an )?(?:real|official)`)
)

// FromTweet returns the handle of the author of a retweeted tweet, and the
// addresses that the tweet gives for it: those whose user name is the handle.
// What a retweet names otherwise, and what reads like a warning, is left out.
func FromTweet(t model.Tweet) (handle string, evidence []model.Evidence) {
	m := retweeted.FindStringSubmatch(t.Text)
	if m == nil {
		return "", nil
	}
	handle = m[1]
	text := uncut(html.UnescapeString(t.Text[len(m[0]):]))
	if !strings.ContainsAny(text, "@/＠") || warning.MatchString(text) {
		return handle, nil
	}
	found := address.Extract(text)
	for _, link := range t.Links {
		if f, ok := address.FromURL(link.Expanded); ok {
			found = append(found, f)
		}
	}
	for _, f := range found {
		if strings.EqualFold(f.Address.User, handle) && f.Sure {
			evidence = append(evidence, model.Evidence{
				Address: f.Address, Source: SourceRetweet, Side: model.TwitterSide, Tie: model.TieHandle, Text: f.Text, At: t.CreatedAt,
			})
		}
	}
	return handle, evidence
}

// uncut drops the last word of a text that Twitter cut: "@ada@mastodon.so…"
// would be an address at another host.
func uncut(text string) string {
	text = strings.TrimSpace(text)
	if !strings.HasSuffix(text, "…") {
		return text
	}
	return text[:strings.LastIndexAny(text, " \n\t")+1]
}
