package compose

import (
	"regexp"
	"strings"
)

// ownWarning is how people write content warnings where there is no field for them.
var ownWarning = regexp.MustCompile(`(?i)^\s*(?:(?:cw|tw|tw/cw|cw/tw|content warning|content note|trigger warning|cn)\s*[:/]\s*([^\n]{1,100})|(spoilers?)\s*:?)\n\s*`)

// warn returns the pieces without a warning that the owner wrote before them,
// and what is to stand before the hidden text: that warning, or the text of the
// first rule that fits.
func (c *Composer) warn(pieces []piece) ([]piece, string) {
	if c.o.OwnWarnings && len(pieces) > 0 && !pieces[0].link {
		if m := ownWarning.FindStringSubmatch(pieces[0].text); m != nil {
			rest := pieces[0]
			rest.text = rest.text[len(m[0]):]
			pieces = append([]piece{rest}, pieces[1:]...)
			return pieces, neutralText(strings.TrimSpace(m[1]+m[2]), ' ', ' ')
		}
	}
	if len(c.o.Warnings) == 0 {
		return pieces, ""
	}
	var text strings.Builder
	for _, p := range pieces {
		text.WriteString(p.text)
		if p.link {
			text.WriteByte(' ')
		}
	}
	words := newWords(text.String())
	for _, rule := range c.o.Warnings {
		if words.Any(rule.Words) {
			return pieces, rule.Text
		}
	}
	return pieces, ""
}
