package jobs_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// jsonServer answers one path with a text, whatever is asked.
type jsonServer struct {
	addr string
	n    atomic.Int32
}

func (s *jsonServer) asked() int { return int(s.n.Load()) }

func serveJSON(t testing.TB, path, text string) *jsonServer {
	t.Helper()
	s := &jsonServer{}
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		s.n.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.addr = strings.TrimPrefix(server.URL, "http://")
	return s
}

// brought adds people whose bios name these addresses, by handle.
func (f *fixture) brought(addresses map[string]string) {
	f.t.Helper()
	id := 100
	for _, handle := range slices.Sorted(maps.Keys(addresses)) {
		f.named(fmt.Sprint(id), handle, addresses[handle])
		id++
	}
}

// Whatever servers answer, a search comes to its end, asks no host more than it
// must, and shows what is known: only who is there is chosen.
func TestFindAmongHostileServers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	kinds := []string{
		fedisim.Endless, fedisim.SlowBody, fedisim.Latency, fedisim.Malformed, fedisim.WrongAnswer, fedisim.ServerError, fedisim.CutBefore,
		fedisim.LostAnswer, fedisim.TooMuch,
	}
	names := map[string]string{"good": "good@away.example"}
	f.sim.Server("away.example").AddAccount(fedisim.Account{User: "good"})
	for i, kind := range kinds { // as WebFinger answers, and as the profile does
		finger := f.sim.AddServer(fedisim.Config{Host: fmt.Sprintf("finger%d.example", i), NoLimits: true})
		finger.AddAccount(fedisim.Account{User: "ada"})
		finger.Fault(fedisim.Fault{Path: "/.well-known/*", Kind: kind, Times: -1, Delay: time.Hour})
		profile := f.sim.AddServer(fedisim.Config{Host: fmt.Sprintf("profile%d.example", i), NoLimits: true})
		profile.AddAccount(fedisim.Account{User: "ada"})
		for _, path := range []string{"/api/v1/accounts/lookup", "/users/*"} {
			profile.Fault(fedisim.Fault{Path: path, Kind: kind, Times: -1, Delay: time.Hour})
		}
		names[fmt.Sprintf("finger%d", i)] = "ada@" + finger.Host()
		names[fmt.Sprintf("profile%d", i)] = "ada@" + profile.Host()
	}
	f.brought(names)
	f.worker.Client = fediverse.New(fediverse.Options{
		Simulated: f.sim.Hosts(), Budget: fediverse.Free{}, Now: f.clock.now, Timeout: 2 * time.Second,
	})
	f.done(f.start(jobs.KindFind, nil).ID)
	found := f.found()
	for handle, address := range names {
		m, ok := found[handle+" "+address]
		wantChosen := handle == "good"
		if !ok || m.Chosen() && !wantChosen && m.Profile.Existence != model.Exists || wantChosen && !m.Chosen() {
			t.Errorf("%s: found %t, %v, existence %q, chosen %t", handle, ok, m.Grade, m.Profile.Existence, m.Chosen())
		}
		if strings.HasPrefix(handle, "finger") && (m.Profile.Existence != model.Unknown || m.Chosen()) {
			t.Errorf("%s: existence %q, chosen %t; want it unknown", handle, m.Profile.Existence, m.Chosen())
		}
	}
	for i, kind := range kinds {
		host := fmt.Sprintf("finger%d.example", i)
		most := 2
		if kind == fedisim.TooMuch { // who asks to wait is waited for, three times
			most = 4
		}
		if n := f.sim.Requests()[host+" GET /.well-known/webfinger"]; n > most {
			t.Errorf("%s was asked %d times", kind, n)
		}
	}
}

// Names of other accounts, moves in a circle and writing that turns around are
// shown as what they are and never chosen.
func TestFindAmongImpostors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	away := f.sim.Server("away.example")
	const turned = "Ada\u202e moc.elpmaxe\u2069 \u0007✓"
	for _, a := range []fedisim.Account{
		{User: "other", Subject: "acct:fan@away.example"},
		{User: "elsewhere", Subject: "acct:alex@home.example"},
		{User: "nobody", Subject: "not an account"},
		{User: "one", MovedTo: "two@away.example"}, {User: "two", MovedTo: "one@away.example"},
		{User: "self", MovedTo: "self@away.example"},
		{User: "chain0", MovedTo: "chain1@away.example"}, {User: "chain1", MovedTo: "chain2@away.example"}, {User: "chain2", MovedTo: "chain3@away.example"},
		{User: "chain3", MovedTo: "chain4@away.example"}, {User: "chain4", MovedTo: "chain5@away.example"}, {User: "chain5"},
		{User: "turned", DisplayName: turned, Note: turned, Fields: []fedisim.Field{{Name: turned, Value: turned}}},
	} {
		away.AddAccount(a)
	}
	closed := f.sim.AddServer(fedisim.Config{Host: "closed.example", APINeedsToken: true, NoLimits: true}) // tells moves by the actor alone
	closed.AddAccount(fedisim.Account{User: "round", MovedTo: "trip@closed.example"})
	closed.AddAccount(fedisim.Account{User: "trip", MovedTo: "round@closed.example"})
	f.reach()
	f.brought(map[string]string{
		"other": "other@away.example", "elsewhere": "elsewhere@away.example", "nobody": "nobody@away.example", "one": "one@away.example",
		"self": "self@away.example", "chain": "chain0@away.example", "turned": "turned@away.example", "round": "round@closed.example",
	})
	f.done(f.start(jobs.KindFind, nil).ID)
	found := f.found()
	for _, key := range []string{"other other@away.example", "elsewhere elsewhere@away.example", "nobody nobody@away.example"} {
		if m, ok := found[key]; !ok || m.Chosen() || m.Profile.Existence != model.Unknown {
			t.Errorf("%s: found %t, existence %q, chosen %t", key, ok, m.Profile.Existence, m.Chosen())
		}
	}
	if m := found["round round@closed.example"]; m.Chosen() || !m.Has(match.Lost) {
		t.Errorf("moved in a circle: chosen %t, marks %v", m.Chosen(), m.Marks)
	}
	for key, m := range found {
		if strings.ContainsAny(m.Profile.DisplayName+m.Profile.Note+fmt.Sprint(m.Profile.Fields), "\u202e\u2069\u0007") {
			t.Errorf("%s: the profile turns around: %q", key, m.Profile.DisplayName)
		}
		if m.Address.Host != "away.example" && m.Address.Host != "closed.example" {
			t.Errorf("%s: at another host: %s", key, m.Address)
		}
	}
	if n := away.Requests()["GET /.well-known/webfinger"]; n > 40 {
		t.Errorf("asked WebFinger %d times", n)
	}
}
