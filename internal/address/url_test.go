package address_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/address"
)

var urlTests = []struct{ in, want string }{
	{"https://mastodon.social/@ada", "ada@mastodon.social"},
	{"http://mastodon.social/@ada", "ada@mastodon.social"},
	{"HTTPS://Mastodon.Social/@Ada", "Ada@mastodon.social"},
	{"mastodon.social/@ada", "ada@mastodon.social"},
	{"https://www.mastodon.social/@ada", "ada@mastodon.social"},
	{"https://mastodon.social/@ada/", "ada@mastodon.social"},
	{"https://mastodon.social/@ada.", "ada@mastodon.social"},
	{"https://mastodon.social//@ada", "ada@mastodon.social"},
	{"https://mastodon.social/@ada?lang=en", "ada@mastodon.social"},
	{"https://mastodon.social/@ada#.", "ada@mastodon.social"},
	{"https://mastodon.social/%40ada", "ada@mastodon.social"},
	{"https://mastodon.social/@ada/109348348", "ada@mastodon.social"},
	{"https://mastodon.social/@ada/with_replies", "ada@mastodon.social"},
	{"https://mastodon.social/users/ada", "ada@mastodon.social"},
	{"https://mastodon.social/users/ada/statuses/1", "ada@mastodon.social"},
	{"https://mastodon.social/web/@ada", "ada@mastodon.social"},
	{"https://mastodon.social/web/@bob@chaos.social", "bob@chaos.social"},
	{"https://mastodon.social/deck/@ada", "ada@mastodon.social"},
	{"https://mastodon.social/@bob@chaos.social", "bob@chaos.social"},
	{"https://misskey.io/@ada", "ada@misskey.io"},
	{"https://misskey.io/@bob@mstdn.jp", "bob@mstdn.jp"},
	{"https://libranet.de/profile/ada", "ada@libranet.de"},
	{"https://friendica.example/profile/ada/profile", "ada@friendica.example"},
	{"https://diasp.org/u/ada", "ada@diasp.org"},
	{"https://lemmy.world/u/ada", "ada@lemmy.world"},
	{"https://lemmy.world/u/bob@lemmy.ml", "bob@lemmy.ml"},
	{"https://tube.example/c/ada", "ada@tube.example"},
	{"https://peertube.example/a/ada/videos", "ada@peertube.example"},
	{"https://tilvids.com/c/ada_videos", "ada_videos@tilvids.com"},
	{"https://pixelfed.social/ada", "ada@pixelfed.social"},
	{"https://elk.zone/mastodon.social/@ada", "ada@mastodon.social"},
	{"https://elk.zone/mastodon.social/@bob@chaos.social", "bob@chaos.social"},
	{"https://elk.zone/@bob@chaos.social", "bob@chaos.social"},
	{"https://bücher.example/@ada", "ada@xn--bcher-kva.example"},
	{"https://mas.to/@alice.b", "alice.b@mas.to"},
	{"https://mas.to/@adaです", "ada@mas.to"},
	{"https://mas\u200b.to/@ada", "ada@mas.to"},
	{"https://flipboard.com/@ada", "ada@flipboard.com"},
	{"https://ada.example/@ada", "ada@ada.example"},
	{"https://bird.makeup/users/ada", "ada@bird.makeup"},
	{"https://www.threads.net/@ada", "ada@threads.net"},
	{"https://threads.com/@ada/post/DAbc", "ada@threads.net"},
	{"https://pixelfed.social/p/ada/512345678901234567", "ada@pixelfed.social"},
	{"https://video.example/accounts/ada", "ada@video.example"},
	{"https://tilvids.com/video-channels/ada_talks/videos", "ada_talks@tilvids.com"},
	{"https://hub.ada.example/channel/ada", "ada@hub.ada.example"},
	{"https://blog.ada.example/author/ada/", "ada@blog.ada.example"},
	{"https://bookwyrm.social/user/ada", "ada@bookwyrm.social"},
	{"https://gts.ada.example/@ada/statuses/01HXYZ", "ada@gts.ada.example"},
	{"https://akko.ada.example/users/ada", "ada@akko.ada.example"},
	{"https://discuss.tchncs.de/u/ada", "ada@discuss.tchncs.de"},
	{"https://fe.disroot.org/users/ada", "ada@fe.disroot.org"},
	{"https://mas.to:443/@ada", "ada@mas.to"},
	{"https://mas.to/@ada.rss", "ada@mas.to"},
	{"https://mas.to/@ada.json", "ada@mas.to"},
	{"https://mas.to/users/ada.atom", "ada@mas.to"},

	{"https://mastodon.social", ""},
	{"https://mastodon.social/", ""},
	{"https://mastodon.social/about", ""},
	{"https://mastodon.social/explore", ""},
	{"https://mastodon.social/tags/cats", ""},
	{"https://mastodon.social/web/accounts/1", ""},
	{"https://mastodon.social/users/sign_in", ""},
	{"https://mastodon.social/users/12345", ""},
	{"https://mastodon.social/@", ""},
	{"https://mastodon.social/@josé", ""},
	{"https://mastodon.social/@ada+bob", ""},
	{"https://mastodon.social:3000/@ada", ""},
	{"https://ada@mastodon.social/", ""},
	{"https://ada:secret@mastodon.social/@ada", ""},
	{"ftp://mastodon.social/@ada", ""},
	{"https://mastodon/@ada", ""},
	{"https://127.0.0.1/@ada", ""},
	{"https://[::1]/@ada", ""},
	{"https://server.lan/@ada", ""},
	{"https://pixelfed.social/site", ""},
	{"https://lemmy.world/c/cats", ""},
	{"https://shop.example/c/shoes", ""},
	{"https://company.example/about/ada", ""},
	{"https://medium.com/@ada", ""},
	{"https://techcrunch.com/author/ada/", ""},
	{"https://www.eveningnews.example/author/ada", ""},
	{"https://discuss.company.example/u/ada", ""},
	{"https://hub.docker.com/u/ada", ""},
	{"https://yewtu.example/channel/UCabcdefghijklmnopqrstuv", ""},
	{"https://unsplash.com/@ada", ""},
	{"https://disroot.org/users/ada", ""},
	{"https://photos.example/p/ada/123", ""},
	{"https://ada.medium.com/", ""},
	{"https://www.youtube.com/@ada", ""},
	{"https://youtube.com/c/ada", ""},
	{"https://m.youtube.com/u/ada", ""},
	{"https://www.tiktok.com/@ada", ""},
	{"https://t.me/@ada", ""},
	{"https://www.npmjs.com/package/@ada/x", ""},
	{"https://www.npmjs.com/~ada", ""},
	{"https://unpkg.com/@ada/x", ""},
	{"https://www.flickr.com/photos/ada", ""},
	{"https://www.flickr.com/@ada", ""},
	{"https://substack.com/@ada", ""},
	{"https://reddit.com/u/ada", ""},
	{"https://stackoverflow.com/users/1/ada", ""},
	{"https://bsky.app/profile/ada.bsky.social", ""},
	{"https://linktr.ee/@ada", ""},
	{"https://twitter.com/@ada", ""},
	{"https://maps.google.com/@52.5,13.4,12z", ""},
	{"https://matrix.to/#/@ada:matrix.org", ""},
	{"https://lichess.org/@/ada", ""},
	{"https://steemit.com/@ada", ""},
	{"https://odysee.com/@ada:1", ""},
	{"http://mas.to:443/@ada", ""},
	{"https://nitter.net/@ada", ""},
	{"https://blog.company.example/@ada/how-we-moved-to-rust-3f2a1b9c8d7e", ""}, // Medium, under another name
	{"https://ada.example/@ada/how-we-moved", "ada@ada.example"},
	{"https://mastodon.company.example/@ada/how-we-moved-to-rust-3f2a1b9c8d7e", "ada@mastodon.company.example"},
	{"https://itnext.io/@ada", ""},
	{"https://scribe.rip/@ada", ""},
	{"https://invidious.ada.example/@ada", ""},
	{"https://piped.video/@ada", ""},
	{"https://youtube.co.uk/@ada", ""},
	{"https://joinmastodon.org/@ada", ""},
	{"https://nitter.ada.example/@ada", ""},
	{"https://qiita.com/@ada", ""},
	{"https://velog.io/@ada", ""},
	{"https://brunch.co.kr/@ada", ""},
	{"https://en.pronouns.page/@ada", ""},
	{"https://lu.ma/u/ada", ""},
	{"not a url", ""},
	{"", ""},
	{"https://", ""},
	{"%", ""},
}

func TestFromURL(t *testing.T) {
	for _, tt := range urlTests {
		got, ok := address.FromURL(tt.in)
		if got.Address.String() != tt.want || ok != (tt.want != "") {
			t.Errorf("%q gave %q, %v; want %q", tt.in, got.Address, ok, tt.want)
		}
		if ok && (got.Form != address.AsURL || !got.Sure || got.Text == "") {
			t.Errorf("%q gave %+v", tt.in, got)
		}
	}
}

func FuzzFromURL(f *testing.F) {
	for _, tt := range urlTests {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := address.FromURL(s)
		if !ok {
			return
		}
		if again, err := address.Parse(got.Address.String()); err != nil || again != got.Address {
			t.Errorf("%q gave %q, which parses to %q, %v", s, got.Address, again, err)
		}
	})
}
