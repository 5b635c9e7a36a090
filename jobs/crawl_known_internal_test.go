package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// A row is shown once its account was read again and still says so, and not before.
func TestConfirmDirectory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 13, 0, 0, 0, time.UTC)
	ada := model.Address{User: "ada", Host: "pond.example"}
	good := model.Profile{Address: ada, Existence: model.Exists, Discoverable: true, Note: "Now: https://x.com/ada", FetchedAt: now}
	with := func(change func(*model.Profile)) model.Profile {
		p := good
		change(&p)
		return p
	}
	tests := []struct {
		name          string
		profile       model.Profile
		kept, deleted bool
	}{
		{"still says so", good, true, false},
		{"from the cache, a week old", with(func(p *model.Profile) { p.FetchedAt = now.AddDate(0, 0, -7) }), true, false},
		{"gone", model.Profile{Address: ada, Existence: model.Gone, FetchedAt: now}, false, true},
		{"withdrew", with(func(p *model.Profile) { p.Discoverable = false }), false, true},
		{"asks not to be indexed", with(func(p *model.Profile) { p.NoIndex = true }), false, true},
		{"suspended", with(func(p *model.Profile) { p.Suspended = true }), false, true},
		{"moved", with(func(p *model.Profile) { p.MovedTo = model.Address{User: "ada", Host: "new.example"} }), false, true},
		{"names another handle", with(func(p *model.Profile) { p.Note = "https://x.com/somebody" }), false, true},
		{"names it in the display name alone", with(func(p *model.Profile) { p.DisplayName, p.Note = "@ada on Twitter", "" }), false, true},
		{"the server did not answer", model.Profile{Address: ada, FetchedAt: now}, false, false},
		{"the server keeps profiles to itself", model.Profile{Address: ada, Existence: model.Exists, URL: "https://pond.example/@ada", FetchedAt: now}, false, false},
		{"gone by a look before the row was read", model.Profile{Address: ada, Existence: model.Gone, FetchedAt: now.AddDate(0, 0, -41)}, false, false},
		{"silent by a look before the row was read", with(func(p *model.Profile) { p.Note, p.FetchedAt = "", now.AddDate(0, 0, -41) }), false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			s, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "skein.db"), Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.AddCrawls(ctx, []string{ada.Host}); err != nil {
				t.Fatal(err)
			}
			l, err := s.LeaseCrawl(ctx, ada.Host, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			row := store.DirectoryAccount{Handle: "ada", Address: ada, Host: ada.Host, RemoteID: "1", Text: "https://twitter.com/ada", ReadAt: now.AddDate(0, 0, -40)}
			if _, err := l.Save(ctx, nil, []store.DirectoryAccount{row}); err != nil {
				t.Fatal(err)
			}
			w := &Worker{Store: s, Now: func() time.Time { return now }}
			kept, err := w.confirmDirectory(ctx, row, tt.profile)
			if err != nil || kept != tt.kept {
				t.Errorf("kept %t, %v; want %t", kept, err, tt.kept)
			}
			found, err := s.DirectoryAccounts(ctx, []string{"ada"})
			if err != nil || (len(found["ada"]) == 0) != tt.deleted {
				t.Fatalf("left %v, %v; want it deleted: %t", found, err, tt.deleted)
			}
			if tt.deleted {
				return
			}
			if got := found["ada"][0]; got.Showable(now) != tt.kept || tt.kept && (got.Text != good.Note || !got.ReadAt.Equal(tt.profile.FetchedAt)) {
				t.Errorf("row %+v", got)
			}
		})
	}
}
