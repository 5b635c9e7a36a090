package address_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/address"
)

// want is "address" for what must be sure, "address?" for what may be e-mail,
// "address~" for what likely is somebody else's; several with a space between.
var extractTests = []struct{ name, in, want string }{
	// @user@host
	{"alone", "@ada@mastodon.social", "ada@mastodon.social"},
	{"unknown host", "@ada@tusk.example", "ada@tusk.example"},
	{"capital host", "@Ada@Mastodon.SOCIAL", "Ada@mastodon.social"},
	{"all capitals", "@ADA@MASTODON.SOCIAL", "ADA@mastodon.social"},
	{"in a sentence", "Find me at @ada@mas.to, or not.", "ada@mas.to"},
	{"full stop", "I moved to @ada@hachyderm.io.", "ada@hachyderm.io"},
	{"brackets", "Ada (@ada@fosstodon.org)", "ada@fosstodon.org"},
	{"square brackets", "[@ada@fosstodon.org]", "ada@fosstodon.org"},
	{"angle brackets", "<@ada@fosstodon.org>", "ada@fosstodon.org"},
	{"quotes", "\"@ada@fosstodon.org\"", "ada@fosstodon.org"},
	{"curly quotes", "“@ada@fosstodon.org”", "ada@fosstodon.org"},
	{"single quotes", "'@ada@fosstodon.org'", "ada@fosstodon.org"},
	{"exclamation", "@ada@chaos.social!", "ada@chaos.social"},
	{"question", "@ada@chaos.social?", "ada@chaos.social"},
	{"ellipsis", "@ada@chaos.social…", "ada@chaos.social"},
	{"three dots", "@ada@chaos.social...", "ada@chaos.social"},
	{"colon before", "Mastodon:@ada@chaos.social", "ada@chaos.social"},
	{"colon behind", "@ada@chaos.social: my account", "ada@chaos.social"},
	{"smiley", "@ada@chaos.social:)", "ada@chaos.social"},
	{"equals before", "masto=@ada@chaos.social", "ada@chaos.social"},
	{"slash before", "she/her/@ada@chaos.social", "ada@chaos.social"},
	{"pipe", "dev|@ada@chaos.social|cats", "ada@chaos.social"},
	{"dot in the user", "@john.doe@mas.to", "john.doe@mas.to"},
	{"dash in the user", "@john-doe@mas.to", "john-doe@mas.to"},
	{"underscores", "@_ada_@mas.to", "_ada_@mas.to"},
	{"digits", "@4da@mas.to", "4da@mas.to"},
	{"word glued before", "Mastodon@ada@mas.to", "ada@mas.to"},
	{"new line", "cats\n@ada@mas.to\ndogs", "ada@mas.to"},
	{"windows line end", "cats\r\n@ada@mas.to\r\ndogs", "ada@mas.to"},
	{"tab", "\t@ada@mas.to\t", "ada@mas.to"},
	{"markdown bold", "**@ada@mas.to**", "ada@mas.to"},
	{"markdown code", "`@ada@mas.to`", "ada@mas.to"},
	{"markdown underscore", "_@ada@mas.to_", "ada@mas.to"},
	{"two", "@ada@mas.to @bob@chaos.social", "ada@mas.to bob@chaos.social"},
	{"two with slash", "@ada@mas.to/@ada@chaos.social", "ada@mas.to ada@chaos.social"},
	{"two with comma", "@ada@mas.to,@ada@chaos.social", "ada@mas.to ada@chaos.social"},
	{"the same twice", "@ada@mas.to and @ADA@MAS.TO", "ada@mas.to"},
	{"info at a wiki: no word is forbidden as a user", "@info@wikis.world", "info@wikis.world"},
	{"host with about in it", "@me@aboutsocial.org", "me@aboutsocial.org"},
	{"host that begins as another network", "@x@github.social", "x@github.social"},
	{"subdomain", "@ada@social.network.europa.eu", "ada@social.network.europa.eu"},
	{"country ending in two parts", "@ada@mastodon.org.uk", "ada@mastodon.org.uk"},
	{"blog on a blog host", "@ada.wordpress.com@ada.wordpress.com", "ada.wordpress.com@ada.wordpress.com"},
	{"managed hosting", "@ada@ada.masto.host", "ada@ada.masto.host"},
	{"threads, as the holder writes it", "@ada@threads.net", "ada@threads.net"},
	{"bridge, which match marks", "@ada.bsky.social@bsky.brid.gy", "ada.bsky.social@bsky.brid.gy"},
	{"next sentence without a space", "@ada@mastodon.social.Follow me", "ada@mastodon.social"},
	{"a leading @ is no mail", "Contact @ada@company.com", "ada@company.com"},

	// invisible and unusual characters
	{"zero-width space behind the at", "@\u200bada@mas.to", "ada@mas.to"},
	{"zero-width space within", "@ada\u200b@\u200bmas.to", "ada@mas.to"},
	{"zero-width joiner", "@ada@\u200dmas.to", "ada@mas.to"},
	{"word joiner", "@ada\u2060@mas.to", "ada@mas.to"},
	{"byte order mark", "\ufeff@ada@mas.to", "ada@mas.to"},
	{"soft hyphen", "@ada@mastodon.so\u00adcial", "ada@mastodon.social"},
	{"direction marks", "\u2068@ada@mas.to\u2069", "ada@mas.to"},
	{"zero-width space as a gap", "@ada@mas.to\u200bHello", "ada@mas.to"},
	{"variation selector", "🐘\ufe0f@ada@mas.to\ufe0f", "ada@mas.to"},
	{"full-width at", "＠ada＠mas.to", "ada@mas.to"},
	{"full-width all", "＠ａｄａ＠ｍａｓ．ｔｏ", "ada@mas.to"},
	{"small at", "﹫ada﹫mas.to", "ada@mas.to"},
	{"mathematical letters", "@𝐚𝐝𝐚@𝐦𝐚𝐬.𝐭𝐨", "ada@mas.to"},
	{"sans bold", "🐘 𝗮𝗱𝗮@𝗺𝗮𝘀.𝘁𝗼", "ada@mas.to"},
	{"emoji glued before", "🐘@ada@mas.to", "ada@mas.to"},
	{"emoji glued behind", "@ada@mas.to🐘", "ada@mas.to"},
	{"emoji with joiner glued", "👩‍💻@ada@mas.to👩‍💻", "ada@mas.to"},
	{"flag glued", "🇩🇪@ada@mas.to🇩🇪", "ada@mas.to"},
	{"keycap", "@ada@mas.to 1️⃣", "ada@mas.to"},
	{"trademark glued", "@ada@mas.to™", "ada@mas.to"},
	{"japanese glued behind", "@ada@mstdn.jpです", "ada@mstdn.jp"},
	{"japanese glued before", "マストドンは@ada@mstdn.jp", "ada@mstdn.jp"},
	{"japanese glued to a bare one", "マストドンはada@mstdn.jpです", "ada@mstdn.jp"},
	{"japanese full stop", "@ada@mstdn.jp。よろしく", "ada@mstdn.jp"},
	{"japanese brackets", "「@ada@mstdn.jp」", "ada@mstdn.jp"},
	{"korean glued", "@ada@qdon.space에서", "ada@qdon.space"},
	{"chinese comma", "@ada@alive.bar，你好", "ada@alive.bar"},
	{"arabic beside", "حسابي @ada@mastodon.social هنا", "ada@mastodon.social"},
	{"cyrillic beside", "Я тут:@ada@mastodon.social", "ada@mastodon.social"},

	// IDN
	{"umlaut host", "@ada@bücher.example", "ada@xn--bcher-kva.example"},
	{"capital umlaut host", "@ada@BÜCHER.example", "ada@xn--bcher-kva.example"},
	{"cyrillic host", "@ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"},
	{"punycode", "@ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"},
	{"bad punycode", "@ada@xn--a.example", ""},
	{"a host that imitates another stays what it is", "@ada@mаstodon.social", "ada@xn--mstodon-2fg.social"},
	{"japanese host", "@ada@みんな.social", "ada@xn--q9jyb4c.social"},

	// user@host
	{"bare, host says it", "ada@mastodon.social", "ada@mastodon.social"},
	{"bare, known host", "ada@hachyderm.io", "ada@hachyderm.io"},
	{"bare, label toot", "ada@toot.example", "ada@toot.example"},
	{"bare, tooth is no toot", "ada@tooth-doctor.example", "ada@tooth-doctor.example?"},
	{"bare, ends in odon", "ada@fosstodon.org", "ada@fosstodon.org"},
	{"bare, london does not", "ada@london.example", "ada@london.example?"},
	{"bare, unknown", "ada@company.example", "ada@company.example?"},
	{"bare, word before", "Mastodon: ada@company.example", "ada@company.example"},
	{"bare, misspelt word", "Mastadon: ada@company.example", "ada@company.example"},
	{"bare, fediverse", "on the fediverse as ada@company.example", "ada@company.example"},
	{"bare, elephant", "🐘 ada@company.example", "ada@company.example"},
	{"bare, mammoth glued", "🦣ada@company.example", "ada@company.example"},
	{"bare, word behind", "ada@company.example (Mastodon)", "ada@company.example"},
	{"bare, on Mastodon", "ada@company.example on mastodon", "ada@company.example"},
	{"bare, word on the line before", "Mastodon:\nada@company.example", "ada@company.example"},
	{"bare, word of the next item", "ada@company.example | Mastodon: @ada@mas.to", "ada@company.example? ada@mas.to"},
	{"bare, word of the item before", "Mastodon | ada@company.example", "ada@company.example?"},
	{"bare, word of the address before", "Mastodon @ada@mas.to ada@company.example", "ada@mas.to ada@company.example?"},
	{"bare, tröt", "Tröt: ada@company.example", "ada@company.example"},
	{"bare, katakana", "マストドン ada@company.example", "ada@company.example"},
	{"bare, then told better", "ada@company.example @ada@company.example", "ada@company.example"},
	{"acct", "acct:ada@company.example", "ada@company.example"},
	{"leading dots", "...ada@mas.to", "ada@mas.to"},
	{"bare with a path on a known host", "ada@mas.to/bob@chaos.social", "ada@mas.to"},

	// e-mail
	{"gmail", "ada@gmail.com", ""},
	{"gmail with an at", "@ada@gmail.com", ""},
	{"gmail after mastodon", "Mastodon admin, ada@gmail.com", ""},
	{"yahoo of a country", "ada@yahoo.co.jp", ""},
	{"outlook of a country", "ada@outlook.fr", ""},
	{"proton", "ada@proton.me", ""},
	{"german mail", "ada@web.de ada@gmx.net ada@posteo.de", ""},
	{"subdomain of a mail host", "ada@users.mail.ru", ""},
	{"label", "Email: ada@mastodon.social", ""},
	{"label with hyphen", "E-Mail: ada@company.example", ""},
	{"mailto", "mailto:ada@company.example", ""},
	{"envelope", "📧 ada@company.example", ""},
	{"envelope glued", "✉️ada@company.example", ""},
	{"plus address", "ada+twitter@company.example", ""},
	{"mail label in the host", "ada@mail.company.example", ""},
	{"word behind", "ada@company.example (email)", ""},

	// what else has an @
	{"twitter handle", "@ada", ""},
	{"twitter handle with its host", "@ada@twitter.com", ""},
	{"x handle with its host", "@ada@x.com", ""},
	{"bluesky", "@ada.bsky.social", ""},
	{"matrix id", "@ada:matrix.org", ""},
	{"matrix id on a fediverse host", "Matrix: @ada:fosstodon.org", ""},
	{"matrix label", "Matrix: ada@company.example", ""},
	{"xmpp label", "XMPP: ada@chaos.social", ""},
	{"jabber", "Jabber ada@jabber.example", ""},
	{"xmpp scheme", "xmpp:ada@chaos.social", ""},
	{"xmpp scheme with slashes", "xmpp://ada@chaos.social", ""},
	{"xmpp resource", "ada@company.example/phone", ""},
	{"sip", "sip:ada@company.example", ""},
	{"lightning", "⚡ ada@getalby.com", ""},
	{"lightning by sign", "⚡ada@company.example", ""},
	{"lightning by word", "Lightning: ada@company.example", ""},
	{"zaps", "zap me ada@company.example", ""},
	{"nostr", "nostr: _@company.example", ""},
	{"nip-05", "NIP05 ada@company.example", ""},
	{"paypal", "PayPal: ada@company.example", ""},
	{"community, not a person", "!cats@lemmy.world", ""},
	{"git", "git@github.com:ada/skein.git", ""},
	{"git elsewhere", "git@git.company.example:ada/skein.git", ""},
	{"ssh", "ssh://ada@company.example/x", ""},
	{"npm version", "lodash@4.17.21", ""},
	{"npm scope", "@types/node", ""},
	{"action", "actions/checkout@v4.1", ""},
	{"python", "pip install x@1.2", ""},
	{"no ending", "@ada@localhost", ""},
	{"unknown ending", "@ada@server.lan", ""},
	{"ending only", "@ada@co.uk", ""},
	{"IP address", "@ada@127.0.0.1", ""},
	{"port", "@ada@tusk.example:8443", ""},
	{"label with a dash", "@ada@-bad.example", ""},
	{"accented user", "@josé@mas.to", ""},
	{"accented bare", "xéada@mas.to", ""},
	{"accented host ending", "@ada@mas.toé", ""},
	{"three parts", "foo@bar@baz.social", ""},
	{"three hosts", "@ada@mas.to@chaos.social", ""},
	{"three hosts, bare", "ada@mas.to@chaos.social", ""},
	{"long user", "@" + strings.Repeat("a", 65) + "@mas.to", ""},
	{"only ats", strings.Repeat("@", 1000), ""},
	{"nothing", "", ""},
	{"invalid UTF-8", "\xff@ada@mas.to\xff", "ada@mas.to"},

	// words that turn it round
	{"not me", "I am not @ada@mas.to", ""},
	{"impersonator", "Beware of the fake @ada@mas.to", ""},
	{"fake site", "not https://mas.to/@ada", ""},
	{"somebody else's", "CEO of @corp@mas.to", "corp@mas.to~"},
	{"married to", "Married to @bob@mas.to", "bob@mas.to~"},
	{"moved to is one's own", "Moved to @ada@mas.to", "ada@mas.to"},
	{"credit", "pfp: @bob@mas.to", "bob@mas.to~"},
	{"not me behind it", "@ada1@mas.to is not me", ""},
	{"beware", "Beware: @ada1@mas.to", ""},
	{"made by", "bot by @bob@mas.to", "bob@mas.to~"},

	// URLs in texts
	{"url", "https://mastodon.social/@ada", "ada@mastodon.social"},
	{"url without scheme", "mas.to/@alice.b", "alice.b@mas.to"},
	{"url in brackets", "(https://mastodon.social/@ada)", "ada@mastodon.social"},
	{"url with full stop", "See https://mastodon.social/@ada.", "ada@mastodon.social"},
	{"url glued to a word", "Mastodon:https://mastodon.social/@ada", "ada@mastodon.social"},
	{"url glued to a word, no scheme", "Mastodon:mastodon.social/@ada", "ada@mastodon.social"},
	{"url glued to emoji", "🐘mastodon.social/@ada🐘", "ada@mastodon.social"},
	{"url glued to japanese", "マストドンhttps://mstdn.jp/@adaです", "ada@mstdn.jp"},
	{"handle as url", "https://@ada@mas.to", "ada@mas.to"},
	{"pronouns and a url", "she/her mas.to/@ada", "ada@mas.to"},
	{"remote account", "https://misskey.io/@ada@mas.to", "ada@mas.to"},
	{"an address in another network's url", "https://medium.com/@ada@mas.to", ""},
	{"an address in a query", "https://mas.to/share?text=@bob@chaos.social", ""},
	{"github user", "github.com/@ada", ""},
	{"medium", "https://medium.com/@ada", ""},
	{"medium subdomain", "https://ada.medium.com/@ada", ""},
	{"youtube", "youtube.com/@ada", ""},
	{"tiktok", "https://www.tiktok.com/@ada", ""},
	{"telegram", "t.me/@ada", ""},
	{"fake account", "fake account: @ada@mas.to", ""},
	{"beware of", "Beware of @ada@mas.to", ""},
	{"beware of a fake profile", "beware of the fake profile → https://mas.to/@ada", ""},
	{"impersonators", "impersonators: @ada1@mas.to", ""},
	{"not me, before", "Das ist nicht ich: @ada@mas.to", ""},
	{"fake, in brackets behind", "@ada1@mas.to (fake), real: @ada@mas.to", "ada@mas.to"},
	{"fake, in brackets behind the first of two", "@ada1@mas.to (fake) @ada@chaos.social", "ada@chaos.social"},
	{"fake account in brackets behind the first of two", "@ada1@mas.to (fake account) @ada@chaos.social", "ada@chaos.social"},
	{"not me, behind the first of two", "@ada1@mas.to is not me. @ada@chaos.social", "ada@chaos.social"},
	{"fake, of something else", "I hate fake news. My account: @ada@mas.to", "ada@mas.to"},
	{"not, of something else", "Here or not, at @ada@mas.to", "ada@mas.to"},
	{"fake, as a sentence about the first of two", "@ada1@mas.to is fake, @ada@chaos.social", "ada@chaos.social"},
	{"not, behind a mention", "@ada is not @ada1@mas.to", ""},
	{"keycap glued before", "1️⃣@ada@mas.to", "ada@mas.to"},
	{"port of https", "https://mas.to:443/@ada", "ada@mas.to"},
	// written with words, or divided
	{"words for both", "ada at mastodon dot social", "ada@mastodon.social"},
	{"brackets for both", "ada [at] mastodon [dot] social", "ada@mastodon.social"},
	{"brackets glued", "(ada(at)mastodon(dot)social)", "ada@mastodon.social"},
	{"bracket for the at only", "@ada[at]mastodon.social", "ada@mastodon.social"},
	{"marked, at", "@ada at mastodon.social", "ada@mastodon.social"},
	{"marked, on", "@ada on mastodon.social.", "ada@mastodon.social"},
	{"marked, host in brackets", "@ada (mastodon.social)", "ada@mastodon.social"},
	{"two marks", "@ada @mastodon.social", "ada@mastodon.social"},
	{"host first", "mastodon.social: @ada", "ada@mastodon.social"},
	{"host first, as", "on mastodon.social as @ada", "ada@mastodon.social"},
	{"line break before the host", "@ada@\nmastodon.social", "ada@mastodon.social"},
	{"line break before the second at", "@ada\n@mastodon.social", "ada@mastodon.social"},
	{"line break within the host", "@ada@mastodon\n.social", "ada@mastodon.social"},
	{"line break behind the dot", "@ada@mastodon.\nsocial", "ada@mastodon.social"},
	{"german", "ada (ät) chaos (punkt) social", "ada@chaos.social"},
	{"portuguese", "Mastodon: ada arroba masto ponto pt", "ada@masto.pt"},
	{"unknown host, word says it", "Mastodon: ada at ada dot example", "ada@ada.example"},
	{"unknown host in brackets may be mail", "ada [at] ada [dot] example", "ada@ada.example?"},
	{"unknown host in words", "ada at ada dot example", ""},
	{"spelled mail", "mail: ada (at) mastodon (dot) social", ""},
	{"spelled gmail", "ada [at] gmail [dot] com", ""},
	{"no user before at", "look at mastodon.social", ""},
	{"no user before at and dot", "find me at mastodon dot social", ""},
	{"an office", "Founder @ mastodon.social", ""},
	{"a mention and a company", "@ada @company.example", ""},
	{"a mention and bluesky", "@ada @ada.bsky.social", ""},
	{"at work", "@ada at company.example", ""},
	{"on a site", "@ada on company.example", ""},

	{"threads", "https://www.threads.net/@ada", "ada@threads.net"},
}

