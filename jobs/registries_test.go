package jobs_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// registry is another installation that answers what the test says.
type registry struct {
	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request)
	asked  []string // queries
}

const (
	registryURL = "https://other.example/api/v1/registry"
	wholeHead   = `{"format":"skein-registry","version":1,"as_of":"2026-03-14T10:00:00.000Z",`
	changesHead = wholeHead + `"since":"2026-03-14T09:00:00.000Z",`
)

func (g *registry) say(answer func(w http.ResponseWriter, r *http.Request)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

func (g *registry) text(text string) {
	g.say(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
}

func entryJSON(id, twitterID string) string {
	return fmt.Sprintf(`{"id":%q,"twitter_id":%q,"handle":"h%s","address":"u%s@home.example","proof":"both","at":"2026-03-01T00:00:00Z"}`, id, twitterID, twitterID, twitterID)
}

func newRegistry(t *testing.T) (*fixture, *registry) {
	t.Helper()
	f, g := newFixture(t, fedisim.Config{}), &registry{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.URL.RawQuery)
		answer := g.answer
		g.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	f.worker.Contact = "admin@skein.example"
	f.worker.Client = fediverse.New(fediverse.Options{
		Simulated: map[string]string{"other.example": strings.TrimPrefix(server.URL, "http://")}, Budget: fediverse.Free{}, Now: f.clock.now,
	})
	return f, g
}

// day reads the registries once, a day later.
func (f *fixture) day(urls ...string) store.Feed {
	f.t.Helper()
	f.clock.set(f.clock.now().Add(24 * time.Hour))
	f.check(f.worker.ReadRegistries(f.t.Context(), urls))
	feeds, err := f.store.Feeds(f.t.Context(), urls)
	f.check(err)
	return feeds[0]
}

// known tells who of the ids is found by a copy.
func (f *fixture) known(ids ...string) string {
	f.t.Helper()
	people := make([]model.Person, len(ids))
	for i, id := range ids {
		people[i] = model.Person{ID: id, TwitterID: id}
	}
	found, err := f.store.RegistryEvidence(f.t.Context(), "1", people)
	f.check(err)
	text := ""
	for _, id := range ids {
		if len(found[id]) > 0 {
			text += id + " "
		}
	}
	return text
}

func TestReadRegistries(t *testing.T) {
	f, g := newRegistry(t)
	g.text(wholeHead + `"entries":[` + entryJSON("a", "12") + "," + entryJSON("b", "13") + `]}`)
	if feed := f.day(registryURL); feed.Error != "" || feed.Entries != 2 || feed.AsOf != "2026-03-14T10:00:00.000Z" {
		t.Errorf("whole: %+v", feed)
	}
	if got := f.known("12", "13", "14"); got != "12 13 " {
		t.Errorf("found %s", got)
	}
	f.check(f.worker.ReadRegistries(t.Context(), []string{registryURL}))
	if len(g.asked) != 1 {
		t.Errorf("asked %d times on one day", len(g.asked))
	}
	g.text(changesHead + `"entries":[` + entryJSON("c", "14") + `],"withdrawn":["a"]}`)
	if feed := f.day(registryURL); feed.Error != "" || feed.Entries != 2 {
		t.Errorf("changes: %+v", feed)
	}
	if got := f.known("12", "13", "14"); got != "13 14 " {
		t.Errorf("after the changes: %s", got)
	}
	if g.asked[0] != "" || g.asked[1] != "since=2026-03-14T10%3A00%3A00.000Z" {
		t.Errorf("asked for %q", g.asked)
	}
	// The whole instead of changes, compressed.
	g.say(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		_, _ = zip.Write([]byte(wholeHead + `"entries":[` + entryJSON("d", "15") + `]}`))
		_ = zip.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	})
	if feed := f.day(registryURL); feed.Error != "" || feed.Entries != 1 {
		t.Errorf("whole again: %+v", feed)
	}
	if got := f.known("12", "13", "14", "15"); got != "15 " {
		t.Errorf("after the whole: %s", got)
	}
}

// Whatever goes wrong changes nothing and is told in words.
func TestReadRegistriesFaults(t *testing.T) {
	f, g := newRegistry(t)
	g.text(wholeHead + `"entries":[` + entryJSON("a", "12") + `]}`)
	f.day(registryURL)
	good := entryJSON("b", "13")
	for name, tt := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(wholeHead + `"entries":[` + good + ","))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "cannot be read: cut off"},
		"changes cut off": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(changesHead + `"entries":[` + good + `],"withdrawn":["a"`))
		}, "cannot be read"},
		"half a file":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(wholeHead + `"entries":[` + good)) }, "cannot be read"},
		"a page for people": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello")) }, "cannot be read"},
		"nothing":           {func(http.ResponseWriter, *http.Request) {}, "cannot be read"},
		"not there":         {http.NotFound, "status 404"},
		"down":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, "could not be reached"},
		"busy":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, "asked to wait"},
		"to this machine": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://127.0.0.1/", http.StatusFound)
		}, "not on the public internet"},
		"endless head": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"format":"` + strings.Repeat("x", 1<<20)))
		}, "cannot be read"},
		"a long entry": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(wholeHead + `"entries":[{"id":"` + strings.Repeat("x", 1<<20) + `"}]}`))
		}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			f.clock.set(f.clock.now().Add(2 * time.Hour)) // after the rest of a host that was busy
			g.say(tt.answer)
			feed := f.day(registryURL)
			if !strings.Contains(feed.Error, tt.want) || feed.Entries != 1 || feed.AsOf == "" {
				t.Errorf("feed: %+v, want %q", feed, tt.want)
			}
			if got := f.known("12", "13"); got != "12 " {
				t.Errorf("found %s", got)
			}
		})
	}
	g.text(wholeHead + `"entries":[` + good + `]}`)
	if feed := f.day(registryURL); feed.Error != "" || f.known("12", "13") != "13 " {
		t.Errorf("after all that: %+v", feed)
	}
}

