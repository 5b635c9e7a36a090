package jobs_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// named adds somebody whose bio names an address.
func (f *fixture) named(twitterID, handle, address string) {
	f.t.Helper()
	f.check(f.store.SavePeople(f.t.Context(), f.move.ID, []model.Person{naming(twitterID, handle, address)}))
}

func naming(twitterID, handle, address string) model.Person {
	return model.Person{
		TwitterID: twitterID, Handle: model.Handle{Name: handle}, Bio: "I am @" + address + " now", Relations: []model.Relation{model.Following},
	}
}

// found returns the matches of all People, by handle and address.
func (f *fixture) found() map[string]match.Match {
	f.t.Helper()
	all := map[string]match.Match{}
	for p, err := range f.store.People(f.t.Context(), f.move.ID) {
		f.check(err)
		matches, err := f.store.Matches(f.t.Context(), p.ID)
		f.check(err)
		for _, m := range matches {
			all[p.Handle.Name+" "+m.Address.String()] = m
		}
	}
	return all
}

// People are found and graded; a server that is down leaves its accounts
// unknown; decisions stay; finding again comes to the same.
func TestFind(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	down := f.sim.AddServer(fedisim.Config{Host: "down.example", NoLimits: true})
	down.AddAccount(fedisim.Account{User: "sleepy"})
	f.reach()
	away.AddAccount(fedisim.Account{User: "ada", Note: "On Twitter I am https://twitter.com/ada"})
	away.AddAccount(fedisim.Account{User: "bob"})
	away.AddAccount(fedisim.Account{User: "old", MovedTo: "new@away.example"})
	away.AddAccount(fedisim.Account{User: "new"})
	f.named("10", "ada", "ada@away.example")
	f.named("11", "bob", "bob@away.example")
	f.named("12", "gone", "gone@away.example")
	f.named("13", "sleepy", "sleepy@down.example")
	f.named("14", "mover", "old@away.example")
	down.SetDown(true)
	f.done(f.start(jobs.KindFind, nil).ID)
	first := f.found()
	want := map[string]struct {
		grade  match.Grade
		exists model.Existence
		chosen bool
	}{
		"ada ada@away.example":       {match.Proven, model.Exists, true},
		"bob bob@away.example":       {match.Stated, model.Exists, true},
		"gone gone@away.example":     {match.Claimed, model.Gone, false},
		"sleepy sleepy@down.example": {match.Stated, model.Unknown, false},
	}
	for key, w := range want {
		if m := first[key]; m.Grade != w.grade || m.Profile.Existence != w.exists || m.Chosen() != w.chosen {
			t.Errorf("%s: grade %v, existence %v, chosen %t; want %v", key, m.Grade, m.Profile.Existence, m.Chosen(), w)
		}
	}
	if m := first["mover old@away.example"]; m.Target().String() != "new@away.example" {
		t.Errorf("somebody who moved is followed at %s", m.Target())
	}

	no := first["bob bob@away.example"]
	f.check(f.store.Decide(t.Context(), f.move.ID, no.PersonID, no.ID, match.No))
	before := f.found()
	f.done(f.start(jobs.KindFind, nil).ID)
	if diff := cmp.Diff(before, f.found()); diff != "" {
		t.Errorf("finding again changed something:\n%s", diff)
	}
	// Later the server answers again.
	down.SetDown(false)
	f.clock.set(f.clock.now().Add(24 * time.Hour))
	f.done(f.start(jobs.KindFind, nil).ID)
	after := f.found()
	if m := after["sleepy sleepy@down.example"]; !m.Chosen() {
		t.Errorf("the server is back: %+v", m)
	}
	if m := after["bob bob@away.example"]; m.Decision != match.No {
		t.Errorf("the decision is lost: %+v", m)
	}
}

// A find that is paused in the middle goes on, and one that is cancelled ends.
func TestFindInterrupted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	var people []model.Person
	for i := range 150 {
		user := fmt.Sprintf("person%d", i)
		away.AddAccount(fedisim.Account{User: user})
		people = append(people, naming(fmt.Sprint(100+i), user, user+"@away.example"))
	}
	f.check(f.store.SavePeople(t.Context(), f.move.ID, people))
	run := f.start(jobs.KindFind, nil)
	var once sync.Once // requests run side by side, and so do calls of the hook
	f.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.RequestRead {
			once.Do(func() { f.wish(run.ID, store.WishPause) })
		}
	})
	r := f.until(run.ID, func(store.Run) bool { return false })
	if r.State == store.RunPaused {
		f.resume(run.ID)
		f.done(run.ID)
	}
	if n := len(f.found()); n != 150 {
		t.Errorf("%d found, want 150", n)
	}
	run = f.start(jobs.KindFind, nil)
	f.wish(run.ID, store.WishCancel)
	f.wantState(f.step(run.ID), store.RunCancelled)
}

// An address that many name is asked for once.
func TestFindAsksOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	away.AddAccount(fedisim.Account{User: "shared"})
	for i := range 20 {
		f.named(fmt.Sprint(100+i), fmt.Sprintf("person%d", i), "shared@away.example")
	}
	f.done(f.start(jobs.KindFind, nil).ID)
	if n := len(f.found()); n != 20 {
		t.Errorf("%d found, want 20", n)
	}
	if n := away.Requests()["GET /.well-known/webfinger"]; n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}
