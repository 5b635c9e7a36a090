package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// addList brings a list, when no search is under way, and reads it to the end.
// The search after it is left to be done.
func (f *fixture) addList(move string, l jobs.NewList) {
	f.t.Helper()
	f.finishFind(move)
	run, err := f.worker.AddList(f.t.Context(), move, l)
	f.check(err)
	f.done(run.ID)
}

// handles is a list of so many, which begin with a letter.
func handles(letter string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "@%s_%d\n", letter, i)
	}
	return b.String()
}

// Lists and X pages together are taken up to the limit of a Move, and what goes
// beyond is refused at once.
func TestListLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	list := func(text string) jobs.NewList { return jobs.NewList{Source: "list", Name: "pasted", Text: text} }
	pages := func(text string) jobs.NewList { return jobs.NewList{Source: "pages", Name: "log.har", Text: text} }
	f.addList(f.move.ID, list(strings.Repeat("@ada\n", 3)+"@bob\n"))
	if _, people := f.held(f.move.ID); people != 2 {
		t.Errorf("%d people, want 2", people)
	}
	for _, l := range []jobs.NewList{list(handles("x", 101)), list(handles("x", 1_000_000)), list(handles("x", 99)), pages(handles("x", 99)), pages(handles("x", 101))} {
		_, err := f.worker.AddList(t.Context(), f.move.ID, l)
		if !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), "100") {
			t.Errorf("%d bytes: got %v, want the limit named", len(l.Text), err)
		}
		if _, err := f.worker.PreviewList(l); strings.Count(l.Text, "\n") > 100 && (!errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), "100")) {
			t.Errorf("preview of %d bytes: got %v", len(l.Text), err)
		}
	}
	f.addList(f.move.ID, pages(handles("x", 50)))
	if _, err := f.worker.AddList(t.Context(), f.move.ID, list(handles("y", 49))); err == nil {
		t.Error("lists and pages together went over the limit")
	}
	f.addList(f.move.ID, list(handles("y", 48)))
	if _, people := f.held(f.move.ID); people != 100 {
		t.Errorf("%d people, want 100", people)
	}
}

// A source that is switched off takes nothing, and says so.
func TestListsOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	for _, tt := range []struct {
		on    []string
		rows  int
		taken []string // of list and pages
	}{
		{nil, 100, []string{"list", "pages"}},
		{[]string{"list"}, 100, []string{"list"}},
		{[]string{"pages", "wikidata"}, 100, []string{"pages"}},
		{nil, 0, nil},
	} {
		sources, err := directory.ParseSources(tt.on)
		f.check(err)
		f.worker.Sources, f.worker.ListRows = sources, tt.rows
		for _, source := range []string{"list", "pages"} {
			l := jobs.NewList{Source: source, Name: "x", Text: "@ada_" + source}
			want := slices.Contains(tt.taken, source)
			if got := slices.Contains(f.worker.SourcesInUse(), source); got != want {
				t.Errorf("%v, %d rows: %s in use: %v", tt.on, tt.rows, source, got)
			}
			if _, err := f.worker.PreviewList(l); (err == nil) != want || err != nil && !errors.Is(err, model.ErrDenied) {
				t.Errorf("%v, %d rows: preview of %s: %v", tt.on, tt.rows, source, err)
			}
			move := f.emptyMove()
			run, err := f.worker.AddList(t.Context(), move, l)
			if (err == nil) != want || err != nil && !errors.Is(err, model.ErrDenied) {
				t.Errorf("%v, %d rows: %s: %v", tt.on, tt.rows, source, err)
			}
			if err != nil {
				continue
			}
			// Switched off between sending and reading.
			f.worker.Sources = directory.Sources{}
			r := f.finish(run.ID)
			f.wantState(r, store.RunFailed)
			if !strings.Contains(r.Error, "does not take") {
				t.Errorf("it says %q", r.Error)
			}
			f.worker.Sources = sources
		}
	}
	if _, err := f.worker.PreviewList(jobs.NewList{Source: "wikidata", Text: "@ada"}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a list from elsewhere: %v", err)
	}
}

