package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/store"
)

// row is a row of host that says that user has the handle.
func (f *fixture) row(t testing.TB, user, host, handle string) store.DirectoryAccount {
	t.Helper()
	return store.DirectoryAccount{
		Handle: handle, Address: address(t, user+"@"+host), Host: host, RemoteID: "id-" + user, Text: "twitter.com/" + handle, ReadAt: f.now(),
	}
}

// crawl takes the reading of a host, which has to be due and free.
func (f *fixture) crawl(t testing.TB, host string) *store.CrawlLease {
	t.Helper()
	l := must(f.LeaseCrawl(f.ctx, host, time.Minute))(t)
	if l == nil {
		t.Fatalf("%s is not due, or not free", host)
	}
	return l
}

func (f *fixture) handles(t testing.TB, handles ...string) string {
	t.Helper()
	text := ""
	found := must(f.DirectoryAccounts(f.ctx, handles))(t)
	for _, h := range handles {
		for _, r := range found[h] {
			text += h + " " + r.Address.String() + " " + r.Text + "\n"
		}
	}
	return text
}

func TestCrawlState(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for range 2 { // the second time changes nothing
			if err := f.AddCrawls(f.ctx, []string{"b.example", "a.example"}); err != nil {
				t.Fatal(err)
			}
		}
		if got := must(f.DueCrawls(f.ctx, 10))(t); !cmp.Equal(got, []string{"a.example", "b.example"}) {
			t.Errorf("due: %v", got)
		}
		if got := must(f.DueCrawls(f.ctx, 1))(t); len(got) != 1 {
			t.Errorf("due, at most one: %v", got)
		}
		if l := must(f.LeaseCrawl(f.ctx, "unknown.example", time.Minute))(t); l != nil {
			t.Error("a host that nobody added was leased")
		}
		l := f.crawl(t, "a.example")
		want := store.Crawl{
			Host: "a.example", Phase: "full", Place: 160, LastID: "7", NewestID: "8", NextID: "9", BeganAt: f.now().Add(-3 * time.Hour), DueAt: f.now().Add(time.Hour),
			ReadAt: f.now().Add(-2 * time.Hour), FullAt: f.now().Add(-time.Hour), Fails: 2, Accounts: 99, Error: "asks to wait", UpdatedAt: f.now(),
		}
		l.Crawl = want
		if added := must(l.Save(f.ctx, nil, []store.DirectoryAccount{f.row(t, "ada", "a.example", "ada")}))(t); added != 1 {
			t.Errorf("%d rows are new, want 1", added)
		}
		if err := l.Release(f.ctx); err != nil {
			t.Fatal(err)
		}
		want.Rows = 1
		if diff := cmp.Diff(want, must(f.Crawls(f.ctx))(t)[0]); diff != "" {
			t.Error(diff)
		}
		if got := must(f.DueCrawls(f.ctx, 10))(t); !cmp.Equal(got, []string{"b.example"}) {
			t.Errorf("due after that: %v", got)
		}
		if l := must(f.LeaseCrawl(f.ctx, "a.example", time.Minute))(t); l != nil {
			t.Error("a host was leased before it was due")
		}
		f.advance(time.Hour)
		if got := f.crawl(t, "a.example"); got.Place != 160 {
			t.Errorf("leased again: %+v", got.Crawl)
		}
	})
}

// One host is read by one process at a time; who slept through the end of a lease
// writes nothing more.
func TestCrawlLease(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.AddCrawls(f.ctx, []string{"a.example"}); err != nil {
			t.Fatal(err)
		}
		first := f.crawl(t, "a.example")
		if l := must(f.LeaseCrawl(f.ctx, "a.example", time.Minute))(t); l != nil {
			t.Fatal("two hold the same lease")
		}
		if got := must(f.DueCrawls(f.ctx, 10))(t); len(got) != 0 {
			t.Errorf("due while it is held: %v", got)
		}
		f.advance(50 * time.Second)
		must(first.Save(f.ctx, nil, nil))(t) // renews
		f.advance(50 * time.Second)
		must(first.Save(f.ctx, nil, nil))(t)
		f.advance(61 * time.Second)
		must(first.Save(f.ctx, nil, nil))(t) // late, but nobody took it
		f.advance(61 * time.Second)
		second := f.crawl(t, "a.example")
		if _, err := first.Save(f.ctx, nil, []store.DirectoryAccount{f.row(t, "ada", "a.example", "ada")}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the first saves: %v", err)
		}
		if err := first.Release(f.ctx); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the first releases: %v", err)
		}
		if got := f.handles(t, "ada"); got != "" {
			t.Errorf("the first has written %s", got)
		}
		second.Place = 7
		must(second.Save(f.ctx, nil, nil))(t)
		if err := second.Release(f.ctx); err != nil {
			t.Fatal(err)
		}
		if got := must(f.Crawls(f.ctx))(t)[0]; got.Place != 7 {
			t.Errorf("crawl %+v", got)
		}
	})
}

