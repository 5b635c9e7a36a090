package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pagesFile is one of the made-up logs and copied texts.
func pagesFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "importer", "testdata", "pages", name))
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, t.TempDir(), name, text)
}

// Lists and pages of X are found by what they are, and columns are told and
// taken as one says.
func TestFindInLists(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	dir := t.TempDir()
	bare := writeFile(t, dir, "bare.csv", []byte("kto,co,notes\nada,ada_old,I am @ada@tusk.example\ngrace,,\n"))
	log := pagesFile(t, "legacy.har")
	asJSON := filepath.Join(dir, "log.json")
	if err := os.Rename(pagesFile(t, "core.har"), asJSON); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		stdout []string // parts of its lines
		stderr []string
	}{
		{"a network log", []string{log}, []string{
			`"twitter_id":"12","handle":"ada","name":"Ada Lovelace","relations":["following"],"interactions":0,"matches":[{"address":"ada@mastodon.example","grade":"stated"`,
			`"twitter_id":"900000000000000123"`,
		}, nil},
		{"a network log by another name", []string{asJSON}, []string{`"handle":"katherine"`, `"address":"katherine@space.example"`, `"source":"pages"`}, nil},
		{"a copied page", []string{pagesFile(t, "copied-de.txt")}, []string{`"twitter_id":"","handle":"ada","name":"Ada"`, `ada@mastodon.example`}, nil},
		{"a copied page that does not look like one", []string{"--pages", pagesFile(t, "copied-bare.txt")}, []string{`"handle":"Linus_T","name":"Linus"`}, nil},
		{"a log that is cut off", []string{pagesFile(t, "cut.har")}, []string{`"handle":"grace"`}, []string{"warning: cut.har: it is cut off"}},
		{"a list", []string{writeFile(t, dir, "a.csv", []byte("Screen Name,Followers,Bio\nada,5,@ada@tusk.example\n"))}, []string{`"handle":"ada"`, `"source":"list"`},
			[]string{`columns: handle = 1 "Screen Name", bio = 3 "Bio", left out 2 "Followers"`}},
		{"columns by number", []string{"--columns", "handle=2,bio=3,none=1", bare}, []string{`"handle":"ada_old"`}, []string{`handle = 2`}},
		{"without titles", []string{"--titles", "no", "--columns", "handle=1", bare}, []string{`"handle":"kto"`, `"handle":"ada"`}, nil},
		{"columns by title", []string{"--columns", "handle=Kto,bio=NOTES", bare}, []string{`"handle":"ada","name":""`, `"handle":"grace"`}, []string{`handle = 1`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := capture(t, func() int { return run(t.Context(), append([]string{"find", "--offline", "--json"}, tt.args...)) })
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			for _, part := range tt.stdout {
				if !strings.Contains(stdout, part) {
					t.Errorf("stdout lacks %s:\n%s", part, stdout)
				}
			}
			for _, part := range tt.stderr {
				if !strings.Contains(stderr, part) {
					t.Errorf("stderr lacks %s: %s", part, stderr)
				}
			}
			if strings.Contains(stdout+stderr, "SECRET") {
				t.Error("something of the log was printed that stays")
			}
		})
	}
}

func TestBadLists(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	dir := t.TempDir()
	many := writeFile(t, dir, "many.csv", append([]byte("handle\n"), bytes.Repeat([]byte("somebody\n"), 1_000_000)...))
	nobody := writeFile(t, dir, "nobody.csv", []byte("name,notes\nsome body,hi\n"))
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"is of another site", []string{pagesFile(t, "other-site.har")}},
		{"without the contents", []string{pagesFile(t, "no-contents.har")}},
		{"nobody whom you follow", []string{pagesFile(t, "no-list.har")}},
		{"neither a network log", []string{"--pages", pagesFile(t, "no-log.json")}},
		{"no names were found", []string{"--pages", pagesFile(t, "copied-nothing.txt")}},
		{"more than 20000 rows", []string{many}},
		{`columns: name = 1 "name", bio = 2 "notes"`, []string{nobody}},
		{"there is no column", []string{"--columns", "handle=7", nobody}},
		{"such as handle=2", []string{"--columns", "password=1", nobody}},
		{"such as handle=2", []string{"--columns", "2", nobody}},
	} {
		wantFailure(t, tt.want, append([]string{"find", "--offline", "--json"}, tt.args...)...)
	}
	t.Setenv("SKEIN_SOURCES", "list")
	wantFailure(t, "X pages are switched off", "find", "--offline", pagesFile(t, "legacy.har"))
	t.Setenv("SKEIN_SOURCES", "pages")
	wantFailure(t, "lists are switched off", "find", "--offline", nobody)
	t.Setenv("SKEIN_SOURCES", "")
	t.Setenv("SKEIN_LIST_ROWS", "4")
	wantFailure(t, "more than 4 people", "find", "--offline", pagesFile(t, "legacy.har"))
}
