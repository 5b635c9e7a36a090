package address

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/skein-migrate/skein/internal/model"
)

func invalid(s string) error {
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100]) + "…"
	}
	return fmt.Errorf("address %q: %w", s, model.ErrInvalid)
}

func decode(s string) (rune, int) { return utf8.DecodeRuneInString(s) }

// visible returns the text as a reader takes it: invisible characters, which
// some put between the signs to avoid a mention, are taken out (or are a space,
// if gap), and full-width or mathematical letters are the plain ones.
func visible(text string, gap bool) (clean string, invisible bool) {
	plain := true
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		return text, false
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch {
		case isInvisible(r):
			invisible = true
			if gap {
				b.WriteByte(' ')
			}
		case isStyled(r):
			b.WriteRune(plainest(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), invisible
}

func isInvisible(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x180e, r == 0xfeff, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x2064, r >= 0x2066 && r <= 0x206f, r >= 0xfe00 && r <= 0xfe0f:
		return true
	}
	return false
}

// isStyled tells whether r may be a form of an ASCII character: full-width and
// small ones, mathematical alphabets with the letters that Unicode keeps
// elsewhere, circled letters.
func isStyled(r rune) bool {
	return r >= 0xff01 && r <= 0xff5e || r >= 0xfe50 && r <= 0xfe6b || r >= 0x1d400 && r <= 0x1d7ff ||
		r >= 0x24b6 && r <= 0x24e9 || r >= 0x2102 && r <= 0x2134
}

// plainest returns the ASCII character that r is a form of, else r.
func plainest(r rune) rune {
	if s := norm.NFKC.String(string(r)); len(s) == 1 {
		return rune(s[0])
	}
	return r
}

// inToken tells whether r may stand in an address or a URL. Emoji, brackets,
// quotes and everything else divide.
func inToken(r rune) bool {
	if r < utf8.RuneSelf {
		return tokenSigns[r]
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
}

// tokenSigns are the ASCII characters that may stand in an address or a URL.
var tokenSigns = func() (signs [utf8.RuneSelf]bool) {
	for r := range rune(utf8.RuneSelf) {
		signs[r] = isAlnum(r) || strings.ContainsRune("@.-_:/~%?#=&+!$", r)
	}
	return signs
}()

func isAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// isUser tells whether c may stand in a user name.
func isUser(c byte) bool { return isAlnum(rune(c)) || c == '_' || c == '.' || c == '-' }

// splitsWord tells whether r, beside an ASCII name, shows that the name is only
// a part of a word: é does, は does not.
func splitsWord(r rune) bool {
	const keycap = 0x20e3 // makes an emoji of a digit
	return r >= utf8.RuneSelf && r != keycap && unicode.In(r, unicode.Latin, unicode.Inherited)
}

// line returns the line of text that holds start to end, or the part around it
// if it is long. It looks no further than a line may be long.
func line(text string, start, end int) string {
	const ends = "\n\r\u2028\u2029"
	before, found, after := tail(text[:start], 4*maxLine), []rune(head(text[start:end], 4*maxLine)), head(text[end:], 4*maxLine)
	if i := strings.LastIndexAny(before, ends); i >= 0 {
		_, size := decode(before[i:])
		before = before[i+size:]
	}
	if i := strings.IndexAny(after, ends); i >= 0 {
		after = after[:i]
	}
	left, right := []rune(before), append(found, []rune(after)...)
	if len(left)+len(right) > maxLine {
		left = left[max(0, len(left)-max(maxLine/2, maxLine-len(right))):]
		right = right[:min(len(right), maxLine-len(left))]
	}
	whole := strings.ToValidUTF8(string(left)+string(right), "")
	if strings.ContainsAny(whole, ends) { // what was found may be divided itself
		whole = strings.Map(func(r rune) rune {
			if strings.ContainsRune(ends, r) {
				return ' '
			}
			return r
		}, whole)
	}
	return strings.TrimSpace(whole)
}

// head and tail return at most about n bytes, whole characters only.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}
