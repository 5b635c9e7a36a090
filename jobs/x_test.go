package jobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/xapi"
	"github.com/skein-migrate/skein/internal/xsim"
)

// newX is a fixture whose operator has a key of X's API and 250 followed people
// with ids, of whom X knows all but every tenth.
func newX(t *testing.T, daily int, o xsim.Options) (*fixture, *xsim.Sim, []model.Person) {
	t.Helper()
	f := newFixture(t, fedisim.Config{})
	o.Bearer, o.Now = "bearer", f.clock.now
	sim := xsim.New(o)
	t.Cleanup(sim.Close)
	var err error
	f.worker.X, err = xapi.New(xapi.Options{API: sim.URL, Token: "bearer", Now: f.clock.now, Timeout: 5 * time.Second})
	f.check(err)
	f.worker.XDaily, f.worker.Sources = daily, directory.Sources{directory.SourceX: true}
	people := make([]model.Person, 250)
	for i := range people {
		id := fmt.Sprint(1000 + i)
		people[i] = model.Person{TwitterID: id, Interactions: i, Archived: true, Relations: []model.Relation{model.Following}}
		if i%10 != 0 {
			sim.Add(xsim.User{ID: id, Username: "u" + id, Name: "U " + id, Description: "on the fediverse: @u@home.example"})
		}
	}
	f.check(f.store.SavePeople(t.Context(), f.move.ID, people))
	return f, sim, f.everybody()
}

// everybody returns the People of the Move.
func (f *fixture) everybody() []model.Person {
	f.t.Helper()
	var all []model.Person
	for p, err := range f.store.People(f.t.Context(), f.move.ID) {
		f.check(err)
		all = append(all, p)
	}
	return all
}

func TestAskX(t *testing.T) {
	f, sim, people := newX(t, 1000, xsim.Options{})
	people[7].Bio = "has one" // brought by a list
	named, err := f.worker.AskX(t.Context(), append(people, model.Person{ID: "n", Handle: model.Handle{Name: "no_id"}}))
	f.check(err)
	if len(named) != 224 || sim.Count("GET /2/users") != 3 {
		t.Errorf("%d named in %d requests, want 224 in 3", len(named), sim.Count("GET /2/users"))
	}
	p := named[0]
	if p.ID == "" || p.Interactions != 249 || p.Handle.Name != "u1249" || p.Handle.Source != "x" || p.Bio == "" || p.ProfileSource != "x" || len(p.Relations) != 1 {
		t.Errorf("the closest: %+v", p)
	}
	f.check(f.store.SavePeople(t.Context(), f.move.ID, named))
	found := 0
	for _, p := range f.everybody() {
		if p.Bio != "" && p.ProfileSource == "x" && p.Handle.Source == "x" {
			found++
		}
	}
	if found != 224 || len(f.everybody()) != 250 {
		t.Errorf("%d of %d people have what X said", found, len(f.everybody()))
	}

	// Nobody is asked about twice in a month, also not those whom X does not know.
	people[7].Bio = "has one"
	if again, err := f.worker.AskX(t.Context(), people); err != nil || len(again) != 0 || sim.Count("GET /2/users") != 3 {
		t.Errorf("asked again: %d, %v, %d requests", len(again), err, sim.Count("GET /2/users"))
	}
	f.clock.set(f.clock.now().Add(31 * 24 * time.Hour))
	if again, err := f.worker.AskX(t.Context(), people[:30]); err != nil || len(again) == 0 {
		t.Errorf("after a month: %d, %v", len(again), err)
	}
}

func TestAskXOff(t *testing.T) {
	f, sim, people := newX(t, 1000, xsim.Options{})
	client := f.worker.X
	noToken, err := xapi.New(xapi.Options{API: sim.URL, ClientID: "id", ClientSecret: "secret"})
	f.check(err)
	for name, change := range map[string]func(){
		"not among the sources":       func() { f.worker.Sources = directory.Sources{directory.SourceWikidata: true} },
		"by itself":                   func() { f.worker.Sources = nil },
		"without a client":            func() { f.worker.X = nil },
		"with keys for signing in":    func() { f.worker.X = noToken },
		"with a budget of nobody":     func() { f.worker.XDaily = 0 },
		"with a budget below nothing": func() { f.worker.XDaily = -5 },
	} {
		f.worker.X, f.worker.XDaily, f.worker.Sources = client, 1000, directory.Sources{directory.SourceX: true}
		change()
		if named, err := f.worker.AskX(t.Context(), people); err != nil || len(named) != 0 {
			t.Errorf("%s: %d, %v", name, len(named), err)
		}
	}
	if n := sim.Count("GET /2/users"); n != 0 {
		t.Errorf("X was asked %d times", n)
	}
}

// The budget is one for all Moves, and new every day.
func TestAskXBudget(t *testing.T) {
	f, sim, people := newX(t, 130, xsim.Options{})
	named, err := f.worker.AskX(t.Context(), people)
	f.check(err)
	if len(named) != 117 || sim.Count("GET /2/users") != 2 { // 130 less every tenth
		t.Errorf("%d named in %d requests, want 117 in 2", len(named), sim.Count("GET /2/users"))
	}
	if named, err := f.worker.AskX(t.Context(), people); err != nil || len(named) != 0 {
		t.Errorf("once more on that day: %d, %v", len(named), err)
	}
	f.clock.set(f.clock.now().Add(24 * time.Hour))
	if named, err := f.worker.AskX(t.Context(), people); err != nil || len(named) != 108 {
		t.Errorf("the next day: %d, %v; want the other 120 less every tenth", len(named), err)
	}
}

// A limit comes with those who were named before it, and costs nothing.
func TestAskXLimit(t *testing.T) {
	f, sim, people := newX(t, 250, xsim.Options{PerWindow: 1})
	named, err := f.worker.AskX(t.Context(), people)
	var limited *xapi.RateLimitError
	if !errors.As(err, &limited) || limited.Wait <= 0 || limited.Wait > 15*time.Minute || len(named) != 90 {
		t.Fatalf("%d named, %v", len(named), err)
	}
	f.clock.set(f.clock.now().Add(limited.Wait))
	named, err = f.worker.AskX(t.Context(), people)
	if !errors.As(err, &limited) || len(named) != 90 {
		t.Errorf("after the wait %d named, %v", len(named), err)
	}
	f.clock.set(f.clock.now().Add(15 * time.Minute))
	if named, err = f.worker.AskX(t.Context(), people); err != nil || len(named) != 45 {
		t.Errorf("the last: %d named, %v", len(named), err)
	}
	sim.Fault(nil)
}

// What X may have answered and billed stays spent; what it refused does not.
func TestAskXFaults(t *testing.T) {
	f, sim, people := newX(t, 100, xsim.Options{})
	sim.Fault(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(402); return true })
	if _, err := f.worker.AskX(t.Context(), people); !errors.Is(err, model.ErrDenied) {
		t.Errorf("no credits: %v, want denied", err)
	}
	sim.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	if _, err := f.worker.AskX(t.Context(), people); err == nil {
		t.Error("a connection that is cut is no error")
	}
	sim.Fault(nil)
	if named, err := f.worker.AskX(t.Context(), people); err != nil || len(named) != 0 {
		t.Errorf("the day's budget is spent: %d, %v", len(named), err)
	}
}
