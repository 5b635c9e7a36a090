package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/throwaway"
)

func TestMain(m *testing.M) { os.Exit(throwaway.Main(m)) }

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

// fixture is a store with one Owner and one Move.
type fixture struct {
	*store.Store
	*clock
	ctx     context.Context
	options store.Options
	owner   string
	move    store.Move
}

// newDatabase makes an empty database at path.
func newDatabase(path string) error {
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		return err
	}
	return s.Close()
}

// each runs the same test on SQLite and on PostgreSQL.
func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			keys, err := secret.LoadOrCreate(filepath.Join(t.TempDir(), "key"))
			if err != nil {
				t.Fatal(err)
			}
			c := &clock{time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
			o := store.Options{Keys: keys, Now: c.now, Path: filepath.Join(t.TempDir(), "data", "skein.db")}
			if database == "postgres" {
				o.URL = throwaway.Postgres(t)
			} else {
				throwaway.SQLite(t, o.Path, newDatabase)
			}
			s, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			f := &fixture{Store: s, clock: c, ctx: t.Context(), options: o}
			f.owner = must(s.AddOwner(f.ctx))(t)
			f.move = must(s.AddMove(f.ctx, f.owner))(t)
			test(t, f)
		})
	}
}

// must returns the value of a call that has to succeed.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func address(t testing.TB, s string) model.Address {
	t.Helper()
	return must(model.ParseAddress(s))(t)
}

func TestOpenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skein.db")
	for range 2 {
		s, err := store.Open(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The database is its owner's alone, whatever the folder allows.
func TestDatabaseIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skein.db")
	s := must(store.Open(t.Context(), store.Options{Path: path}))(t)
	defer s.Close()
	must(s.AddOwner(t.Context()))(t)
	for _, file := range must(filepath.Glob(path + "*"))(t) {
		if mode := must(os.Stat(file))(t).Mode(); mode.Perm() != 0o600 {
			t.Errorf("%s is %v", filepath.Base(file), mode)
		}
	}
}

func TestOpenTellsNoPassword(t *testing.T) {
	for _, url := range []string{"postgres://skein:hunter2@127.0.0.1:1/x?sslmode=disable&connect_timeout=1", "hunter2 is no url"} {
		_, err := store.Open(t.Context(), store.Options{URL: url})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error = %v; want one without the password", err)
		}
	}
}

func TestMovesAreTheirOwners(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		other := must(f.AddOwner(f.ctx))(t)
		if _, err := f.OwnMove(f.ctx, other, f.move.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("another Owner's Move: %v, want not found", err)
		}
		if _, err := f.OwnMove(f.ctx, "", f.move.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a Move without an Owner: %v, want not found", err)
		}
		if got := must(f.OwnMove(f.ctx, f.owner, f.move.ID))(t); got.ID != f.move.ID {
			t.Errorf("got move %s, want %s", got.ID, f.move.ID)
		}
	})
}

func TestNameMove(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		second := must(f.AddMove(f.ctx, f.owner))(t)
		steps := []struct {
			move, id string
			want     error
		}{
			{f.move.ID, "12", nil},
			{f.move.ID, "12", nil},
			{f.move.ID, "13", model.ErrConflict}, // another account's archive
			{second.ID, "12", model.ErrConflict}, // this account has a Move
			{second.ID, "13", nil},
		}
		for i, step := range steps {
			if err := f.NameMove(f.ctx, step.move, step.id, "ada", "Ada"); !errors.Is(err, step.want) {
				t.Errorf("%d: NameMove(%s) = %v, want %v", i, step.id, err, step.want)
			}
		}
	})
}

// Rows of a file count only once it was read to its end, and a newer archive
// that is cut short does not hide what an older one brought.
func TestTweetsCountWhenComplete(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		count := func() int { return must(f.CountTweets(f.ctx, f.move.ID))(t) }
		save := func(archive string, ids ...string) {
			t.Helper()
			var tweets []model.Tweet
			for _, id := range ids {
				tweets = append(tweets, model.Tweet{ID: id, Text: "tweet " + id, CreatedAt: f.now()})
			}
			if err := f.SaveTweets(f.ctx, f.move.ID, archive, "data/tweets.js", tweets); err != nil {
				t.Fatal(err)
			}
		}
		first := must(f.AddArchive(f.ctx, store.Archive{MoveID: f.move.ID, Kind: "archive"}))(t)
		save(first.ID, "1", "2")
		if got := count(); got != 0 {
			t.Errorf("%d tweets of a half-read file count, want 0", got)
		}
		if err := f.FileComplete(f.ctx, first.ID, "data/tweets.js", 2); err != nil {
			t.Fatal(err)
		}
		second := must(f.AddArchive(f.ctx, store.Archive{MoveID: f.move.ID, Kind: "archive"}))(t)
		save(second.ID, "2", "3")
		if got := count(); got != 2 {
			t.Errorf("%d tweets count beside a half-read second archive, want 2", got)
		}
		if err := f.FileComplete(f.ctx, second.ID, "data/tweets.js", 2); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for tweet, err := range f.Tweets(f.ctx, f.move.ID) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, tweet.ID)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, ids); diff != "" {
			t.Error(diff)
		}
	})
}

