package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// printed runs a verb and returns what it printed and how it exited.
func printed(t *testing.T, args ...string) (string, int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		text <- string(b)
	}()
	code := run(t.Context(), args)
	os.Stdout = stdout
	w.Close()
	return <-text, code
}

// A service's database tells what each source holds, and which hosts rest.
func TestDirectorySources(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SKEIN_DATA", dir)
	t.Setenv("SKEIN_CONTACT", "test@skein.example")
	if _, code := printed(t, "directory", "sources"); code != 1 {
		t.Errorf("without a database it exits %d, want 1", code)
	}
	ctx := t.Context()
	s, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "skein.db")})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddCrawls(ctx, []string{"pond.example", "lake.example", "sea.example"}))
	rest := time.Now().Add(72 * time.Hour)
	for host, change := range map[string]func(*store.Crawl){
		"pond.example": func(c *store.Crawl) { c.ReadAt, c.DueAt = time.Now(), time.Now().Add(time.Hour) },
		"lake.example": func(c *store.Crawl) { c.Error, c.DueAt = "has no profile directory", rest },
		"sea.example":  func(c *store.Crawl) { c.Phase = "full" },
	} {
		l, err := s.LeaseCrawl(ctx, host, time.Minute)
		must(err)
		change(&l.Crawl)
		a := model.Address{User: "ada", Host: host}
		_, err = l.Save(ctx, nil, []store.DirectoryAccount{{Handle: "ada", Address: a, Host: host, RemoteID: "1", ReadAt: time.Now()}})
		must(err)
		must(l.Release(ctx))
	}
	must(s.CountSource(ctx, "directory", 9, 3, 1))
	must(s.Close())

	text, code := printed(t, "directory", "sources", "--json")
	if code != 0 {
		t.Fatalf("exits %d: %s", code, text)
	}
	lines := map[string]sourceLine{}
	for line := range strings.Lines(text) {
		var l sourceLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines[l.Source] = l
	}
	d := lines["directory"]
	if !d.On || d.Rows != 3 || d.Asked != 9 || d.Gave != 3 || d.Failed != 1 || d.LoadedAt.IsZero() || d.NextAt.IsZero() {
		t.Errorf("directory %+v", d)
	}
	if h := d.Hosts; h == nil || h.Known != 3 || h.Read != 1 || h.Reading != 1 || len(h.Resting) != 1 || h.Resting[0].Host != "lake.example" || h.Resting[0].Why != "has no profile directory" {
		t.Errorf("hosts %+v", d.Hosts)
	}
	if len(lines) != 8 || lines["x"].On || !lines["wikidata"].On || !lines["wikidata"].NextAt.IsZero() {
		t.Errorf("%d sources: %+v", len(lines), lines)
	}

	t.Setenv("SKEIN_CONTACT", "")
	text, code = printed(t, "directory", "sources")
	for _, want := range []string{"no: no SKEIN_CONTACT", "no: not switched on by SKEIN_SOURCES", "3 servers, 1 read, 1 being read, 1 resting", "lake.example has no profile directory; until "} {
		if code != 0 || !strings.Contains(text, want) {
			t.Errorf("exits %d, without %q:\n%s", code, want, text)
		}
	}
	t.Setenv("SKEIN_SOURCES", "wikidata")
	if text, _ = printed(t, "directory", "sources"); !strings.Contains(text, "directory  no: switched off by SKEIN_SOURCES") {
		t.Errorf("switched off:\n%s", text)
	}
}

// A table that grew long names the first hosts and says how many there are.
func TestPrintManyHosts(t *testing.T) {
	report := jobs.SourceReport{Source: "directory", On: true, Hosts: &jobs.HostsReport{Known: 30}}
	for range 30 {
		report.Hosts.Resting = append(report.Hosts.Resting, jobs.RestingHost{Host: "h.example", Why: "cannot be reached", Until: time.Now()})
	}
	var b strings.Builder
	if err := printSources(&b, []jobs.SourceReport{report}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Count(got, "h.example") != 20 || !strings.Contains(got, "and 10 more") {
		t.Error(got)
	}
}
