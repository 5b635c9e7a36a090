package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
)

// member is somebody with a Move whose Twitter id is known and an Account.
type member struct {
	owner   string
	move    store.Move
	account model.Account
}

func (f *fixture) member(t testing.TB, twitterID, handle, at string) member {
	t.Helper()
	var m member
	m.owner = must(f.AddOwner(f.ctx))(t)
	m.move = must(f.AddMove(f.ctx, m.owner))(t)
	if err := f.NameMove(f.ctx, m.move.ID, twitterID, handle, ""); err != nil {
		t.Fatal(err)
	}
	m.move = must(f.Move(f.ctx, m.move.ID))(t)
	m.account = must(f.SaveAccount(f.ctx, model.Account{OwnerID: m.owner, Address: address(t, at), RemoteID: "1"}, "token"))(t)
	return m
}

func (f *fixture) agree(t testing.TB, m member, c store.Consent) store.Entry {
	t.Helper()
	return must(f.Agree(f.ctx, m.move, m.account, c))(t)
}

// asks returns what the Move of a Twitter account is told about one Person, as
// "side tie address".
func (f *fixture) asks(t testing.TB, twitterID string, p model.Person) []string {
	t.Helper()
	p.ID = "p"
	found := []string{}
	for _, e := range must(f.RegistryEvidence(f.ctx, twitterID, []model.Person{p}))(t)["p"] {
		found = append(found, fmt.Sprintf("%s %s %s", e.Side, e.Tie, e.Address))
		if e.Source != "registry" || e.At.IsZero() || !strings.Contains(e.Text, e.At.Format("2006")) {
			t.Errorf("evidence without source or date: %+v", e)
		}
	}
	return found
}

func wantStrings(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestConsentsOfRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := f.member(t, "12", "Ada", "ada@home.example")
		archived := model.Person{TwitterID: "12", Handle: model.Handle{Name: "ada"}, Archived: true}
		listed := model.Person{TwitterID: "12"}
		named := model.Person{Handle: model.Handle{Name: "ADA"}}
		namedInArchive := model.Person{Handle: model.Handle{Name: "ada"}, Archived: true}
		const claim, byName = "third id ada@home.example", "third handle ada@home.example"
		tests := []struct {
			name    string
			consent store.Consent
			mover   string
			person  model.Person
			want    []string
		}{
			{"none, by somebody whose archive has them", store.Consent{}, "99", archived, nil},
			{"inside, by somebody whose archive has them", store.Consent{Inside: true}, "99", archived, []string{claim}},
			{"inside, by a list with the id", store.Consent{Inside: true}, "99", listed, nil},
			{"inside, by a list with the name", store.Consent{Inside: true}, "99", named, nil},
			{"inside, by an archive with the name alone", store.Consent{Inside: true}, "99", namedInArchive, nil},
			{"inside, by a Move that is nobody's", store.Consent{Inside: true}, "", archived, nil},
			{"everybody, by somebody whose archive has them", store.Consent{Everybody: true}, "99", archived, []string{claim}},
			{"everybody, by a list with the id", store.Consent{Everybody: true}, "", listed, []string{claim}},
			{"everybody, by a list with the name", store.Consent{Everybody: true}, "", named, []string{byName}},
			{"both", store.Consent{Inside: true, Everybody: true}, "99", archived, []string{claim}},
			{"somebody else's id that is the same as no handle", store.Consent{Everybody: true}, "99", model.Person{TwitterID: "13", Handle: model.Handle{Name: "ada"}}, nil},
		}
		for _, tt := range tests {
			f.agree(t, ada, tt.consent)
			wantStrings(t, tt.name, f.asks(t, tt.mover, tt.person), tt.want...)
		}
	})
}

// A handle of digits is no id.
func TestRegistryHandleOfDigits(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.agree(t, f.member(t, "12", "555", "ada@home.example"), store.Consent{Everybody: true})
		wantStrings(t, "by that id", f.asks(t, "99", model.Person{TwitterID: "555", Archived: true}))
	})
}

func TestHiddenInRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := f.member(t, "12", "ada", "ada@home.example")
		p := model.Person{TwitterID: "12", Archived: true}
		e := f.agree(t, ada, store.Consent{Inside: true, Hide: []string{"66", "67", "66"}})
		if e.Hidden != 2 {
			t.Errorf("hidden from %d, want 2", e.Hidden)
		}
		wantStrings(t, "hidden from them", f.asks(t, "66", p))
		wantStrings(t, "not hidden", f.asks(t, "99", p), "third id ada@home.example")
		f.agree(t, ada, store.Consent{Inside: true, Show: []string{"66"}})
		wantStrings(t, "shown again", f.asks(t, "66", p), "third id ada@home.example")
		wantStrings(t, "still hidden", f.asks(t, "67", p))
		f.agree(t, ada, store.Consent{Inside: true, ShowToAll: true})
		wantStrings(t, "shown to all", f.asks(t, "67", p), "third id ada@home.example")

		many := make([]string, 1001)
		for i := range many {
			many[i] = fmt.Sprint(1000 + i)
		}
		if _, err := f.Agree(f.ctx, ada.move, ada.account, store.Consent{Inside: true, Everybody: true, Hide: many}); !errors.Is(err, model.ErrConflict) {
			t.Errorf("hidden from 1001: %v, want a conflict", err)
		}
		if e := must(f.Entries(f.ctx, ada.owner))(t); e[0].Hidden != 0 || e[0].Everybody {
			t.Errorf("what was refused was kept: %+v", e)
		}
	})
}

func TestProofOfRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := f.member(t, "12", "ada", "ada@home.example")
		p := model.Person{TwitterID: "12", Archived: true}
		if e := f.agree(t, ada, store.Consent{Inside: true}); e.Proof != store.ProofArchive {
			t.Errorf("proof %s", e.Proof)
		}
		both := []string{"twitter id ada@home.example", "fediverse id ada@home.example"}
		if err := f.SaveXSignIn(f.ctx, ada.owner, "77", "other"); err != nil {
			t.Fatal(err)
		}
		wantStrings(t, "signed in as somebody else", f.asks(t, "99", p), "third id ada@home.example")
		if err := f.SaveXSignIn(f.ctx, ada.owner, "12", "ada"); err != nil {
			t.Fatal(err)
		}
		wantStrings(t, "signed in afterwards", f.asks(t, "99", p), both...)
		f.agree(t, ada, store.Consent{Everybody: true})
		wantStrings(t, "agreed afterwards", f.asks(t, "99", p), both...)
		wantStrings(t, "by name it is a claim", f.asks(t, "", model.Person{Handle: model.Handle{Name: "ada"}}), "third handle ada@home.example")

		// With the Move the sign-in goes, the entry with its proof stays.
		if err := errors.Join(f.EndMove(f.ctx, ada.move.ID), f.RemoveMove(f.ctx, ada.move.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := f.XSignIn(f.ctx, ada.owner, "12"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("sign-in after the Move: %v, want not found", err)
		}
		if _, err := f.XSignIn(f.ctx, ada.owner, "77"); err != nil {
			t.Errorf("sign-in of another account: %v", err)
		}
		wantStrings(t, "after the Move", f.asks(t, "99", p), both...)
	})
}

// Two people may claim one Twitter account, each as good as their proof. One
// address is one entry, of whoever has connected it last.
func TestRivalsInRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada, eve := f.member(t, "12", "ada", "ada@home.example"), f.member(t, "12", "ada", "eve@home.example")
		f.agree(t, ada, store.Consent{Inside: true, Hide: []string{"66"}})
		f.agree(t, eve, store.Consent{Inside: true})
		p := model.Person{TwitterID: "12", Archived: true}
		got := f.asks(t, "99", p)
		slices.Sort(got)
		wantStrings(t, "both stay", got, "third id ada@home.example", "third id eve@home.example")

		again := f.member(t, "13", "ada2", "Ada@home.example")
		if entries := must(f.Entries(f.ctx, again.owner))(t); len(entries) != 1 || entries[0].TwitterID != "12" {
			t.Errorf("whoever has the account sees its entry: %+v", entries)
		}
		e := f.agree(t, again, store.Consent{Inside: true})
		if e.TwitterID != "13" || e.Hidden != 1 || e.OwnerID != again.owner {
			t.Errorf("entry of the account's new session: %+v", e)
		}
		wantStrings(t, "the old claim is gone", f.asks(t, "99", p), "third id eve@home.example")
		if err := f.WithdrawEntry(f.ctx, eve.owner, e.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("somebody else's entry: %v, want not found", err)
		}
		if err := f.WithdrawEntry(f.ctx, ada.owner, e.ID); err != nil { // has the account too
			t.Error(err)
		}
		wantStrings(t, "withdrawn", f.asks(t, "99", model.Person{TwitterID: "13", Archived: true}))
	})
}

