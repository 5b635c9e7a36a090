package importer

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/model"
)

func zipOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readWith(t testing.TB, files map[string]string, lim limits) Summary {
	t.Helper()
	b := zipOf(t, files)
	a, err := openZip(bytes.NewReader(b), int64(len(b)), lim)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Read(t.Context(), Sink{})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func warned(sum Summary, text string) bool {
	for _, w := range sum.Warnings {
		if strings.Contains(w.Message, text) {
			return true
		}
	}
	return false
}

func TestTooManyEntries(t *testing.T) {
	for _, entries := range []int{40, 60, 5000} { // below, above, and above while the directory is read
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := range entries {
			if _, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("data/tweets_media/%d-a.jpg", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		lim := defaultLimits
		lim.entries = 50
		_, err := openZip(bytes.NewReader(b.Bytes()), int64(b.Len()), lim)
		if refused := errors.Is(err, model.ErrInvalid); refused != (entries > lim.entries) {
			t.Errorf("%d entries: %v", entries, err)
		}
	}
}

// follows returns a file of people. With few digits drawn it deflates far better
// than X's files do.
func follows(n, different int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("window.YTD.following.part0 = [")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		id := 1000 + r.IntN(different)
		fmt.Fprintf(&b, "\n  {\n    \"following\" : {\n      \"accountId\" : \"%d\",\n      \"userLink\" : \"https://twitter.com/intent/user?user_id=%d\"\n    }\n  }", id, id)
	}
	b.WriteString("\n]")
	return b.String()
}

// Honest files deflate up to 30 times; a bomb a thousand times.
func TestRatio(t *testing.T) {
	lim := defaultLimits
	lim.ratioFrom = 1 << 20
	honest := follows(20_000, 300)
	files := map[string]string{"data/following.js": honest, "data/like.js": "x = [" + strings.Repeat(" ", 4<<20) + "]"}
	b := zipOf(t, map[string]string{"data/following.js": honest})
	ratio := len(honest) / len(b)
	sum := readWith(t, files, lim)
	if sum.Counts.Following != 300 || ratio < 30 || len(honest) < int(lim.ratioFrom) {
		t.Errorf("%d people of a file of %d bytes that deflates %d times", sum.Counts.Following, len(honest), ratio)
	}
	if !warned(sum, "no honest archive") {
		t.Errorf("the bomb was read: %v", sum.Warnings)
	}
}

func TestSizeLimits(t *testing.T) {
	tests := []struct {
		name   string
		change func(*limits)
		files  map[string]string
		warn   string
		want   int // people followed
	}{
		{
			name:   "file",
			change: func(l *limits) { l.file = 50 },
			files:  map[string]string{"data/following.js": follows(3, 10)},
			warn:   "more than 50 bytes",
		},
		{
			name:   "total",
			change: func(l *limits) { l.total = 1500 },
			files:  map[string]string{"data/following.js": follows(7, 1), "data/follower.js": follows(7, 1)},
			warn:   "all files together",
			want:   1,
		},
		{
			name:   "item",
			change: func(l *limits) { l.item = 100 },
			files:  map[string]string{"data/following.js": `[{"following":{"accountId":"5","x":"` + strings.Repeat("x", 100) + `"}},{"following":{"accountId":"6"}}]`},
			warn:   "too long",
			want:   1,
		},
		{
			name:   "depth",
			change: func(*limits) {},
			files:  map[string]string{"data/following.js": `[{"following":{"accountId":"5","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}},{"following":{"accountId":"6"}}]`},
			warn:   "nested too deep",
			want:   1,
		},
		{
			name:   "people",
			change: func(l *limits) { l.people = 3 },
			files:  map[string]string{"data/following.js": follows(50, 50)},
			warn:   "more than 3 people",
			want:   3,
		},
		{
			name:   "warnings",
			change: func(*limits) {},
			files:  map[string]string{"data/following.js": `[` + strings.Repeat(`{"following":{}},`, 500) + `]`},
			warn:   "and 490 more",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lim := defaultLimits
			tt.change(&lim)
			sum := readWith(t, tt.files, lim)
			if sum.Counts.Following != tt.want || !warned(sum, tt.warn) || len(sum.Warnings) > 20 {
				t.Errorf("%d people, warnings %v", sum.Counts.Following, sum.Warnings)
			}
		})
	}
}

// Long texts beyond the limit of memory are joined from the file all the same.
func TestNotesSpill(t *testing.T) {
	ns := newNotes()
	defer ns.close()
	const count = 500
	for i := range count {
		text := fmt.Sprintf("note %d %s", i, strings.Repeat("x", 20_000))
		item := fmt.Sprintf(`{"noteTweet":{"createdAt":"2023-05-01T00:%02d:%02d.000Z","core":{"text":"%s"}}}`, i/60, i%60, text)
		if err := ns.add([]byte(item)); err != nil {
			t.Fatal(err)
		}
	}
	if ns.file == nil || len(ns.buf) > notesInMemory {
		t.Fatalf("%d bytes are kept in memory", len(ns.buf))
	}
	for i := range count {
		tw := model.Tweet{Text: fmt.Sprintf("note %d xxx…", i), CreatedAt: parseTime(fmt.Sprintf("2023-05-01T00:%02d:%02d.000Z", i/60, i%60))}
		if joined, err := ns.join(&tw, tw.CreatedAt); !joined || err != nil || len(tw.Note.Text) < 20_000 {
			t.Fatalf("note %d: %v, %v", i, joined, err)
		}
	}
}

func TestIsWhole(t *testing.T) {
	tests := []struct {
		name, tweet, note string
		reply             bool
		want              bool
	}{
		{name: "cut with dots", tweet: "One &amp; two thr…", note: "One & two three", want: true},
		{name: "dots and media", tweet: "One two… https://t.co/abc", note: "One two three", want: true},
		{name: "link alone behind it", tweet: "One two https://t.co/abc", note: "One two three", want: true},
		{name: "whole, as with bold text", tweet: "One two", note: "One two", want: true},
		{name: "short beginning without a mark is another tweet", tweet: "One", note: "One two"},
		{name: "another text", tweet: "Two…", note: "One two"},
		{name: "long without a mark", tweet: strings.Repeat("a ", 120), note: strings.Repeat("a ", 300), want: true},
		{name: "link that is in the note", tweet: "See https://t.co/abc", note: "See https://t.co/abc and more", want: true},
		{name: "only a link", tweet: "https://t.co/abc", note: "Something"},
		{name: "an answer begins with the name", tweet: "@ada One two thr…", note: "One two three", reply: true, want: true},
		{name: "an answer to several", tweet: "@ada @bob_b One &lt;two", note: "One <two", reply: true, want: true},
		{name: "a typed name stays", tweet: "@ada @bob One two…", note: "@bob One two three", reply: true, want: true},
		{name: "all names typed", tweet: "@ada One two…", note: "@ada One two three", reply: true, want: true},
		{name: "names, but no answer", tweet: "@ada One two…", note: "One two three"},
		{name: "nothing but names", tweet: "@ada @bob", note: "One", reply: true},
		{name: "an answer cut within the names", tweet: "@ada @bo…", note: "One", reply: true},
	}
	for _, tt := range tests {
		tw := model.Tweet{Text: tt.tweet}
		if tt.reply {
			tw.ReplyTo.UserID = "12"
		}
		if got := isWhole(&tw, tt.note); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}
