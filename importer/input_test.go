package importer_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/model"
)

var sampleOptions = sample.Options{Tweets: 600, Following: 40, Followers: 50, Likes: 30, Seed: 5, Generation: "G4"}

var minimal = []file{
	{"data/account.js", `window.YTD.account.part0 = [{"account":{"accountId":"1","username":"owner"}}]`},
	{"data/following.js", `window.YTD.following.part0 = [{"following":{"accountId":"12"}}]`},
	{"data/tweets.js", `window.YTD.tweets.part0 = [{"tweet":{"id_str":"1600000000000000001","full_text":"hi"}}]`},
}

// Bad input is one clear sentence.
func TestOpenBadInput(t *testing.T) {
	good := zipFiles(t, minimal...)
	encrypted := bytes.Clone(good)
	for _, sig := range []struct {
		mark   string
		offset int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		for i := 0; ; {
			at := bytes.Index(encrypted[i:], []byte(sig.mark))
			if at < 0 {
				break
			}
			encrypted[i+at+sig.offset] |= 1
			i += at + 4
		}
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty file", nil, "this file is empty"},
		{"not a zip", []byte("hello"), "not a zip file"},
		{"a page", []byte("<!doctype html><title>Log in"), "not a zip file"},
		{"a file of an archive under another name", []byte("window.YTD.tweets.part0 = [ ]"), "single file of a Twitter archive"},
		{"cut off", good[:len(good)/2], "cut off or damaged"},
		{"cut off at the very end", good[:len(good)-5], "cut off or damaged"},
		{"encrypted", encrypted, "protected by a password"},
		{"nothing in it", zipFiles(t), "this zip is empty"},
		{"something else", zipFiles(t, file{"word/document.xml", "x"}, file{"readme.txt", "x"}), "holds no Twitter archive"},
		{"a zip in a zip", zipFiles(t, file{"twitter-2023.zip", string(good)}), "other zip files"},
		{"CSV alone", zipFiles(t, file{"data/csv/2012_12.csv", "x"}, file{"index.html", "x"}), "as CSV alone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := importer.OpenReader(bytes.NewReader(tt.content), int64(len(tt.content)))
			if !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("got %v; want a sentence with %q", err, tt.want)
			}
		})
	}
}

func TestOpenPaths(t *testing.T) {
	dir := unpack(t, minimal)
	if err := os.WriteFile(filepath.Join(dir, "a.zip"), zipFiles(t, minimal...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path   string
		tweets int
	}{
		{dir, 1}, {filepath.Join(dir, "data"), 1}, {filepath.Join(dir, "a.zip"), 1}, {filepath.Join(dir, "data", "tweets.js"), 1}, {filepath.Join(dir, "data", "following.js"), 0},
	} {
		a, err := importer.Open(tt.path)
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		if sum, err := a.Read(t.Context(), importer.Sink{}); err != nil || sum.Counts.Tweets != tt.tweets {
			t.Errorf("%s: %d tweets, %v", tt.path, sum.Counts.Tweets, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{filepath.Join(dir, "none.zip"), t.TempDir()} {
		if _, err := importer.Open(path); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Links in a folder are refused, also those that stay inside.
func TestFolderLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.js")
	if err := os.WriteFile(outside, []byte(minimal[2].content), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, minimal[:2])
	if err := os.Symlink(outside, filepath.Join(dir, "data", "tweets.js")); err != nil {
		t.Fatal(err)
	}
	a, err := importer.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	sum, err := a.Read(t.Context(), importer.Sink{})
	if err != nil || sum.Counts.Tweets != 0 {
		t.Errorf("%d tweets, %v", sum.Counts.Tweets, err)
	}
	if !hasWarning(sum, "data/tweets.js", "not followed") {
		t.Errorf("warnings: %v", sum.Warnings)
	}
}

func hasWarning(sum importer.Summary, file, text string) bool {
	for _, w := range sum.Warnings {
		if w.File == file && strings.Contains(w.Message, text) {
			return true
		}
	}
	return false
}

// A damaged entry costs itself, and what was read before stays.
func TestDamagedEntry(t *testing.T) {
	var items []string
	for i := range 3000 {
		items = append(items, `{"following":{"accountId":"`+strings.Repeat("1", 1+i%15)+string(rune('1'+i%9))+`"}}`)
	}
	b := zipFiles(t, append(minimal[2:], file{"data/following.js", "[" + strings.Join(items, ",") + "]"}, minimal[0])...)
	at := bytes.Index(b, []byte("data/following.js")) + len("data/following.js") + 200
	for i := range 40 {
		b[at+i] ^= 0x5a
	}
	sum, err := openBytes(t, b).Read(t.Context(), importer.Sink{})
	if err != nil || sum.Counts.Tweets != 1 {
		t.Errorf("%+v, %v", sum.Counts, err)
	}
	if len(sum.Warnings) == 0 || sum.Warnings[len(sum.Warnings)-1].File != "data/following.js" {
		t.Errorf("warnings: %v", sum.Warnings)
	}
}

// Without follows, tweets or an owner there are warnings, no failure.
func TestMissingFiles(t *testing.T) {
	sum, err := openBytes(t, zipFiles(t, file{"data/manifest.js", "x = {}"})).Read(t.Context(), importer.Sink{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data/following.js", "data/tweets.js", "data/account.js"} {
		if !hasWarning(sum, name, "") {
			t.Errorf("no warning of %s: %v", name, sum.Warnings)
		}
	}
	media := openBytes(t, zipFiles(t, file{"data/tweets_media/1-a.jpg", "x"}))
	if _, err := media.Read(t.Context(), importer.Sink{}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("media alone: %v", err)
	}
	if got := media.MediaNames(); len(got) != 1 || got[0] != "1-a.jpg" {
		t.Errorf("media names: %v", got)
	}
	if _, _, err := media.OpenMedia("2-b.jpg"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("missing media: %v", err)
	}
}

// OpenMedia gives the bytes of the entry.
func TestOpenMedia(t *testing.T) {
	a := openBytes(t, zipFiles(t, append(minimal, file{"data/tweets_media/16-b.png", "two"}, file{"data/tweets_media/1-a.jpg", "one"}, file{"data/tweets_media/16-a.jpg", "x"})...))
	if got := a.Media("16"); len(got) != 2 || got[0] != "16-a.jpg" || got[1] != "16-b.png" {
		t.Errorf("media of 16: %v", got)
	}
	rc, size, err := a.OpenMedia("16-b.png")
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	if b, err := io.ReadAll(rc); string(b) != "two" || size != 3 || err != nil {
		t.Errorf("%q, %d, %v", b, size, err)
	}
}