// Learning the id of somebody known by handle merges the two and keeps what the
// Owner decided.
func TestPeopleMerge(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		save := func(people ...model.Person) {
			t.Helper()
			if err := f.SavePeople(f.ctx, f.move.ID, people); err != nil {
				t.Fatal(err)
			}
		}
		list := func() (people []model.Person) {
			for p, err := range f.People(f.ctx, f.move.ID) {
				if err != nil {
					t.Fatal(err)
				}
				people = append(people, p)
			}
			return people
		}
		save(model.Person{Handle: model.Handle{Name: "Ada"}, Bio: "on @ada@example.social", Relations: []model.Relation{model.Following}})
		id := list()[0].ID
		m := match.Match{Address: address(t, "ada@example.social"), Grade: match.Claimed, Decision: match.Yes, DecidedAt: f.now()}
		if err := f.AddMatch(f.ctx, f.move.ID, id, m); err != nil {
			t.Fatal(err)
		}
		known := model.Person{TwitterID: "12", Handle: model.Handle{Name: "ada", SeenAt: f.now()}, Relations: []model.Relation{model.Follower}}
		save(known)
		save(known) // again changes nothing
		people := list()
		if len(people) != 1 {
			t.Fatalf("%d people, want 1: %+v", len(people), people)
		}
		p := people[0]
		if p.ID != id || p.TwitterID != "12" || p.Bio == "" || len(p.Relations) != 2 {
			t.Errorf("merged person = %+v", p)
		}
		if got := must(f.Matches(f.ctx, id))(t); len(got) != 1 || got[0].Decision != match.Yes {
			t.Errorf("decision lost: %+v", got)
		}
	})
}

func TestDecisionsSurviveANewSearch(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		person := f.person(t, "12")
		exists := model.Profile{Existence: model.Exists}
		found := []match.Match{
			{PersonID: person, Address: address(t, "ada@one.example"), Grade: match.Stated, Profile: exists},
			{PersonID: person, Address: address(t, "ada@two.example"), Grade: match.Guess, Profile: exists},
		}
		if err := f.SaveMatches(f.ctx, f.move.ID, person, found); err != nil {
			t.Fatal(err)
		}
		first := must(f.Matches(f.ctx, person))(t)[0]
		if err := f.Decide(f.ctx, f.move.ID, person, first.ID, match.No); err != nil {
			t.Fatal(err)
		}
		if err := f.SaveMatches(f.ctx, f.move.ID, person, found[:1]); err != nil {
			t.Fatal(err)
		}
		got := must(f.Matches(f.ctx, person))(t)
		if len(got) != 1 || got[0].Decision != match.No || got[0].ID != first.ID || got[0].Chosen() {
			t.Errorf("after a new search: %+v", got)
		}
		if err := f.SaveMatches(f.ctx, f.move.ID, person, nil); err != nil {
			t.Fatal(err)
		}
		if got := must(f.Matches(f.ctx, person))(t); len(got) != 1 {
			t.Errorf("a decided match is gone after a search that did not find it: %+v", got)
		}
	})
}

func TestDirectorySwap(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		load := func(fail bool, addresses ...string) error {
			_, err := f.SwapDirectory(f.ctx, "wikidata", func(yield func(store.DirectoryRow, error) bool) {
				for _, a := range addresses {
					if !yield(store.DirectoryRow{TwitterID: "12", Handle: "Ada", Address: address(t, a), Text: "P4033"}, nil) {
						return
					}
				}
				if fail {
					yield(store.DirectoryRow{}, errors.New("cut off"))
				}
			})
			return err
		}
		found := func(p model.Person) (got []string) {
			for _, e := range must(f.Directory(f.ctx, []model.Person{p}))(t)[p.ID] {
				got = append(got, e.Address.String()+" "+string(e.Tie))
			}
			return got
		}
		ada := model.Person{TwitterID: "12"}
		if err := load(false, "ada@one.example"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ada@one.example id"}, found(ada)); diff != "" {
			t.Error(diff)
		}
		if err := load(true, "ada@two.example"); err == nil {
			t.Error("a load that was cut off succeeded")
		}
		if diff := cmp.Diff([]string{"ada@one.example id"}, found(ada)); diff != "" {
			t.Errorf("after a load that failed: %s", diff)
		}
		f.advance(time.Second)
		if err := load(false, "ada@three.example"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ada@three.example id"}, found(ada)); diff != "" {
			t.Errorf("after the swap: %s", diff)
		}
		if got := found(model.Person{Handle: model.Handle{Name: "ADA"}}); len(got) != 1 || got[0] != "ada@three.example handle" {
			t.Errorf("by handle: %v", got)
		}
		if got := found(model.Person{TwitterID: "99", Handle: model.Handle{Name: "ada"}}); got != nil {
			t.Errorf("another id that took the name: %v", got)
		}
	})
}

