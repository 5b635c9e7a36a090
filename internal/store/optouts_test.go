package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
)

// matched gives the Move a Person with matches of these addresses, which exist,
// best first, and returns the Person's id.
func (f *fixture) matched(t testing.TB, move, twitterID string, addresses ...string) string {
	t.Helper()
	if err := f.SavePeople(f.ctx, move, []model.Person{{TwitterID: twitterID, Handle: model.Handle{Name: "h" + twitterID}, Relations: []model.Relation{model.Following}}}); err != nil {
		t.Fatal(err)
	}
	for p, err := range f.People(f.ctx, move) {
		if err != nil {
			t.Fatal(err)
		}
		if p.TwitterID != twitterID {
			continue
		}
		var found []match.Match
		for i, s := range addresses {
			a := address(t, s)
			found = append(found, match.Match{PersonID: p.ID, Address: a, Grade: match.Proven - match.Grade(i), Profile: model.Profile{Address: a, Existence: model.Exists}})
		}
		if err := f.SaveMatches(f.ctx, move, p.ID, found); err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	t.Fatal("the Person was not kept")
	return ""
}

// left returns the matches of a Person as address and grade, chosen ones with a star.
func (f *fixture) left(t testing.TB, person string) string {
	t.Helper()
	var all []string
	for _, m := range must(f.Matches(f.ctx, person))(t) {
		s := m.Address.String() + " " + m.Grade.String()
		if m.Chosen() {
			s += "*"
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func TestOptOut(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := address(t, "Ada@social.a.example")
		alias := address(t, "ada@a.example")
		if err := f.AddCrawls(f.ctx, []string{"social.a.example"}); err != nil {
			t.Fatal(err)
		}
		l := f.crawl(t, "social.a.example")
		rows := []store.DirectoryAccount{f.row(t, "ada", "social.a.example", "ada"), f.row(t, "ada", "social.a.example", "ada_work"), f.row(t, "bob", "social.a.example", "bob")}
		must(l.Save(f.ctx, nil, rows))(t)
		if err := f.SaveProfile(f.ctx, alias, model.Profile{Address: alias, Existence: model.Exists}, f.now().AddDate(0, 0, 7)); err != nil {
			t.Fatal(err)
		}
		second := must(f.AddMove(f.ctx, must(f.AddOwner(f.ctx))(t)))(t)
		only := f.matched(t, f.move.ID, "1", "ada@a.example")
		two := f.matched(t, f.move.ID, "2", "ada@social.a.example", "other@b.example")
		no := f.matched(t, second.ID, "3", "ada@a.example")
		yes := f.matched(t, second.ID, "4", "ada@a.example", "other@b.example")
		decide := func(move, person string, d match.Decision) {
			t.Helper()
			for _, m := range must(f.Matches(f.ctx, person))(t) {
				if m.Address.User == "ada" {
					must(0, f.Decide(f.ctx, move, person, m.ID, d))(t)
				}
			}
		}
		decide(second.ID, no, match.No)
		decide(second.ID, yes, match.Yes)

		forgotten := must(f.OptOut(f.ctx, []model.Address{ada, alias}))(t)
		if forgotten.Accounts != 2 || forgotten.Matches != 3 || len(forgotten.Moves) != 2 {
			t.Errorf("forgotten: %+v", forgotten)
		}
		for person, want := range map[string]string{only: "", two: "other@b.example stated*", no: "", yes: "other@b.example stated, ada@a.example claimed*"} {
			if got := f.left(t, person); got != want {
				t.Errorf("left: %q, want %q", got, want)
			}
		}
		counts := must(f.PeopleCounts(f.ctx, f.move.ID))(t)
		if counts.Unresolved != 1 {
			t.Errorf("counts %+v; want one of two without a match", counts)
		}
		if cached := must(f.Profiles(f.ctx, []model.Address{alias}))(t); len(cached) > 0 {
			t.Error("the cached profile is still there")
		}
		if got := f.handles(t, "ada", "ada_work", "bob"); got != "bob bob@social.a.example twitter.com/bob\n" {
			t.Errorf("directory: %s", got)
		}
		out := must(f.OptedOut(f.ctx, []model.Address{address(t, "ADA@a.example"), address(t, "ada@social.a.example"), address(t, "bob@a.example")}))(t)
		if len(out) != 2 || !out["ada@a.example"] || !out["ada@social.a.example"] {
			t.Errorf("opted out: %v", out)
		}
		// A page that was read before and comes to be written only now.
		if added := must(l.Save(f.ctx, nil, rows))(t); added != 0 {
			t.Errorf("%d rows are back", added)
		}
		if got := must(f.OptOut(f.ctx, []model.Address{ada, alias}))(t); got.Matches != 0 || got.Accounts != 0 {
			t.Errorf("once more: %+v", got)
		}

		if was := must(f.OptIn(f.ctx, []model.Address{ada, alias}))(t); !was {
			t.Error("opting in found no opt-out")
		}
		if was := must(f.OptIn(f.ctx, []model.Address{ada, alias}))(t); was {
			t.Error("opting in twice found one")
		}
		if out := must(f.OptedOut(f.ctx, []model.Address{ada, alias}))(t); len(out) != 0 {
			t.Errorf("after opting in: %v", out)
		}
		if added := must(l.Save(f.ctx, nil, rows))(t); added != 2 {
			t.Errorf("%d rows are new after opting in, want 2", added)
		}
	})
}

// More matches than fit into one step go too, of many Moves.
func TestOptOutOfManyMoves(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const moves, people = 12, 20
		for range moves {
			move := must(f.AddMove(f.ctx, f.owner))(t)
			for n := range people {
				f.matched(t, move.ID, fmt.Sprint(100+n), "ada@a.example")
			}
		}
		got := must(f.OptOut(f.ctx, []model.Address{address(t, "ada@a.example")}))(t)
		if got.Matches != moves*people || len(got.Moves) != moves {
			t.Errorf("%d matches of %d Moves, want %d of %d", got.Matches, len(got.Moves), moves*people, moves)
		}
	})
}