// A page replaces what its accounts said before, and touches no others.
func TestDirectoryPage(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.AddCrawls(f.ctx, []string{"a.example"}); err != nil {
			t.Fatal(err)
		}
		l := f.crawl(t, "a.example")
		ada, work, bob := f.row(t, "Ada", "a.example", "ada"), f.row(t, "Ada", "a.example", "ada_work"), f.row(t, "bob", "a.example", "bob")
		if added := must(l.Save(f.ctx, []string{ada.Address.Key(), bob.Address.Key()}, []store.DirectoryAccount{ada, work, bob, ada}))(t); added != 3 {
			t.Errorf("%d rows are new, want 3", added)
		}
		shown := ada
		shown.ShownAt = f.now()
		if err := f.ShowDirectoryAccount(f.ctx, shown); err != nil {
			t.Fatal(err)
		}
		f.advance(time.Hour)
		again := f.row(t, "ada", "a.example", "ada")
		again.Text = "another line"
		if added := must(l.Save(f.ctx, []string{"ada@a.example", "carol@a.example"}, []store.DirectoryAccount{again}))(t); added != 0 {
			t.Errorf("%d rows are new, want none", added)
		}
		found := must(f.DirectoryAccounts(f.ctx, []string{"ADA", "ada_work", "Bob", "nobody", ""}))(t)
		again.ShownAt = shown.ShownAt // kept
		if diff := cmp.Diff(map[string][]store.DirectoryAccount{"ada": {again}, "bob": {bob}}, found); diff != "" {
			t.Error(diff)
		}
		must(l.Save(f.ctx, []string{"ada@a.example"}, nil))(t)
		if got := f.handles(t, "ada", "bob"); got != "bob bob@a.example twitter.com/bob\n" {
			t.Errorf("after ada withdrew: %s", got)
		}
	})
}

func TestOldDirectoryAccounts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.AddCrawls(f.ctx, []string{"a.example", "b.example"}); err != nil {
			t.Fatal(err)
		}
		for i, host := range []string{"a.example", "b.example"} {
			var rows []store.DirectoryAccount
			for n := range 4 {
				r := f.row(t, fmt.Sprintf("user%d", n), host, fmt.Sprintf("handle%d%d", i, n))
				r.ReadAt = f.now().Add(-time.Duration(n) * 24 * time.Hour)
				rows = append(rows, r)
			}
			must(f.crawl(t, host).Save(f.ctx, nil, rows))(t)
		}
		old := must(f.OldDirectoryAccounts(f.ctx, "a.example", f.now().Add(-24*time.Hour), 10))(t)
		if len(old) != 2 || old[0].Handle != "handle03" || old[1].Handle != "handle02" {
			t.Errorf("old: %+v", old)
		}
		if old := must(f.OldDirectoryAccounts(f.ctx, "a.example", f.now(), 1))(t); len(old) != 1 {
			t.Errorf("at most one: %+v", old)
		}
		if n := must(f.DeleteStaleDirectoryAccounts(f.ctx, "a.example", f.now().Add(-36*time.Hour)))(t); n != 2 {
			t.Errorf("%d stale, want 2", n)
		}
		must(0, f.DeleteDirectoryAccount(f.ctx, f.row(t, "user0", "a.example", "handle00")))(t)
		if got := f.handles(t, "handle00", "handle01", "handle02", "handle03"); got != "handle01 user1@a.example twitter.com/handle01\n" {
			t.Errorf("left: %s", got)
		}
	})
}

// Many handles are asked for in parts, none of which is lost.
func TestDirectoryAccountsOfMany(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.AddCrawls(f.ctx, []string{"a.example"}); err != nil {
			t.Fatal(err)
		}
		var rows []store.DirectoryAccount
		var handles []string
		for n := range 350 {
			rows = append(rows, f.row(t, fmt.Sprintf("user%d", n), "a.example", fmt.Sprintf("handle%d", n)))
			handles = append(handles, fmt.Sprintf("Handle%d", n), fmt.Sprintf("other%d", n), fmt.Sprintf("handle%d", n))
		}
		must(f.crawl(t, "a.example").Save(f.ctx, nil, rows))(t)
		if got := must(f.DirectoryAccounts(f.ctx, handles))(t); len(got) != 350 || len(got["handle349"]) != 1 {
			t.Errorf("%d found, want 350", len(got))
		}
	})
}

func TestShowable(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	tests := []struct {
		name string
		row  store.DirectoryAccount
		want bool
	}{
		{"never shown", store.DirectoryAccount{ReadAt: now}, false},
		{"shown and just read", store.DirectoryAccount{ReadAt: now, ShownAt: ago(300)}, true},
		{"read 30 days ago", store.DirectoryAccount{ReadAt: ago(30), ShownAt: ago(30)}, true},
		{"read 31 days ago", store.DirectoryAccount{ReadAt: ago(31), ShownAt: ago(1)}, false},
	}
	for _, tt := range tests {
		if got := tt.row.Showable(now); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestSourceStates(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for range 2 {
			if err := f.CountSource(f.ctx, "directory", 20, 3, 1); err != nil {
				t.Fatal(err)
			}
			f.advance(time.Minute)
		}
		rows := func(yield func(store.DirectoryRow, error) bool) {
			yield(store.DirectoryRow{TwitterID: "1", Address: address(t, "ada@a.example"), At: f.now()}, nil)
		}
		must(f.SwapDirectory(f.ctx, "wikidata", rows))(t)
		want := map[string]store.SourceState{
			"directory": {Asked: 40, Gave: 6, Failed: 2, CountedAt: f.now().Add(-time.Minute)},
			"wikidata":  {Rows: 1, LoadedAt: f.now()},
		}
		if diff := cmp.Diff(want, must(f.SourceStates(f.ctx))(t)); diff != "" {
			t.Error(diff)
		}
		if rows, fetched, err := f.RegistryState(f.ctx); rows != 0 || !fetched.IsZero() || err != nil {
			t.Errorf("registry: %d, %v, %v", rows, fetched, err)
		}
	})
}
