package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/skein-migrate/skein/internal/model"
)

// Whatever a file holds, the scanner ends, and what it hands out are values
// that begin and end with brackets, within the limits.
func FuzzEnvelope(f *testing.F) {
	for _, s := range []string{
		`window.YTD.tweets.part0 = [ {"a":[1,"}]"]}, {"b":"\"\\"} ];`, `= {"a":{}}`, "[ ]", "[", "{", "", "x", "[{\n{\n\"", "[1,2,,]{", "[{\"a\":\"x}\n},\n{\"b\":1}]", `[{"a":[{"b":1],{"c":1}]`, "[\n {\n  \"a\":[\n  1,\n {\n  \"b\":1}]", `[[1}]`,
		"[\n  {\"a\":\"x},\n  {\"b\":1}\n]", strings.Repeat("[", 200), "\xef\xbb\xbf[{}]", "window.__THAR_CONFIG = {\n a: {b: [1,],},\n}",
	} {
		f.Add(s)
	}
	lim := defaultLimits
	lim.item, lim.depth = 200, 8
	f.Fuzz(func(t *testing.T, s string) {
		sc, err := newScanner(strings.NewReader(s), lim)
		if err != nil {
			return
		}
		for n := 0; ; n++ {
			item, at, err := sc.next()
			if errors.Is(err, io.EOF) || errors.Is(err, errCutOff) {
				return
			}
			if n > len(s) || at > int64(len(s)) {
				t.Fatalf("item %d at %d of %d bytes", n, at, len(s))
			}
			if err != nil {
				continue
			}
			if len(item) < 2 || len(item) > lim.item || !strings.HasPrefix(s[at:], string(item)) {
				t.Fatalf("item %q at %d", item, at)
			}
			_ = decode(item, &tweetItem{})
		}
	})
}

// A tweet that is read has an id and a time, and reads the same again.
func FuzzTweet(f *testing.F) {
	for _, s := range []string{
		`{"tweet":{"id_str":"1600000000000000001","full_text":"RT @ada: hi","entities":{"user_mentions":[{"screen_name":"ada","id_str":"12","indices":["3","7"]}]}}}`,
		`{"id":1600000000000000002,"full_text":"x https://t.co/a","created_at":"Tue Dec 06 05:00:00 +0000 2022","extended_entities":{"media":[{"type":"video","indices":[2],"video_info":{"aspect_ratio":[1],"variants":[{"bitrate":"0","content_type":"video/mp4","url":"https://v/x.mp4?tag=1"}]}}]}}`,
		`{ tweet: { id_str: "22222", created_at: "1262304000000", entities: { urls: [ ], }, }, }`,
		`{"tweet":{"id":"-1"}}`, `{"tweet":null,"id":"5","edit_info":{"initial":{"editTweetIds":["5","6"]}}}`, `{}`, `[]`,
	} {
		f.Add([]byte(s))
	}
	a := &Archive{limits: defaultLimits}
	f.Fuzz(func(t *testing.T, item []byte) {
		d, err := decodeTweet(item)
		if err != nil {
			var bad *badItem
			if !errors.As(err, &bad) {
				t.Fatalf("%v is no badItem", err)
			}
			return
		}
		if _, err := model.ParseTwitterID(d.tweet.ID); err != nil {
			t.Fatal(err)
		}
		if missing := a.placeMedia(&d.tweet); missing != len(d.tweet.Media) {
			t.Fatalf("%d of %d media are missing from an empty archive", missing, len(d.tweet.Media))
		}
		p := newPeople(10, 0)
		p.learn(&d.tweet, "1")
		for i := range p.order {
			p.person(i)
		}
		_ = d.tweet.IsQuote()
		again, err := decodeTweet(relax(item))
		if err == nil && again.tweet.ID != d.tweet.ID && utf8.Valid(item) {
			t.Fatalf("relaxed it is tweet %s, before %s", again.tweet.ID, d.tweet.ID)
		}
	})
}

