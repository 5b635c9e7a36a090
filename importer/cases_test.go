package importer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/model"
)

// read is what one archive of a case gives.
type read struct {
	result
	archive *importer.Archive
}

// text returns the tweet of that text, which must be there.
func (r read) text(t *testing.T, text string) model.Tweet {
	t.Helper()
	for _, tw := range r.Tweets {
		if tw.Text == text {
			return tw
		}
	}
	t.Fatalf("there is no tweet %q", text)
	return model.Tweet{}
}

// person returns the person of that id, or the zero one.
func (r read) person(id string) model.Person {
	for _, p := range r.People {
		if p.TwitterID == id {
			return p
		}
	}
	return model.Person{}
}

func (r read) texts() []string {
	var out []string
	for _, tw := range r.Tweets {
		out = append(out, tw.Text)
	}
	return out
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// files returns the names of a tweet's media files.
func mediaFiles(tw model.Tweet) string {
	var names []string
	for _, m := range tw.Media {
		_, base, _ := strings.Cut(m.File, "-")
		names = append(names, base)
	}
	return strings.Join(names, " ")
}

// TestCases reads each of the forty cases of docs/archive-format.md, part D.
// warn are parts of the warnings that it must give; others are failures.
func TestCases(t *testing.T) {
	if len(caseTests) != sample.Cases {
		t.Errorf("%d tests for %d cases", len(caseTests), sample.Cases)
	}
	for i, tt := range caseTests {
		n := i + 1
		t.Run(fmt.Sprintf("%02d", n), func(t *testing.T) {
			t.Parallel()
			c, err := sample.NewCase(n, tt.less)
			if err != nil {
				t.Fatal(err)
			}
			for i, write := range c.Write {
				var b bytes.Buffer
				if err := write(t.Context(), &b); err != nil {
					t.Fatal(err)
				}
				a := openBytes(t, b.Bytes())
				got := read{readAll(t, a), a}
				if printed, _ := json.Marshal(got.result); bytes.Contains(printed, []byte(sample.PrivateMark)) {
					t.Error("something private was kept")
				}
				var unexpected []importer.Warning
				missing := slices.Clone(tt.warn)
				for _, w := range got.Summary.Warnings {
					at := slices.IndexFunc(missing, func(part string) bool { return strings.Contains(w.File+": "+w.Message, part) })
					if at < 0 {
						unexpected = append(unexpected, w)
						continue
					}
					missing = slices.Delete(missing, at, at+1)
				}
				if len(unexpected) > 0 || len(missing) > 0 {
					t.Errorf("%s\nunexpected warnings %q, missing %q", c.Title, unexpected, missing)
				}
				tt.check(t, got, i)
			}
		})
	}
}

var onlyTweets = "hold tweets alone"

var caseTests = []struct {
	warn  []string
	less  int
	check func(t *testing.T, r read, archive int)
}{
	{check: oneTweet}, // 1: Zip64
	{check: oneTweet}, // 2: top folders
	{check: func(t *testing.T, r read, _ int) { // 3: Mac
		oneTweet(t, r, 0)
		same(t, "refused", len(r.archive.Refused()), 3)
	}},
	{check: func(t *testing.T, r read, _ int) { // 4: root layout
		c := r.Summary.Counts
		same(t, "generation", r.Summary.Generation, "G1")
		same(t, "counts", fmt.Sprint(c.Tweets, c.Following, c.Followers, c.Likes, c.Lists, c.Media, c.MediaMissing), "1 1 1 1 1 1 0")
		same(t, "list", r.Lists[0].Name, "geese")
		same(t, "owner", r.Summary.Owner.ID, "1001")
	}},
	{warn: []string{onlyTweets, "2 tweets from before November 2010", "data/js/tweets/2016_01.js: the manifest lists"}, check: func(t *testing.T, r read, _ int) { // 5: Grailbird
		same(t, "generation", r.Summary.Generation, "G0")
		same(t, "owner", r.Summary.Owner.Handle+" "+r.Summary.Owner.ID+" "+r.Profile, "owner 1001 Counts geese")
		same(t, "exported", r.Summary.ExportedAt.Format(time.DateTime), "2017-05-20 09:12:04")
		same(t, "tweets", r.Summary.Counts.Tweets, 4)
		rt := r.text(t, "RT @ada: café 🪿 &amp; more")
		same(t, "id", rt.ID, "863194367372689408")
		same(t, "retweet", rt.IsRetweet(), true)
		same(t, "lost time", r.text(t, "naïve").CreatedAt, time.Date(2010, 4, 2, 0, 0, 0, 0, time.UTC))
		same(t, "midnight by the id", r.text(t, "in the night").CreatedAt.IsZero(), false)
		for _, name := range r.Summary.Opened {
			if !strings.HasPrefix(name, "data/js/") || strings.Contains(name, "libs") {
				t.Errorf("%s was opened", name)
			}
		}
	}},
	{check: func(t *testing.T, r read, _ int) { same(t, "tweets", strings.Join(r.texts(), ","), "wrapped,bare") }}, // 6
	{ // 7: parts and copies
		warn: []string{
			"data/tweets (1).js: this looks like a copy", "data/like copy.js: this looks like a copy",
			"data/tweets-part1.js: this part of the file is missing", "data/tweet.js: this part of the file is missing",
		},
		check: func(t *testing.T, r read, _ int) {
			same(t, "tweets", strings.Join(r.texts(), ","), "in tweets.js,in tweets-part2.js,in tweet-part1.js")
			same(t, "likes", r.Summary.Counts.Likes, 0)
		},
	},
	{check: func(t *testing.T, r read, _ int) { // 8: no order
		slices.SortFunc(r.Tweets, func(x, y model.Tweet) int { return x.CreatedAt.Compare(y.CreatedAt) })
		same(t, "by time", strings.Join(r.texts(), ","), "first,second,third,fourth,fifth")
	}},
	{less: 100, check: func(t *testing.T, r read, _ int) { // 9: large files; TestMemory holds the rest
		same(t, "tweets", r.Summary.Counts.Tweets, 70_000/100)
		same(t, "followers", r.Summary.Counts.Followers, 672_588/100)
	}},
	{less: 2, check: func(t *testing.T, r read, _ int) { // 10: dense
		same(t, "likes", r.Summary.Counts.Likes, 40_000)
		same(t, "following", r.Summary.Counts.Following, 3000)
	}},
	{check: func(t *testing.T, r read, _ int) { // 11: many entries
		same(t, "media files", len(r.archive.MediaNames()), 66_000)
		same(t, "missing", r.Summary.Counts.MediaMissing, 0)
		same(t, "refused", len(r.archive.Refused()), 6200)
	}},
	{check: func(t *testing.T, r read, _ int) { // 12: owner by own media and replies
		same(t, "owner", r.Summary.Owner.Handle+" "+r.Summary.Owner.ID, "owner 1001")
		same(t, "self replies", r.Summary.Counts.SelfReplies, 1)
	}},
	{warn: []string{"data/like.js: the manifest lists 20377 items, but there are 0", "data/mute.js: the manifest lists this file with 3"}, check: oneTweet}, // 13
	{check: func(t *testing.T, r read, _ int) { // 14: Windows
		oneTweet(t, r, 0)
		same(t, "following", r.Summary.Counts.Following, 2)
	}},
	{ // 15: redacted by hand
		warn: []string{
			"data/following.js: item 2, at byte 73, cannot be read: a bracket",
			"data/following.js: item 4, at byte 159, cannot be read: a bracket",
			"data/tweets.js: item 1, at byte 30, cannot be read",
		},
		check: func(t *testing.T, r read, _ int) {
			same(t, "owner", r.Summary.Owner.Name, "Owner, {quoted}")
			same(t, "following", r.Summary.Counts.Following, 3)
			same(t, "tweets", strings.Join(r.texts(), ","), "after it")
		},
	},
	{check: func(t *testing.T, r read, _ int) { // 16: empty files
		same(t, "counts", r.Summary.Counts, importer.Counts{})
		same(t, "opened", len(r.Summary.Opened), 10)
	}},
	{check: func(t *testing.T, r read, _ int) { // 17: numbers
		numbers, texts := r.text(t, "numbers @ada"), r.text(t, "texts")
		same(t, "favorites", fmt.Sprint(numbers.Favorites, texts.Favorites, numbers.Retweets), "7 8 3")
		same(t, "mention", numbers.Mentions[0], model.Mention{TwitterID: "12", Handle: "ada", Name: "Ada", Start: 8, End: 12})
	}},
	{check: func(t *testing.T, r read, _ int) { // 18: large ids
		same(t, "id as a number", r.text(t, "as a number").ID, "1599999999999999999")
		same(t, "person", r.person("9007199254740993").Handle.Name, "big_id")
		same(t, "following", r.Summary.Counts.Following, 2)
	}},
	{check: func(t *testing.T, r read, _ int) { // 19: offsets
		checkEntities(t, r.Tweets)
		same(t, "link", r.Tweets[0].Links[0].Expanded, "https://goose.example/a")
		same(t, "text", strings.Contains(r.Tweets[0].Text, "\u202e"), true)
	}},
	{check: func(t *testing.T, r read, _ int) { // 20: digits
		same(t, "4711", r.person("4711").Handle.Name, "20170412")
		same(t, "12", r.person("12").Handle.Name, "jack")
	}},
	{check: func(t *testing.T, r read, _ int) { // 21: -1
		same(t, "people", len(r.People), 1)
		same(t, "mention", r.Tweets[0].Mentions[0].TwitterID, "")
		same(t, "named", r.Summary.Names.FollowingNamed, 1)
	}},
	{check: func(t *testing.T, r read, _ int) { // 22: half replies
		same(t, "replies", r.Summary.Counts.Replies, 2)
		same(t, "nameless", r.person("56").Handle.Name+fmt.Sprint(r.person("56").Interactions), "1")
		same(t, "no tweet", r.text(t, "@ada at the start").ReplyTo, model.Reply{UserID: "12", Handle: "ada"})
	}},
	{check: func(t *testing.T, r read, _ int) { // 23: renamed
		h := r.person("12").Handle
		same(t, "name", h.Name+" by "+h.Source, "Ada_New by reply")
		same(t, "sources", fmt.Sprint(r.Summary.Names.BySource), "map[media:0 mention:1 reply:1 retweet:0]")
	}},
	{check: func(t *testing.T, r read, _ int) { // 24: many names
		same(t, "mentions", len(r.Tweets[0].Mentions), 50)
		same(t, "characters", len([]rune(r.Tweets[0].Text)), 667)
		checkEntities(t, r.Tweets)
		same(t, "last", r.person("549").Handle.Name, "person49")
	}},
	{check: func(t *testing.T, r read, _ int) { // 25: cut links
		same(t, "retweets", r.Summary.Counts.Retweets, 2)
		same(t, "quotes", r.Summary.Counts.Quotes, 0)
		same(t, "links", len(r.Tweets[0].Links)+len(r.Tweets[1].Links), 0)
	}},
	{check: func(t *testing.T, r read, _ int) { // 26: retweets
		same(t, "retweets", r.Summary.Counts.Retweets, 3)
		media := r.text(t, "RT @ada: look https://t.co/aaaaaaaaaa")
		same(t, "media", mediaFiles(media)+" of "+media.Media[0].SourceUserID+" "+media.Media[0].SourceHandle, "abc.jpg of 12 ada")
		same(t, "source", r.person("12").Handle.Source, "retweet")
	}},
	{warn: []string{onlyTweets, "1 tweets from before"}, check: func(t *testing.T, r read, _ int) { // 27: typed retweets
		typed := 0
		for _, tw := range r.Tweets {
			if tw.Text == "RT @ada: typed by hand" {
				typed++
				same(t, tw.CreatedAt.String(), tw.Manual && !tw.IsRetweet(), true)
			}
		}
		same(t, "typed", typed, 2)
		same(t, "real", r.text(t, "RT @ada: a real one").IsRetweet() && r.text(t, "RT @grace: nobody is mentioned").IsRetweet(), true)
		same(t, "without a colon", r.text(t, "RT @ada without a colon").IsRetweet(), false)
		same(t, "counted by the text", r.Summary.Counts.Retweets, 4)
	}},
	{check: func(t *testing.T, r read, _ int) { // 28: quotes
		same(t, "tweets", r.Summary.Counts.Tweets, 10)
		same(t, "quotes", r.Summary.Counts.Quotes, 7)
	}},
	{check: func(t *testing.T, r read, _ int) { // 29: four photos
		same(t, "files", mediaFiles(r.Tweets[0]), "p0.jpg p1.jpg p2.jpg p3.jpg")
		same(t, "link", r.Tweets[0].Media[3].Short, "https://t.co/aaaaaaaaaa")
	}},
	{check: func(t *testing.T, r read, _ int) { // 30: bitrates
		same(t, "files", mediaFiles(r.Tweets[0])+" "+mediaFiles(r.Tweets[1]), "gif.mp4 best.mp4")
		same(t, "types", r.Tweets[0].Media[0].Type+r.Tweets[1].Media[0].Type, model.GIF+model.Video)
	}},
	{warn: []string{"1 of 3 pictures and videos are not"}, check: func(t *testing.T, r read, _ int) { // 31: media files
		same(t, "missing", mediaFiles(r.Tweets[0]), "")
		same(t, "another name", mediaFiles(r.Tweets[1]), "otherwise.jpg")
		same(t, "large", mediaFiles(r.Tweets[2]), "large.mp4")
		if _, _, err := r.archive.OpenMedia(r.Tweets[2].Media[0].File); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("a video of more than 4 GB: %v", err)
		}
	}},
	{check: func(t *testing.T, r read, _ int) { // 32: another account's video
		m := r.Tweets[0].Media[0]
		same(t, "source", m.SourceUserID+" "+m.SourceHandle, "12 ada")
		same(t, "named by it", r.person("12").Handle.Source, "media")
	}},
	{check: func(t *testing.T, r read, _ int) { // 33: mixed media
		same(t, "mixed", mediaFiles(r.Tweets[0]), "a.jpg best.mp4")
		same(t, "GIFs", mediaFiles(r.Tweets[1]), "g0.mp4 g1.mp4 g2.mp4 g3.mp4")
	}},
	{check: func(t *testing.T, r read, _ int) { // 34: notes
		same(t, "joined", r.Summary.Counts.NoteTweetsJoined, 4)
		if long := r.text(t, "@ada @bob The names of an answer st…").Note; long == nil || long.Text != "The names of an answer stand in the tweet alone." {
			t.Errorf("the answer was joined with %+v", long)
		}
		for _, tw := range r.Tweets {
			begin := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "@ada @bob ", "").Replace(tw.Text)[:4]
			if joined := tw.Note != nil; joined != (tw.Text != "First") || joined && !strings.HasPrefix(tw.Note.Text, begin) {
				t.Errorf("%q was joined with %+v", tw.Text, tw.Note)
			}
		}
	}},
	{check: func(t *testing.T, r read, _ int) { // 35: edits
		old, final := r.text(t, "a tyop"), r.text(t, "a typo")
		same(t, "final", old.FinalID(), final.ID)
		same(t, "final of the final", final.FinalID(), final.ID)
		same(t, "old ids", strings.Join(final.EditIDs, " "), old.ID+" "+final.ID)
		same(t, "answer", r.text(t, "an answer to the old version").ReplyTo.TweetID, old.ID)
		same(t, "tweets", r.Summary.Counts.Tweets, 3)
	}},
	{check: func(t *testing.T, r read, _ int) { // 36: deleted tweets
		oneTweet(t, r, 0)
		same(t, "left out", r.Summary.LeftOut, importer.LeftOut{Community: 2, Deleted: 1})
	}},
	{check: func(t *testing.T, r read, _ int) { // 37: Circle and private times
		same(t, "left out", r.Summary.LeftOut.Circle, 1)
		private, at := r.Protected[0], r.text(t, "while private").CreatedAt
		same(t, "private", len(r.Protected) == 1 && at.After(private.From) && at.Before(private.To), true)
	}},
	{check: checkThread}, // 38
	{warn: []string{"1 tweets from before November 2010"}, check: func(t *testing.T, r read, _ int) { // 39: dates
		for text, want := range map[string]string{
			"just setting up": "2006-03-21 20:50:14", "time lost": "2010-04-01 00:00:00", "ISO": "2010-11-05 10:00:00",
			"milliseconds": "2008-10-01 08:34:56", "the id knows better": "2022-12-06 05:00:00.123",
		} {
			same(t, text, strings.TrimSuffix(r.text(t, text).CreatedAt.Format("2006-01-02 15:04:05.000"), ".000"), want)
		}
	}},
	{check: func(t *testing.T, r read, archive int) { // 40: exported twice
		same(t, "owner", r.Summary.Owner.ID, "1001")
		same(t, "handle", r.Summary.Owner.Handle, []string{"owner_old", "owner_new"}[archive])
		same(t, "generation", r.Summary.Generation, []string{"G3", "G4"}[archive])
		same(t, "the same tweet", r.text(t, "in both @ada").ID, "1599992025707446273")
		same(t, "tweets", r.Summary.Counts.Tweets, 2)
	}},
}

