package sample

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// printer writes JSON as X prints it: two spaces of indent, " : " after keys,
// nothing escaped that need not be, empty arrays as "[ ]".
type printer struct {
	buf   []byte
	depth int
	ints  bool // numbers without quotation marks, anything else than ASCII escaped
	comma bool // a value came before in this object or array
}

func (p *printer) reset(depth int) { p.buf, p.depth, p.comma = p.buf[:0], depth, false }
func (p *printer) raw(s string)    { p.buf = append(p.buf, s...) }

func (p *printer) open(bracket byte) {
	p.buf = append(p.buf, bracket)
	p.depth++
	p.comma = false
}

func (p *printer) close(bracket byte) {
	p.depth--
	if !p.comma { // nothing inside
		p.buf = append(p.buf, ' ', bracket)
	} else {
		p.line()
		p.buf = append(p.buf, bracket)
	}
	p.comma = true
}

func (p *printer) line() {
	p.buf = append(p.buf, '\n')
	for range p.depth {
		p.buf = append(p.buf, ' ', ' ')
	}
}

// next begins a value of an array, or a member where key is not empty.
func (p *printer) next(key string) {
	if p.comma {
		p.buf = append(p.buf, ',')
	}
	p.line()
	p.comma = true
	if key != "" {
		p.quote(key)
		p.buf = append(p.buf, " : "...)
	}
}

func (p *printer) object(key string, fill func()) {
	p.next(key)
	p.open('{')
	fill()
	p.close('}')
}

func (p *printer) array(key string, fill func()) {
	p.next(key)
	p.open('[')
	fill()
	p.close(']')
}

func (p *printer) str(key, value string) {
	p.next(key)
	p.quote(value)
}

func (p *printer) num(key string, n int)       { p.id(key, strconv.Itoa(n)) }
func (p *printer) bool(key string, value bool) { p.next(key); p.buf = strconv.AppendBool(p.buf, value) }

// id writes digits, as a text unless ints are wanted.
func (p *printer) id(key, digits string) {
	if !p.ints {
		p.str(key, digits)
		return
	}
	p.next(key)
	p.raw(digits)
}

func (p *printer) pair(key string, from, to int) {
	p.array(key, func() { p.num("", from); p.num("", to) })
}

func (p *printer) quote(s string) {
	p.buf = append(p.buf, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			p.buf = append(p.buf, '\\', c)
		case c == '\n':
			p.buf = append(p.buf, '\\', 'n')
		case c < ' ':
			p.buf = append(p.buf, ' ')
		case p.ints && c == '/':
			p.buf = append(p.buf, '\\', '/')
		case p.ints && c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			for _, unit := range utf16.AppendRune(nil, r) {
				p.buf = fmt.Appendf(p.buf, "\\u%04x", unit)
			}
			i += size
			continue
		default:
			_, size := utf8.DecodeRuneInString(s[i:])
			p.buf = append(p.buf, s[i:i+size]...)
			i += size
			continue
		}
		i++
	}
	p.buf = append(p.buf, '"')
}
