package importer_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata")

// file is one entry of a zip made for a test.
type file struct{ name, content string }

// zipFiles makes a zip, deflated, in the order given.
func zipFiles(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(f.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// txtarFiles reads a fixture.
func txtarFiles(t testing.TB, name string) []file {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	for _, f := range archive.Files {
		files = append(files, file{f.Name, string(f.Data)})
	}
	return files
}

// unpack writes files into a folder and returns it.
func unpack(t testing.TB, files []file) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// result is everything that Read gives, for comparing.
type result struct {
	Summary   importer.Summary    `json:"summary"`
	Protected []importer.Period   `json:"protected,omitempty"`
	Profile   string              `json:"profile,omitempty"`
	Tweets    []model.Tweet       `json:"tweets"`
	People    []model.Person      `json:"people"`
	Lists     []model.TwitterList `json:"lists,omitempty"`
	Done      map[string]int      `json:"done"`
}

func readAll(t testing.TB, a *importer.Archive) result {
	t.Helper()
	r := result{Done: map[string]int{}}
	var err error
	r.Summary, err = a.Read(t.Context(), importer.Sink{
		Tweets:   func(_ string, b []model.Tweet) error { r.Tweets = append(r.Tweets, b...); return nil },
		People:   func(b []model.Person) error { r.People = append(r.People, b...); return nil },
		Lists:    func(l []model.TwitterList) error { r.Lists = l; return nil },
		FileDone: func(name string, n int) error { r.Done[name] = n; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Protected, r.Profile = r.Summary.ProtectedPeriods, r.Summary.Owner.Bio
	return r
}

// golden compares got with a file of testdata, or rewrites that.
func golden(t *testing.T, name string, got any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%s differs from what was read (rewrite with -update):\n%s", name, b.Bytes())
	}
}