func TestWithdrawOfMove(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := f.member(t, "12", "ada", "ada@home.example")
		other := must(f.SaveAccount(f.ctx, model.Account{OwnerID: ada.owner, Address: address(t, "ada@work.example"), RemoteID: "1"}, "t"))(t)
		f.agree(t, ada, store.Consent{Inside: true})
		f.agree(t, member{ada.owner, store.Move{OwnerID: ada.owner, TwitterID: "44"}, other}, store.Consent{Inside: true})
		if err := f.WithdrawEntriesOf(f.ctx, ada.owner, "12"); err != nil {
			t.Fatal(err)
		}
		if entries := must(f.Entries(f.ctx, ada.owner))(t); len(entries) != 1 || entries[0].TwitterID != "44" {
			t.Errorf("left: %+v", entries)
		}
		if _, err := f.Agree(f.ctx, store.Move{OwnerID: ada.owner}, other, store.Consent{Inside: true}); !errors.Is(err, model.ErrConflict) {
			t.Errorf("a Move of which no archive was read: %v, want a conflict", err)
		}
	})
}

// changes returns the ids of the public registry since then, gone ones with "-".
func (f *fixture) changes(t testing.TB, since time.Time) []string {
	t.Helper()
	ids := []string{}
	for e, err := range f.PublicChanges(f.ctx, since) {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Withdrawn:
			ids = append(ids, "-"+e.ID)
			if e != (store.PublicEntry{ID: e.ID, Withdrawn: true}) {
				t.Errorf("something is left of a withdrawn entry: %+v", e)
			}
		default:
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func (f *fixture) published(t testing.TB) []string {
	t.Helper()
	ids := []string{}
	for e, err := range f.PublicEntries(f.ctx) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func TestPublicRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if at := must(f.RegistryChanged(f.ctx))(t); !at.IsZero() {
			t.Errorf("an empty registry changed at %v", at)
		}
		ada, ben, cy := f.member(t, "12", "ada", "ada@home.example"), f.member(t, "13", "ben", "ben@home.example"), f.member(t, "14", "cy", "cy@home.example")
		a := f.agree(t, ada, store.Consent{Everybody: true}).ID
		f.advance(time.Second)
		b := f.agree(t, ben, store.Consent{Inside: true, Everybody: true}).ID
		f.advance(time.Second)
		c := f.agree(t, cy, store.Consent{Inside: true}).ID
		then := must(f.RegistryChanged(f.ctx))(t)
		wantStrings(t, "public", f.published(t), a, b)
		wantStrings(t, "changed since the last change", f.changes(t, then), b)

		f.advance(time.Hour)
		f.agree(t, ben, store.Consent{Inside: true}) // no longer public
		f.advance(time.Hour)
		if err := f.WithdrawEntry(f.ctx, ada.owner, a); err != nil {
			t.Fatal(err)
		}
		if err := f.WithdrawEntry(f.ctx, cy.owner, c); err != nil {
			t.Fatal(err)
		}
		wantStrings(t, "public afterwards", f.published(t))
		wantStrings(t, "went", f.changes(t, then.Add(time.Second)), "-"+a, "-"+b)
		again := f.agree(t, ada, store.Consent{Everybody: true}).ID
		if again == a {
			t.Error("an entry came back under the id that was withdrawn")
		}
		f.advance(61 * 24 * time.Hour)
		if err := f.Tidy(f.ctx, time.Time{}); err != nil {
			t.Fatal(err)
		}
		wantStrings(t, "after two months the id is forgotten", f.changes(t, time.Time{}), "-"+b, again)
	})
}

