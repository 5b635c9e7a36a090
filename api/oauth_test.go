package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
)

// allow presses the button on the server's page and returns where the browser
// is sent.
func (b *browser) allow(authorizeURL, decision string) string {
	b.t.Helper()
	u, err := url.Parse(authorizeURL)
	if err != nil {
		b.t.Fatal(err)
	}
	form := u.Query()
	form.Set("username", "ada")
	form.Set("decision", decision)
	u.RawQuery = ""
	a := b.send(http.MethodPost, u.String(), strings.NewReader(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	return a.want(http.StatusFound).header.Get("Location")
}

func (b *browser) connect(move, server string) answer {
	b.t.Helper()
	return b.post("/api/v1/accounts/connect", map[string]any{"move": move, "server": server, "features": []string{"follow", "posts"}})
}

func (a answer) authorizeURL() string {
	a.t.Helper()
	return read[api.AuthorizeURL](a.want(200)).AuthorizeURL
}

func (a answer) location() string {
	a.t.Helper()
	return a.want(http.StatusSeeOther).header.Get("Location")
}

func TestConnectAndDisconnect(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	at := b.connect(move.ID, " @Ada@Tusk.Example ").authorizeURL()
	if !strings.HasPrefix(at, s.tusk.URL()) {
		t.Fatalf("the browser is sent to %s", at)
	}
	back := b.get(b.allow(at, "allow")).location()
	if back != "/m/"+move.ID+"/connect?connected=1" {
		t.Fatalf("back to %s", back)
	}
	accounts := read[api.Accounts](b.get("/api/v1/accounts")).Accounts
	if len(accounts) != 1 || accounts[0].Address != "ada@tusk.example" || accounts[0].Software != "mastodon" || len(accounts[0].Features) != 2 || len(accounts[0].Capability.Words) == 0 {
		t.Fatalf("accounts: %+v", accounts)
	}

	// Once more at the same server: the application is registered once.
	b.get(b.allow(b.connect(move.ID, "https://tusk.example/@ada").authorizeURL(), "allow")).location()
	if n := s.tusk.Count(fedisim.AppRegistered); n != 1 {
		t.Errorf("registered %d times", n)
	}
	b.do(http.MethodDelete, "/api/v1/accounts/"+accounts[0].ID, nil).want(http.StatusNoContent)
	if n := s.tusk.Count(fedisim.TokenRevoked); n != 1 {
		t.Errorf("%d tokens revoked", n)
	}
	if v := read[api.Accounts](b.get("/api/v1/accounts")); v.Accounts == nil || len(v.Accounts) != 0 {
		t.Errorf("after disconnecting: %+v", v)
	}
}

func TestSignInWithAccount(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	b.get(b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")).location()

	other := s.browser(t)
	at := other.post("/api/v1/session/sign-in", map[string]any{"server": "tusk.example"}).authorizeURL()
	before := other.cookie()
	if back := other.get(other.allow(at, "allow")).location(); back != "/" {
		t.Fatalf("back to %s", back)
	}
	other.get("/api/v1/moves/" + move.ID).want(200)
	if other.cookie() == before {
		t.Error("the session kept its token when it became somebody's")
	}
	if n := s.tusk.Count(fedisim.TokenRevoked); n != 1 {
		t.Errorf("the sign-in's token was revoked %d times", n)
	}
}

func TestSignInWithUnknownAccount(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	at := b.post("/api/v1/session/sign-in", map[string]any{"server": "tusk.example"}).authorizeURL()
	if back := b.get(b.allow(at, "allow")).location(); back != "/?error=no_account" {
		t.Errorf("back to %s", back)
	}
	b.get("/api/v1/moves").want(http.StatusUnauthorized)
}

func TestRefusedAtTheServer(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	if back := b.get(b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "deny")).location(); back != "/m/"+move.ID+"/connect?error=access_denied" {
		t.Errorf("back to %s", back)
	}
}

// A state works once, in the browser that it was made for, for its Owner.
func TestStateIsSingleUseAndBound(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	back := b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")
	if at := s.browser(t).get(back).location(); at != "/?error=state" {
		t.Errorf("in another browser: %s", at)
	}
	if at := b.get(back).location(); at != "/?error=state" {
		t.Errorf("a state that another browser has tried still works: %s", at)
	}
	back = b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")
	b.get(back).location()
	if at := b.get(back).location(); at != "/?error=state" {
		t.Errorf("a second time: %s", at)
	}
	if at := b.get("/oauth/callback/home.example?code=x&state=y").location(); at != "/?error=state" {
		t.Errorf("a state that nobody made: %s", at)
	}
	if n := len(read[api.Accounts](b.get("/api/v1/accounts")).Accounts); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

// A code that one server handed out for us is not redeemed in a sign-in that was
// begun at another (OAuth mix-up).
func TestMixedUpServers(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	back := b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")
	mixed := strings.Replace(back, "/oauth/callback/tusk.example?", "/oauth/callback/goose.example?", 1)
	if mixed == back {
		t.Fatalf("the callback names no host: %s", back)
	}
	if at := b.get(mixed).location(); at != "/?error=state" {
		t.Errorf("back from another server: %s", at)
	}
	if n := s.tusk.Count(fedisim.TokenIssued); n != 0 {
		t.Errorf("%d tokens were asked for", n)
	}
}

// A server that has forgotten our application is asked to register it again.
func TestForgottenApplication(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	back := b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")
	s.tusk.ForgetApps()
	if at := b.get(back).location(); at != "/m/"+move.ID+"/connect?error=invalid_client" {
		t.Errorf("back to %s", at)
	}
	b.get(b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")).location()
	s.tusk.ForgetApps() // noticed before the browser is sent there
	if at := b.get(b.allow(b.connect(move.ID, "tusk.example").authorizeURL(), "allow")).location(); !strings.HasSuffix(at, "connected=1") {
		t.Errorf("back to %s", at)
	}
	if n := s.tusk.Count(fedisim.AppRegistered); n != 3 {
		t.Errorf("registered %d times", n)
	}
}

func TestServersThatCannotBeConnected(t *testing.T) {
	s := newSite(t)
	s.sim.AddServer(fedisim.Config{Host: "down.example"}).SetDown(true)
	tests := []struct{ server, want string }{
		{"down.example", "down.example"},
		{"nothing.invalid", "server.example"},
		{"127.0.0.1", "server.example"},
		{"localhost", "server.example"},
		{"not a host", "server.example"},
		{"", ""},
	}
	b := s.browser(t)
	move := b.begin()
	for _, tt := range tests {
		a := b.connect(move.ID, tt.server)
		if a.status < 400 || a.status == 500 || a.status == 404 || !strings.Contains(a.detail(), tt.want) || strings.Count(a.detail(), ".") > 3 {
			t.Errorf("%q: got %d %s", tt.server, a.status, a.body)
		}
	}
}

func TestNamedAddress(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	of := furnish(t, b)
	path := "/api/v1/moves/" + of["move"] + "/people/" + of["person"] + "/matches"
	p := read[api.Person](b.post(path, map[string]any{"address": "https://tusk.example/@ada"}).want(200))
	var chosen []string
	for _, m := range p.Matches {
		if m.Chosen {
			chosen = append(chosen, m.Address)
		}
	}
	if len(p.Matches) != 2 || len(chosen) != 1 || chosen[0] != "ada@tusk.example" {
		t.Errorf("after naming an address: %+v", p.Matches)
	}
	for _, text := range []string{"nobody@tusk.example", "not an address", "ada@localhost"} {
		a := b.post(path, map[string]any{"address": text})
		if a.status != http.StatusUnprocessableEntity || a.detail() == "" {
			t.Errorf("%q: got %d %s", text, a.status, a.body)
		}
	}
}
