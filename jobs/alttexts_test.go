package jobs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// Alt texts that the Owner brings go out with the pictures; keys that belong to
// none are counted.
func TestAltTexts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	one, two, rt := tweet(1, "one"), tweet(2, "two"), tweet(3, "RT @ada: look")
	one.Favorites = 5
	a, b, c := picture(&one, "abc"), picture(&two, "def"), picture(&two, "ghi")
	picture(&rt, "other")
	for _, tw := range []*model.Tweet{&one, &two} {
		for i := range tw.Media {
			tw.Media[i].Alt = ""
		}
	}
	f.tweets(one, two, rt)
	f.bring(a, b, c)
	got, err := f.worker.BringAltTexts(t.Context(), f.move.ID, strings.NewReader(
		`{"abc.png": "The first", "`+two.ID+`/2": "The third", "`+c+`": "Once more", "999": "nothing", "`+two.ID+`/9": "x"}`))
	f.check(err)
	if got.Known != 2 || got.Unknown != 2 {
		t.Errorf("brought %+v, want 2 known and 2 unknown", got)
	}
	page, total, described := f.pictures(jobs.PostsOptions{}, 0, 2)
	if total != 3 || described != 2 || len(page) != 2 || page[0].File != b || page[1].File != a || page[1].Alt != "The first" {
		t.Errorf("pictures %+v; %d of %d described", page, described, total)
	}
	f.check(f.store.SaveAltText(t.Context(), f.move.ID, b, "The second"))
	f.done(f.start(jobs.KindPosts, fast).ID)
	var alts []string
	for _, p := range f.home.Posts("alex") {
		for _, m := range p.Media {
			alts = append(alts, m.Alt)
		}
	}
	if s := strings.Join(alts, ", "); !strings.HasPrefix(s, "The first, The second, ") || len(alts) != 3 {
		t.Errorf("posted with %q", s)
	}
	if _, err := f.worker.BringAltTexts(t.Context(), f.move.ID, strings.NewReader("what?")); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a file of something else: %v", err)
	}
}

// The Owner's words win over those of an archive, the latest over earlier ones,
// an empty text brings those of the archive back, and what is too long for the
// server is cut, not refused.
func TestAltTextsWhichCount(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{Software: software, NoLimits: true, DescriptionLimit: 100})
			var tweets []model.Tweet
			var files []string
			for i, name := range []string{"kept", "brought", "again", "taken", "long"} {
				tw := tweet(i, name)
				files = append(files, picture(&tw, name))
				tweets = append(tweets, tw)
			}
			f.tweets(tweets...)
			f.bring(files...)
			bring := func(text string) {
				t.Helper()
				_, err := f.worker.BringAltTexts(t.Context(), f.move.ID, strings.NewReader(text))
				f.check(err)
			}
			bring(`{"brought.png": "Brought", "again": "At first", "` + tweets[3].ID + `": "Taken back"}`)
			bring("file,alt\n" + files[2] + ",\"In the end, this\"\nlong.png," + strings.Repeat("wörds ", 40) + "\n")
			f.check(f.store.SaveAltText(t.Context(), f.move.ID, files[3], ""))
			f.done(f.start(jobs.KindPosts, fast).ID)
			want := map[string]string{"kept": "a picture of kept", "brought": "Brought", "again": "In the end, this", "taken": "a picture of taken"}
			posts := f.home.Posts("alex")
			if len(posts) != len(tweets) {
				t.Fatalf("%d posts, want %d", len(posts), len(tweets))
			}
			for _, p := range posts {
				if len(p.Media) != 1 {
					t.Errorf("%q has %d pictures", p.Text, len(p.Media))
					continue
				}
				alt := p.Media[0].Alt
				if w, ok := want[p.Text]; ok && alt != w {
					t.Errorf("%q shows %q, want %q", p.Text, alt, w)
				}
				if n := len([]rune(alt)); p.Text == "long" && (n > 100 || n < 80 || !strings.HasPrefix(alt, "wörds wörds")) {
					t.Errorf("what was too long is %d long: %q", n, alt)
				}
			}
		})
	}
}

func (f *fixture) pictures(o jobs.PostsOptions, offset, limit int) (page []jobs.Picture, total, described int) {
	f.t.Helper()
	c, err := f.worker.Capability(f.t.Context(), f.home.Host())
	f.check(err)
	page, total, described, err = f.worker.PicturesMostSeen(f.t.Context(), f.move, f.account, c, o, offset, limit)
	f.check(err)
	return page, total, described
}

// Pictures come most seen first, those that still want words before the others,
// page by page; another person's video and pictures of retweets are not among them.
func TestPicturesMostSeen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	var tweets []model.Tweet
	for i, name := range []string{"little", "much", "some", "told", "theirs", "retweet"} {
		tw := tweet(i, name)
		tw.Favorites = map[string]int{"little": 1, "much": 50, "some": 2, "told": 900, "theirs": 1000, "retweet": 1000}[name]
		if name == "some" {
			tw.Retweets = 20
		}
		if name == "retweet" {
			tw.Text = "RT @ada: look"
		}
		picture(&tw, name)
		if tw.Media[0].Alt = ""; name == "told" {
			tw.Media[0].Alt = "in words"
		}
		if name == "theirs" {
			tw.Media[0].SourceUserID = "99"
		}
		tweets = append(tweets, tw)
	}
	f.tweets(tweets...)
	var got []string
	for offset := 0; offset < 6; offset += 2 {
		page, total, described := f.pictures(jobs.PostsOptions{}, offset, 2)
		if total != 4 || described != 1 {
			t.Errorf("%d pictures, %d described; want 4 and 1", total, described)
		}
		for _, p := range page {
			got = append(got, p.Text)
		}
	}
	if s := strings.Join(got, " "); s != "much some little told" {
		t.Errorf("order: %s", s)
	}
	// Only those of the chosen posts, and of them only what the posts will hold.
	page, total, described := f.pictures(jobs.PostsOptions{MinLikes: 2, MinRetweets: 5}, 0, 9)
	if total != 1 || described != 0 || page[0].Text != "some" || page[0].Favorites != 22 || page[0].Here {
		t.Errorf("chosen: %+v, %d of %d described", page, described, total)
	}
	f.bring(page[0].File)
	if page, _, _ = f.pictures(jobs.PostsOptions{WithoutMedia: true}, 0, 9); len(page) != 1 || !page[0].Here {
		t.Errorf("without what was not brought: %+v", page)
	}
}
