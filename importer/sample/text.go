package sample

import (
	"strings"
)

// mention, link and tag are entities of a text. Offsets count code points: of
// the plain text while it is built, of the escaped text once finished.
type mention struct {
	person
	number     int // of the person; -1 for one that is gone
	start, end int
}

type link struct {
	short, expanded, display string
	start, end               int
}

type tag struct {
	text       string
	start, end int
}

// text is the text of a tweet while it is built.
type text struct {
	runes    []rune
	mentions []mention
	links    []link
	tags     []tag
	media    *link // the one short link that stands for all media
}

func (t *text) add(s string) (start, end int) {
	start = len(t.runes)
	t.runes = append(t.runes, []rune(s)...)
	return start, len(t.runes)
}

func (t *text) mention(p person, number int) {
	m := mention{person: p, number: number}
	m.start, m.end = t.add("@" + p.handle)
	t.mentions = append(t.mentions, m)
}

func (t *text) link(short, expanded string) {
	l := link{short: short, expanded: expanded}
	l.display = strings.TrimPrefix(strings.TrimPrefix(expanded, "https://"), "www.")
	if d := []rune(l.display); len(d) > 27 {
		l.display = string(d[:26]) + "…"
	}
	l.start, l.end = t.add(short)
	t.links = append(t.links, l)
}

func (t *text) tag(s string) {
	h := tag{text: s}
	h.start, h.end = t.add("#" + s)
	t.tags = append(t.tags, h)
}

func (t *text) attach(short string) {
	l := &link{short: short}
	l.start, l.end = t.add(short)
	t.media = l
}

// cut shortens the text to n characters and a …, and drops the entities beyond,
// as X does with retweets. What is cut in the middle loses its entity.
func (t *text) cut(n int) {
	if len(t.runes) <= n {
		return
	}
	t.runes = append(t.runes[:n-1:n-1], '…')
	t.mentions = keep(t.mentions, func(m mention) bool { return m.end < n })
	t.links = keep(t.links, func(l link) bool { return l.end < n })
	t.tags = keep(t.tags, func(h tag) bool { return h.end < n })
}

func keep[T any](list []T, ok func(T) bool) []T {
	kept := list[:0:0]
	for _, one := range list {
		if ok(one) {
			kept = append(kept, one)
		}
	}
	return kept
}

// finish returns the escaped text and its length, and moves the offsets over.
func (t *text) finish() (escaped string, length int) {
	var b strings.Builder
	moved := make([]int, len(t.runes)+1)
	for i, r := range t.runes {
		moved[i] = length
		switch r {
		case '&':
			b.WriteString("&amp;")
			length += 5
		case '<':
			b.WriteString("&lt;")
			length += 4
		case '>':
			b.WriteString("&gt;")
			length += 4
		default:
			b.WriteRune(r)
			length++
		}
	}
	moved[len(t.runes)] = length
	move := func(start, end *int) { *start, *end = moved[*start], moved[*end] }
	for i := range t.mentions {
		move(&t.mentions[i].start, &t.mentions[i].end)
	}
	for i := range t.links {
		move(&t.links[i].start, &t.links[i].end)
	}
	for i := range t.tags {
		move(&t.tags[i].start, &t.tags[i].end)
	}
	if t.media != nil {
		move(&t.media.start, &t.media.end)
	}
	return b.String(), length
}
