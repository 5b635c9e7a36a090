package importer

import (
	"errors"
	"io"
)

// shortener passes JSON on with its strings cut after most bytes, because the
// decoder holds each of them as a whole: a log of 500 MB may be one string. What
// stands between strings and is longer than any number is an error.
type shortener struct {
	r       io.Reader
	most    int
	n       int  // bytes of the string so far, or of what is no string
	inside  bool // of a string
	escaped int  // bytes of an escape that are still to come
	drop    bool // the character or escape that is being read
}

// longestBare is more than any number, true or null needs.
const longestBare = 1000

var errNoLog = errors.New("no JSON")

func (s *shortener) Read(b []byte) (int, error) {
	for {
		n, err := s.r.Read(b)
		kept := 0
		for _, c := range b[:n] {
			if !s.see(c) {
				continue
			}
			if s.n > longestBare && !s.inside {
				return kept, errNoLog
			}
			b[kept] = c
			kept++
		}
		if kept > 0 || err != nil {
			return kept, err
		}
	}
}

// see takes the next byte and tells whether it is passed on.
func (s *shortener) see(c byte) bool {
	if !s.inside {
		switch c {
		case '"':
			s.inside, s.n = true, 0
		case ' ', '\n', '\r', '\t', ',', ':', '{', '}', '[', ']':
			s.n = 0
		default:
			s.n++
		}
		return true
	}
	switch {
	case s.escaped > 0: // goes with its backslash
		if s.escaped--; s.escaped == 0 && c == 'u' {
			s.escaped = 4
		}
	case c == '"':
		s.inside, s.n = false, 0
		return true
	default:
		s.drop = s.n >= s.most
		if c == '\\' {
			s.escaped = 1
		}
	}
	if !s.drop {
		s.n++
	}
	return !s.drop
}
