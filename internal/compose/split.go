package compose

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// ending says how good a place to cut is: behind it the reader expects a pause.
type ending int

const (
	noCut ending = iota
	inWord
	afterWord
	afterSentence
	afterParagraph
)

// atom is a stretch of text that is cut only if it alone is over the limit.
type atom struct {
	text  string // with the white space behind it
	ink   int    // what the text counts without that white space
	whole int    // what it counts with it
	end   ending
}

// split cuts pieces into texts within the server's limit: behind a paragraph or
// a sentence where that fills most of the part, else behind a word, else where
// a line may be broken, at last between graphemes. Links are never cut.
func (c *Composer) split(pieces []piece) []string {
	whole, size := "", 0
	for _, p := range pieces {
		whole, size = whole+p.text, size+c.measure(p)
	}
	if size <= c.o.MaxCharacters { // most tweets
		if whole = strings.TrimSpace(whole); visible(whole) {
			return []string{whole}
		}
		return nil
	}
	atoms := c.atoms(pieces)
	var parts []string
	for len(atoms) > 0 {
		n := c.fill(atoms)
		var b strings.Builder
		for _, a := range atoms[:n] {
			b.WriteString(a.text)
		}
		if text := strings.TrimSpace(b.String()); visible(text) {
			parts = append(parts, text)
		}
		atoms = atoms[n:]
	}
	return parts
}

// fill returns how many atoms the next part takes: at least one, since none is
// over the limit.
func (c *Composer) fill(atoms []atom) int {
	limit := c.o.MaxCharacters
	size, n := 0, 0
	var at, length [afterParagraph + 1]int // the last place of each kind
	for n < len(atoms) && size+atoms[n].ink <= limit {
		a := atoms[n]
		n++
		at[a.end], length[a.end] = n, size+a.ink
		size += a.whole
	}
	if n == len(atoms) {
		return n
	}
	for _, want := range []struct {
		end  ending
		fill int // least part of the limit, in tenths
	}{{afterParagraph, 6}, {afterSentence, 6}, {afterWord, 5}, {inWord, 0}, {afterWord, 0}} {
		best := 0
		for end := want.end; end <= afterParagraph; end++ {
			if at[end] > best && length[end]*10 >= limit*want.fill {
				best = at[end]
			}
		}
		if best > 0 {
			return best
		}
	}
	return n
}

var hashtag = regexp.MustCompile(`[#＃][\p{L}\p{M}\p{N}_]+`)

// atoms cuts pieces where lines may be broken. A hashtag stays in one atom.
func (c *Composer) atoms(pieces []piece) []atom {
	var atoms []atom
	for _, p := range pieces {
		if p.link {
			atoms = append(atoms, atom{text: p.text, ink: c.measure(p), whole: c.measure(p)})
			continue
		}
		tags := hashtag.FindAllStringIndex(p.text, -1)
		rest, at, state := p.text, 0, -1
		for rest != "" {
			var line string
			line, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
			a := c.newAtom(line)
			if end := at + len(strings.TrimRightFunc(line, unicode.IsSpace)); rest == "" && a.end == inWord || inside(tags, end) {
				a.end = noCut
			}
			at += len(line)
			if n := len(atoms); n > 0 && strings.TrimSpace(line) == "" {
				atoms[n-1] = c.join(atoms[n-1], a) // white space belongs to what it follows
				continue
			}
			atoms = append(atoms, a)
		}
	}
	var small []atom
	for _, a := range atoms {
		if a.ink > c.o.MaxCharacters { // no link is: text has seen to that
			small = append(small, c.breakUp(a)...)
		} else {
			small = append(small, a)
		}
	}
	return small
}

func inside(tags [][]int, at int) bool {
	for _, tag := range tags {
		if tag[0] < at && at < tag[1] {
			return true
		}
	}
	return false
}

func (c *Composer) newAtom(s string) atom {
	ink := strings.TrimRightFunc(s, unicode.IsSpace)
	a := atom{text: s, ink: c.count(ink), whole: c.count(s), end: inWord}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(ink, `"'»”’)]`))
	switch gap := s[len(ink):]; {
	case strings.Contains(gap, "\n"):
		a.end = afterParagraph
	case gap != "" && strings.ContainsRune(".!?…", last), strings.ContainsRune("。！？", last):
		a.end = afterSentence
	case gap != "":
		a.end = afterWord
	}
	return a
}

func (c *Composer) join(a, space atom) atom {
	a.text += space.text
	a.whole += space.whole
	a.end = max(a.end, space.end, afterWord)
	return a
}

// breakUp cuts an atom that is over the limit between graphemes, or, where one
// grapheme is over the limit by itself, between code points.
func (c *Composer) breakUp(a atom) []atom {
	ink := strings.TrimRightFunc(a.text, unicode.IsSpace)
	var out []atom
	rest, state := ink, -1
	for rest != "" {
		var g string
		g, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n := c.count(g); n <= c.o.MaxCharacters {
			out = append(out, atom{text: g, ink: n, whole: n, end: inWord})
			continue
		}
		for _, r := range g {
			out = append(out, atom{text: string(r), ink: 1, whole: 1, end: inWord})
		}
	}
	last := &out[len(out)-1]
	last.text += a.text[len(ink):]
	last.whole += a.whole - a.ink
	last.end = a.end
	return out
}

// visible tells whether a server would find anything in s.
func visible(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			return true
		}
	}
	return false
}
