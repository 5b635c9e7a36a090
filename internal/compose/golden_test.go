package compose_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/model"
)

var update = flag.Bool("update", false, "write the .want files of testdata anew")

const golden = "testdata/tweets.txtar"

// goldenCase is one NAME.in of the golden file.
type goldenCase struct {
	name    string
	options compose.Options
	tweets  []model.Tweet
}

func TestGolden(t *testing.T) {
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	cases := goldenCases(t, archive)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := dryRun(t, c.options, c.tweets)
			want := &archive.Files[2*i+1]
			if *update {
				want.Data = got
			} else if diff := cmp.Diff(string(want.Data), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if *update {
		if err := os.WriteFile(golden, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func goldenCases(t testing.TB, archive *txtar.Archive) []goldenCase {
	t.Helper()
	var cases []goldenCase
	for i := 0; i < len(archive.Files); i += 2 {
		name, ok := strings.CutSuffix(archive.Files[i].Name, ".in")
		if !ok || i+1 == len(archive.Files) || archive.Files[i+1].Name != name+".want" {
			t.Fatalf("%s has no .want behind it", archive.Files[i].Name)
		}
		c := goldenCase{name: name, options: compose.Options{OwnerID: "100", OwnerHandle: "owner", URLLength: 23}}
		for line := range strings.Lines(string(archive.Files[i].Data)) {
			if options, ok := strings.CutPrefix(line, "options "); ok {
				var o struct {
					compose.Options
					Known map[string]compose.Account // by handle
					Skip  string
				}
				o.Options = c.options
				decode(t, options, &o)
				c.options = o.Options
				if o.Known != nil {
					c.options.Known = func(m model.Mention) (compose.Account, bool) {
						a, ok := o.Known[m.Handle]
						return a, ok
					}
				}
				if o.Skip != "" {
					c.options.Skip = func(model.Tweet) string { return o.Skip }
				}
				continue
			}
			var tweet model.Tweet
			decode(t, line, &tweet)
			findOffsets(&tweet)
			c.tweets = append(c.tweets, tweet)
		}
		cases = append(cases, c)
	}
	return cases
}

func decode(t testing.TB, line string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), v); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// findOffsets fills in offsets as archives have them: code points of the text.
func findOffsets(tweet *model.Tweet) {
	fill := func(text string, links []model.Link) {
		from := map[string]int{}
		for i := range links {
			l := &links[i]
			at := strings.Index(text[from[l.Short]:], l.Short)
			if l.Start != 0 || l.End != 0 || at < 0 {
				continue
			}
			at += from[l.Short]
			from[l.Short] = at + len(l.Short)
			l.Start = len([]rune(text[:at]))
			l.End = l.Start + len([]rune(l.Short))
		}
	}
	fill(tweet.Text, tweet.Links)
	name := func(text string, mentions []model.Mention) {
		for i := range mentions {
			m := &mentions[i]
			if at := strings.Index(text, "@"+m.Handle); at >= 0 && m.Start == 0 && m.End == 0 {
				m.Start = len([]rune(text[:at]))
				m.End = m.Start + 1 + len(m.Handle)
			}
		}
	}
	name(tweet.Text, tweet.Mentions)
	if tweet.Note != nil {
		fill(tweet.Note.Text, tweet.Note.Links)
		name(tweet.Note.Text, tweet.Note.Mentions)
	}
	for i := range tweet.Media {
		m := &tweet.Media[i]
		if at := strings.Index(tweet.Text, m.Short); at >= 0 {
			m.Start = len([]rune(tweet.Text[:at]))
			m.End = m.Start + len([]rune(m.Short))
		}
	}
}

// dryRun composes tweets and prints what the verb posts would.
func dryRun(t testing.TB, o compose.Options, tweets []model.Tweet) []byte {
	t.Helper()
	var x compose.Index
	for _, tweet := range tweets {
		x.Add(tweet)
	}
	c := compose.New(o, &x)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, tweet := range tweets {
		parts, skipped := c.Compose(tweet)
		var err error
		if skipped != "" {
			err = enc.Encode(map[string]any{"tweet_ids": []string{tweet.ID}, "skipped": skipped})
		}
		for _, p := range parts {
			if err == nil {
				err = enc.Encode(p)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}
