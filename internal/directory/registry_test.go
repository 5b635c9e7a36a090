package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
)

var registryNow = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const registryHead = `{"format":"skein-registry","version":1,"as_of":"2026-11-24T10:00:00.000Z","registry":"https://a.example/api/v1/registry","terms":"…",`

func registryLine(id, twitterID, at string) string {
	return fmt.Sprintf(`{"id":%q,"twitter_id":%q,"handle":"ada","address":%q,"proof":"archive","at":"2026-11-01T00:00:00Z","later":{"x":[1]}}`, id, twitterID, at)
}

// readRegistry returns the ids of what was read, gone ones with "-".
func readRegistry(text string) (*directory.Registry, []string, error) {
	g, err := directory.OpenRegistry(iotest.OneByteReader(strings.NewReader(text)), registryNow)
	if err != nil {
		return g, nil, err
	}
	var ids []string
	for e, err := range g.Entries() {
		if err != nil {
			return g, ids, err
		}
		ids = append(ids, e.ID)
	}
	for _, id := range g.Withdrawn {
		ids = append(ids, "-"+id)
	}
	return g, ids, nil
}

func TestReadRegistry(t *testing.T) {
	a, b := registryLine("A1", "12", "ada@home.example"), registryLine("b_2-", "13", "Ben@home.example")
	tests := []struct {
		name, text string
		want       []string
		changes    bool
	}{
		{"whole", registryHead + `"entries":[` + a + "," + b + `]}`, []string{"A1", "b_2-"}, false},
		{"empty", registryHead + `"entries":[]}`, nil, false},
		{"changes", registryHead + `"since":"2026-11-23T00:00:00Z","entries":[` + a + `],"withdrawn":["x","y"]}`, []string{"A1", "-x", "-y"}, true},
		{"only withdrawn", registryHead + `"since":"z","entries":[],"withdrawn":["x"],"more":{"a":[]}}`, []string{"-x"}, true},
		{"no handle", registryHead + `"entries":[{"id":"a","twitter_id":"1","address":"a@b.example","proof":"both","at":"2026-11-01T00:00:00+02:00"}]}`, []string{"a"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, got, err := readRegistry(tt.text)
			if err != nil || !slices.Equal(got, tt.want) || g.Changes != tt.changes || g.AsOf != "2026-11-24T10:00:00.000Z" {
				t.Errorf("got %q, changes %v, as of %s, error %v", got, g.Changes, g.AsOf, err)
			}
		})
	}
	g, err := directory.OpenRegistry(strings.NewReader(registryHead+`"entries":[`+a+`]}`), registryNow)
	if err != nil {
		t.Fatal(err)
	}
	want := directory.RegistryEntry{
		ID: "A1", TwitterID: "12", Handle: "ada", Address: model.Address{User: "ada", Host: "home.example"}, Proof: "archive",
		At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	}
	for e, err := range g.Entries() {
		if e != want || err != nil {
			t.Errorf("got %+v, %v", e, err)
		}
	}
}

// Fields that are not as they should be cost their entry and nothing else.
func TestReadRegistrySkips(t *testing.T) {
	good := registryLine("good", "12", "ada@home.example")
	for name, bad := range map[string]string{
		"id with a path":        registryLine("../a", "12", "ada@home.example"),
		"no id":                 registryLine("", "12", "ada@home.example"),
		"long id":               registryLine(strings.Repeat("a", 65), "12", "ada@home.example"),
		"id is no number":       registryLine("a", "twelve", "ada@home.example"),
		"no twitter id":         registryLine("a", "", "ada@home.example"),
		"address on this host":  registryLine("a", "12", "ada@localhost"),
		"address with a port":   registryLine("a", "12", "ada@home.example:22"),
		"address as a formula":  registryLine("a", "12", "=1@home.example"),
		"handle with a tag":     strings.Replace(registryLine("a", "12", "ada@home.example"), `"ada"`, `"<b>"`, 1),
		"another proof":         strings.Replace(registryLine("a", "12", "ada@home.example"), `"archive"`, `"sworn"`, 1),
		"from the future":       strings.Replace(registryLine("a", "12", "ada@home.example"), "2026-11-01", "2027-11-01", 1),
		"from before X":         strings.Replace(registryLine("a", "12", "ada@home.example"), "2026-11-01", "0001-01-01", 1),
		"no time":               strings.Replace(registryLine("a", "12", "ada@home.example"), "2026-11-01", "yesterday ", 1),
		"a number for a text":   strings.Replace(registryLine("a", "12", "ada@home.example"), `"12"`, `12`, 1),
		"no object":             `"entry"`,
		"a list in its place":   `[[[]]]`,
		"null":                  `null`,
		"a long unknown member": strings.Replace(registryLine("", "12", "ada@home.example"), `[1]`, `"`+strings.Repeat("x", 9000)+`"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			g, got, err := readRegistry(registryHead + `"entries":[` + good + "," + bad + "," + good + `]}`)
			if err != nil || !slices.Equal(got, []string{"good", "good"}) || g.Skipped != 1 {
				t.Errorf("got %q, skipped %d, error %v", got, g.Skipped, err)
			}
		})
	}
}

func TestReadRegistryRefuses(t *testing.T) {
	good := registryLine("good", "12", "ada@home.example")
	whole := registryHead + `"since":"x","entries":[` + good + "," + good + `],"withdrawn":["x","y"]}`
	tests := map[string]string{
		"nothing":                     "",
		"a page for people":           "<!doctype html><title>Not found</title>",
		"a list":                      `[]`,
		"another format":              `{"format":"other","version":1,"as_of":"2026-11-24T10:00:00Z","entries":[]}`,
		"a later version":             `{"format":"skein-registry","version":2,"as_of":"2026-11-24T10:00:00Z","entries":[]}`,
		"no time":                     `{"format":"skein-registry","version":1,"entries":[]}`,
		"entries before the head":     `{"entries":[],"format":"skein-registry","version":1,"as_of":"2026-11-24T10:00:00Z"}`,
		"no entries":                  registryHead + `"x":1}`,
		"entries that are no list":    registryHead + `"entries":{}}`,
		"an entry without end":        registryHead + `"entries":["` + strings.Repeat("x", 40<<10) + `"]}`,
		"a head without end":          `{"format":"` + strings.Repeat("x", 40<<10),
		"withdrawn that are numbers":  registryHead + `"entries":[],"withdrawn":[1]}`,
		"more is unreadable than not": registryHead + `"entries":[` + good + `,{},{}]}`,
		"deep":                        registryHead + `"entries":[` + strings.Repeat("[", 20000) + `]}`,
	}
	for n := range len(whole) - 1 {
		tests[fmt.Sprintf("cut off after %d bytes", n)] = whole[:n]
	}
	for name, text := range tests {
		if _, _, err := readRegistry(text); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func FuzzReadRegistry(f *testing.F) {
	good := registryLine("good", "12", "ada@home.example")
	f.Add(registryHead + `"entries":[` + good + `],"withdrawn":["x"]}`)
	f.Add(`{"entries":`)
	f.Fuzz(func(t *testing.T, text string) {
		g, err := directory.OpenRegistry(strings.NewReader(text), registryNow)
		if err != nil {
			return
		}
		for e, err := range g.Entries() {
			if err != nil {
				return
			}
			if again, err := model.ParseAddress(e.Address.String()); err != nil || again != e.Address || e.TwitterID == "" {
				t.Errorf("an entry that is none: %+v", e)
			}
		}
	})
}