// Columns are shown before they are used, and used as the Owner says.
func TestListColumns(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	l := jobs.NewList{Source: "list", Name: "x.csv", Text: "who,what\nada,@ada@away.example\ngrace,\n"}
	p, err := f.worker.PreviewList(l)
	f.check(err)
	if p.People != 0 || p.Rows != 2 || len(p.Columns) != 2 || p.Columns[0].Role != importer.NoRole || p.Columns[1].Role != importer.BioRole {
		t.Errorf("preview: %+v", p)
	}
	if _, err := f.worker.AddList(t.Context(), f.move.ID, l); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a list in which nobody is named: %v", err)
	}
	l.Columns = []string{"handle", ""}
	if p, err = f.worker.PreviewList(l); err != nil || p.People != 2 {
		t.Errorf("corrected: %+v, %v", p, err)
	}
	f.addList(f.move.ID, l)
	names := map[string]string{}
	for p, err := range f.store.People(t.Context(), f.move.ID) {
		f.check(err)
		names[p.Handle.Name] = p.Bio + " " + p.ProfileSource
	}
	if names["ada"] != "@ada@away.example list" || len(names) != 2 {
		t.Errorf("read: %v", names)
	}
	l.Columns = []string{"password"}
	if _, err := f.worker.AddList(t.Context(), f.move.ID, l); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a column of nothing: %v", err)
	}
}

// har is a log of a list of people, as X answers today.
func har(t testing.TB, people ...model.Person) string {
	t.Helper()
	var users []any
	for _, p := range people {
		users = append(users, map[string]any{"user_results": map[string]any{"result": map[string]any{
			"__typename": "User", "rest_id": p.TwitterID, "core": map[string]any{"screen_name": p.Handle.Name, "name": p.Name},
			"profile_bio": map[string]any{"description": p.Bio}, "relationship_perspectives": map[string]any{"following": true},
		}}})
	}
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return text(map[string]any{"log": map[string]any{"entries": []any{map[string]any{
		"request":  map[string]any{"method": "GET", "url": "https://x.com/i/api/graphql/h/Following"},
		"response": map[string]any{"content": map[string]any{"text": text(users)}},
	}}}})
}

