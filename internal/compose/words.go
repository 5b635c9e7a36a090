package compose

import (
	"strings"
	"unicode"

	"github.com/skein-migrate/skein/internal/model"
)

// Words looks for words in a text as people do: in any case, as whole words,
// with or without "#" or "@". What holds a space, or is of a script that writes
// none, is looked for anywhere.
type Words struct {
	text  string
	words map[string]bool
}

// Plain returns what a tweet says, its long text if it has one, unescaped.
func Plain(t model.Tweet) string {
	if t.Note != nil {
		return clean(t.Note.Text)
	}
	return unescape(t.Text)
}

// WordsOf returns the words of a tweet, its long text and what its links stand
// for among them.
func WordsOf(t model.Tweet) Words {
	var b strings.Builder
	links := t.Links
	if t.Note != nil {
		links = t.Note.Links
	}
	b.WriteString(Plain(t))
	for _, l := range links {
		b.WriteString(" " + l.Expanded)
	}
	return newWords(b.String())
}

func newWords(text string) Words {
	w := Words{text: strings.ToLower(text), words: map[string]bool{}}
	for _, word := range strings.FieldsFunc(w.text, func(r rune) bool { return !isWord(r) && r != '-' && r != '\'' }) {
		w.words[strings.Trim(word, "-'")] = true
	}
	return w
}

// Any tells whether one of the words stands in the text.
func (w Words) Any(words []string) bool {
	for _, word := range words {
		word = strings.ToLower(strings.TrimLeft(strings.TrimSpace(word), "#@"))
		if word == "" {
			continue
		}
		inside := strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSpace(r) || unspaced(r) || !isWord(r) && r != '-' && r != '\'' })
		if w.words[word] || inside && strings.Contains(w.text, word) {
			return true
		}
	}
	return false
}
