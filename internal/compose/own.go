package compose

import (
	"regexp"
	"strings"
)

// OwnLink is a link to another tweet of the owner, and where it stands in the
// text of a Status, in bytes. Once that tweet is posted the link should lead to
// the post.
type OwnLink struct {
	TweetID string `json:"tweet_id"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
}

// statusURL finds links to tweets, in every form that archives hold.
var statusURL = regexp.MustCompile(`(?i)https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?(?:[A-Za-z0-9_]{1,20}|i/web)/status(?:es)?/([0-9]{1,20})(?:/(?:photo|video)/[0-9])?(?:\?[A-Za-z0-9=&_%.-]*)?`)

// ownLinks returns the links in text to tweets of the archive other than t.
func (c *Composer) ownLinks(text, t string) []OwnLink {
	if !namesStatus(text) { // most texts; the expression takes longer to say so
		return nil
	}
	var own []OwnLink
	for _, m := range statusURL.FindAllStringSubmatchIndex(text, -1) {
		id := text[m[2]:m[3]] // ids are unique; the name in the link may be an old one
		final := c.x.finalOf(id)
		if !c.x.has(id) || final == t {
			continue
		}
		if rest := text[m[1]:]; rest != "" && strings.ContainsRune("/?#0123456789", rune(rest[0])) { // more than the form of a link to a tweet
			continue
		}
		own = append(own, OwnLink{TweetID: final, Start: m[0], End: m[1]})
	}
	return own
}

// namesStatus tells whether "/status" stands in s, in any case.
func namesStatus(s string) bool {
	const word = "/status"
	for {
		i := strings.IndexByte(s, word[0])
		if i < 0 || len(s)-i < len(word) {
			return false
		}
		if strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
		s = s[i+1:]
	}
}

// Relink returns the text of s with each of its own links in the form that
// posted gives for its tweet; where that is "", the link stays.
func (s Status) Relink(posted func(tweetID string) (url string)) string {
	var b strings.Builder
	at := 0
	for _, l := range s.OwnLinks {
		if l.Start < at || l.End > len(s.Text) || l.Start > l.End {
			continue
		}
		if u := posted(l.TweetID); u != "" {
			b.WriteString(s.Text[at:l.Start] + u)
			at = l.End
		}
	}
	return b.String() + s.Text[at:]
}

// Quoted returns the tweet that s quotes, for servers that know quotes, and the
// text without the link to it; id is "" if s quotes none. Only a link behind all
// text makes a quote, and none where there are pictures.
func (s Status) Quoted() (id string, rest Status) {
	n := len(s.OwnLinks)
	if n == 0 || s.OwnLinks[n-1].End != len(s.Text) || len(s.Media) > 0 {
		return "", s
	}
	last := s.OwnLinks[n-1]
	rest = s
	rest.Text, rest.OwnLinks = strings.TrimSpace(s.Text[:last.Start]), s.OwnLinks[:n-1]
	if rest.Text == "" {
		return "", s
	}
	return last.TweetID, rest
}
