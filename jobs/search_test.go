package jobs_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// heardOf adds an account on away.example that home.example has heard of.
func (f *fixture) heardOf(a fedisim.Account) {
	f.t.Helper()
	f.sim.Server("away.example").AddAccount(a)
	f.sim.MakeFollow("alex@home.example", a.User+"@away.example")
}

// handles adds People of whom nothing but the handle is known.
func (f *fixture) handles(names ...string) {
	f.t.Helper()
	var people []model.Person
	for i, name := range names {
		people = append(people, model.Person{
			TwitterID: fmt.Sprint(500 + i), Handle: model.Handle{Name: name}, Relations: []model.Relation{model.Following}, Interactions: 100 - i,
		})
	}
	f.check(f.store.SavePeople(f.t.Context(), f.move.ID, people))
}

func (f *fixture) wantMatch(key string, grade match.Grade, sources ...string) match.Match {
	f.t.Helper()
	m, ok := f.found()[key]
	if !ok || m.Grade != grade {
		f.t.Errorf("%s: %v (found %t), want %v", key, m.Grade, ok, grade)
	}
	for _, source := range sources {
		has := false
		for _, e := range m.Evidence {
			has = has || e.Source == source
		}
		if !has {
			f.t.Errorf("%s: no evidence of %s in %+v", key, source, m.Evidence)
		}
	}
	return m
}

// The Owner's own server is searched for those who were not found: who names the
// handle is Claimed, who only bears it a Guess, others are nobody.
func TestSearch(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.heardOf(fedisim.Account{User: "ada", Note: "https://twitter.com/ada"})
	f.heardOf(fedisim.Account{User: "bob"})
	f.heardOf(fedisim.Account{User: "cyd", Note: "I am @somebodyelse on Twitter"})
	f.heardOf(fedisim.Account{User: "dan_the_man", DisplayName: "dan"})
	f.handles("ada", "bob", "cyd", "dan", "eve")
	f.done(f.start(jobs.KindFind, nil).ID)
	if n := len(f.found()); n != 0 {
		t.Fatalf("%d found without a search: %v", n, f.found())
	}
	run := f.done(f.start(jobs.KindFind, jobs.FindOptions{Account: f.account.ID}).ID)
	f.wantMatch("ada ada@away.example", match.Claimed, directory.SourceSearch, directory.SourceProfile)
	f.wantMatch("bob bob@away.example", match.Guess, directory.SourceSearch)
	if n := len(f.found()); n != 2 {
		t.Errorf("%d found, want 2: %v", n, f.found())
	}
	for key, m := range f.found() {
		if m.Chosen() {
			t.Errorf("%s is chosen", key)
		}
	}
	var result jobs.Found
	f.check(json.Unmarshal([]byte(run.Result), &result))
	if result.Arrived != 1 || result.Sources[directory.SourceProfile] != 1 {
		t.Errorf("result %+v, want one who arrived, by a profile", result)
	}
	// A later find without the search keeps what it brought.
	f.clock.set(f.clock.now().Add(8 * 24 * time.Hour))
	f.done(f.start(jobs.KindFind, nil).ID)
	f.wantMatch("ada ada@away.example", match.Claimed, directory.SourceSearch, directory.SourceProfile)
	f.wantMatch("bob bob@away.example", match.Guess, directory.SourceSearch)
}

// An address whose server does not answer us is looked up on the own server.
func TestSearchResolves(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	away.AddAccount(fedisim.Account{User: "ada", Note: "https://twitter.com/ada"})
	away.Fault(fedisim.Fault{Path: "/.well-known/*", Kind: fedisim.ServerError, Times: -1})
	f.named("10", "ada", "ada@away.example")
	f.done(f.start(jobs.KindFind, nil).ID)
	if m := f.wantMatch("ada ada@away.example", match.Stated); m.Profile.Existence != model.Unknown || m.Chosen() {
		t.Fatalf("the server answered us: %+v", m.Profile)
	}
	f.done(f.start(jobs.KindFind, jobs.FindOptions{Account: f.account.ID}).ID)
	if m := f.wantMatch("ada ada@away.example", match.Proven); m.Profile.Existence != model.Exists || !m.Chosen() {
		t.Errorf("the own server knows it: %+v", m)
	}
}

// A search waits for the server's allowance, of which a quarter stays the Owner's.
func TestSearchWaits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{})
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("nobody%d", i))
	}
	f.handles(names...)
	run := f.start(jobs.KindFind, jobs.FindOptions{Account: f.account.ID})
	waits := 0
	f.until(run.ID, func(r store.Run) bool { waits++; return false })
	f.wantState(f.run(run.ID), store.RunDone)
	if waits == 0 {
		t.Error("it never waited")
	}
	if n := f.home.Requests()["GET /api/v2/search"]; n != 300 {
		t.Errorf("%d searches, want 300", n)
	}
	if n := f.home.Count(fedisim.TooMany); n != 0 {
		t.Errorf("%d times 429", n)
	}
}

// An Account that has to be connected again ends the search, not the Run.
func TestSearchRevoked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	f.heardOf(fedisim.Account{User: "ada", Note: "https://twitter.com/ada"})
	f.handles("ada", "bob")
	f.home.Fault(fedisim.Fault{Path: "/api/v2/search", Kind: fedisim.ServerError, Status: 401, Times: -1})
	f.done(f.start(jobs.KindFind, jobs.FindOptions{Account: f.account.ID}).ID)
	f.done(f.start(jobs.KindFind, jobs.FindOptions{Account: f.account.ID}).ID)
}