// Offsets count code points of the escaped text, whatever stands around, and
// whatever offsets a file has, those that come out are within the text.
func FuzzIndices(f *testing.F) {
	f.Add("🪿 & 👩‍🔬 <", 0, 4)
	f.Add("\u202eé\r\n\t", -1, 1<<62)
	f.Add("", 3, 2)
	f.Fuzz(func(t *testing.T, around string, start, end int) {
		text := strings.ToValidUTF8(around, "") + " "
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
		at := utf8.RuneCountInString(escaped)
		quoted, err := jsontext.AppendQuote(nil, escaped+"@ada"+escaped)
		if err != nil {
			t.Fatal(err)
		}
		item := fmt.Sprintf(`{"tweet":{"id":"5","full_text":%s,"entities":{"user_mentions":[{"screen_name":"ada","indices":["%d","%d"]}],"urls":[{"url":"x","indices":[%d,%d]}]},"extended_entities":{"media":[{"indices":["%[4]d","%[5]d"]}]}}}`,
			quoted, at, at+4, start, end)
		d, err := decodeTweet([]byte(item))
		if err != nil {
			t.Fatal(err)
		}
		runes := []rune(d.tweet.Text)
		if m := d.tweet.Mentions[0]; string(runes[m.Start:m.End]) != "@ada" {
			t.Errorf("the mention stands at %q in %q", string(runes[m.Start:m.End]), d.tweet.Text)
		}
		_ = runes[d.tweet.Links[0].Start:d.tweet.Links[0].End]
		_ = runes[d.tweet.Media[0].Start:d.tweet.Media[0].End]
		note := noteItem{}
		if err := decode([]byte(fmt.Sprintf(`{"noteTweet":{"core":{"text":%s,"urls":[{"fromIndex":%d,"toIndex":"%d"}]}}}`, quoted, start, end)), &note); err != nil {
			t.Fatal(err)
		}
		n := note.note()
		_ = []rune(n.Text)[n.Links[0].Start:n.Links[0].End]
		_ = isWhole(&model.Tweet{Text: escaped, ReplyTo: model.Reply{UserID: "12"}}, text+around)
	})
}

// Allowed is quicker than AllowedPattern and says the same.
func FuzzAllowed(f *testing.F) {
	for _, s := range []string{"data/tweets_media/1-a.jpg", "tweet_media/20-a.b-c.jpeg", "data/tweets_media/-.png", "data/tweets.js", "tweets_media/1-\xff.mp4", "data/tweets_media/1-a.jpg\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got := Allowed(name); got != allowed.MatchString(name) {
			t.Errorf("%q is allowed: %v", name, got)
		}
	})
}

// No zip makes the importer fail otherwise than by saying what is wrong.
func FuzzArchive(f *testing.F) {
	for _, files := range []map[string]string{
		{"data/tweets.js": `x = [{"tweet":{"id":"5"}}]`, "data/following.js": `x = [{"following":{"accountId":"12"}}]`},
		{"top/data/manifest.js": `x = {"archiveInfo":{"generationDate":"2023-01-01T00:00:00Z"}}`, "top/data/tweets_media/5-a.jpg": "x"},
		{"data/note-tweet.js": `[{"noteTweet":{"createdAt":"2023-05-01T00:00:00.000Z","core":{"text":"x"}}}]`},
		{"else.txt": "x"}, {},
		{"data/js/tweets/2017_05.js": "Grailbird.data.tweets_2017_05 = \n[ {\"id\":5,\"text\":\"RT @a: b\"} ]", "data/js/user_details.js": `var user_details = {"id":"1"}`, "data/js/tweet_index.js": "var tweet_index = [ {\"file_name\":\"data/js/tweets/2017_06.js\",\"tweet_count\":3} ]"},
	} {
		f.Add(zipOf(f, files))
	}
	lim := defaultLimits
	lim.file, lim.total, lim.entries = 1<<20, 4<<20, 1000
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := openZip(bytes.NewReader(b), int64(len(b)), lim)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		sum, err := a.Read(t.Context(), Sink{Tweets: func(string, []model.Tweet) error { return nil }, People: func([]model.Person) error { return nil }})
		if err != nil && !errors.Is(err, model.ErrInvalid) {
			t.Fatal(err)
		}
		for _, name := range sum.Opened {
			if strings.Contains(name, "direct") {
				t.Fatalf("%s was opened", name)
			}
		}
		for _, name := range a.MediaNames() {
			if rc, _, err := a.OpenMedia(name); err == nil {
				_, _ = io.Copy(io.Discard, io.LimitReader(rc, 1<<20))
				rc.Close()
			}
		}
	})
}

