package fedisim

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// partRE finds what a server reads as more than text: links, mentions, tags.
var partRE = regexp.MustCompile(`https?://[^\s<>"]+|@([A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?:@([\p{L}\p{N}](?:[\p{L}\p{N}.:-]*[\p{L}\p{N}])?))?|#[\p{L}\p{N}_]+`)

// part is a piece of a text: kind is 0 for plain text, else l, @ or #.
type part struct {
	kind       byte
	text       string
	user, host string // of a mention; host is "" for a local one
}

// parts cuts a text into its pieces, nothing left out.
func parts(text string) []part {
	var list []part
	plain := 0
	for _, m := range partRE.FindAllStringSubmatchIndex(text, -1) {
		start, end := m[0], m[1]
		if before, _ := utf8.DecodeLastRuneInString(text[:start]); start > 0 && joins(before) {
			continue
		}
		p := part{kind: text[start]}
		switch p.kind {
		case 'h':
			p.kind = 'l'
			end = start + len(strings.TrimRight(text[start:end], ".,;:!?)]'»”…"))
		case '@':
			p.user = text[m[2]:m[3]]
			if m[4] >= 0 {
				p.host = text[m[4]:m[5]]
			}
		}
		p.text = text[start:end]
		if plain < start {
			list = append(list, part{text: text[plain:start]})
		}
		list, plain = append(list, p), end
	}
	if plain < len(text) {
		list = append(list, part{text: text[plain:]})
	}
	return list
}

// joins tells whether a rune before @ or # or a link makes it part of a word.
func joins(r rune) bool {
	return r == '/' || r == '=' || r == '_' || r == '@' || r == '#' || r == '&' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// html is a text as the server publishes it.
func (v *Server) html(text string) string {
	if text == "" {
		return ""
	}
	paragraphs, br := strings.Split(text, "\n\n"), "<br />"
	if v.traits.family == gotosocial {
		paragraphs, br = []string{text}, "<br>"
	}
	var b strings.Builder
	for _, p := range paragraphs {
		b.WriteString("<p>" + strings.ReplaceAll(v.inline(p), "\n", br) + "</p>")
	}
	return b.String()
}

// fieldHTML is the value of a profile field.
func (v *Server) fieldHTML(value string) string { return v.inline(value) }

func (v *Server) inline(text string) string {
	var b strings.Builder
	for _, p := range parts(text) {
		switch {
		case p.kind == 'l':
			b.WriteString(v.link(p.text))
		case p.kind == '@' && v.mentioned(p) != nil:
			a := v.mentioned(p)
			b.WriteString(`<span class="h-card"><a href="` + html.EscapeString(a.profileURL()) + `" class="u-url mention">@<span>` + html.EscapeString(a.User) + `</span></a></span>`)
		case p.kind == '#':
			tag := html.EscapeString(p.text[1:])
			b.WriteString(`<a href="` + v.public("/tags/"+tag) + `" class="mention hashtag" rel="tag">#<span>` + tag + `</span></a>`)
		default:
			b.WriteString(html.EscapeString(p.text))
		}
	}
	return b.String()
}

// link writes a URL as Mastodon does, with the ends of long ones hidden.
func (v *Server) link(url string) string {
	if v.traits.family != mastodon {
		u := html.EscapeString(url)
		return `<a href="` + u + `" rel="nofollow noreferrer noopener" target="_blank">` + u + `</a>`
	}
	scheme, rest, _ := strings.Cut(url, "://")
	shown, hidden, class := rest, "", ""
	if r := []rune(rest); len(r) > 30 {
		shown, hidden, class = string(r[:30]), string(r[30:]), "ellipsis"
	}
	return `<a href="` + html.EscapeString(url) + `" target="_blank" rel="nofollow noopener me" translate="no"><span class="invisible">` +
		scheme + `://</span><span class="` + class + `">` + html.EscapeString(shown) + `</span><span class="invisible">` + html.EscapeString(hidden) + `</span></a>`
}

// mentioned returns whom a mention means on this server, or nil.
func (v *Server) mentioned(p part) *Account {
	host := p.host
	or(&host, v.cfg.AccountDomain)
	return v.find(p.user, host)
}

// mentions returns the accounts that a text mentions, the author left out, and
// the hosts that the server would ask about names it does not know.
func (v *Server) mentions(author *Account, text string) (found []*Account, asked []string) {
	for _, p := range parts(text) {
		if p.kind != '@' {
			continue
		}
		a := v.mentioned(p)
		if p.host != "" && (a == nil || v.ids[a] == "") {
			asked = append(asked, strings.ToLower(p.host))
		}
		if a != nil && a != author {
			found = append(found, a)
		}
	}
	return found, asked
}

// length counts a post as the server's program does: GoToSocial each code
// point, Mastodon what a reader sees as one character, links as 23 and mentions
// without their host.
func (v *Server) length(text string) int {
	if v.traits.family != mastodon {
		return utf8.RuneCountInString(text)
	}
	n := 0
	for _, p := range parts(text) {
		switch p.kind {
		case 'l':
			n += 23
		case '@':
			n += 1 + len(p.user)
		default:
			n += uniseg.GraphemeClusterCount(p.text)
		}
	}
	return n
}
