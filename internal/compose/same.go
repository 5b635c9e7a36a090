package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	tag "golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// PlainText strips a status's HTML the way SameText compares: paragraphs and
// line breaks become line ends, entities characters, and a link its address
// where the server shows a shortened one.
func PlainText(s string) string {
	var b []byte
	z := html.NewTokenizer(strings.NewReader(s))
	href, linkStart := "", -1
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end: a string has no other error
			return strings.TrimSpace(string(b))
		}
		t := z.Token()
		switch {
		case kind == html.TextToken:
			b = append(b, t.Data...)
		case t.DataAtom == tag.Br:
			b = append(b, '\n')
		case t.DataAtom == tag.Img && kind != html.EndTagToken:
			b = append(b, attr(t, "alt")...)
		case t.DataAtom == tag.A && kind == html.StartTagToken:
			href, linkStart = attr(t, "href"), len(b)
		case t.DataAtom == tag.A && kind == html.EndTagToken && linkStart >= 0:
			if full, ok := whole(string(b[linkStart:]), href); ok {
				b = append(b[:linkStart], full...)
			}
			linkStart = -1
		case blocks[t.DataAtom]:
			b = append(b, '\n')
		}
	}
}

var blocks = map[tag.Atom]bool{
	tag.P: true, tag.Div: true, tag.Li: true, tag.Ul: true, tag.Ol: true, tag.Blockquote: true, tag.Pre: true,
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// whole returns the address behind a link whose text is a piece of it: without
// scheme or "www.", or cut with an ellipsis. Hashtags keep their text.
func whole(shown, href string) (string, bool) {
	text := strings.TrimSpace(shown)
	begin := strings.TrimRight(strings.TrimSuffix(text, "…"), ".")
	complete := begin == text && strings.HasPrefix(text, "http")
	if begin == "" || complete || !strings.HasPrefix(href, "http") {
		return "", false
	}
	bare := href[strings.Index(href, ":")+1:]
	bare = strings.TrimPrefix(bare, "//")
	for _, form := range []string{href, bare, strings.TrimPrefix(bare, "www.")} {
		if strings.HasPrefix(form, begin) {
			return href, true
		}
	}
	return "", false
}

// markup is what servers write around a status's text.
var markup = regexp.MustCompile(`(?i)<(p|br|a|span|div)[\s/>]`)

// SameText tells whether two texts are the same status's. Either may be the
// plain text that was sent or what a server made of it, plain or HTML. White
// space, Unicode form and invisible characters do not count.
func SameText(a, b string) bool {
	x, y := normal(a), normal(b)
	if x == y {
		return true
	}
	return markup.MatchString(a) && normal(PlainText(a)) == y ||
		markup.MatchString(b) && x == normal(PlainText(b))
}

func normal(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u2060' || r == '\ufeff':
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, norm.NFC.String(s))
	words := strings.Fields(s)
	for i, w := range words { // a server may write https://example.org/ for https://example.org
		if strings.HasPrefix(w, "http") {
			words[i] = strings.TrimRight(w, "/")
		}
	}
	return strings.Join(words, " ")
}

var (
	anyURL      = regexp.MustCompile(`(?i)https?://\S+`)
	twitterHost = regexp.MustCompile(`(?i)@(twitter|x)\.com\b`)
)

// Fingerprint is equal for texts that are the same post, whoever carried it over:
// links, mentions' signs, case and white space do not count, since every program
// writes them its own way. It is "" for a text that says too little to be told
// from others.
func Fingerprint(text string) string {
	text = twitterHost.ReplaceAllString(anyURL.ReplaceAllString(text, " "), "")
	var b strings.Builder
	for _, r := range strings.ToLower(normal(text)) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r) {
			b.WriteRune(r)
		}
	}
	if utf8.RuneCountInString(b.String()) < tellingText {
		return ""
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// tellingText is how many letters a text needs to be told from others.
const tellingText = 8
