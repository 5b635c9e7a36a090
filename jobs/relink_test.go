package jobs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// linking makes t link to the i-th tweet of the owner.
func linking(t model.Tweet, i int) model.Tweet {
	const short = "https://t.co/aaaaaaaaaa"
	at := len([]rune(t.Text[:strings.Index(t.Text, short)]))
	t.Links = []model.Link{{
		Short: short, Expanded: fmt.Sprintf("https://twitter.com/alex/status/%d", 1_100_000_000_000_000_000+i), Start: at, End: at + len(short),
	}}
	return t
}

// Links to own tweets lead to their posts: as quotes where the server knows
// quotes and the link stands behind the text; else as links. What is not posted
// stays as it is.
func TestOwnLinks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		home   fedisim.Config
		quotes bool
	}{
		{"Mastodon 4.5", fedisim.Config{Version: "4.5.0", NoLimits: true}, true},
		{"Mastodon 4.2", fedisim.Config{Version: "4.2.0", NoLimits: true}, false},
		{"GoToSocial", fedisim.Config{Software: "gotosocial", NoLimits: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, tt.home)
			const link = "https://t.co/aaaaaaaaaa"
			f.tweets(
				tweet(1, "The first"), linking(tweet(2, "Still true "+link), 1), linking(tweet(3, "As "+link+" says"), 1),
				linking(tweet(4, "Gone "+link), 900),
			)
			f.done(f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 3600}).ID)
			posts := f.home.Posts("alex")
			if len(posts) != 4 {
				t.Fatalf("%d posts, want 4", len(posts))
			}
			first := posts[0]
			wantText, wantQuote := "Still true "+first.URL, ""
			if tt.quotes {
				wantText, wantQuote = "Still true", first.ID
			}
			if posts[1].Text != wantText || posts[1].Quotes != wantQuote {
				t.Errorf("the quote: %q, quotes %q; want %q, %q", posts[1].Text, posts[1].Quotes, wantText, wantQuote)
			}
			if want := "As " + first.URL + " says"; posts[2].Text != want || posts[2].Quotes != "" {
				t.Errorf("the link: %q, want %q", posts[2].Text, want)
			}
			if want := "Gone https://twitter.com/alex/status/1100000000000000900"; posts[3].Text != want {
				t.Errorf("a link to what is not posted: %q, want %q", posts[3].Text, want)
			}
		})
	}
}

// A post with such a link that was cut is found again by the text that was sent.
func TestOwnLinkAfterACut(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{fedisim.CutAfter, fedisim.CutBefore} {
		for _, home := range []fedisim.Config{{Version: "4.5.0", NoLimits: true}, {Software: "gotosocial", NoLimits: true}, {Software: "snac", NoLimits: true}} {
			t.Run(home.Software+" "+kind, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, home)
				const link = "https://t.co/aaaaaaaaaa"
				f.tweets(tweet(1, "The first"), linking(tweet(2, "Still true "+link), 1))
				f.home.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", After: 1, Kind: kind})
				f.done(f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 3600}).ID)
				if posts := f.home.Posts("alex"); len(posts) != 2 || !strings.HasPrefix(posts[1].Text, "Still true") || strings.Contains(posts[1].Text, "twitter.com") {
					t.Errorf("posted %+v", posts)
				}
			})
		}
	}
}

// Mentions of those who would be followed become what the Owner chose; nobody is
// notified.
func TestMentionsRewritten(t *testing.T) {
	t.Parallel()
	for style, want := range map[compose.MentionStyle]string{
		compose.MentionPlain: "Thanks ada and eve", compose.MentionLink: "Thanks https://away.example/@ada and eve",
		compose.MentionAddress: "Thanks ada@away.example and eve",
	} {
		t.Run(string(style), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{NoLimits: true})
			f.sim.Server("away.example").AddAccount(fedisim.Account{User: "ada", Note: "https://twitter.com/ada"})
			f.named("10", "ada", "ada@away.example")
			f.done(f.start(jobs.KindFind, nil).ID)
			tw := tweet(1, "Thanks @ada and @eve")
			tw.Mentions = []model.Mention{{TwitterID: "10", Handle: "ada", Start: 7, End: 11}, {TwitterID: "11", Handle: "eve", Start: 16, End: 20}}
			f.tweets(tw)
			f.done(f.start(jobs.KindPosts, jobs.PostsOptions{PerHour: 3600, Mentions: style}).ID)
			if posts := f.home.Posts("alex"); len(posts) != 1 || posts[0].Text != want {
				t.Errorf("posted %+v, want %q", posts, want)
			}
			if n := f.home.Count(fedisim.Mentioned); n != 0 {
				t.Errorf("%d were notified", n)
			}
		})
	}
}

