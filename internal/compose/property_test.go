package compose_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/tools/txtar"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/model"
)

// Mastodon's MENTION_RE (app/models/account.rb), whose look-behind Go lacks:
//
//	/(?<![=/[:word:]])@(([a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?)(?:@[[:alnum:].-]+[[:alnum:]]+)?)/i
//
// Older versions have (?<=^|[^\/[:word:]]), which finds one behind "=" too.
var mastodonMention = regexp.MustCompile(`(?i)(?:^|[^/\p{L}\p{M}\p{Nd}\p{Pc}])@(([a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?)(?:@[\p{L}\p{N}.-]+[\p{L}\p{N}]+)?)`)

// GoToSocial's mention parser starts at any "@" behind white space, the line's
// beginning or punctuation (internal/text, internal/regexes), except where its
// linkifier took the text before.
var (
	goToSocialMention = regexp.MustCompile(`(?m)(?:^|[\s\p{P}\p{S}])@(?:\p{L}\p{M}*|\p{N}|\.|-|_)+`)
	goToSocialLink    = regexp.MustCompile(`(?mi)(^|[\s(*_~])https?://[A-Za-z0-9._~:/@-]+`)
	anyLink           = regexp.MustCompile(`(?i)https?://[^\s<>"]+`)
	unsafeAt          = regexp.MustCompile(`[@＠][\p{L}\p{M}\p{N}_.-]`)
)

// inWords says that the server takes an "@" inside of a word for no mention.
func checkMentions(t testing.TB, text string, inWords bool) {
	t.Helper()
	if m := mastodonMention.FindString(text); m != "" {
		t.Errorf("%q: Mastodon finds the mention %q", text, m)
	}
	if m := goToSocialMention.FindString(goToSocialLink.ReplaceAllString(text, "$1")); m != "" {
		t.Errorf("%q: GoToSocial finds the mention %q", text, m)
	}
	if m := unsafeAt.FindString(anyLink.ReplaceAllString(text, " ")); m != "" && !inWords {
		t.Errorf("%q: %q stands outside of links", text, m)
	}
}

// length counts as a server does, in another way than the package.
func length(o compose.Options, text string) int {
	if o.URLLength > 0 {
		text = anyLink.ReplaceAllString(text, strings.Repeat("x", o.URLLength))
	}
	if o.CountCodePoints {
		return utf8.RuneCountInString(text)
	}
	return uniseg.GraphemeClusterCount(text)
}

// checkStatuses asserts what holds for the parts of every tweet.
func checkStatuses(t testing.TB, o compose.Options, tweet model.Tweet, parts []compose.Status, skipped string) {
	t.Helper()
	if (skipped == "") == (len(parts) == 0) {
		t.Fatalf("%d parts and the reason %q", len(parts), skipped)
	}
	var last time.Time
	for i, p := range parts {
		if n := length(o, p.Text) + length(o, p.SpoilerText); o.MaxCharacters > 0 && n > o.MaxCharacters {
			t.Errorf("part %d counts %d: %q", i+1, n, p.Text)
		}
		checkMentions(t, p.Text, o.AtInWords)
		checkMentions(t, p.SpoilerText, false)
		for _, l := range p.OwnLinks {
			if l.Start < 0 || l.End > len(p.Text) || !strings.HasPrefix(p.Text[l.Start:l.End], "http") {
				t.Errorf("own link %+v in %q", l, p.Text)
			}
		}
		if len(p.TweetIDs) == 0 || p.TweetIDs[0] != tweet.ID || p.Part != i+1 || p.Parts != len(parts) {
			t.Errorf("part %d says %v, %d of %d", i+1, p.TweetIDs, p.Part, p.Parts)
		}
		if i > 0 && (p.InReplyTo == nil || *p.InReplyTo != compose.Ref{TweetID: tweet.ID, Part: i}) {
			t.Errorf("part %d answers %v", i+1, p.InReplyTo)
		}
		if !p.CreatedAt.After(last) || !p.CreatedAt.Equal(p.CreatedAt.Truncate(time.Millisecond)) {
			t.Errorf("part %d at %v, after one at %v", i+1, p.CreatedAt, last)
		}
		last = p.CreatedAt
		if p.Text == "" && len(p.Media) == 0 || p.Media == nil {
			t.Errorf("part %d is empty", i+1)
		}
		if !utf8.ValidString(p.Text) || strings.TrimSpace(p.Text) != p.Text {
			t.Errorf("part %d: %q", i+1, p.Text)
		}
	}
}

