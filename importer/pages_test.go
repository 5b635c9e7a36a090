package importer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

// readPages is what testdata/pages/*.json expect. The page's own reader is held
// to the same files (frontend/src/lib/pages/pages.test.ts).
type readPages struct {
	Fault    string       `json:"fault,omitempty"` // why nothing can be read
	People   []pagePerson `json:"people,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
}

type pagePerson struct {
	ID        string           `json:"id"`
	Handle    string           `json:"handle"`
	Name      string           `json:"name"`
	Bio       string           `json:"bio"`
	Location  string           `json:"location"`
	URLs      []string         `json:"urls"`
	Relations []model.Relation `json:"relations"`
}

// faults are the names of what is wrong with a whole file, by a part of the
// sentence that says so.
var faults = map[string]string{
	"neither a network log": "notPages", "of another site": "otherSite", "nobody whom you follow": "noPeople",
	"without the contents": "noContents", "is cut off or damaged, and nobody": "cut", "no names were found": "noNames",
	"name more than": "tooMany",
}

func asRead(t testing.TB, list importer.List, err error) readPages {
	t.Helper()
	var got readPages
	if err != nil {
		if !errors.Is(err, model.ErrInvalid) {
			t.Fatalf("%v is not ErrInvalid", err)
		}
		for part, name := range faults {
			if strings.Contains(err.Error(), part) {
				got.Fault = name
			}
		}
		if got.Fault == "" {
			t.Fatalf("unknown fault: %v", err)
		}
		return got
	}
	for _, p := range list.People {
		if p.ProfileSource != importer.SourcePages || p.Archived || p.Interactions != 0 {
			t.Errorf("%+v", p)
		}
		if p.URLs == nil {
			p.URLs = []string{}
		}
		got.People = append(got.People, pagePerson{p.TwitterID, p.Handle.Name, p.Name, p.Bio, p.Location, p.URLs, p.Relations})
	}
	for _, w := range list.Warnings {
		got.Warnings = append(got.Warnings, w.Message)
	}
	return got
}

const pagesFolder = "testdata/pages"

// pageFiles are the made-up logs and copied texts.
func pageFiles(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(pagesFolder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "words.json" && !strings.HasSuffix(e.Name(), ".want.json") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestReadPages(t *testing.T) {
	for _, name := range pageFiles(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(pagesFolder, name)
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			list, err := importer.ReadPages(f, name, 1000)
			got := asRead(t, list, err)
			golden(t, path+".want.json", got)
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "SECRET") || strings.Contains(string(text), "fake") {
				t.Errorf("kept what must not be: %s", text)
			}
		})
	}
}

// It does not matter in how many pieces a file comes.
func TestReadPagesInPieces(t *testing.T) {
	for _, name := range pageFiles(t) {
		whole, err := os.ReadFile(filepath.Join(pagesFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		list, err := importer.ReadPages(bytes.NewReader(whole), name, 1000)
		want := asRead(t, list, err)
		list, err = importer.ReadPages(iotest.OneByteReader(bytes.NewReader(whole)), name, 1000)
		if diff := cmp.Diff(want, asRead(t, list, err)); diff != "" {
			t.Errorf("%s, byte by byte:\n%s", name, diff)
		}
	}
}

// Cut anywhere, a log gives those who stand before, or says what is wrong.
func TestReadPagesCutAnywhere(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(pagesFolder, "v11.har"))
	if err != nil {
		t.Fatal(err)
	}
	people := 0
	for n := 0; n < len(whole); n += 11 {
		list, err := importer.ReadPages(bytes.NewReader(whole[:n]), "x", 1000)
		got := asRead(t, list, err)
		if len(got.People) < people {
			t.Fatalf("%d bytes name %d people, %d fewer ones", n, len(got.People), people)
		}
		people = len(got.People)
	}
	if people < 4 {
		t.Errorf("%d people at the end", people)
	}
}

func TestReadPagesLimits(t *testing.T) {
	read := func(name string, most int) error {
		f, err := os.Open(filepath.Join(pagesFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		_, err = importer.ReadPages(f, name, most)
		return err
	}
	for _, name := range []string{"legacy.har", "copied-en.txt"} { // five people in each
		if err := read(name, 5); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := read(name, 4); !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), "more than 4 people") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	broken := errors.New("disk is gone")
	for _, start := range []string{"", `{"log":{"entries":[`, "Ada\n@ada\n"} {
		if _, err := importer.ReadPages(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), "x", 5); !errors.Is(err, broken) {
			t.Errorf("after %q: %v", start, err)
		}
	}
	for _, text := range []string{"", " \n", "\x00\x01", "PK\x03\x04", strings.Repeat("x", 33<<20), "[1,2]", `{"log":{"entries":{}}}`, `{"log":{"entries":[` + strings.Repeat("1", 1<<20)} {
		_, err := importer.ReadPages(strings.NewReader(text), "x", 5)
		if !errors.Is(err, model.ErrInvalid) || len(err.Error()) < 40 {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
}

func TestLooksLikePages(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                false,
		"@ada\n@grace\n":                  false,
		"handle,bio\nada,Following\n":     false,
		"Ada\n@ada\nFollowing\n":          true,
		"\ufeff {\n \"log\" : {":          true,
		`{"log":5`:                        true,
		`[{"log":{}}]`:                    false,
		`{"logs":[]}`:                     false,
		"Ada\n@ada\nFollow\n":             false,
		"Ada\n@ada\nFolgt dir\nFolge ich": true,
	} {
		if got := importer.LooksLikePages(strings.NewReader(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The words of X's page are the same ones in the browser's reader.
func TestPageWords(t *testing.T) {
	golden(t, filepath.Join(pagesFolder, "words.json"), importer.MarkWords())
}

// longLog is a log of many bytes that is made while it is read: answers of X
// with people, pictures, and one string that is longer than any answer.
type longLog struct {
	entries, made int
	rest          []byte
	peak          uint64
	size          int64
}

func (l *longLog) Read(b []byte) (int, error) {
	if len(l.rest) == 0 {
		l.rest = l.next()
		if l.made%16 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			l.peak = max(l.peak, m.HeapInuse)
		}
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	l.size += int64(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

var picture = []byte(`{"request":{"method":"GET","url":"https://pbs.twimg.com/a.png"},"response":{"content":{"encoding":"base64","text":"` + strings.Repeat("aGVsbG8h", 128<<10) + `"}}},`)

func (l *longLog) next() []byte {
	l.made++
	switch {
	case l.made == 1:
		return []byte(`{"log":{"entries":[`)
	case l.made == 2:
		return []byte(`{"response":{"content":{"text":"`)
	case l.made < 50: // an answer that never seems to end
		return picture[200 : 900<<10]
	case l.made == 50:
		return []byte(`"}},"request":{"url":"https://x.com/i/api/graphql/h/Following"}},`)
	case l.made > l.entries:
		return nil
	case l.made == l.entries:
		return []byte(`{}]}}`)
	case l.made%2 == 0:
		return picture
	}
	var users []string
	for i := range 50 {
		users = append(users, fmt.Sprintf(`{\"rest_id\":\"%d\",\"legacy\":{\"screen_name\":\"u%d\",\"name\":\"%s\",\"description\":\"%s\"}}`,
			l.made*100+i, l.made*100+i, strings.Repeat("n", 40), strings.Repeat("b", 150)))
	}
	return []byte(`{"request":{"url":"https://x.com/i/api/graphql/h/Following"},"response":{"content":{"text":"[` + strings.Join(users, ",") + `]"}}},`)
}

// A log may be of any size: memory grows with the people in it alone.
func TestReadPagesLong(t *testing.T) {
	log := &longLog{entries: 120}
	list, err := importer.ReadPages(log, "x", 20_000)
	if err != nil || len(list.People) != 35*50 {
		t.Fatalf("%d people, %v", len(list.People), err)
	}
	if len(list.Warnings) != 1 || !strings.HasSuffix(list.Warnings[0].Message, "to their end: 1") {
		t.Errorf("warnings %v", list.Warnings)
	}
	if log.size < 70<<20 || log.peak > 160<<20 {
		t.Errorf("%d MB read with %d MB of memory", log.size>>20, log.peak>>20)
	}
}
