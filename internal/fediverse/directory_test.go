package fediverse_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// listing starts a simulated server with a directory of people.
func listing(t *testing.T, cfg fedisim.Config, people ...fedisim.Account) (*fedisim.Server, *fediverse.Client) {
	t.Helper()
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	cfg.Host = "home.example"
	v := sim.AddServer(cfg)
	for _, a := range people {
		a.Discoverable = true
		v.AddAccount(a)
	}
	return v, fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})
}

const answerError = "answer that cannot be used"

// class is classOf with the errors of discovery.
func class(err error) string {
	var answer *fediverse.AnswerError
	if errors.As(err, &answer) {
		return answerError
	}
	return classOf(err)
}

func users(found []fediverse.Remote) string {
	var all []string
	for _, r := range found {
		all = append(all, r.Address.User)
	}
	return strings.Join(all, " ")
}

func TestDirectory(t *testing.T) {
	for _, software := range []string{"mastodon", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			_, c := listing(t, fedisim.Config{Software: software, AccountDomain: "people.example"},
				fedisim.Account{User: "one", Note: "On Twitter: https://twitter.com/one"}, fedisim.Account{User: "two", NoIndex: true}, fedisim.Account{User: "three"})
			page, listed, err := c.Directory(t.Context(), "home.example", 0, 2)
			if err != nil || users(page) != "three two" || listed != 2 {
				t.Fatalf("first page: %s, %v; want the newest", users(page), err)
			}
			rest, _, err := c.Directory(t.Context(), "home.example", 2, 2)
			if err != nil || users(rest) != "one" {
				t.Fatalf("second page: %s, %v", users(rest), err)
			}
			if end, listed, err := c.Directory(t.Context(), "home.example", 3, 2); listed != 0 || err != nil {
				t.Errorf("beyond the end: %s, %v", users(end), err)
			}
			p := rest[0].Profile
			if p.Address.String() != "one@home.example" || p.Existence != model.Exists || !p.Discoverable || p.NoIndex || p.FetchedAt.IsZero() || !strings.Contains(p.Note, "twitter.com/one") {
				t.Errorf("profile %+v", p)
			}
			if !page[1].Profile.NoIndex {
				t.Error("noindex is lost")
			}
			if order, ok := fediverse.CompareIDs(rest[0].ID, page[0].ID); !ok || order >= 0 {
				t.Errorf("the list is not in the order of ids: %s, %s", rest[0].ID, page[0].ID)
			}
		})
	}
}

func TestDirectoryRefused(t *testing.T) {
	tests := []struct {
		name string
		cfg  fedisim.Config
		kind error
	}{
		{"switched off", fedisim.Config{DirectoryOff: true}, model.ErrNotFound},
		{"closed to strangers", fedisim.Config{APINeedsToken: true}, model.ErrDenied},
		{"GoToSocial", fedisim.Config{Software: "gotosocial"}, model.ErrNotFound},
		{"snac", fedisim.Config{Software: "snac"}, model.ErrNotFound},
		{"Pixelfed", fedisim.Config{Software: "pixelfed"}, model.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, c := listing(t, tt.cfg, fedisim.Account{User: "one"})
			_, _, err := c.Directory(t.Context(), "home.example", 0, 80)
			var refused *fediverse.StatusError
			if !errors.As(err, &refused) || !errors.Is(err, tt.kind) {
				t.Errorf("Directory = %v; want a refusal that is %v", err, tt.kind)
			}
		})
	}
}

// What a server says in its directory of accounts elsewhere is left out, and odd
// answers are errors or empty, never more than was asked for.
func TestDirectoryAnswers(t *testing.T) {
	account := func(id int, acct string) string {
		return fmt.Sprintf(`{"id":"%d","acct":%q,"discoverable":true,"note":"x"}`, id, acct)
	}
	var many []string
	for i := range 200 {
		many = append(many, account(1000-i, fmt.Sprintf("user%d", i)))
	}
	tests := []struct {
		name, body string
		found      int
		class      string
		listed     int
	}{
		{"others' accounts", "[" + account(1, "ada@mastodon.example") + "," + account(2, "bob") + "," + account(3, "eve@s.example.evil.example") + "]", 1, "made", 3},
		{"its own, in full", "[" + account(1, "ada@s.example") + "]", 1, "made", 1},
		{"the same twice", "[" + account(1, "ada") + "," + account(1, "ada") + "]", 1, "made", 2},
		{"no id, no name", `[{"acct":"ada"},{"id":"7"},{"id":"../7","acct":"x"},7,null,"x",[]]`, 0, "made", 7},
		{"more than asked for", "[" + strings.Join(many, ",") + "]", 80, "made", 80},
		{"an object", account(1, "ada"), 0, answerError, 0},
		{"HTML", "<html>", 0, answerError, 0},
		{"cut", "[" + account(1, "ada") + ",", 0, answerError, 0},
		{"too large", "[" + strings.Repeat(" ", 5<<20) + "]", 0, answerError, 0},
		{"nothing", "[]", 0, "made", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			s.json("/api/v1/directory", 200, tt.body)
			found, listed, err := newClient(s).Directory(t.Context(), "s.example", 0, 80)
			if len(found) != tt.found || class(err) != tt.class || listed != tt.listed {
				t.Errorf("%d found of %d, %v (%s); want %d of %d, %s", len(found), listed, err, class(err), tt.found, tt.listed, tt.class)
			}
			for _, r := range found {
				if r.Address.Host != "s.example" {
					t.Errorf("found %s", r.Address)
				}
			}
		})
	}
}