// What is chosen is posted, and nothing else.
func TestSelection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	like := func(t model.Tweet, likes, retweets int) model.Tweet {
		t.Favorites, t.Retweets = likes, retweets
		return t
	}
	in := func(t model.Tweet, lang string) model.Tweet {
		t.Lang = lang
		return t
	}
	reply := tweet(6, "@ada I think so")
	reply.ReplyTo = model.Reply{UserID: "7", TweetID: "70", Handle: "ada"}
	photo := tweet(7, "A picture https://t.co/bbbbbbbbbb")
	photo.Media = []model.Media{{Type: model.Photo, File: photo.ID + "-a.png", Short: "https://t.co/bbbbbbbbbb"}}
	f.tweets(
		like(tweet(1, "One of many likes"), 50, 3), in(tweet(2, "Zwei auf Deutsch"), "de"), tweet(3, "The thread begins"),
		answering(tweet(4, "and goes on"), 3), linking(tweet(5, "Quoting https://t.co/aaaaaaaaaa"), 1), reply, photo, tweet(8, "RT @ada: hello"),
	)
	tests := []struct {
		name string
		o    jobs.PostsOptions
		want string
	}{
		{"all that is usual", jobs.PostsOptions{}, "1 2 3 4 5 7"},
		{"posts", jobs.PostsOptions{Kinds: []string{"post"}}, "1 2 7"},
		{"threads", jobs.PostsOptions{Kinds: []string{"thread"}}, "3 4"},
		{"quotes", jobs.PostsOptions{Kinds: []string{"quote"}}, "5"},
		{"replies and retweets", jobs.PostsOptions{Kinds: []string{"reply", "retweet"}}, "6 8"},
		{"liked", jobs.PostsOptions{MinLikes: 10}, "1"},
		{"retweeted", jobs.PostsOptions{MinRetweets: 3}, "1"},
		{"with pictures", jobs.PostsOptions{Media: "with"}, "7"},
		{"without pictures", jobs.PostsOptions{Media: "without"}, "1 2 3 4 5"},
		{"words", jobs.PostsOptions{Words: []string{"thread", "deutsch"}}, "2 3"},
		{"not words", jobs.PostsOptions{NotWords: []string{"picture", "Quoting"}}, "1 2 3 4"},
		{"language", jobs.PostsOptions{Languages: []string{"de"}}, "2"},
		{"days", jobs.PostsOptions{From: "2019-05-02"}, ""},
	}
	can, err := f.worker.Capability(t.Context(), f.home.Host())
	f.check(err)
	for _, tt := range tests {
		var got []string
		err := f.worker.Compose(t.Context(), f.move, f.account, can, tt.o, func(t model.Tweet, parts []compose.Status, _ string) error {
			if len(parts) > 0 {
				got = append(got, t.ID[len(t.ID)-1:])
			}
			return nil
		})
		f.check(err)
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, s, tt.want)
		}
	}
}

func TestPostsOptionsCheck(t *testing.T) {
	for name, o := range map[string]jobs.PostsOptions{
		"kind": {Kinds: []string{"poem"}}, "mentions": {Mentions: "loud"}, "dated": {Dated: "yes"}, "pace": {PerHour: -1},
		"warning without words": {Warnings: []compose.ContentWarning{{Text: "food"}}}, "day": {From: "yesterday"},
		"warning without text": {Warnings: []compose.ContentWarning{{Words: []string{"food"}}}}, "visibility": {Visibility: "direct"},
	} {
		if err := o.Check(); err == nil {
			t.Errorf("%s: %+v passes", name, o)
		}
	}
}
