package compose_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/compose"
)

func TestSameText(t *testing.T) {
	const link = `<a href="https://example.org/a/very/long/address?x=1&amp;y=2" target="_blank" rel="nofollow noopener noreferrer">` +
		`<span class="invisible">https://</span><span class="ellipsis">example.org/a/very/long/addres</span><span class="invisible">s?x=1&amp;y=2</span></a>`
	tests := []struct {
		name, sent, got string
		differ          bool
	}{
		{name: "plain", sent: "Hello", got: "Hello"},
		{name: "paragraph", sent: "Hello", got: "<p>Hello</p>"},
		{name: "lines", sent: "one\ntwo\n\nthree", got: "<p>one<br />two</p><p>three</p>"},
		{name: "lines, bare br", sent: "one\ntwo", got: "one<br>two"},
		{name: "white space", sent: "a  b\u00a0c\t d ", got: "<p>a b c d</p>"},
		{name: "entities", sent: `1 < 2 & "so" it's`, got: "<p>1 &lt; 2 &amp; &quot;so&quot; it&#39;s</p>"},
		{name: "markup in the text", sent: "use <p> and <br>", got: "<p>use &lt;p&gt; and &lt;br&gt;</p>"},
		{name: "markup in the text, stripped", sent: "use <p> and <br>", got: "use <p> and <br>"},
		{name: "Mastodon's link", sent: "see https://example.org/a/very/long/address?x=1&y=2 there", got: "<p>see " + link + " there</p>"},
		{name: "link cut for show", sent: "see https://example.org/long/address", got: `<p>see <a href="https://example.org/long/address">example.org/long/…</a></p>`},
		{name: "link without www", sent: "https://www.example.org/x", got: `<a href="https://www.example.org/x">example.org/x</a>`},
		{name: "link with a slash added", sent: "at https://example.org now", got: `<p>at <a href="https://example.org/">https://example.org</a> now</p>`},
		{name: "hashtag", sent: "#Go now", got: `<p><a href="https://s.example/tags/go" class="mention hashtag" rel="tag">#<span>Go</span></a> now</p>`},
		{name: "NFD", sent: "Cafe\u0301", got: "<p>Café</p>"},
		{name: "zero width", sent: "a\u200bb\ufeff", got: "<p>ab</p>"},
		{name: "emoji image", sent: "hi 😀", got: `<p>hi <img class="emoji" alt="😀" src="x.png"></p>`},
		{name: "empty", sent: "", got: "<p></p>"},
		{name: "another text", sent: "Hello", got: "<p>Hello!</p>", differ: true},
		{name: "another link", sent: "https://example.org/1", got: `<p><a href="https://example.org/2">https://example.org/2</a></p>`, differ: true},
		{name: "a part of it", sent: "one two", got: "<p>one</p>", differ: true},
		{name: "case", sent: "Hello", got: "<p>hello</p>", differ: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if compose.SameText(tt.sent, tt.got) == tt.differ || compose.SameText(tt.got, tt.sent) == tt.differ {
				t.Errorf("SameText(%q, %q) = %v; plain %q", tt.sent, tt.got, tt.differ, compose.PlainText(tt.got))
			}
			if plain := compose.PlainText(tt.got); !tt.differ && tt.name != "markup in the text, stripped" && !compose.SameText(tt.sent, plain) {
				t.Errorf("SameText(%q, %q) = false", tt.sent, plain)
			}
		})
	}
}

// Whatever a server sends, comparing neither panics nor depends on the order.
func FuzzSameText(f *testing.F) {
	f.Add("Hello", "<p>Hello</p>")
	f.Add("<a href='http://x'>", "</a><a><a href=http:>x…</a>")
	f.Add("<p>&lt;p&gt;", "<br")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !compose.SameText(a, a) || !compose.SameText(b, b) {
			t.Errorf("%q or %q is not the same as itself", a, b)
		}
		if compose.SameText(a, b) != compose.SameText(b, a) {
			t.Errorf("%q and %q: the order decides", a, b)
		}
	})
}