func oneTweet(t *testing.T, r read, _ int) {
	t.Helper()
	same(t, "tweets", strings.Join(r.texts(), ","), "hello")
	same(t, "owner", r.Summary.Owner.ID, "1001")
}

// checkThread follows a thread from its last part to its first.
func checkThread(t *testing.T, r read, _ int) {
	byID := map[string]model.Tweet{}
	for _, tw := range r.Tweets {
		byID[tw.ID] = tw
	}
	depth := 0
	for tw := r.text(t, "part 38"); tw.ReplyTo.TweetID != ""; depth++ {
		parent, ok := byID[tw.ReplyTo.TweetID]
		if !ok || !parent.CreatedAt.Before(tw.CreatedAt) {
			t.Fatalf("the parent of %q is %q", tw.Text, parent.Text)
		}
		tw = parent
	}
	same(t, "depth", depth, 37)
	same(t, "branch", byID[r.text(t, "a branch").ReplyTo.TweetID].Text, "part 4")
	same(t, "deleted", byID[r.text(t, "its parent was deleted").ReplyTo.TweetID].Text, "")
	edited := byID[r.text(t, "its parent was edited").ReplyTo.TweetID]
	same(t, "edited", byID[edited.FinalID()].Text, "new words")
}

// A file of 40,000 people costs a few bytes for each, and nothing for its text.
func TestMemory(t *testing.T) {
	b, _ := writeSample(t, sample.Options{Tweets: 500, Followers: 40_000, Seed: 9})
	a := openBytes(t, b)
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, at := live(), uint64(0), int64(0)
	_, err := a.Read(t.Context(), importer.Sink{Progress: func(read, total int64) {
		if read-at > total/5 {
			at, most = read, max(most, live())
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if most > before+12<<20 {
		t.Errorf("%d MB are in use while reading, %d MB before", most>>20, before>>20)
	}
}
