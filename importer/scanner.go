package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// scanner cuts a file of an archive into its items without reading the whole:
// it looks for the first [ or { (after "window.YTD.tweets.part0 =", a byte
// order mark or whatever else stands there), and hands out the bytes of one
// item after the other. A file that starts with { is one item. What follows
// the closing bracket is ignored.
//
// It balances brackets and strings itself, so that a broken item costs that
// item alone; a decoder that meets a syntax error can't go on.
type scanner struct {
	r      *bufio.Reader
	lim    limits
	item   []byte
	offset int64 // bytes taken from r
	single bool  // the file is one object
	done   bool
	indent int // spaces before where the scanner stands, -1 if there is more in the line
}

// envelope is how far the first bracket may be from the start of the file.
const envelope = 4096

var (
	errNoJSON   = errors.New("there is no [ or { at its start, so it is no file of an archive")
	errCutOff   = errors.New("the file ends before its closing bracket")
	errTooLong  = errors.New("the item is too long")
	errTooDeep  = errors.New("the item is nested too deep")
	errNoObject = errors.New("there is text where an item should be")
	errUnclosed = errors.New("a bracket or quotation mark is missing in it")
)

// newScanner reads up to the first bracket.
func newScanner(r io.Reader, lim limits) (*scanner, error) {
	s := &scanner{r: bufio.NewReaderSize(r, 64<<10), lim: lim, indent: -1}
	for s.offset < envelope {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, errNoJSON
		}
		if err != nil {
			return nil, err
		}
		switch c {
		case '{':
			s.single = true
			return s, s.r.UnreadByte()
		case '[':
			s.offset++
			return s, nil
		}
		s.offset++
	}
	return nil, errNoJSON
}

// next returns the next item, valid until next is called again, and the offset
// of its first byte. It returns io.EOF after the closing bracket. After
// errTooLong, errTooDeep, errNoObject and errUnclosed the scanner stands behind
// that item and next may be called again; other errors are final.
func (s *scanner) next() ([]byte, int64, error) {
	if s.done {
		return nil, s.offset, io.EOF
	}
	s.item = s.item[:0]
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return nil, s.offset, s.cut(err)
		}
		switch c {
		case ' ', '\t', '\r', '\n', ',':
			s.offset++
			s.indent = indentAfter(s.indent, c)
			continue
		case ']':
			s.done = true
			return nil, s.offset, io.EOF
		}
		start := s.offset
		if err := s.r.UnreadByte(); err != nil {
			return nil, start, err
		}
		if c != '{' && c != '[' {
			return nil, start, s.skipScalar()
		}
		err = s.value()
		s.done = s.single
		return s.item, start, err
	}
}

// value reads one bracketed value into s.item.
func (s *scanner) value() error {
	b := balance{start: s.indent, max: s.lim.depth, single: s.single}
	s.indent = -1
	var tooLong bool
	for {
		if _, err := s.r.Peek(1); err != nil {
			return s.cut(err)
		}
		chunk, _ := s.r.Peek(s.r.Buffered()) // what is there
		n, closed := b.take(chunk)
		if tooLong = tooLong || len(s.item)+n > s.lim.item; !tooLong {
			s.item = append(s.item, chunk[:n]...)
		}
		s.offset += int64(n)
		if _, err := s.r.Discard(n); err != nil {
			return err
		}
		switch {
		case closed && b.lost:
			s.indent = b.indent
			return errUnclosed
		case closed && tooLong:
			return fmt.Errorf("%w (more than %d bytes)", errTooLong, s.lim.item)
		case closed && b.tooDeep:
			return errTooDeep
		case closed:
			return nil
		}
	}
}

// skipScalar skips text up to the next comma or bracket.
func (s *scanner) skipScalar() error {
	for first := true; ; first = false {
		c, err := s.r.ReadByte()
		if err != nil {
			return s.cut(err)
		}
		if !first && (c == ',' || c == '{' || c == '[' || c == ']') {
			return errors.Join(s.r.UnreadByte(), errNoObject)
		}
		s.offset++
	}
}

func (s *scanner) cut(err error) error {
	s.done = true
	if errors.Is(err, io.EOF) {
		return errCutOff
	}
	return err
}

// indentAfter returns the number of spaces before the place behind c, which
// stands at indent, or -1 if there is more than spaces.
func indentAfter(indent int, c byte) int {
	switch {
	case c == '\n':
		return 0
	case (c == ' ' || c == '\t') && indent >= 0:
		return indent + 1
	}
	return -1
}
