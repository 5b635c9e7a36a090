package jobs_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// crawled keeps rows of the profile directory of away.example as a crawl of 40
// days ago would: before they are shown, their server is asked again.
func (f *fixture) crawled(handles ...string) {
	f.t.Helper()
	const host = "away.example"
	f.check(f.store.AddCrawls(f.t.Context(), []string{host}))
	lease, err := f.store.LeaseCrawl(f.t.Context(), host, time.Minute)
	f.check(err)
	var rows []store.DirectoryAccount
	for _, handle := range handles {
		rows = append(rows, store.DirectoryAccount{
			Handle: handle, Address: model.Address{User: handle, Host: host}, Host: host, RemoteID: handle,
			Text: "https://twitter.com/" + handle, ReadAt: f.clock.now().AddDate(0, 0, -40),
		})
	}
	_, err = lease.Save(f.t.Context(), nil, rows)
	f.check(err)
}

// registered says that the owner of a Twitter account agreed to be found at an
// address of away.example.
func (f *fixture) registered(twitterID, handle, user string) {
	f.t.Helper()
	owner, err := f.store.AddOwner(f.t.Context())
	f.check(err)
	_, err = f.store.Agree(f.t.Context(), store.Move{OwnerID: owner, TwitterID: twitterID, Handle: handle},
		model.Account{Address: model.Address{User: user, Host: "away.example"}}, store.Consent{Everybody: true})
	f.check(err)
}

// What is kept of directories, of the registry and of Wikidata finds people of
// whom nothing but the handle is known; each source can be switched off, and who
// does not want to be found is found by none.
func TestFindBySources(t *testing.T) {
	for _, off := range []string{"", directory.SourceDirectory, directory.SourceRegistry, directory.SourceWikidata} {
		t.Run("without "+off, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fedisim.Config{NoLimits: true})
			away := f.sim.Server("away.example")
			f.worker.Sources = directory.Sources{}
			for _, name := range directory.Names() {
				f.worker.Sources[name] = name != off
			}
			for _, a := range []fedisim.Account{
				{User: "ada", Discoverable: true, Note: "https://twitter.com/ada"},
				{User: "bob", Discoverable: true, Note: "no longer says so"},
				{User: "cyd"},
				{User: "dan"},
				{User: "eve", Discoverable: true, Note: "https://twitter.com/eve"},
			} {
				away.AddAccount(a)
			}
			f.handles("ada", "bob", "cyd", "dan", "eve") // with the ids 500 and up
			f.crawled("ada", "bob", "eve")
			f.registered("502", "cyd", "cyd")
			f.registered("504", "eve", "eve")
			_, err := f.store.SwapDirectory(t.Context(), directory.SourceWikidata, func(yield func(store.DirectoryRow, error) bool) {
				yield(store.DirectoryRow{TwitterID: "503", Address: model.Address{User: "dan", Host: "away.example"}, Text: "Dan"}, nil)
			})
			f.check(err)
			_, err = f.store.OptOut(t.Context(), []model.Address{{User: "eve", Host: "away.example"}})
			f.check(err)
			run := f.done(f.start(jobs.KindFind, nil).ID)
			type clue struct {
				source string
				grade  match.Grade
			}
			want := map[string]clue{
				"ada ada@away.example": {directory.SourceDirectory, match.Claimed}, "cyd cyd@away.example": {directory.SourceRegistry, match.Claimed},
				"dan dan@away.example": {directory.SourceWikidata, match.Stated},
			}
			found := f.found()
			for key, w := range want {
				if w.source == off {
					delete(want, key)
					continue
				}
				f.wantMatch(key, w.grade, w.source)
			}
			if len(found) != len(want) {
				t.Errorf("found %v, want %v", found, want)
			}
			var result jobs.Found
			f.check(json.Unmarshal([]byte(run.Result), &result))
			for _, w := range want {
				if result.Sources[w.source] != 1 {
					t.Errorf("%s brought %d, want 1: %v", w.source, result.Sources[w.source], result.Sources)
				}
			}
			rows, err := f.store.DirectoryAccounts(t.Context(), []string{"bob"})
			f.check(err)
			if off != directory.SourceDirectory && len(rows["bob"]) != 0 {
				t.Errorf("a row that its account took back is kept: %v", rows)
			}
		})
	}
}