func TestAccountTokens(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		a := must(f.SaveAccount(f.ctx, model.Account{OwnerID: f.owner, Address: address(t, "alex@goose.example"), RemoteID: "1"}, "s3cret"))(t)
		if _, token, err := f.AccountToken(f.ctx, a.ID); err != nil || token != "s3cret" {
			t.Errorf("token %q, %v", token, err)
		}
		again := must(f.SaveAccount(f.ctx, model.Account{OwnerID: f.owner, Address: address(t, "Alex@goose.example"), RemoteID: "1"}, "new"))(t)
		if again.ID != a.ID {
			t.Error("connecting again made a second account")
		}
		if err := f.RevokeAccount(f.ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.AccountToken(f.ctx, a.ID); !errors.Is(err, model.ErrDenied) {
			t.Errorf("revoked token: %v, want denied", err)
		}
		if owner := must(f.OwnerByAccount(f.ctx, a.Address, "1"))(t); owner != f.owner {
			t.Errorf("owner %s, want %s", owner, f.owner)
		}
		if _, err := f.OwnerByAccount(f.ctx, a.Address, "2"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("same name, another account: %v, want not found", err)
		}
	})
}

func TestFlowsWorkOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		flow := store.Flow{StateHash: "h", Session: "s", Host: "goose.example", Verifier: "v", ExpiresAt: f.now().Add(time.Minute)}
		if err := f.AddFlow(f.ctx, flow); err != nil {
			t.Fatal(err)
		}
		if got := must(f.TakeFlow(f.ctx, "h"))(t); got.Verifier != "v" || got.Session != "s" {
			t.Errorf("flow = %+v", got)
		}
		if _, err := f.TakeFlow(f.ctx, "h"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("second use: %v, want not found", err)
		}
		flow.StateHash = "late"
		if err := f.AddFlow(f.ctx, flow); err != nil {
			t.Fatal(err)
		}
		f.advance(time.Hour)
		if _, err := f.TakeFlow(f.ctx, "late"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("late use: %v, want not found", err)
		}
	})
}

func TestAppsAreReservedByOne(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.ReserveApp(f.ctx, "goose.example", time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := f.ReserveApp(f.ctx, "goose.example", time.Minute); !errors.Is(err, model.ErrConflict) {
			t.Errorf("second reservation: %v, want conflict", err)
		}
		if err := f.SaveApp(f.ctx, "goose.example", "http://localhost:8080/oauth/callback", []byte("app")); err != nil {
			t.Fatal(err)
		}
		if got := must(f.App(f.ctx, "goose.example", "http://localhost:8080/oauth/callback"))(t); string(got) != "app" {
			t.Errorf("app = %q", got)
		}
		if _, err := f.App(f.ctx, "goose.example", "https://skein.example/oauth/callback"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("after the public URL changed: %v, want not found", err)
		}
	})
}

func TestHostsRestAfterThreeFailures(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const host = "goose.example"
		rest := f.now().Add(time.Hour)
		for i, want := range []time.Time{{}, {}, rest, rest} {
			if err := f.HostFailed(f.ctx, host, rest); err != nil {
				t.Fatal(err)
			}
			if got := must(f.Host(f.ctx, host))(t); !got.RestUntil.Equal(want) {
				t.Errorf("after %d failures it rests until %v, want %v", i+1, got.RestUntil, want)
			}
		}
		if err := f.HostAnswered(f.ctx, host); err != nil {
			t.Fatal(err)
		}
		if err := f.SaveHost(f.ctx, host, "{}", f.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := must(f.Host(f.ctx, host))(t); !got.RestUntil.IsZero() || got.Capability != "{}" {
			t.Errorf("after an answer: %+v", got)
		}
		f.advance(2 * time.Hour)
		if got := must(f.Host(f.ctx, host))(t); got.Capability != "" {
			t.Errorf("what is too old is believed: %+v", got)
		}
	})
}