// Of several hundred addresses those that opted out are told.
func TestOptedOutOfMany(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var all, some []model.Address
		for n := range 450 {
			all = append(all, address(t, fmt.Sprintf("user%d@a.example", n)))
			if n%9 == 0 {
				some = append(some, all[n])
			}
		}
		must(f.OptOut(f.ctx, some))(t)
		if out := must(f.OptedOut(f.ctx, all))(t); len(out) != len(some) || !out["user441@a.example"] {
			t.Errorf("%d opted out, want %d", len(out), len(some))
		}
	})
}

// An entry in the registry keeps its id alone, and whom it was hidden from goes.
func TestOptOutOfRegistry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		raw := f.raw(t)
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := raw.ExecContext(f.ctx, query, args...); err != nil {
				t.Fatal(err)
			}
		}
		for _, user := range []string{"ada", "bob"} {
			exec(`INSERT INTO registry_entries (id, owner_id, address, address_key, twitter_id, handle, proof, inside, everybody, created_at, updated_at)
				VALUES ($1, $2, $3, $3, $4, $1, 'archive', TRUE, TRUE, 1, 1)`, user, f.owner, user+"@a.example", "1"+user)
			exec(`INSERT INTO registry_hidden (entry_id, twitter_mac) VALUES ($1, 'mac')`, user)
		}
		if got := must(f.OptOut(f.ctx, []model.Address{address(t, "ada@a.example")}))(t); got.Entries != 1 {
			t.Errorf("forgotten: %+v", got)
		}
		for user, want := range map[string]string{"ada": "|||||false|false|true|0", "bob": f.owner + "|bob@a.example|1bob|bob|archive|true|true|false|1"} {
			var owner, at, id, handle, proof string
			var inside, everybody bool
			var withdrawn int64
			var hidden int
			row := raw.QueryRowContext(f.ctx, `SELECT owner_id, address, twitter_id, handle, proof, inside, everybody, withdrawn_at,
				(SELECT COUNT(*) FROM registry_hidden WHERE entry_id = registry_entries.id) FROM registry_entries WHERE id = $1`, user)
			if err := row.Scan(&owner, &at, &id, &handle, &proof, &inside, &everybody, &withdrawn, &hidden); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s|%s|%s|%s|%s|%t|%t|%t|%d", owner, at, id, handle, proof, inside, everybody, withdrawn > 0, hidden); got != want {
				t.Errorf("%s: %s, want %s", user, got, want)
			}
		}
	})
}

// What is kept tells nobody who opted out, and a new secret key forgets nothing.
func TestOptOutKey(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		must(f.OptOut(f.ctx, []model.Address{address(t, "ada@a.example")}))(t)
		raw := f.raw(t)
		var mac string
		if err := raw.QueryRowContext(f.ctx, `SELECT address_mac FROM opt_outs`).Scan(&mac); err != nil {
			t.Fatal(err)
		}
		if len(mac) != 64 || mac == secret.HashToken("ada@a.example") {
			t.Errorf("kept as %q", mac)
		}
		keys := must(secret.LoadOrCreate(filepath.Join(t.TempDir(), "another")))(t)
		f.options.Keys = keys
		again := must(store.Open(f.ctx, f.options))(t)
		defer again.Close()
		if out := must(again.OptedOut(f.ctx, []model.Address{address(t, "ada@a.example")}))(t); len(out) != 1 {
			t.Errorf("after a new secret key: %v", out)
		}
	})
}

// raw is the database without the store, for what no method shows.
func (f *fixture) raw(t testing.TB) *sql.DB {
	t.Helper()
	driver, name := "sqlite", "file:"+f.options.Path
	if f.options.URL != "" {
		driver, name = "pgx", f.options.URL
	}
	c, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
