package compose

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/model"
)

// piece is a run of plain text, or a link, which is never cut.
type piece struct {
	text  string
	link  bool
	short string // the t.co link, for a link too long for one status
	kept  bool   // text whose "@" is safe
}

// text returns t's words, cut to the server's limit, and the content warning
// before them, or why that cannot be done.
func (c *Composer) text(t model.Tweet, media bool) (parts []string, warning, tooLong string) {
	pieces, own := c.pieces(t)
	pieces, warning = c.warn(merge(pieces))
	if !own && !media {
		return nil, "", ""
	}
	if warning != "" { // it counts too
		c = c.within(c.count(warning))
	}
	pieces = c.dated(t, pieces)
	for i, p := range pieces {
		if !p.link || c.measure(p) <= c.o.MaxCharacters {
			continue
		}
		pieces[i].text = p.short
		if p.short == "" || c.measure(pieces[i]) > c.o.MaxCharacters {
			return nil, "", SkippedTooLong
		}
	}
	return c.numbered(space(neutral(pieces, c.o.AtInWords))), warning, ""
}

// within returns a Composer for texts that are n shorter.
func (c *Composer) within(n int) *Composer {
	short := *c
	short.o.MaxCharacters = max(1, c.o.MaxCharacters-n)
	return &short
}

// numbered splits pieces and, if that is wanted and gives several parts, says
// behind each which one it is.
func (c *Composer) numbered(pieces []piece) []string {
	parts := c.split(pieces)
	if !c.o.Number || len(parts) < 2 {
		return parts
	}
	for digits := 1; digits <= 4; digits++ { // room for the number, which may give more parts, and longer numbers
		room := len(" /") + 2*digits
		if room*2 > c.o.MaxCharacters {
			break
		}
		if numbered := c.within(room).split(pieces); len(strconv.Itoa(len(numbered))) <= digits {
			for i := range numbered {
				numbered[i] += fmt.Sprintf(" %d/%d", i+1, len(numbered))
			}
			return numbered
		}
	}
	return parts
}

// dated adds the line with the date of the tweet.
func (c *Composer) dated(t model.Tweet, pieces []piece) []piece {
	if c.o.Dated == NoDate {
		return pieces
	}
	line := c.created(t).Format(time.DateOnly)
	if len(pieces) > 0 {
		line = "\n\n" + line
	}
	pieces = append(trimEnd(pieces), piece{text: line})
	if c.o.Dated == DateLink {
		pieces = append(pieces, piece{text: " · "}, piece{text: "https://x.com/i/web/status/" + t.ID, link: true})
	}
	return pieces
}

// pieces cuts t's text at its entities. Offsets count code points of the text
// as the archive holds it, so the text is cut first and unescaped afterwards;
// the text of a note is not escaped and has offsets of its own. own is false
// if there is nothing but the names of those whom t answers.
func (c *Composer) pieces(t model.Tweet) (pieces []piece, own bool) {
	text, links, mentions, plain := t.Text, t.Links, t.Mentions, unescape
	if t.Note != nil {
		text, links, mentions, plain = t.Note.Text, t.Note.Links, t.Note.Mentions, clean
	}
	runes := []rune(text)
	at := c.ownPrefix(t, runes, mentions)
	names := at
	if t.IsReply() && !c.own(t.ReplyTo) {
		names = namesEnd(runes)
	}
	for _, s := range c.spans(runes, links, mentions, t.Media, t.Note != nil) {
		if s.start < at {
			continue
		}
		pieces = append(pieces, inText(plain(string(runes[at:s.start])))...)
		own = own || visible(string(runes[min(max(at, names), s.start):s.start]))
		if s.media {
			// The space before a media link belongs to it.
			pieces = trimEnd(pieces)
		} else {
			pieces = append(pieces, s.piece)
			own = own || s.start >= names
		}
		at = s.end
	}
	own = own || visible(string(runes[min(max(at, names), len(runes)):]))
	return append(pieces, inText(plain(string(runes[at:])))...), own
}

// namesEnd returns where the text begins behind the names of those who are
// answered, with which answers to others begin.
func namesEnd(runes []rune) int {
	end := 0
	for end < len(runes) && isAt(runes[end]) {
		i := end + 1
		for i < len(runes) && wordASCII(runes[i]) {
			i++
		}
		if i == end+1 || i < len(runes) && !unicode.IsSpace(runes[i]) {
			break
		}
		for i < len(runes) && unicode.IsSpace(runes[i]) {
			i++
		}
		end = i
	}
	return end
}