func TestProfilesAndLimits(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada := address(t, "Ada@example.social")
		profiles := func() map[string]model.Profile {
			return must(f.Profiles(f.ctx, []model.Address{address(t, "ada@example.social"), address(t, "bob@example.social")}))(t)
		}
		if got := profiles(); len(got) != 0 {
			t.Errorf("unknown profiles: %v", got)
		}
		p := model.Profile{Address: ada, Existence: model.Exists, Note: "hello"}
		if err := f.SaveProfile(f.ctx, ada, p, f.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]model.Profile{"ada@example.social": p}, profiles()); diff != "" {
			t.Error(diff)
		}
		l := store.Limit{Subject: "a", Family: "statuses", Max: 300, Remaining: 12, ResetAt: f.now().Add(time.Hour)}
		if err := f.SaveLimit(f.ctx, l); err != nil {
			t.Fatal(err)
		}
		l.UpdatedAt = f.now()
		if diff := cmp.Diff(map[string]store.Limit{"statuses": l}, must(f.Limits(f.ctx, "a"))(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestServersAreReplacedBySource(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		replace := func(source string, hosts ...string) {
			t.Helper()
			var servers []model.Server
			for _, h := range hosts {
				servers = append(servers, model.Server{Host: h})
			}
			if err := f.ReplaceServers(f.ctx, source, servers); err != nil {
				t.Fatal(err)
			}
			f.advance(time.Minute)
		}
		replace("list", "a.example", "b.example")
		replace("other", "c.example")
		replace("list", "b.example")
		var hosts []string
		for _, v := range must(f.Servers(f.ctx))(t) {
			hosts = append(hosts, v.Host)
		}
		if diff := cmp.Diff([]string{"b.example", "c.example"}, hosts); diff != "" {
			t.Error(diff)
		}
	})
}

// A no releases the rival, also when the next search comes in between.
func TestChoiceAfterASearch(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		person := f.person(t, "12")
		exists := model.Profile{Existence: model.Exists}
		said := func(a string) []model.Evidence {
			return []model.Evidence{{Address: address(t, a), Source: "wikidata", Side: model.ThirdSide, Tie: model.TieID}}
		}
		found := []match.Match{
			{PersonID: person, Address: address(t, "ada@one.example"), Grade: match.Stated, Profile: exists, Evidence: said("ada@one.example")},
			{PersonID: person, Address: address(t, "ada@two.example"), Grade: match.Stated, Profile: exists, Evidence: said("ada@two.example")},
		}
		chosen := func() (list []string) {
			for _, m := range must(f.Matches(f.ctx, person))(t) {
				if m.Chosen() {
					list = append(list, m.Address.String())
				}
			}
			return list
		}
		save := func() {
			t.Helper()
			if err := f.SaveMatches(f.ctx, f.move.ID, person, found); err != nil {
				t.Fatal(err)
			}
		}
		save()
		if got := chosen(); got != nil {
			t.Errorf("two rivals, chosen %v", got)
		}
		one := must(f.Matches(f.ctx, person))(t)[0]
		if err := f.Decide(f.ctx, f.move.ID, person, one.ID, match.No); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := chosen(); len(got) != 1 || got[0] == one.Address.String() {
				t.Errorf("after a no to %s chosen are %v", one.Address, got)
			}
			save()
		}
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.Sessions()
		if err := s.Commit("t", []byte("data"), f.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if b, ok, err := s.Find("t"); err != nil || !ok || string(b) != "data" {
			t.Errorf("found %q, %v, %v", b, ok, err)
		}
		f.advance(2 * time.Hour)
		if _, ok, err := s.Find("t"); err != nil || ok {
			t.Errorf("an expired session is found: %v, %v", ok, err)
		}
		if err := f.Tidy(f.ctx, f.now()); err != nil {
			t.Fatal(err)
		}
	})
}

// person makes a Person and returns the id.
func (f *fixture) person(t testing.TB, twitterID string) string {
	t.Helper()
	p := model.Person{TwitterID: twitterID, Relations: []model.Relation{model.Following}}
	if err := f.SavePeople(f.ctx, f.move.ID, []model.Person{p}); err != nil {
		t.Fatal(err)
	}
	for p, err := range f.People(f.ctx, f.move.ID) {
		if err != nil {
			t.Fatal(err)
		}
		if p.TwitterID == twitterID {
			return p.ID
		}
	}
	t.Fatalf("person %s was not saved", twitterID)
	return ""
}
