package fediverse

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStripHTML(t *testing.T) {
	tests := []struct{ name, in, profile, status string }{
		{"paragraphs and lines", "<p>one<br>two<br />three</p><p>four</p>", "one\ntwo\nthree\n\nfour", "one\ntwo\nthree\n\nfour"},
		{"entities", "a &lt;b&gt; &amp;amp; &#39;c&#39; &nbsp;d", "a <b> &amp; 'c' \u00a0d", "a <b> &amp; 'c' \u00a0d"},
		{"Mastodon's link", `<a href="https://x.com/ada" rel="me nofollow"><span class="invisible">https://</span><span class="">x.com/ada</span><span class="invisible"></span></a>`, "https://x.com/ada", "https://x.com/ada"},
		{"a link with words", `<p>I was <a href="https://twitter.com/ada">on Twitter</a>.</p>`, "I was on Twitter (https://twitter.com/ada).", "I was on Twitter."},
		{"a link without words", `<a href="https://x.com/ada"><img src="x"></a>`, "https://x.com/ada", ""},
		{"a link that lies", `<a href="https://evil.example/">https://x.com/ada</a>`, "https://x.com/ada (https://evil.example/)", "https://x.com/ada"},
		{"no scheme shown", `<a href="https://X.com/Ada/">x.com/ada</a>`, "x.com/ada", "x.com/ada"},
		{"mention", `<span class="h-card"><a href="https://a.example/@eff" class="u-url mention">@<span>eff</span></a></span> hi`, "@eff hi", "@eff hi"},
		{"hashtag", `<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>`, "#x", "#x"},
		{"script link", `<a href="javascript:alert(1)">click</a>`, "click", "click"},
		{"script and style", "a<script>alert('<b>')</script><style>p{}</style>b", "ab", "ab"},
		{"no HTML at all", "a < b\n and c", "a < b and c", "a < b and c"},
		{"list", "<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc", "a\nb\n\nc"},
		{"open at the end", `<a href="https://x.com/ada">me`, "me (https://x.com/ada)", "me"},
		{"cut tag", `text <a href="htt`, "text", "text"},
		{"many lines", "a<br><br><br><br>b", "a\n\nb", "a\n\n\n\nb"},
		{"turned direction", "a\u202eb\u2066c", "abc", "a\u202eb\u2066c"},
		{"emoji kept", "<p>👩‍🚀 hi</p>", "👩‍🚀 hi", "👩‍🚀 hi"},
		{"comment", "a<!-- x -->b", "ab", "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := StripHTML(tt.in); got != tt.profile {
				t.Errorf("StripHTML = %q, want %q", got, tt.profile)
			}
			if got := PlainText(tt.in); got != tt.status {
				t.Errorf("PlainText = %q, want %q", got, tt.status)
			}
		})
	}
}

func TestShown(t *testing.T) {
	if got := Shown("a\u202eb\x00\nc " + strings.Repeat("ü", 6000)); got != "ab\nc "+strings.Repeat("ü", 4995) {
		t.Errorf("Shown = %.20q, %d runes", got, utf8.RuneCountInString(got))
	}
}

func FuzzStripHTML(f *testing.F) {
	for _, s := range []string{"<p>a<br>b</p>", `<a href="https://x.com/a">b</a>`, "<script>", "&#0;&#x202e;", "<a href=http://a<a href=https://b>", "\xff<p>", "<plaintext>a", "<textarea><a href=https://a>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := StripHTML(s)
		if !utf8.ValidString(got) && utf8.ValidString(s) {
			t.Errorf("StripHTML(%q) = %q is not UTF-8", s, got)
		}
		if strings.ContainsAny(got, "\x00\x1b\r\t\u202e") || strings.Contains(got, "\n\n\n") {
			t.Errorf("StripHTML(%q) = %q", s, got)
		}
		if len(got) > 4*maxHTML {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
		PlainText(s)
	})
}