// ownPrefix returns where the text begins after the owner's own name, with which
// answers to oneself begin.
func (c *Composer) ownPrefix(t model.Tweet, runes []rune, mentions []model.Mention) int {
	if !t.IsReply() || !c.own(t.ReplyTo) {
		return 0
	}
	for _, m := range mentions {
		if m.Start == 0 && m.End > 1 && m.End < len(runes) && runes[0] == '@' && unicode.IsSpace(runes[m.End]) &&
			(m.TwitterID != "" && m.TwitterID == c.o.OwnerID || strings.EqualFold(m.Handle, c.o.OwnerHandle)) {
			return m.End + 1
		}
	}
	return 0
}

// span is where a link, or a mention that is not to become plain, stands in the
// text, and what it becomes.
type span struct {
	start, end int
	piece      piece
	media      bool // nothing: the media are attached
}

// spans returns the places of links, media links and mentions, in order, none
// overlapping. Offsets that do not point at the link they should are not
// believed: the link is then looked for in the text.
func (c *Composer) spans(runes []rune, links []model.Link, mentions []model.Mention, media []model.Media, note bool) []span {
	var all []span
	taken := func(start, end int) bool {
		for _, s := range all {
			if start < s.end && s.start < end {
				return true
			}
		}
		return false
	}
	place := func(l model.Link, isMedia bool) {
		short := []rune(l.Short)
		if !webURL.MatchString(l.Short) {
			return
		}
		if !hasAt(runes, short, l.Start) || l.End-l.Start != len(short) || taken(l.Start, l.End) {
			l.Start = -1
			for i := range runes {
				if hasAt(runes, short, i) && !taken(i, i+len(short)) {
					l.Start = i
					break
				}
			}
		}
		if l.Start >= 0 {
			all = append(all, span{
				start: l.Start, end: l.Start + len(short), piece: piece{text: expanded(l), link: true, short: l.Short}, media: isMedia,
			})
		}
	}
	for _, l := range links {
		place(l, false)
	}
	seen := map[string]bool{}
	for _, m := range media { // one link in the text for all media
		if !seen[m.Short] {
			seen[m.Short] = true
			place(model.Link{Short: m.Short, Start: m.Start, End: m.End}, true)
		}
	}
	for _, m := range mentions {
		if p, ok := c.mention(m, runes, note); ok && !taken(m.Start, m.End) {
			all = append(all, span{start: m.Start, end: m.End, piece: p})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].start < all[j].start })
	return all
}

func hasAt(runes, short []rune, at int) bool {
	if at < 0 || at > len(runes)-len(short) {
		return false
	}
	for i, r := range short {
		if runes[at+i] != r {
			return false
		}
	}
	return true
}

var webURL = regexp.MustCompile(`^(?i:https?)://[^\s/?#\x00-\x1f\x7f]+[^\s\x00-\x1f\x7f]*$`)

// expanded returns what a link stands for, or the link itself where the archive
// does not say, or says something that is no web address.
func expanded(l model.Link) string {
	if utf8.ValidString(l.Expanded) && webURL.MatchString(l.Expanded) {
		return l.Expanded
	}
	return clean(l.Short)
}

// bareURL finds addresses in plain text: tweets before t.co have no entities.
// What comes before one must not be part of a word, or servers see no link.
var bareURL = regexp.MustCompile(`(^|[^A-Za-z0-9@＠$#＃])((?i:https?)://[^\s<>"]+)`)

// inText returns the pieces of unescaped text without entities.
func inText(s string) []piece {
	if !strings.Contains(s, "://") { // most texts; the expression takes longer to say so
		return appendText(nil, s)
	}
	var pieces []piece
	at := 0
	for _, m := range bareURL.FindAllStringSubmatchIndex(s, -1) {
		pieces = appendText(pieces, s[at:m[4]])
		pieces = append(pieces, piece{text: s[m[4]:m[5]], link: true})
		at = m[5]
	}
	return appendText(pieces, s[at:])
}

func appendText(pieces []piece, s string) []piece {
	if s == "" {
		return pieces
	}
	return append(pieces, piece{text: s})
}

// merge joins neighbouring runs of plain text and drops empty pieces.
func merge(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && !p.link && !p.kept && !out[n-1].link && !out[n-1].kept {
			out[n-1].text += p.text
		} else if p.text != "" {
			out = append(out, p)
		}
	}
	return out
}

func trimEnd(pieces []piece) []piece {
	if n := len(pieces); n > 0 && !pieces[n-1].link {
		pieces[n-1].text = strings.TrimRightFunc(pieces[n-1].text, unicode.IsSpace)
	}
	return pieces
}

var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// unescape undoes what Twitter escapes: three entities, once.
func unescape(s string) string { return clean(entities.Replace(s)) }

// clean drops control characters, which no server shows and databases refuse,
// and mends line ends and broken UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}