func TestManyPublicEntries(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const n = 1010
		for i := range n {
			must(f.Agree(f.ctx, store.Move{OwnerID: fmt.Sprint("owner", i), TwitterID: fmt.Sprint(1000 + i), Handle: fmt.Sprintf("u%d", i)},
				model.Account{Address: model.Address{User: fmt.Sprintf("u%d", i), Host: "home.example"}}, store.Consent{Everybody: true}))(t)
		}
		ids := f.published(t)
		if len(ids) != n || !slices.IsSorted(ids) || len(slices.Compact(ids)) != n {
			t.Errorf("%d entries, want %d in order", len(ids), n)
		}
		people := make([]model.Person, n)
		for i := range people {
			people[i] = model.Person{ID: fmt.Sprint(i), TwitterID: fmt.Sprint(1000 + i), Archived: true}
		}
		if found := must(f.RegistryEvidence(f.ctx, "9", people))(t); len(found) != n {
			t.Errorf("%d found, want %d", len(found), n)
		}
	})
}

func TestCopiesOfRegistries(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const one, two = "https://one.example/api/v1/registry", "https://two.example/r"
		feeds := must(f.Feeds(f.ctx, []string{one, two}))(t)
		entries := func(fail error, all ...store.CopiedEntry) func(func(store.CopiedEntry, error) bool) {
			return func(yield func(store.CopiedEntry, error) bool) {
				for _, e := range all {
					if !yield(e, nil) {
						return
					}
				}
				if fail != nil {
					yield(store.CopiedEntry{}, fail)
				}
			}
		}
		entry := func(id, twitterID, at string) store.CopiedEntry {
			return store.CopiedEntry{ID: id, TwitterID: twitterID, Handle: "H" + twitterID, Address: address(t, at), Proof: store.ProofBoth, At: f.now()}
		}
		swap := func(feed store.Feed, fail error, all ...store.CopiedEntry) error {
			_, err := f.SwapFeed(f.ctx, feed, entries(fail, all...), "then")
			return err
		}
		if err := errors.Join(
			swap(feeds[0], nil, entry("a", "12", "ada@one.example"), entry("b", "13", "ben@one.example"), entry("b", "13", "double@one.example")),
			swap(feeds[1], nil, entry("a", "12", "ada@two.example"))); err != nil {
			t.Fatal(err)
		}
		ada, ben := model.Person{TwitterID: "12"}, model.Person{Handle: model.Handle{Name: "h13"}}
		got := f.asks(t, "", ada)
		slices.Sort(got)
		wantStrings(t, "both registries", got, "third id ada@one.example", "third id ada@two.example")
		wantStrings(t, "by handle", f.asks(t, "99", ben), "third handle ben@one.example")

		feeds = must(f.Feeds(f.ctx, []string{one, two}))(t)
		if feeds[0].AsOf != "then" || feeds[0].Entries != 2 || feeds[0].FetchedAt.IsZero() {
			t.Errorf("feed: %+v", feeds[0])
		}
		// One that is cut off changes nothing, also later.
		if err := swap(feeds[0], errors.New("cut off"), entry("c", "14", "cy@one.example")); err == nil {
			t.Error("a load that was cut off succeeded")
		}
		wantStrings(t, "after a cut", f.asks(t, "99", ben), "third handle ben@one.example")
		wantStrings(t, "of the part that came", f.asks(t, "99", model.Person{TwitterID: "14"}))

		n := must(f.ChangeFeed(f.ctx, feeds[0], []store.CopiedEntry{entry("b", "13", "new@one.example"), entry("c", "14", "cy@one.example")}, []string{"a", "never"}, "later"))(t)
		if n != 2 {
			t.Errorf("%d entries after the change, want 2", n)
		}
		wantStrings(t, "withdrawn there", f.asks(t, "99", ada), "third id ada@two.example")
		wantStrings(t, "changed there", f.asks(t, "99", ben), "third handle new@one.example")

		if err := f.FeedFailed(f.ctx, two, "it did not answer"); err != nil {
			t.Fatal(err)
		}
		feeds = must(f.Feeds(f.ctx, []string{two}))(t)
		if len(feeds) != 1 || feeds[0].Error != "it did not answer" || feeds[0].Entries != 1 {
			t.Errorf("feeds: %+v", feeds)
		}
		wantStrings(t, "of a registry that is read no longer", f.asks(t, "99", ben))
	})
}