// A registry that answers changes to somebody who has nothing is not believed, and
// too many changes are not kept in memory: then the whole is read.
func TestReadRegistriesWhole(t *testing.T) {
	f, g := newRegistry(t)
	g.text(changesHead + `"entries":[],"withdrawn":[]}`)
	if feed := f.day(registryURL); feed.Error == "" {
		t.Errorf("changes of nothing: %+v", feed)
	}
	g.text(wholeHead + `"entries":[` + entryJSON("a", "12") + `]}`)
	f.day(registryURL)
	g.say(func(w http.ResponseWriter, r *http.Request) {
		head, n := wholeHead, 3
		if r.URL.RawQuery != "" {
			head, n = changesHead, 50_001
		}
		_, _ = w.Write([]byte(head + `"entries":[`))
		for i := range n {
			if i > 0 {
				_, _ = w.Write([]byte(","))
			}
			_, _ = w.Write([]byte(entryJSON(fmt.Sprint("n", i), fmt.Sprint(100+i))))
		}
		_, _ = w.Write([]byte("]}"))
	})
	if feed := f.day(registryURL); feed.Error != "" || feed.Entries != 3 {
		t.Errorf("too many changes: %+v", feed)
	}
}

func TestReadRegistriesOff(t *testing.T) {
	f, g := newRegistry(t)
	g.text(wholeHead + `"entries":[` + entryJSON("a", "12") + `]}`)
	f.day(registryURL)
	f.worker.Contact = ""
	f.day(registryURL)
	f.worker.Contact, f.worker.Sources = "admin@skein.example", directory.Sources{directory.SourceWikidata: true}
	f.day(registryURL)
	if len(g.asked) != 1 || f.known("12") != "12 " {
		t.Errorf("asked %d times, found %q", len(g.asked), f.known("12"))
	}
	f.check(f.worker.ReadRegistries(t.Context(), nil))
	if f.known("12") != "" {
		t.Error("what a registry said that was taken out of the setting is kept")
	}
}