func TestDirectoryStaysOnItsHost(t *testing.T) {
	s, other := newServer(t, "s.example"), newServer(t, "other.example")
	s.mux.Handle("/api/v1/directory", http.RedirectHandler("https://other.example/api/v1/directory", http.StatusFound))
	other.json("/api/v1/directory", 200, `[{"id":"1","acct":"ada"}]`)
	c := newClient(s, other)
	if _, _, err := c.Directory(t.Context(), "s.example", 0, 80); class(err) != answerError || len(other.seen) != 0 {
		t.Errorf("Directory = %v; the other host was asked %d times", err, len(other.seen))
	}
	for _, host := range []string{"127.0.0.1", "localhost", "s.example/x", "s.example:8080", "a@s.example", ""} {
		if _, _, err := c.Directory(t.Context(), host, 0, 80); class(err) != "not sent: local" {
			t.Errorf("host %q: %v", host, err)
		}
	}
}

func TestAccountsByID(t *testing.T) {
	for _, version := range []string{"4.5.3", "4.2.10"} {
		t.Run(version, func(t *testing.T) {
			v, c := listing(t, fedisim.Config{Version: version}, fedisim.Account{User: "one"}, fedisim.Account{User: "two"}, fedisim.Account{User: "three"})
			page, _, err := c.Directory(t.Context(), "home.example", 0, 80)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range page {
				ids = append(ids, r.ID)
			}
			v.Change("two", func(a *fedisim.Account) { a.Gone = true })
			v.Change("three", func(a *fedisim.Account) { a.Discoverable = false })
			found, err := c.AccountsByID(t.Context(), "home.example", ids)
			if version < "4.3" {
				if !errors.Is(err, fediverse.ErrNoBatch) {
					t.Errorf("AccountsByID = %v; want ErrNoBatch", err)
				}
			} else if err != nil || len(found) != 2 || !slices.ContainsFunc(found, func(r fediverse.Remote) bool { return r.Address.User == "three" && !r.Profile.Discoverable }) {
				t.Errorf("AccountsByID = %+v, %v", found, err)
			}
			if _, err := c.AccountByID(t.Context(), "home.example", ids[1]); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("an account that is gone: %v", err)
			}
			if r, err := c.AccountByID(t.Context(), "home.example", ids[2]); err != nil || r.Address.String() != "one@home.example" {
				t.Errorf("AccountByID = %+v, %v", r, err)
			}
		})
	}
}

func TestAccountsByIDAnswers(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/api/v1/accounts", 200, `[{"id":"1","acct":"ada"},{"id":"2","acct":"bob"}]`)
	s.json("/api/v1/accounts/7", 200, `{"id":"8","acct":"eve"}`)
	s.json("/api/v1/accounts/9", 200, `{"id":"9","acct":"eve@other.example"}`)
	c := newClient(s)
	if _, err := c.AccountsByID(t.Context(), "s.example", []string{"1"}); class(err) != "made" {
		t.Errorf("more than asked for: %v", err) // cut, not believed
	}
	if _, err := c.AccountsByID(t.Context(), "s.example", []string{"3", "4"}); class(err) != answerError {
		t.Errorf("others than asked for: %v", err)
	}
	if _, err := c.AccountsByID(t.Context(), "s.example", make([]string, 41)); class(err) != "not sent: local" {
		t.Errorf("41 ids: %v", err)
	}
	for _, id := range []string{"", "../1", "1/2", "1?x", strings.Repeat("1", 200)} {
		if _, err := c.AccountsByID(t.Context(), "s.example", []string{"1", id}); class(err) != "not sent: local" {
			t.Errorf("id %q: %v", id, err)
		}
		if _, err := c.AccountByID(t.Context(), "s.example", id); class(err) != "not sent: local" {
			t.Errorf("id %q: %v", id, err)
		}
	}
	for _, id := range []string{"7", "9"} {
		if _, err := c.AccountByID(t.Context(), "s.example", id); class(err) != answerError {
			t.Errorf("another account than %s: %v", id, err)
		}
	}
}

func TestIDBefore(t *testing.T) {
	const minute = int64(60_000) << 16
	at := int64(1_700_000_000_000) << 16
	id := func(n int64) string { return fmt.Sprint(n) }
	tests := []struct {
		name, id, since string
		before, ok      bool
	}{
		{"snowflakes", id(at - 2*minute), id(at), true, true},
		{"snowflakes of the same minute", id(at - minute/2), id(at), false, true},
		{"the same", id(at), id(at), false, true},
		{"later", id(at + 2*minute), id(at), false, true},
		{"small numbers", "41", "42", true, true},
		{"of different length", "9", "10", true, true},
		{"ULIDs", "01GZZZZZZZ0000000000000000", "01HF7YAT000000000000000000", true, true},
		{"flakes", "AAAAAAAAAAAAAAAAA1", "AAAAAAAAAAAAAAAAA2", true, true},
		{"texts", "ada", "bob", false, false},
		{"of two kinds", "42", "01HF7YAT000000000000000000", false, false},
		{"nothing", "42", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if before, ok := fediverse.IDBefore(tt.id, tt.since); before != tt.before || ok != tt.ok {
				t.Errorf("IDBefore = %t, %t; want %t, %t", before, ok, tt.before, tt.ok)
			}
		})
	}
}