// The same user name is tried where most people are, if the Owner wants that.
// It is a Guess unless the profile names the handle.
func TestProbe(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	f.named("10", "zoe", "zoe@away.example")
	away.AddAccount(fedisim.Account{User: "zoe"})
	away.AddAccount(fedisim.Account{User: "ada", Note: "https://twitter.com/ada"})
	away.AddAccount(fedisim.Account{User: "bob"})
	away.AddAccount(fedisim.Account{User: "cyd", Note: "https://twitter.com/other"})
	f.handles("ada", "bob", "cyd", "nobody")
	f.done(f.start(jobs.KindFind, nil).ID)
	if n := len(f.found()); n != 1 {
		t.Fatalf("%d found without a probe", n)
	}
	f.done(f.start(jobs.KindFind, jobs.FindOptions{Probe: true}).ID)
	f.wantMatch("ada ada@away.example", match.Claimed, directory.SourceProbe, directory.SourceProfile)
	f.wantMatch("bob bob@away.example", match.Guess, directory.SourceProbe)
	if m := f.wantMatch("cyd cyd@away.example", match.Guess, directory.SourceProbe); !m.Has(match.Contradicted) {
		t.Errorf("a profile that names another account: %+v", m)
	}
	if m, ok := f.found()["nobody nobody@away.example"]; ok {
		t.Errorf("found somebody who is not there: %+v", m)
	}
	before := f.found()
	f.done(f.start(jobs.KindFind, jobs.FindOptions{Probe: true}).ID)
	if len(f.found()) != len(before) {
		t.Errorf("probing again: %d found, want %d", len(f.found()), len(before))
	}
}

// A server that wants us to wait is asked again later, a few times, and does not
// hold up the others.
func TestFindWaitsForServers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	slow := f.sim.AddServer(fedisim.Config{Host: "slow.example", NoLimits: true})
	never := f.sim.AddServer(fedisim.Config{Host: "never.example", NoLimits: true})
	f.reach()
	slow.AddAccount(fedisim.Account{User: "ada"})
	slow.Fault(fedisim.Fault{Kind: fedisim.TooMuch, RetryAfter: 5 * time.Minute})
	never.Fault(fedisim.Fault{Kind: fedisim.TooMuch, RetryAfter: 5 * time.Minute, Times: -1})
	f.sim.Server("away.example").AddAccount(fedisim.Account{User: "bob"})
	f.named("10", "ada", "ada@slow.example")
	f.named("11", "bob", "bob@away.example")
	f.named("12", "cyd", "cyd@never.example")
	run := f.start(jobs.KindFind, nil)
	if r := f.step(run.ID); r.State != store.RunWaiting || !r.DueAt.After(f.clock.now()) {
		t.Fatalf("run is %s until %v, want it to wait", r.State, r.DueAt)
	}
	if m := f.wantMatch("bob bob@away.example", match.Stated); !m.Chosen() {
		t.Errorf("the others wait too: %+v", m)
	}
	f.pass(f.run(run.ID))
	f.done(run.ID)
	if m := f.wantMatch("ada ada@slow.example", match.Stated); !m.Chosen() {
		t.Errorf("not asked again: %+v", m)
	}
	if m := f.wantMatch("cyd cyd@never.example", match.Stated); m.Profile.Existence != model.Unknown {
		t.Errorf("never answered, but %+v", m.Profile)
	}
}

// After a week a Move looks again for those who were missing. Who came since is
// counted until the Owner has seen them.
func TestLookAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	ctx := t.Context()
	away := f.sim.Server("away.example")
	away.AddAccount(fedisim.Account{User: "ada"})
	f.named("10", "ada", "ada@away.example")
	f.handles("bob", "cyd")
	f.done(f.start(jobs.KindFind, nil).ID)
	find := func() (runs []store.Run) {
		all, err := f.store.Runs(ctx, f.move.ID)
		f.check(err)
		for _, r := range all {
			if r.Kind == jobs.KindFind {
				runs = append(runs, r)
			}
		}
		return runs
	}
	f.clock.set(f.clock.now().Add(6 * 24 * time.Hour))
	f.check(f.worker.LookAgain(ctx))
	if n := len(find()); n != 1 {
		t.Fatalf("%d find Runs after six days, want 1", n)
	}
	away.AddAccount(fedisim.Account{User: "bob"})
	_, err := f.store.SwapDirectory(ctx, directory.SourceWikidata, func(yield func(store.DirectoryRow, error) bool) {
		yield(store.DirectoryRow{TwitterID: "500", Address: model.Address{User: "bob", Host: "away.example"}, Text: "Bob"}, nil)
	})
	f.check(err)
	f.clock.set(f.clock.now().Add(25 * time.Hour))
	asked := away.Requests()["GET /.well-known/webfinger"]
	f.check(f.worker.LookAgain(ctx))
	f.check(f.worker.LookAgain(ctx)) // while it looks nothing more is begun
	runs := find()
	if len(runs) != 2 {
		t.Fatalf("%d find Runs after a week, want 2", len(runs))
	}
	run := f.done(runs[1].ID)
	if m := f.wantMatch("bob bob@away.example", match.Stated, directory.SourceWikidata); !m.Chosen() {
		t.Errorf("bob: %+v", m)
	}
	var result jobs.Found
	f.check(json.Unmarshal([]byte(run.Result), &result))
	move, err := f.store.Move(ctx, f.move.ID)
	f.check(err)
	arrived := 0
	for p, err := range f.store.People(ctx, f.move.ID) {
		f.check(err)
		if p.ArrivedAt.After(move.PeopleSeenAt) {
			arrived++
		}
	}
	if result.Arrived != 1 || arrived != 1 {
		t.Errorf("%d arrived in the Run, %d since the Owner looked; want bob", result.Arrived, arrived)
	}
	if n := away.Requests()["GET /.well-known/webfinger"] - asked; n != 1 {
		t.Errorf("%d addresses were asked about, want bob's alone", n)
	}
}
