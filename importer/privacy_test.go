package importer_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
)

// spy records which bytes of a zip are read.
type spy struct {
	r  io.ReaderAt
	mu sync.Mutex
	on bool
	at [][2]int64
}

func (s *spy) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	if s.on {
		s.at = append(s.at, [2]int64{off, off + int64(len(p))})
	}
	s.mu.Unlock()
	return s.r.ReadAt(p, off)
}

// Not one byte of an entry is read that Allowed does not name, even when the
// manifest says that it holds tweets.
func TestPrivateEntriesStayClosed(t *testing.T) {
	archives := map[string][]byte{}
	for _, gen := range []string{"G0", "G1", "G2", "G3", "G4"} {
		archives[gen], _ = writeSample(t, sample.Options{Tweets: 150, Following: 30, Followers: 30, Likes: 10, Seed: 9, Generation: gen})
	}
	archives["with a lying manifest"] = lie(t, archives["G4"])
	for name, b := range archives {
		t.Run(name, func(t *testing.T) {
			s := &spy{r: bytes.NewReader(b)}
			a, err := importer.OpenReader(s, int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			s.on = true
			got := readAll(t, a)
			for _, opened := range got.Summary.Opened {
				if !importer.Allowed(opened) {
					t.Errorf("%s was opened", opened)
				}
			}
			zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range zr.File {
				if touched := s.touched(t, f); touched != slices.Contains(got.Summary.Opened, f.Name) {
					t.Errorf("%s: touched is %v", f.Name, touched)
				}
			}
			printed, err := json.Marshal(got)
			if err != nil || bytes.Contains(printed, []byte(sample.PrivateMark)) {
				t.Errorf("something private was kept, or %v", err)
			}
			least, message := 15, "data/direct-messages.js"
			switch name {
			case "G0":
				least, message = 2, "tweets.csv"
			case "G1":
				least, message = 14, "direct-message.js"
			}
			if len(a.Refused()) < least || !slices.Contains(a.Refused(), message) {
				t.Errorf("refused: %v", a.Refused())
			}
		})
	}
}

// touched tells whether the data of f were read, or its header.
func (s *spy) touched(t *testing.T, f *zip.File) bool {
	t.Helper()
	from, err := f.DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range s.at {
		if span[0] < from+int64(f.CompressedSize64) && span[1] > from {
			return true
		}
	}
	return false
}

// lie replaces the manifest by one that calls private files tweets.
func lie(t *testing.T, b []byte) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range zr.File {
		if f.Name != "data/manifest.js" {
			if err := w.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		e, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(e, `window.__THAR_CONFIG = { "dataTypes" : {
			"tweets" : { "files" : [ { "fileName" : "data/direct-messages.js", "globalName" : "YTD.tweets.part0", "count" : "1" }, { "fileName" : "data/deleted-tweets.js", "count" : "1" } ] },
			"following" : { "files" : [ { "fileName" : "data/contact.js", "globalName" : "YTD.following.part0", "count" : "1" } ] },
			"account" : { "files" : [ { "fileName" : "../../etc/passwd", "count" : "1" }, { "fileName" : "data/phone-number.js", "count" : "1" } ] } } }`)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The names in testdata/allowed.txt are judged as they are marked. The page's
// sifter is tested with the same file.
func TestAllowed(t *testing.T) {
	f, err := os.Open("testdata/allowed.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		mark, name, ok := strings.Cut(sc.Text(), " ")
		if !ok || mark == "#" {
			continue
		}
		names++
		if got := importer.Allowed(name); got != (mark == "+") {
			t.Errorf("%q is allowed: %v", name, got)
		}
	}
	if names < 60 {
		t.Errorf("only %d names", names)
	}
}

func TestRoot(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		want  string
		ok    bool
	}{
		{"none", []string{"data/tweets.js", "assets/x"}, "", true},
		{"one", []string{"twitter/data/tweets.js", "twitter/assets/x"}, "twitter/", true},
		{"two", []string{"a/b/data/tweets.js"}, "a/b/", true},
		{"too deep", []string{"a/b/c/d/data/tweets.js"}, "", false},
		{"files without data", []string{"x/account.js", "x/tweet_media/1-a.jpg"}, "x/", true},
		{"the shallowest wins", []string{"b/old/data/tweets.js", "b/data/tweets.js", "c/data/tweets.js"}, "b/", true},
		{"Mac junk alone", []string{"__MACOSX/data/tweets.js", "data/._tweets.js"}, "", false},
		{"media alone", []string{"m/tweets_media/1-a.jpg"}, "m/", true},
		{"nothing of ours", []string{"a.txt"}, "", false},
	}
	for _, tt := range tests {
		if got, _, ok := importer.Root(tt.names); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %q, %v", tt.name, got, ok)
		}
	}
}