// Who opted out of all sources is in no registry, here or copied, and stays out.
func TestOptedOutOfRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := f.member(t, "12", "ada", "ada@home.example")
		f.agree(t, ada, store.Consent{Everybody: true})
		feed := must(f.Feeds(f.ctx, []string{"https://one.example/r"}))(t)[0]
		must(f.ChangeFeed(f.ctx, feed, []store.CopiedEntry{{ID: "a", TwitterID: "12", Address: ada.account.Address, Proof: store.ProofArchive, At: f.now()}}, nil, "x"))(t)
		p := model.Person{TwitterID: "12", Archived: true}
		wantStrings(t, "before", f.asks(t, "99", p), "third id ada@home.example", "third id ada@home.example")
		f.OptOutForTest(t, ada.account.Address)
		wantStrings(t, "after", f.asks(t, "99", p))
		wantStrings(t, "public", f.published(t))
		for _, err := range f.PublicChanges(f.ctx, time.Time{}) {
			if err != nil {
				t.Error(err)
			}
		}
		if _, err := f.Agree(f.ctx, ada.move, ada.account, store.Consent{Inside: true}); !errors.Is(err, model.ErrDenied) {
			t.Errorf("agreed after opting out: %v, want denied", err)
		}
		if n := must(f.ChangeFeed(f.ctx, feed, []store.CopiedEntry{{ID: "a", TwitterID: "12", Address: ada.account.Address, Proof: store.ProofArchive, At: f.now()}}, nil, "x"))(t); n != 0 {
			t.Errorf("%d entries copied of somebody who opted out", n)
		}
	})
}

// What is remembered as a MAC is recognised after the secret keys were changed; a
// database without its key says nothing rather than too much.
func TestHiddenAfterNewKeys(t *testing.T) {
	key := func(c string) string { return strings.Repeat(c, 64) }
	path := filepath.Join(t.TempDir(), "skein.db")
	open := func(keys string) *store.Store {
		t.Helper()
		o := store.Options{Path: path}
		if keys != "" {
			o.Keys = must(secret.ParseKeys(keys))(t)
		}
		s := must(store.Open(t.Context(), o))(t)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	evidence := func(s *store.Store, mover string) int {
		t.Helper()
		return len(must(s.RegistryEvidence(t.Context(), mover, []model.Person{{ID: "p", TwitterID: "12", Archived: true}}))(t))
	}
	s := open(key("1"))
	must(s.Agree(t.Context(), store.Move{OwnerID: "o", TwitterID: "12"}, model.Account{Address: address(t, "ada@home.example")},
		store.Consent{Inside: true, Hide: []string{"66"}}))(t)
	evidence(open(key("2")+","+key("1")), "66") // the key is kept anew under the newest
	for _, keys := range []string{key("2"), key("2") + "," + key("1")} {
		if s := open(keys); evidence(s, "66") != 0 || evidence(s, "99") != 1 {
			t.Errorf("with keys %s: hidden %d, shown %d", keys[:1], evidence(s, "66"), evidence(s, "99"))
		}
	}
	for _, keys := range []string{"", key("3"), key("1")} {
		if n := evidence(open(keys), "99"); n != 0 {
			t.Errorf("without the key, %d are shown", n)
		}
	}
	if _, err := open(key("3")).Agree(t.Context(), store.Move{OwnerID: "o", TwitterID: "12"}, model.Account{Address: address(t, "ada@home.example")},
		store.Consent{Inside: true, Hide: []string{"66"}}); err == nil {
		t.Error("without the key somebody is hidden from nobody")
	}
}