func list(found []address.Found) string {
	var out []string
	for _, f := range found {
		s := f.Address.String()
		if !f.Sure {
			s += "?"
		}
		if f.Other {
			s += "~"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestExtract(t *testing.T) {
	for _, tt := range extractTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := list(address.Extract(tt.in)); got != tt.want {
				t.Errorf("%q gave %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	for in, want := range map[string]string{
		"@ada@mas.to": "",
		"moved from @ada@mas.to to @ada@chaos.social":           "moved-from moved-to",
		"@ada@mas.to → @ada@chaos.social":                       "moved-from moved-to",
		"was @ada@mas.to, now @ada@chaos.social":                "moved-from moved-to",
		"moved to @ada@chaos.social":                            "moved-to",
		"formerly @ada@mas.to":                                  "moved-from",
		"@ada@mas.to (dead), @ada@chaos.social":                 "moved-from ",
		"@ada@chaos.social (old)":                               "moved-from",
		"@ada@mas.to is dead, use @ada@chaos.social":            "moved-from ",
		"@ada@mas.to was my old account; @ada@chaos.social":     "moved-from ",
		"@ada@mas.to ist mein alter. Neu: @ada@chaos.social":    "moved-from moved-to",
		"@ada@mas.to is my account, formerly @ada@chaos.social": " moved-from",
		"@ada@mas.to is new, old: @ada@chaos.social":            " moved-from",
		"@ada@bots.example (mirror of my tweets)":               "mirror",
		"@ada@mas.to (bridged)":                                 "bridge",
		"old: https://mas.to/@ada new: https://chaos.social/@a": "moved-from moved-to",
		"umgezogen von @ada@mas.to nach @ada@chaos.social":      "moved-from moved-to",
		"旧アカ @ada@mstdn.jp 新アカ @ada@misskey.io":                 "moved-from moved-to",
		"moved from ada at mastodon dot social to @a@mas.to":    "moved-from moved-to",
		"@ada@bird.makeup":                                      "mirror",
		"https://bird.makeup/users/ada":                         "mirror",
		"mirror: @ada@bots.example":                             "mirror",
		"@ada.example@web.brid.gy":                              "bridge",
		"bridged as @ada@bots.example":                          "bridge",
		"quotes from @ada@mas.to":                               "",
		"talk to @ada@mas.to":                                   "",
		"now at @ada@mas.to":                                    "",
		"@ada@mas.to, @ada@chaos.social":                        " ",
	} {
		var roles []string
		for _, f := range address.Extract(in) {
			roles = append(roles, string(f.Role))
		}
		if got := strings.Join(roles, " "); got != want {
			t.Errorf("%q gave %q, want %q", in, got, want)
		}
	}
}

func TestKnownHosts(t *testing.T) {
	known := map[string]bool{"company.example": true, "photos.example": true}
	tests := []struct {
		name     string
		profile  address.Profile
		all, few string
	}{
		{"bare", address.Profile{Bio: "ada@company.example"}, "ada@company.example", ""},
		{"labelled as mail", address.Profile{Bio: "mail: ada@company.example"}, "", ""},
		{"spelled", address.Profile{Bio: "ada [at] company [dot] example"}, "ada@company.example", ""},
		{"of another server", address.Profile{Bio: "ada@other.example"}, "", ""},
		{"post of Pixelfed", address.Profile{URLs: []string{"https://photos.example/p/ada/123"}}, "ada@photos.example", ""},
		{"typed where a link was asked for", address.Profile{URLs: []string{"http://ada@company.example"}}, "ada@company.example", ""},
		{"the same there, with an at", address.Profile{URLs: []string{"http://@ada@company.example"}}, "ada@company.example", "ada@company.example"},
		{"once in all fields", address.Profile{Name: "ada@company.example", Bio: "@ada@company.example", URLs: []string{"https://company.example/@ada"}}, "ada@company.example", "ada@company.example"},
		{"pinned", address.Profile{Pinned: []string{"cats", "@ada@mas.to"}}, "ada@mas.to", "ada@mas.to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := list(tt.profile.Likely(known)); got != tt.all {
				t.Errorf("with known hosts got %q, want %q", got, tt.all)
			}
			if got := list(tt.profile.Likely(nil)); got != tt.few {
				t.Errorf("without got %q, want %q", got, tt.few)
			}
		})
	}
}

func TestForms(t *testing.T) {
	for in, want := range map[string]address.Form{
		"@ada@mas.to": address.AsHandle, "ada@mas.to": address.AsBare, "acct:ada@mas.to": address.AsAcct, "mas.to/@ada": address.AsURL,
		"ada at mas dot to": address.AsSpelled,
	} {
		found := address.Extract(in)
		if len(found) != 1 || found[0].Form != want {
			t.Errorf("%q gave %+v, want %s", in, found, want)
		}
	}
}

func TestLine(t *testing.T) {
	found := address.Extract("first line\n  🐘 @ada@mas.to, hello \nlast line")
	if len(found) != 1 || found[0].Text != "🐘 @ada@mas.to, hello" {
		t.Errorf("got %+v", found)
	}
	long := strings.Repeat("ä ", 5_000) + "@ada@mas.to" + strings.Repeat(" ö", 5_000)
	found = address.Extract(long)
	if len(found) != 1 || len([]rune(found[0].Text)) > 500 || !strings.Contains(found[0].Text, "@ada@mas.to") {
		t.Errorf("long line: got %d runes: %q", len([]rune(found[0].Text)), found[0].Text)
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"@ada@mas.to": "ada@mas.to", " ada@mas.to ": "ada@mas.to", "acct:ada@mas.to": "ada@mas.to", "https://mas.to/@ada": "ada@mas.to",
		"ada@bücher.example": "ada@xn--bcher-kva.example", "ada": "", "ada@localhost": "", "": "", "ada@a@b.example": "", "https://mas.to": "",
	} {
		got, err := address.Parse(in)
		if got.String() != want || (err == nil) != (want != "") {
			t.Errorf("%q gave %q, %v; want %q", in, got, err, want)
		}
	}
}

// Eight times the text may take about eight times as long, not sixty-four times.
func TestLinear(t *testing.T) {
	for _, unit := range []string{
		"@", "a@", "@a", "a.", "a@b.", "@a@b.social", "a/", "a.b/", "https://", "@a@b.social ", "\u200b@", "é@a", "あ@a.jp", "x.com/a ", "@a on ", "Twitter: a\n", "mas.to/@a ",
		"a@b.c\u200b", "a at b dot c ", "(at)", "a(", "[ at ] ", "@a on ", "@a@ ", "@a@b\n.", "as @a ", "a: @a ", "a . ", "moved to @a@b.social ",
	} {
		measure := func(n int) time.Duration {
			text := strings.Repeat(unit, n/len(unit))
			best := time.Hour
			for range 3 {
				start := time.Now()
				address.Extract(text)
				address.TwitterHandles(text)
				best = min(best, time.Since(start))
			}
			return best
		}
		small, large := measure(1_000), measure(8_000)
		if large > 40*small+20*time.Millisecond {
			t.Errorf("%q: 1 kB took %v, 8 kB %v", unit, small, large)
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, tt := range extractTests {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, found := range address.Extract(s) {
			a := found.Address
			if again, err := address.Parse("@" + a.String()); err != nil || again != a {
				t.Errorf("%q gave %q, which parses to %q, %v", s, a, again, err)
			}
			if len([]rune(found.Text)) > 500 || strings.ContainsAny(found.Text, "\n") {
				t.Errorf("%q: line %q", s, found.Text)
			}
			if again := address.Extract("@" + a.String()); len(again) != 1 || again[0].Address != a {
				t.Errorf("%q gave %q, which gives %+v", s, a, again)
			}
		}
	})
}
