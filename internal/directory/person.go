package directory

import (
	"html"
	"regexp"
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

// FromPerson returns what the Twitter profile says: its bio, name, location and
// links, where the Owner's list has them.
func FromPerson(p model.Person) []model.Evidence {
	var evidence []model.Evidence
	add := func(f address.Found) {
		e := model.Evidence{
			Address: f.Address, Source: SourceList, Side: model.TwitterSide, Tie: tie(p), Text: f.Text, At: p.Handle.SeenAt,
		}
		if !f.Sure || f.Other && !strings.EqualFold(f.Address.User, p.Handle.Name) {
			e.Tie = model.TieName
		}
		evidence = append(evidence, e)
	}
	for _, text := range []string{p.Bio, p.Name, p.Location} {
		for _, f := range address.Extract(text) {
			add(f)
		}
	}
	for _, link := range p.URLs {
		if f, ok := address.FromURL(link); ok {
			add(f)
		}
	}
	return evidence
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