// People of a list have an id or a handle that parse, each once, and never more
// than the limit.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		"@ada\n@grace", "id,handle\n12,ada\n", "a\tb\n@x\ty@z.example", `["ada",12,{"id":"5"}]`, `{"data":[{"username":"ada"}]}`, "window.YTD.following.part0 = [{\"following\":{\"accountId\":\"12\"}}]",
		"https://twitter.com/i/user/12", "\"", `[[[[{"a":[{"a":[`, "name;url\nx;https://x.com/ada",
	} {
		f.Add(s, "x.csv", "")
		f.Add(s, "", "handle bio")
	}
	f.Fuzz(func(t *testing.T, text, name, said string) {
		const limit = 50
		roles, err := ParseRoles(strings.Fields(said))
		if err != nil {
			roles = nil
		}
		list, err := ReadListAs(strings.NewReader(text), name, limit, Said{Roles: roles, Titles: []string{"", "yes", "no"}[len(said)%3]})
		if len(list.Table.Columns) > mostColumns || list.Table.Rows > limit {
			t.Fatalf("%+v", list.Table)
		}
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		if len(list.People) == 0 || len(list.People) > limit {
			t.Fatalf("%d people", len(list.People))
		}
		for _, p := range list.People {
			_, noID := model.ParseTwitterID(p.TwitterID)
			_, noHandle := model.ParseHandle(p.Handle.Name)
			if noID != nil && noHandle != nil || p.TwitterID != "" && noID != nil || p.Handle.Name != "" && noHandle != nil {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// People of pages have an id or a handle that parse, each once and never more
// than the limit, and texts without control characters.
func FuzzPages(f *testing.F) {
	files, err := filepath.Glob("testdata/pages/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"log":{"entries":[{"request":{"url":"https://x.com/graphql/h/Following"},"response":{"content":{"text":"[{\"id_str\":\"12\",\"screen_name\":\"ada\"}]"}}}]}}`))
	f.Add([]byte("Ada\n@ada\nFollows you\nFollowing\n@x\n@y Follow\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		const limit = 20
		list, err := ReadPages(bytes.NewReader(text), "x", limit)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		if len(list.People) == 0 || len(list.People) > limit {
			t.Fatalf("%d people", len(list.People))
		}
		seen := map[string]bool{}
		for _, p := range list.People {
			_, noID := model.ParseTwitterID(p.TwitterID)
			_, noHandle := model.ParseHandle(p.Handle.Name)
			key := p.TwitterID + "@" + strings.ToLower(p.Handle.Name)
			if p.TwitterID != "" && noID != nil || noHandle != nil || seen[key] || len(p.Relations) == 0 {
				t.Fatalf("%+v", p)
			}
			seen[key] = true
			for _, text := range append([]string{p.Name, p.Bio, p.Location}, p.URLs...) {
				if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x07\r\t") || utf8.RuneCountInString(text) > mostBio {
					t.Fatalf("%q", text)
				}
			}
		}
		LooksLikePages(bytes.NewReader(text))
	})
}

// However a string is cut, what is left is as much JSON as it was before.
func FuzzShortener(f *testing.F) {
	f.Add(`{"a":"x\"y\u00e9\\","b":[1,"é\n"]}`, 3)
	f.Add(`["\ud83e\udea1"]`, 7)
	f.Fuzz(func(t *testing.T, text string, most int) {
		out, err := io.ReadAll(&shortener{r: strings.NewReader(text), most: most % 20})
		if err != nil {
			return
		}
		whole, cut := jsontext.Value(text).IsValid(decodeOptions), jsontext.Value(out).IsValid(decodeOptions)
		if whole && !cut {
			t.Fatalf("%q became %q", text, out)
		}
		if most%20 == 19 && len(out) > len(text) {
			t.Fatalf("%q grew to %q", text, out)
		}
	})
}
