package importer

import "bytes"

// balance follows brackets and strings through the chunks of a value, and
// notices where the next item begins before this one was closed, so that what
// an editor took away costs one item and not the rest of the file.
type balance struct {
	stack   []byte // open brackets, up to max
	max     int
	beyond  int // open brackets beyond max
	tooDeep bool
	single  bool // the value is the whole file

	inString, escaped bool
	last              byte // what came last outside of strings, spaces left out

	start  int  // indent of the value's first bracket, or -1
	indent int  // of where it stands, -1 if there is more in the line
	flat   bool // lines inside are not indented, so that indents tell nothing
	broken bool // a line break ended a string, or brackets do not match
	lost   bool // the next item, or the file's end, came before this one's end
}

// take goes through chunk and returns how many bytes belong to the value and
// whether it is closed. A raw line break ends a string: JSON has none inside.
func (b *balance) take(chunk []byte) (n int, closed bool) {
	for i := 0; i < len(chunk); i++ {
		if b.inString {
			if i = b.text(chunk, i); i == len(chunk) {
				break
			}
			continue
		}
		c := chunk[i]
		switch c {
		case ' ', '\t':
			if b.indent >= 0 {
				b.indent++
			}
			continue
		case '\n':
			b.indent = 0
			continue
		case '\r':
			continue
		case '{', '[':
			if b.isNext(c) {
				b.lost = true
				return i, true
			}
			b.open(c)
		case '}', ']':
			switch end, mine := b.close(c); {
			case !mine && c == ']' && !b.single: // the file's own
				b.lost = true
				return i, true
			case end:
				return i + 1, true
			}
		default:
			if b.indent >= 0 && b.indent <= b.start {
				b.flat = true
			}
			b.inString = c == '"'
		}
		b.last, b.indent = c, -1
	}
	return len(chunk), false
}

// text goes to the end of a string and returns where its last byte is, or the
// length of chunk.
func (b *balance) text(chunk []byte, i int) int {
	for ; i < len(chunk); i++ {
		switch c := chunk[i]; {
		case b.escaped:
			b.escaped = false
		case c == '\\':
			b.escaped = true
		case c == '"':
			b.inString = false
			return i
		case c == '\n':
			b.inString, b.broken, b.indent = false, true, 0
			return i
		}
	}
	return i
}

// isNext tells whether an opening bracket is the next item's: in an object a key
// comes after a comma, never a bracket, and in a file that is indented no inner
// line begins with a bracket as far left as the item does.
func (b *balance) isNext(c byte) bool {
	if c != '{' || len(b.stack) == 0 || b.beyond > 0 || b.single {
		return false
	}
	if b.last == ',' && b.stack[len(b.stack)-1] == '{' {
		return true
	}
	return b.indent >= 0 && b.indent == b.start && (b.broken || !b.flat)
}

func (b *balance) open(c byte) {
	if len(b.stack) < b.max {
		b.stack = append(b.stack, c)
		return
	}
	b.beyond++
	b.tooDeep = true
}

// close takes a closing bracket and tells whether the value ends with it, and
// whether it closes anything of it. Brackets left open inside of what it closes
// are taken as closed.
func (b *balance) close(c byte) (end, mine bool) {
	if b.beyond > 0 {
		b.beyond--
		return false, true
	}
	opened := byte('{')
	if c == ']' {
		opened = '['
	}
	at := bytes.LastIndexByte(b.stack, opened)
	if at < 0 {
		b.broken = true
		return false, false
	}
	b.broken = b.broken || at < len(b.stack)-1
	b.stack = b.stack[:at]
	return at == 0, true
}
