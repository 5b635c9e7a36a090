package compose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/model"
)

// neutral takes the life out of every "@" that some server might read as a
// mention, with or without an entity in the archive. A name loses its "@":
// "@ada" becomes "ada", readable, searchable, nobody's account. Inside a word,
// as in ada@example.org, it becomes "(at)", because what stands behind it would
// be a mention for software that looks for "@" anywhere. A full-width "＠" is
// treated the same: some clients send it as "@".
//
// The other ways were worse: a zero-width space after "@" is kept by copying
// and found by no search, and GoToSocial asks the named host of "@name@host"
// by WebFinger and refuses a back-dated post that names a local user.
//
// Links keep their "@" where no server takes it for a mention, and so do
// addresses, where the server is known to see none inside of a word.
func neutral(pieces []piece, inWords bool) []piece {
	out := make([]piece, len(pieces))
	before := rune(' ')
	for i, p := range pieces {
		if p.link {
			// GoToSocial sees no link behind a quotation mark, say.
			linked := !strings.ContainsRune(openers, before) || before == '('
			out[i] = piece{text: neutralURL(p.text, linked), link: true, short: p.short}
		} else if p.kept && inWords {
			out[i] = p
		} else {
			after := rune(' ')
			if i+1 < len(pieces) {
				after, _ = utf8.DecodeRuneInString(pieces[i+1].text)
			}
			out[i] = piece{text: neutralText(p.text, before, after)}
		}
		if r, n := utf8.DecodeLastRuneInString(p.text); n > 0 {
			before = r
		}
	}
	return out
}

// mention returns what becomes of a mention, unless it is to become plain. One
// without an id is of an account that is gone, whose name may be another's now;
// long texts have no ids.
func (c *Composer) mention(m model.Mention, runes []rune, note bool) (piece, bool) {
	if c.o.Mentions == MentionPlain || m.TwitterID == "" && !note || c.o.Known == nil || m.Start < 0 || m.End > len(runes) || m.End-m.Start < 2 || !isAt(runes[m.Start]) ||
		!strings.EqualFold(string(runes[m.Start+1:m.End]), m.Handle) {
		return piece{}, false
	}
	account, ok := c.o.Known(m)
	switch {
	case !ok:
	case c.o.Mentions == MentionLink && webURL.MatchString(account.URL):
		return piece{text: account.URL, link: true}, true
	case c.o.Mentions == MentionAddress && account.Address != "":
		return piece{text: account.Address, kept: true}, true
	}
	return piece{}, false
}

// neutralText is neutral for plain text that stands between two runes.
func neutralText(s string, before, after rune) string {
	if !strings.ContainsAny(s, "@＠") {
		return s
	}
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		if !isAt(runes[i]) {
			b.WriteRune(runes[i])
			continue
		}
		end := i
		for end < len(runes) && isAt(runes[end]) {
			end++
		}
		prev, next := before, after
		if i > 0 {
			prev = runes[i-1]
		}
		if end < len(runes) {
			next = runes[end]
		}
		switch {
		case !isName(next):
			b.WriteString(string(runes[i:end]))
		case unspaced(prev):
			b.WriteByte(' ')
		case isWord(prev):
			b.WriteString("(at)")
		}
		i = end - 1
	}
	return b.String()
}

func isAt(r rune) bool { return r == '@' || r == '＠' }

// isWord is what Ruby's [[:word:]] is: an "@" behind it is no mention on Mastodon.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.Is(unicode.Pc, r)
}

// unspaced tells whether r is of a script that writes no spaces: there an "@"
// behind a letter begins a name and is not inside a word.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) || r == 'ー'
}

// isName tells whether r may begin a name on any server that we know:
// GoToSocial takes letters of any script, dots and hyphens. Format characters
// are counted in, since a server may drop them first.
func isName(r rune) bool {
	return isWord(r) || r == '.' || r == '-' || unicode.Is(unicode.Cf, r)
}

// neutralURL keeps "@" in an address where it is common and safe
// (https://medium.com/@ada) and writes %40, the same address, where Mastodon or
// GoToSocial would find a mention inside of it. linked tells whether every
// server sees a link where the address stands.
func neutralURL(u string, linked bool) string {
	if !strings.ContainsAny(u, "@＠") {
		return u
	}
	var b strings.Builder
	scheme, rest, _ := strings.Cut(u, "://")
	b.WriteString(scheme + "://")
	plain, prev := true, '/' // every server reads what came so far as part of a link
	for _, r := range rest {
		switch {
		case r == '＠':
			b.WriteString("%EF%BC%A0")
		case r == '@' && !(plain && (wordASCII(prev) || prev == '/' && linked)):
			b.WriteString("%40")
		default:
			b.WriteRune(r)
		}
		plain = plain && (wordASCII(r) || strings.ContainsRune(".~:/-", r))
		prev = r
	}
	return b.String()
}

func wordASCII(r rune) bool {
	return r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// space puts a space between a link and a word that touches it. On Twitter a
// t.co link ends by itself; its long form would swallow what follows, and
// servers find no link inside a word.
func space(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if p.text == "" {
			continue
		}
		if n := len(out); n > 0 && (out[n-1].link || p.link) && touches(out[n-1], p) {
			out = append(out, piece{text: " "})
		}
		out = append(out, p)
	}
	return out
}

// openers may stand before a link without a space.
const openers = "([{\"'«“‘„`"

func touches(a, b piece) bool {
	last, _ := utf8.DecodeLastRuneInString(a.text)
	first, _ := utf8.DecodeRuneInString(b.text)
	if unicode.IsSpace(last) || unicode.IsSpace(first) {
		return false
	}
	if !a.link { // text, then a link
		return !strings.ContainsRune(openers, last)
	}
	if b.link {
		return true
	}
	rest := strings.TrimLeft(b.text, `.,;:!?)]}"'»”’…`)
	next, n := utf8.DecodeRuneInString(rest)
	return n > 0 && !unicode.IsSpace(next)
}
