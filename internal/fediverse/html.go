package fediverse

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxNote  = 5000 // runes of a profile's text
	maxValue = 1000 // runes of a field's value
	maxName  = 200  // runes of a name
	maxHTML  = 64 << 10
	maxShown = 5000 // runes of a status's text that is shown
)

// StripHTML returns the text of a profile's HTML, paragraphs and lines kept.
// The target of a link follows its text in parentheses where the text does not
// name it. Control characters and those that turn the writing direction of what
// stands around them are left out.
func StripHTML(s string) string {
	if len(s) > maxHTML {
		s = strings.ToValidUTF8(s[:maxHTML], "")
	}
	return strings.TrimSpace(strings.Map(printable, text(s, true)))
}

// PlainText returns the text of a status's HTML: as StripHTML, but links have
// their text only, and nothing is left out or cut, because it is compared with
// what was sent.
func PlainText(s string) string { return strings.TrimSpace(text(s, false)) }

// Shown makes the plain text of a status fit to be shown and kept: without what
// StripHTML leaves out, and not longer than a long post.
func Shown(s string) string { return cut(strings.Map(printable, s), maxShown) }

func printable(r rune) rune {
	switch {
	case r == '\n':
		return r
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
		return -1
	}
	return r
}

// writer collects text as a browser would show it: runs of white space are one
// space, and blocks stand on their own lines.
type writer struct {
	strings.Builder
	lines int  // line ends due before the next text
	space bool // a space due before the next text
	empty bool // nothing written yet
	most  int  // line ends in a row; 0 is any number
}

func (w *writer) text(s string) {
	for _, r := range s {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' {
			w.space = true
			continue
		}
		w.due()
		w.WriteRune(r)
	}
}

func (w *writer) due() {
	switch {
	case w.empty:
	case w.lines > 0:
		if w.most > 0 {
			w.lines = min(w.lines, w.most)
		}
		w.WriteString(strings.Repeat("\n", w.lines))
	case w.space:
		w.WriteByte(' ')
	}
	w.lines, w.space, w.empty = 0, false, false
}

func (w *writer) end(lines int) { w.lines = max(w.lines, lines) }

func text(s string, targets bool) string {
	w := writer{empty: true}
	if targets {
		w.most = 2
	}
	z := html.NewTokenizer(strings.NewReader(s))
	var link link
	skip := atom.Atom(0) // inside an element whose text nobody sees
	quote := false       // inside the link to a quoted post, for programs that know no quotes
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			link.finish(&w)
			return w.String()
		case html.TextToken:
			if skip == 0 && !quote {
				w.text(z.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Script, atom.Style, atom.Template:
				if kind == html.StartTagToken {
					skip = t.DataAtom
				} else if skip == t.DataAtom {
					skip = 0
				}
			case atom.Br:
				w.lines++
			case atom.P:
				quote = kind == html.StartTagToken && hasClass(t, "quote-inline")
				w.end(2)
			case atom.Blockquote, atom.Ul, atom.Ol, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4:
				w.end(2)
			case atom.Li, atom.Div, atom.Tr:
				w.end(1)
			case atom.A:
				link.finish(&w)
				if kind == html.StartTagToken && targets {
					link.begin(&w, t)
				}
			}
		}
	}
}

func hasClass(t html.Token, class string) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
		return a.Key == "class" && slices.Contains(strings.Fields(a.Val), class)
	})
}

// link is the <a> that is open.
type link struct {
	target string
	from   int // where its text begins
}

func (l *link) begin(w *writer, t html.Token) {
	target, class := "", ""
	for _, a := range t.Attr {
		switch a.Key {
		case "href":
			target = strings.TrimSpace(a.Val)
		case "class":
			class = a.Val
		}
	}
	lower := strings.ToLower(target)
	if !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") ||
		strings.Contains(class, "mention") || strings.Contains(class, "hashtag") {
		return
	}
	l.target, l.from = target, w.Len()
}

func (l *link) finish(w *writer) {
	if l.target == "" {
		return
	}
	shown := strings.TrimSpace(w.String()[l.from:])
	bare := strings.TrimSuffix(l.target[strings.Index(l.target, "://")+3:], "/")
	switch {
	case shown == "":
		w.text(" " + l.target + " ")
	case !strings.Contains(strings.ToLower(shown), strings.ToLower(bare)):
		w.text(" (" + l.target + ")")
	}
	l.target = ""
}
