package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readText reads a table where the text looks like one, else line by line.
func (b *listBuilder) readText(text []byte, name string) error {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	comma := separator(text, name)
	if comma == 0 {
		b.table = lineTable(firstLines(text))
		return b.readLines(text)
	}
	b.table.Kind, b.table.Separator = KindTable, string(comma)
	return b.readTable(text, comma)
}

// separator returns what separates the columns of text, or 0 if it is no table.
func separator(text []byte, name string) rune {
	top := firstLines(text)
	if len(top) == 0 {
		return 0
	}
	head, tabs := top[0], strings.Count(top[0], "\t")
	even := tabs > 0 && len(top) > 1
	for _, line := range top {
		even = even && strings.Count(line, "\t") == tabs
	}
	for _, c := range []rune{'\t', ',', ';'} {
		for _, title := range strings.Split(head, string(c)) {
			if titles[normal(title)] != Guessed && strings.ContainsRune(head, c) {
				return c
			}
		}
	}
	switch {
	case strings.HasSuffix(name, ".tsv"), even:
		return '\t'
	case strings.HasSuffix(name, ".csv"):
		best := ','
		for _, c := range []rune{';', '\t'} {
			if strings.Count(head, string(c)) > strings.Count(head, string(best)) {
				best = c
			}
		}
		return best
	case titles[normal(head)] != Guessed:
		return ','
	}
	return 0
}

// firstLines returns some lines of text that are not empty, whole ones.
func firstLines(text []byte) []string {
	const most = 64 << 10
	if cut := bytes.LastIndexByte(text[:min(len(text), most)], '\n'); len(text) > most && cut > 0 {
		text = text[:cut]
	}
	var top []string
	for line := range strings.Lines(string(text[:min(len(text), most)])) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" && len(top) < 50 {
			top = append(top, line)
		}
	}
	return top
}

func (b *listBuilder) readTable(text []byte, comma rune) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
	var g grid
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return inputError(fmt.Sprintf("this table cannot be read: %v", err))
		}
		line, _ := r.FieldPos(0)
		if g.titles == nil && b.hasTitles(record) {
			g.titles, g.header = record[:min(len(record), mostColumns)], true
			continue
		}
		if err := g.add(b, record[:min(len(record), mostColumns)], line); err != nil {
			return err
		}
		if g.titles == nil {
			g.titles = make([]string, len(record))
		}
	}
	if !g.header && b.said.Titles == "" {
		g.findHeader()
		b.rows = len(g.rows)
	}
	b.table.Header = g.header
	b.take(g)
	return nil
}

func (b *listBuilder) hasTitles(record []string) bool {
	if b.said.Titles != "" {
		return b.said.Titles == "yes"
	}
	for _, cell := range record {
		if titles[normal(cell)] != Guessed {
			return true
		}
	}
	return false
}

// readLines reads plain text: accounts alone, or accounts within sentences.
// Bare words are handles only where nothing in the text is marked as one.
func (b *listBuilder) readLines(text []byte) error {
	top := text[:min(len(text), 2<<20)] // enough to tell
	marked := atHandle.Match(top) || profileURL.Match(top)
	return lines(text, func(n int, line string) error {
		if line[0] == '#' {
			return nil
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
		all := accountsOnly(words, marked)
		if all == nil {
			a := account{bio: line}
			a.id, a.handle = fromProfileURL(line)
			if m := atHandle.FindStringSubmatch(line); m != nil {
				a.handle = first(a.handle, handle(m[1]))
			}
			all = []account{a}
		}
		for _, a := range all {
			if err := b.count(); err != nil {
				return err
			}
			b.add(a, n)
		}
		return nil
	})
}

// accountsOnly reads words that are accounts, all of them, or returns nil.
func accountsOnly(words []string, marked bool) []account {
	var all []account
	for _, w := range words {
		id, name := cell(w, strings.HasPrefix(w, "@"))
		bare := name != "" && !strings.HasPrefix(w, "@") && !strings.Contains(w, "/")
		if id == "" && name == "" || bare && (marked || len(words) > 1 && !strings.ContainsAny(w, "_0123456789")) {
			return nil
		}
		all = append(all, account{id: id, handle: name})
	}
	return all
}