func TestGoldenProperties(t *testing.T) {
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range goldenCases(t, archive) {
		for _, limit := range []int{c.options.MaxCharacters, 500, 140, 60, 5000} {
			for _, points := range []bool{false, true} {
				o := c.options
				o.MaxCharacters, o.CountCodePoints = limit, points
				t.Run(c.name, func(t *testing.T) {
					var x compose.Index
					for _, tweet := range c.tweets {
						x.Add(tweet)
					}
					composer := compose.New(o, &x)
					for _, tweet := range c.tweets {
						parts, skipped := composer.Compose(tweet)
						checkStatuses(t, o, tweet, parts, skipped)
					}
				})
			}
		}
	}
}

// However small the limit, the parts together hold every word of the whole.
func TestSplitKeepsWords(t *testing.T) {
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	text := func(o compose.Options, tweet model.Tweet) string {
		parts, _ := compose.New(o, nil).Compose(tweet)
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p.Text)
		}
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, b.String())
	}
	for _, c := range goldenCases(t, archive) {
		for _, tweet := range c.tweets {
			o := c.options
			o.IncludeReplies, o.MaxCharacters, o.URLLength, o.Number = true, 100_000, 23, false
			want := text(o, tweet)
			for limit := 30; limit < 400; limit += 7 {
				o.MaxCharacters = limit
				if got := text(o, tweet); got != want {
					t.Fatalf("%s at %d: %q, want %q", c.name, limit, got, want)
				}
			}
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Q&amp;A @ada https://t.co/aaaaaaaaaa 😀", "", "https://t.co/aaaaaaaaaa", "https://medium.com/@ada", 14, 37, 0, 9, 50)
	f.Add("@owner @@＠bob.@c 👩‍👩‍👧", "note @x@y.example", "https://t.co/a", "https://e.org/(@b", -3, 1<<40, 5, 2, 7)
	f.Add("\"http://e.org/@x @\u200b@ada #tag", "", "@bob", "http://@ada", 0, 4, 0, 0, 1)
	f.Add("a\r\nb\x00c\xff@ada", "", "", "", 0, 0, 0, 0, 280)
	f.Fuzz(func(t *testing.T, text, note, short, long string, start, end, mentionStart, mentionEnd, limit int) {
		link := model.Link{Short: short, Expanded: long, Start: start, End: end}
		tweet := model.Tweet{
			ID: "1050118621198921728", CreatedAt: time.Date(2018, 10, 10, 20, 19, 24, 0, time.UTC), Text: text,
			Links:    []model.Link{link, {Short: short, Start: end, End: start}},
			Mentions: []model.Mention{{Handle: "owner", Start: mentionStart, End: mentionEnd}},
			Media:    []model.Media{{Type: model.Photo, File: "1-a.jpg", Short: short, Start: mentionEnd, End: start}},
			ReplyTo:  model.Reply{UserID: "100"},
		}
		if note != "" {
			tweet.Note = &model.Note{Text: note, Links: []model.Link{link}, Mentions: tweet.Mentions}
		}
		o := compose.Options{OwnerID: "100", OwnerHandle: "owner", MaxCharacters: 1 + limit&0x1ff, URLLength: 0, CountCodePoints: limit&0x200 != 0}
		parts, skipped := compose.New(o, nil).Compose(tweet)
		checkStatuses(t, o, tweet, parts, skipped)
	})
}

// A server's links count a fixed number only where it sees a link.
func TestMastodonLength(t *testing.T) {
	o := compose.Options{MaxCharacters: 50, URLLength: 23}
	tests := []struct {
		text string
		want int // parts
	}{
		{"https://example.org/" + strings.Repeat("a", 200) + " " + strings.Repeat("b", 26), 1},
		{"https://example.org/" + strings.Repeat("a", 200) + " " + strings.Repeat("b", 27), 2},
		{"http://a.co " + strings.Repeat("b", 26), 1}, // a short link counts 23 too
		{"http://a.co " + strings.Repeat("b", 27), 2},
		{"https://example.notatld/path/that/is/long and more text", 2},
		{"https://localhost/path/that/is/quite/long/and more text", 2},
	}
	for _, tt := range tests {
		tweet := model.Tweet{ID: "1050118621198921728", CreatedAt: time.Date(2018, 10, 10, 0, 0, 0, 0, time.UTC), Text: tt.text}
		if parts, skipped := compose.New(o, nil).Compose(tweet); len(parts) != tt.want {
			t.Errorf("%q: %d parts (%s), want %d", tt.text, len(parts), skipped, tt.want)
		}
	}
}