// asSent is what the page sends of X pages that it has read.
func asSent(t testing.TB, pages string) jobs.NewList {
	t.Helper()
	list, err := importer.ReadPages(strings.NewReader(pages), "x", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	for _, p := range list.People {
		var relations []string
		for _, r := range p.Relations {
			relations = append(relations, string(r))
		}
		rows = append(rows, map[string]any{
			"id": p.TwitterID, "handle": p.Handle.Name, "name": p.Name, "bio": p.Bio, "location": p.Location, "urls": p.URLs,
			"relation": strings.Join(relations, ","),
		})
	}
	b, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return jobs.NewList{Source: directory.SourcePages, Name: "following.har", Text: string(b)}
}

// The way of an Owner: the archive gives ids, most without a name; the copied
// page gives handles; the log ties the two together. The search after each finds
// who says where they are.
func TestArchiveThenPages(t *testing.T) {
	t.Parallel()
	if importer.SourceList != directory.SourceList || importer.SourcePages != directory.SourcePages {
		t.Fatal("importer and directory call sources by different names")
	}
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	move := f.emptyMove()
	run, _ := f.upload(move, jobs.ArchiveFile, archive(t, small))
	f.done(run.ID)
	f.finishFind(move)
	_, before := f.held(move)
	var nameless []model.Person
	for p, err := range f.store.People(t.Context(), move) {
		f.check(err)
		if !p.Archived {
			t.Errorf("%+v is not marked as being in the archive", p)
		}
		if p.Handle.Name == "" && slices.Contains(p.Relations, model.Following) {
			nameless = append(nameless, p)
		}
	}
	if len(nameless) < 2 {
		t.Fatalf("the archive leaves %d without a name", len(nameless))
	}
	ada, bob := nameless[0], nameless[1]
	away.AddAccount(fedisim.Account{User: "ada"})
	away.AddAccount(fedisim.Account{User: "bob", Note: "On X: https://x.com/bob_new"})

	// By handle alone, Ada is somebody new.
	f.addList(move, asSent(t, "Ada\n@ada\nFollowing\nI am @ada@away.example\n"))
	f.finishFind(move)
	if _, people := f.held(move); people != before+1 {
		t.Errorf("%d people, want one more than %d", people, before)
	}
	m := f.matchOf(move, "ada", "ada@away.example")
	if e := m.Evidence[0]; m.Grade != match.Stated || !m.Chosen() || e.Source != directory.SourcePages || e.Tie != model.TieHandle || e.At.IsZero() {
		t.Errorf("by the copied page: %+v", m)
	}
	f.check(f.store.Decide(t.Context(), move, m.PersonID, m.ID, match.Yes))

	// With their ids, both are people of the archive.
	log := har(t,
		model.Person{TwitterID: ada.TwitterID, Handle: model.Handle{Name: "ada"}, Name: "Ada", Bio: "I am @ada@away.example"},
		model.Person{TwitterID: bob.TwitterID, Handle: model.Handle{Name: "bob_new"}, Name: "Bob", Bio: "bob@away.example on Mastodon"})
	f.addList(move, asSent(t, log))
	f.finishFind(move)
	if _, people := f.held(move); people != before {
		t.Errorf("%d people, want the %d of the archive", people, before)
	}
	m = f.matchOf(move, "ada", "ada@away.example")
	byID := func(e model.Evidence) bool { return e.Source == directory.SourcePages && e.Tie == model.TieID }
	if m.PersonID != ada.ID || m.Decision != match.Yes || !slices.ContainsFunc(m.Evidence, byID) {
		t.Errorf("by the log: %+v", m)
	}
	if m = f.matchOf(move, "bob_new", "bob@away.example"); m.PersonID != bob.ID || m.Grade != match.Proven || !m.Chosen() {
		t.Errorf("both sides name each other: %+v", m)
	}
	// Again, nothing changes.
	f.addList(move, asSent(t, log))
	if _, people := f.held(move); people != before {
		t.Errorf("%d people after reading again", people)
	}
}

// finishFind works on the search that is under way, if there is one.
func (f *fixture) finishFind(move string) {
	f.t.Helper()
	for _, r := range f.runsOf(move, jobs.KindFind) {
		if r.State != store.RunDone {
			f.done(r.ID)
		}
	}
}

func (f *fixture) runsOf(move, kind string) (some []store.Run) {
	f.t.Helper()
	runs, err := f.store.Runs(f.t.Context(), move)
	f.check(err)
	for _, r := range runs {
		if r.Kind == kind {
			some = append(some, r)
		}
	}
	return some
}

// Who comes while a search is under way is looked for after it, unless the Owner
// has paused it.
func TestListDuringSearch(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.sim.Server("away.example").AddAccount(fedisim.Account{User: "ada"})
	search := f.start(jobs.KindFind, nil)
	l := jobs.NewList{Source: "list", Name: "x", Text: `[{"handle":"ada","bio":"@ada@away.example"}]`}
	run, err := f.worker.AddList(t.Context(), f.move.ID, l)
	f.check(err)
	r := f.step(run.ID)
	f.wantState(r, store.RunWaiting)
	if _, people := f.held(f.move.ID); people != 1 || len(f.runsOf(f.move.ID, jobs.KindFind)) != 1 {
		t.Errorf("%d people, searches %+v", people, f.runsOf(f.move.ID, jobs.KindFind))
	}
	f.done(search.ID)
	f.pass(r)
	f.done(run.ID)
	if n := len(f.runsOf(f.move.ID, jobs.KindFind)); n != 2 {
		t.Fatalf("%d searches, want one after the list", n)
	}
	f.finishFind(f.move.ID)
	if m := f.matchOf(f.move.ID, "ada", "ada@away.example"); m.Grade != match.Stated {
		t.Errorf("%+v", m)
	}

	// Cancelled while it waits, the list has been read all the same.
	f.start(jobs.KindFind, nil)
	if run, err = f.worker.AddList(t.Context(), f.move.ID, l); err == nil {
		f.wantState(f.step(run.ID), store.RunWaiting)
		f.wish(run.ID, store.WishCancel)
		f.wantState(f.step(run.ID), store.RunCancelled)
	}
	f.check(err)
	archives, err := f.store.Archives(t.Context(), f.move.ID)
	f.check(err)
	if a := archives[len(archives)-1]; a.State != store.ArchiveComplete || a.Error != "" {
		t.Errorf("%+v", a)
	}

	// A search that is paused is not waited for.
	for _, r := range f.runsOf(f.move.ID, jobs.KindFind) {
		if r.State == store.RunWaiting {
			f.wish(r.ID, store.WishPause)
			f.wantState(f.step(r.ID), store.RunPaused)
		}
	}
	if run, err = f.worker.AddList(t.Context(), f.move.ID, l); err == nil {
		f.done(run.ID)
	}
	f.check(err)
}

func (f *fixture) matchOf(move, handle, address string) match.Match {
	f.t.Helper()
	for p, err := range f.store.People(f.t.Context(), move) {
		f.check(err)
		if p.Handle.Name != handle {
			continue
		}
		matches, err := f.store.Matches(f.t.Context(), p.ID)
		f.check(err)
		for _, m := range matches {
			if m.Address.String() == address {
				return m
			}
		}
	}
	f.t.Fatalf("@%s was not found at %s", handle, address)
	return match.Match{}
}
