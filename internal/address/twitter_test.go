package address_test

import (
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

var handleTests = []struct{ name, in, want string }{
	{"url", "https://twitter.com/ada", "ada"},
	{"url of x", "https://x.com/ada", "ada"},
	{"mobile", "https://mobile.twitter.com/ada", "ada"},
	{"www", "http://www.twitter.com/Ada_B", "Ada_B"},
	{"no scheme", "twitter.com/ada", "ada"},
	{"slash", "https://twitter.com/ada/", "ada"},
	{"query", "https://twitter.com/ada?s=20", "ada"},
	{"with an at", "https://twitter.com/@ada", "ada"},
	{"hash bang", "https://twitter.com/#!/ada", "ada"},
	{"full stop", "My old account: https://twitter.com/ada.", "ada"},
	{"as StripHTML writes links", "Twitter: @ada (https://twitter.com/ada)", "ada"},
	{"in brackets", "(https://x.com/ada)", "ada"},
	{"two", "https://x.com/ada https://twitter.com/bob", "ada bob"},
	{"twice", "https://x.com/ada https://twitter.com/ADA", "ada"},
	{"replies page", "https://twitter.com/ada/with_replies", "ada"},
	{"intent", "https://twitter.com/intent/user?screen_name=ada", "ada"},
	{"intent to follow", "https://twitter.com/intent/follow?ref=x&screen_name=ada", "ada"},
	{"archived", "https://web.archive.org/web/2022/https://twitter.com/ada", "ada"},
	{"zero width", "https://twit\u200bter.com/ada", "ada"},
	{"on Twitter", "I was @ada on Twitter", "ada"},
	{"on X", "@ada on X", "ada"},
	{"on the bird site", "@ada on the bird site", "ada"},
	{"at birdsite", "formerly @ada at birdsite", "ada"},
	{"german", "@ada auf Twitter", "ada"},
	{"french", "@ada sur Twitter", "ada"},
	{"spanish", "@ada en Twitter", "ada"},
	{"in brackets behind", "@ada (Twitter)", "ada"},
	{"in brackets behind, X", "@ada (X)", "ada"},
	{"label", "Twitter: @ada", "ada"},
	{"label without colon", "Twitter @ada", "ada"},
	{"label of both", "Twitter/X: @ada", "ada"},
	{"label X", "X: @ada", "ada"},
	{"label in brackets", "X (formerly Twitter): @ada", "ada"},
	{"label account", "Twitter account: @ada", "ada"},
	{"label without at", "Twitter: ada", "ada"},
	{"label without at, behind an emoji", "🐦 Twitter: ada", "ada"},
	{"bird", "🐦 @ada", "ada"},
	{"ex-twitter", "ex-Twitter: @ada", "ada"},
	{"tweets as", "tweets as @ada", "ada"},
	{"address form", "@ada@twitter.com", "ada"},
	{"address form of x", "@ada@x.com", "ada"},
	{"full-width", "Ｔｗｉｔｔｅｒ：＠ada", "ada"},
	{"new line", "Twitter:\n@ada", "ada"},

	{"nothing", "", ""},
	{"fediverse address", "@ada@mas.to", ""},
	{"fediverse address after a label", "Not on Twitter any more: @ada@mas.to", ""},
	{"local mention", "with @bob", ""},
	{"status", "https://twitter.com/ada/status/1", ""},
	{"list", "https://twitter.com/ada/lists/cats", ""},
	{"home", "https://twitter.com/home", ""},
	{"search", "https://twitter.com/search?q=ada", ""},
	{"hashtag", "https://twitter.com/hashtag/cats", ""},
	{"share", "https://twitter.com/share?text=x", ""},
	{"i", "https://twitter.com/i/web/status/1", ""},
	{"intent to tweet", "https://twitter.com/intent/tweet?text=@ada", ""},
	{"intent by id", "https://twitter.com/intent/user?user_id=1", ""},
	{"tos", "https://x.com/tos", ""},
	{"netflix", "https://netflix.com/ada", ""},
	{"max.com", "max.com/ada", ""},
	{"subdomain", "https://help.twitter.com/ada", ""},
	{"other host", "https://nottwitter.com/ada", ""},
	{"host goes on", "https://twitter.com.evil.example/ada", ""},
	{"long name", "https://twitter.com/" + strings.Repeat("a", 21), ""},
	{"file", "https://twitter.com/robots.txt", ""},
	{"dash", "https://twitter.com/ada-b", ""},
	{"bluesky", "Twitter is dead, I am @ada.bsky.social", ""},
	{"left", "Twitter: deleted", ""},
	{"no", "Twitter: no", ""},
	{"sentence", "Twitter: I left", ""},
	{"lower-case x", "size x: @ada", ""},
	{"word ending in X", "LaTeX: @ada", ""},
	{"instagram", "Instagram: @ada", ""},
	{"instagram before twitter", "@ada on Instagram, not on Twitter", ""},
	{"github", "https://github.com/ada", ""},
	{"e-mail", "ada@twitter.com", ""},
}

func TestTwitterHandles(t *testing.T) {
	for _, tt := range handleTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(address.TwitterHandles(tt.in), " "); got != tt.want {
				t.Errorf("%q gave %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzTwitterHandles(f *testing.F) {
	for _, tt := range handleTests {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range address.TwitterHandles(s) {
			if again, err := model.ParseHandle(h); err != nil || again != h {
				t.Errorf("%q gave %q: %v", s, h, err)
			}
		}
	})
}
