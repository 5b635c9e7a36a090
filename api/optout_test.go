package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// proves has the browser prove ada's account and returns where it ends.
func (b *browser) proves(route, server string) string {
	b.t.Helper()
	at := b.post("/api/v1/"+route, map[string]any{"server": server}).authorizeURL()
	return b.get(b.allow(at, "allow")).location()
}

func (b *browser) optOutDone() api.OptOut {
	b.t.Helper()
	return read[api.OptOut](b.get("/api/v1/opt-out").want(200))
}

// optedOut tells which of the addresses must not be found.
func (s *site) optedOut(t testing.TB, addresses ...string) string {
	t.Helper()
	var all []model.Address
	for _, a := range addresses {
		parsed, err := model.ParseAddress(a)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed)
	}
	out, err := s.Store.OptedOut(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, a := range all {
		if out[a.Key()] {
			list = append(list, a.String())
		}
	}
	return strings.Join(list, " ")
}

// Somebody who has nothing to do with this service proves an account and is not
// found any more, in no Move, whoever found it; and comes back the same way.
func TestOptOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.browser(t)
	of := furnish(t, owner)
	found := func(t testing.TB) int {
		t.Helper()
		matches, err := s.Store.Matches(t.Context(), of["person"])
		if err != nil {
			t.Fatal(err)
		}
		return len(matches)
	}
	ada := model.Address{User: "ada", Host: "tusk.example"}
	err := s.Store.SaveMatches(t.Context(), of["move"], of["person"], []match.Match{{Address: ada, Grade: match.Claimed, Profile: model.Profile{Address: ada, Existence: model.Exists}}})
	if err != nil || found(t) != 1 {
		t.Fatalf("%d matches, %v", found(t), err)
	}

	b := s.browser(t)
	if got := b.optOutDone(); got != (api.OptOut{}) {
		t.Errorf("before anything was done: %+v", got)
	}
	if back := b.proves("opt-out", "https://tusk.example/@ada"); back != "/opt-out" {
		t.Fatalf("back to %s", back)
	}
	if got := s.optedOut(t, "Ada@Tusk.example", "bob@tusk.example"); got != "Ada@tusk.example" {
		t.Errorf("opted out: %q", got)
	}
	if found(t) != 0 {
		t.Error("the match is still there")
	}
	if n := s.tusk.Count(fedisim.TokenRevoked); n != 1 {
		t.Errorf("%d tokens revoked", n)
	}
	if other := s.browser(t).optOutDone(); other != (api.OptOut{}) {
		t.Errorf("told to another browser: %+v", other)
	}
	if got := b.optOutDone(); got != (api.OptOut{Done: "out", Address: "ada@tusk.example", Returned: true}) {
		t.Errorf("told %+v", got)
	}
	if got := b.optOutDone(); got != (api.OptOut{}) {
		t.Errorf("told twice: %+v", got)
	}
	b.get("/api/v1/moves").want(http.StatusUnauthorized) // it made nobody an Owner

	if back := b.proves("opt-in", "tusk.example"); back != "/opt-out" {
		t.Fatalf("back to %s", back)
	}
	if got := s.optedOut(t, "ada@tusk.example"); got != "" {
		t.Errorf("still opted out: %q", got)
	}
	if got := b.optOutDone(); got.Done != "in" || !got.Returned {
		t.Errorf("told %+v", got)
	}

	// A server that keeps our access is no reason not to do it, but to say so.
	s.tusk.Fault(fedisim.Fault{Path: "/oauth/revoke", Kind: fedisim.ServerError})
	b.proves("opt-out", "tusk.example")
	if got := b.optOutDone(); got.Done != "out" || got.Returned {
		t.Errorf("told %+v", got)
	}
}

// On a server whose accounts have another host in their address both names count,
// on every kind of server that can prove an account.
func TestOptOutByBothNames(t *testing.T) {
	t.Parallel()
	for _, cfg := range []fedisim.Config{
		{Host: "social.split.example", AccountDomain: "split.example"},
		{Host: "social.meta.example", AccountDomain: "meta.example", HostMeta: true},
		{Host: "social.goose.example", AccountDomain: "goose.example", Software: "gotosocial"},
		{Host: "social.old.example", AccountDomain: "old.example", Version: "4.1.0"},
		{Host: "snac.example", Software: "snac"},
		{Host: "akkoma.example", Software: "akkoma"},
	} {
		t.Run(cfg.Host, func(t *testing.T) {
			t.Parallel()
			var v *fedisim.Server
			s := newSite(t)
			v = s.sim.AddServer(cfg)
			v.AddAccount(fedisim.Account{User: "ada", SignIn: true})
			s.Client = fediverse.New(fediverse.Options{Simulated: s.sim.Hosts(), Budget: fediverse.Free{}, Timeout: 5 * time.Second})
			s.Worker.Client = s.Client
			b := s.browser(t)
			if back := b.proves("opt-out", cfg.Host); back != "/opt-out" {
				t.Fatalf("back to %s", back)
			}
			want := "ada@" + cfg.Host
			names := []string{"ada@" + cfg.Host}
			if cfg.AccountDomain != "" {
				names = append(names, "ada@"+cfg.AccountDomain)
				want += " ada@" + cfg.AccountDomain
			}
			if got := s.optedOut(t, names...); got != want {
				t.Errorf("opted out: %q, want %q", got, want)
			}
			if got := b.optOutDone().Address; got != names[len(names)-1] {
				t.Errorf("told %s", got)
			}
			if n := v.Count(fedisim.TokenRevoked); n != 1 && cfg.Software != "snac" {
				t.Errorf("%d tokens revoked", n)
			}
		})
	}
}

func TestOptOutRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	at := b.post("/api/v1/opt-out", map[string]any{"server": "tusk.example"}).authorizeURL()
	if back := b.get(b.allow(at, "deny")).location(); back != "/opt-out?error=access_denied" {
		t.Errorf("said no: back to %s", back)
	}
	// A state works in the browser that began it, and for what it was begun.
	back := b.allow(b.post("/api/v1/opt-out", map[string]any{"server": "tusk.example"}).authorizeURL(), "allow")
	if at := s.browser(t).get(back).location(); at != "/?error=state" {
		t.Errorf("in another browser: back to %s", at)
	}
	if at := b.get(back).location(); at != "/?error=state" {
		t.Errorf("a second time: back to %s", at)
	}
	// Where WebFinger does not answer it is not known by which names to find the account.
	s.tusk.Fault(fedisim.Fault{Path: "/.well-known/webfinger", Kind: fedisim.ServerError, Times: -1})
	if back := b.proves("opt-out", "tusk.example"); back != "/opt-out?error=server" {
		t.Errorf("without WebFinger: back to %s", back)
	}
	if got := s.optedOut(t, "ada@tusk.example"); got != "" {
		t.Errorf("opted out all the same: %q", got)
	}
	if n := s.tusk.Count(fedisim.TokenRevoked); n != 1 {
		t.Errorf("%d tokens revoked", n)
	}
	if b.optOutDone() != (api.OptOut{}) {
		t.Error("told that it was done")
	}
	for _, server := range []string{"", "not a host", "127.0.0.1", "localhost"} {
		if a := b.post("/api/v1/opt-out", map[string]any{"server": server}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: got %d", server, a.status)
		}
	}
}

// It is bounded like signing in.
func TestOptOutTooOften(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.post("/api/v1/opt-out", map[string]any{"server": "tusk.example"}).want(200) // now it has a session
	for range 60 {
		a := b.post("/api/v1/opt-in", map[string]any{"server": "tusk.example"})
		if a.status == http.StatusTooManyRequests {
			return
		}
		a.want(200)
	}
	t.Error("never too often")
}

// What a search writes at this moment does not outlive the opt-out: the source is
// asked for nobody who opted out.
func TestOptOutIsRemembered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.tusk.AddAccount(fedisim.Account{User: "bob", Note: "https://twitter.com/bob", Discoverable: true})
	s.tusk.Change("ada", func(a *fedisim.Account) { a.Note, a.Discoverable = "https://twitter.com/ada", true })
	s.Worker.Contact = "test@skein.example"
	if err := s.Store.ReplaceServers(t.Context(), directory.SourceServers, []model.Server{{Host: "tusk.example"}}); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	b.proves("opt-out", "tusk.example")
	if err := s.Worker.CrawlDirectories(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := s.Store.DirectoryAccounts(t.Context(), []string{"ada", "bob"})
	if err != nil || len(found["ada"]) != 0 || len(found["bob"]) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
}

// What the sources gave is measured, without a name of anybody.
func TestSourceMetrics(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.tusk.AddAccount(fedisim.Account{User: "bob", Note: "https://twitter.com/bob", Discoverable: true})
	s.Worker.Contact = "test@skein.example"
	if err := s.Store.ReplaceServers(t.Context(), directory.SourceServers, []model.Server{{Host: "tusk.example"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Worker.CrawlDirectories(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := s.browser(t).get("/metrics").want(200).body
	for _, want := range []string{
		`skein_source_requests_total{source="directory"} 2`, `skein_source_finds_total{source="directory"} 1`, `skein_source_failures_total{source="directory"} 0`,
		`skein_source_rows{source="directory"} 1`, `skein_source_rows{source="wikidata"} 0`, `skein_directory_servers{state="read"} 1`, `skein_directory_servers{state="resting"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(text, "tusk") || strings.Contains(text, "bob") {
		t.Error("metrics name somebody")
	}
}
