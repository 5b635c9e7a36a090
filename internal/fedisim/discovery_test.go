package fedisim_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
)

func TestWebFinger(t *testing.T) {
	tests := []struct {
		name, software, resource string
		code                     int
		subject                  string
	}{
		{"own", "mastodon", "acct:Ada@one.example", 200, "acct:ada@one.example"},
		{"by URL", "mastodon", "https://one.example/@ada", 200, "acct:ada@one.example"},
		{"unknown", "mastodon", "acct:zed@one.example", 404, ""},
		{"gone", "mastodon", "acct:old@one.example", 410, ""},
		{"another domain", "mastodon", "acct:ada@two.example", 404, ""},
		{"another domain", "gotosocial", "acct:ada@two.example", 400, ""},
		{"nothing", "mastodon", "", 400, ""},
		{"wrong subject", "mastodon", "acct:odd@one.example", 200, "acct:ada@two.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.software, func(t *testing.T) {
			_, v := alone(t, tt.software)
			v.AddAccount(fedisim.Account{User: "old", Gone: true})
			v.AddAccount(fedisim.Account{User: "odd", Subject: "acct:ada@two.example"})
			got := stranger(t, v).get("/.well-known/webfinger?resource="+tt.resource, "Host", "one.example")
			wantCode(t, "webfinger", got, tt.code)
			if tt.code != 200 {
				return
			}
			if got.text(t, "subject") != tt.subject || !strings.HasPrefix(got.header.Get("Content-Type"), "application/jrd+json") {
				t.Errorf("%s %s", got.header.Get("Content-Type"), got.body)
			}
		})
	}
}

func TestSplitDomain(t *testing.T) {
	for _, meta := range []bool{true, false} {
		s := newSim(t)
		v := s.AddServer(fedisim.Config{Host: "social.uni.example", AccountDomain: "uni.example", HostMeta: meta})
		v.AddAccount(fedisim.Account{User: "ada"})
		front := stranger(t, s.Server("uni.example"))
		finger := front.get("/.well-known/webfinger?resource=acct:ada@uni.example")
		if want := map[bool]int{true: 404, false: 301}[meta]; finger.code != want {
			t.Errorf("webfinger of the domain: %d; want %d", finger.code, want)
		}
		if to := finger.header.Get("Location"); !meta && to != "https://social.uni.example/.well-known/webfinger?resource=acct:ada@uni.example" {
			t.Errorf("redirect to %s", to)
		}
		if doc := front.get("/.well-known/host-meta"); !strings.Contains(doc.body, "https://social.uni.example/.well-known/webfinger?resource={uri}") {
			t.Errorf("host-meta %s", doc.body)
		}
		got := stranger(t, v).get("/.well-known/webfinger?resource=acct:ada@uni.example")
		if got.text(t, "subject") != "acct:ada@uni.example" {
			t.Errorf("webfinger %s", got.body)
		}
	}
}

func TestHostHeader(t *testing.T) {
	_, v := alone(t, "mastodon")
	wantCode(t, "another's name", stranger(t, v).get("/.well-known/nodeinfo", "Host", "two.example"), 421)
}

func TestNodeInfoAndInstance(t *testing.T) {
	tests := []struct {
		software, version string
		v21, v2, rfc8414  int
		shown             string
	}{
		{"mastodon", "4.5.3", 404, 200, 200, "4.5.3"},
		{"mastodon", "4.2.21", 404, 200, 404, "4.2.21"},
		{"mastodon", "3.5.0", 404, 404, 404, "3.5.0"},
		{"gotosocial", "0.20.3", 200, 200, 404, "0.20.3"},
		{"pleroma", "2.9.1", 200, 200, 404, "2.7.2 (compatible; Pleroma 2.9.1)"},
		{"snac", "2.94", 404, 404, 404, "4.0.0 (not true; really snac/2.94)"},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.version, func(t *testing.T) {
			_, v := alone(t, tt.software, func(c *fedisim.Config) { c.Version, c.Users, c.ActiveMonth = tt.version, 100, 7 })
			u := stranger(t, v)
			info := u.get("/nodeinfo/2.0").object(t)
			software := info["software"].(map[string]any)
			users := info["usage"].(map[string]any)["users"].(map[string]any)
			if software["name"] != tt.software || software["version"] != tt.version || users["total"] != 102.0 || users["activeMonth"] != 7.0 {
				t.Errorf("nodeinfo %v", info)
			}
			wantCode(t, "2.1", u.get("/nodeinfo/2.1"), tt.v21)
			wantCode(t, "v2", u.get("/api/v2/instance"), tt.v2)
			wantCode(t, "metadata", u.get("/.well-known/oauth-authorization-server"), tt.rfc8414)
			if got := u.get("/api/v1/instance").text(t, "version"); got != tt.shown {
				t.Errorf("version %q; want %q", got, tt.shown)
			}
		})
	}
}

func TestActor(t *testing.T) {
	const accept = "application/activity+json"
	_, v := alone(t, "mastodon")
	v.AddAccount(fedisim.Account{User: "eve", Note: "I was @eve_x on Twitter", Fields: []fedisim.Field{{Name: "X", Value: "https://x.com/eve_x"}}, MovedTo: "ada@one.example"})
	got := stranger(t, v).get("/users/eve", "Accept", accept).object(t)
	field := got["attachment"].([]any)[0].(map[string]any)
	if got["movedTo"] != "https://one.example/users/ada" || !strings.Contains(field["value"].(string), `href="https://x.com/eve_x"`) {
		t.Errorf("actor %v", got)
	}
	if page := stranger(t, v).get("/users/eve", "Accept", "text/html"); page.code != 302 || page.header.Get("Location") != "/@eve" {
		t.Errorf("for a browser: %d %v", page.code, page.header)
	}
	_, secure := alone(t, "gotosocial")
	wantCode(t, "unsigned", stranger(t, secure).get("/users/ada", "Accept", accept), 401)
}

func TestLookup(t *testing.T) {
	tests := []struct {
		software string
		code     int
	}{{"mastodon", 200}, {"pleroma", 200}, {"snac", 200}, {"gotosocial", 401}, {"pixelfed", 401}}
	for _, tt := range tests {
		t.Run(tt.software, func(t *testing.T) {
			_, v, _ := pair(t, tt.software)
			wantCode(t, "stranger", stranger(t, v).get("/api/v1/accounts/lookup?acct=ada"), tt.code)
			wantCode(t, "never met", as(t, v, "ada").get("/api/v1/accounts/lookup?acct=bob@far.example"), 404)
		})
	}
}

func TestSearch(t *testing.T) {
	tests := []struct {
		software, q string
		found       int
	}{
		{"mastodon", "@bob@far.example", 1},
		{"mastodon", "bob@far.example", 1},
		{"mastodon", "https://far.example/@bob", 1},
		{"gotosocial", "@bob@far.example", 1},
		{"gotosocial", "bob@far.example", 0},
		{"gotosocial", "acct:bob@far.example", 0},
		{"gotosocial", "https://far.example/users/bob", 1},
		{"snac", "bob@far.example", 1},
		{"mastodon", "@zed@far.example", 0},
		{"mastodon", "@bob@nowhere.example", 0},
		{"mastodon", "@bob@down.example", 0},
		{"mastodon", "@bob@blocked.example", 0},
		{"mastodon", "@bob@blocking.example", 0},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.q, func(t *testing.T) {
			s := newSim(t)
			v := s.AddServer(fedisim.Config{Host: "one.example", Software: tt.software, Blocks: []fedisim.Block{{Domain: "blocked.example"}}})
			v.AddAccount(fedisim.Account{User: "ada"})
			for _, cfg := range []fedisim.Config{{Host: "far.example"}, {Host: "down.example", Down: true}, {Host: "blocked.example"},
				{Host: "blocking.example", Blocks: []fedisim.Block{{Domain: "one.example"}}}} {
				s.AddServer(cfg).AddAccount(fedisim.Account{User: "bob"})
			}
			got := as(t, v, "ada").get("/api/v2/search?resolve=true&q=" + tt.q).object(t)
			if n := len(got["accounts"].([]any)); n != tt.found {
				t.Errorf("%d found; want %d", n, tt.found)
			}
			if got := as(t, v, "ada").get("/api/v2/search?q=" + tt.q).object(t); len(got["accounts"].([]any)) > tt.found {
				t.Errorf("found without resolve: %v", got)
			}
		})
	}
	_, v := alone(t, "mastodon")
	wantCode(t, "resolve for a stranger", stranger(t, v).get("/api/v2/search?q=x&resolve=true"), 401)
	wantCode(t, "by name for a stranger", stranger(t, v).get("/api/v2/search?q=ad"), 200)
}

func TestDomainBlocks(t *testing.T) {
	blocks := []fedisim.Block{{Domain: "badserver.example", Comment: "spam", Obscured: true}}
	tests := []struct {
		show          string
		nobody, knows int
	}{{"", 404, 404}, {"users", 404, 200}, {"all", 200, 200}}
	for _, tt := range tests {
		_, v := alone(t, "mastodon", func(c *fedisim.Config) { c.Blocks, c.ShowBlocks = blocks, tt.show })
		wantCode(t, "stranger, "+tt.show, stranger(t, v).get("/api/v1/instance/domain_blocks"), tt.nobody)
		got := as(t, v, "ada").get("/api/v1/instance/domain_blocks")
		wantCode(t, "user, "+tt.show, got, tt.knows)
		if tt.knows != 200 {
			continue
		}
		sum := sha256.Sum256([]byte("badserver.example"))
		b := got.list(t)[0]
		if b["digest"] != hex.EncodeToString(sum[:]) || b["domain"] != "badse********mple" && !strings.Contains(b["domain"].(string), "*") {
			t.Errorf("block %v", b)
		}
	}
}

func TestDirectory(t *testing.T) {
	s, v := alone(t, "mastodon")
	for _, a := range []fedisim.Account{
		{User: "old", Discoverable: true, Joined: noon.AddDate(-5, 0, 0)}, {User: "new", Discoverable: true, Joined: noon.AddDate(0, -1, 0), LastStatusAt: noon.AddDate(0, -1, 0)},
		{User: "active", Discoverable: true, Joined: noon.AddDate(-2, 0, 0), LastStatusAt: noon},
		{User: "moved", Discoverable: true, MovedTo: "x@y.example"}, {User: "barred", Discoverable: true, Suspended: true},
		{User: "limited", Discoverable: true, Silenced: true}, {User: "gone", Discoverable: true, Gone: true}, {User: "private"},
	} {
		v.AddAccount(a)
	}
	s.AddServer(fedisim.Config{Host: "far.example"}).AddAccount(fedisim.Account{User: "remote", Discoverable: true})
	as(t, v, "ada").id("remote@far.example") // now the server knows it
	names := func(query string) string {
		var all []string
		for _, e := range stranger(t, v).get("/api/v1/directory?" + query).list(t) {
			all = append(all, e["username"].(string))
		}
		return strings.Join(all, " ")
	}
	// Ids grow: an account that was added later has a later one, whenever it joined.
	for query, want := range map[string]string{
		"local=true&order=new": "active new old", "local=true": "active new old", "order=new": "remote active new old", "local=true&order=new&limit=2": "active new",
		"local=true&order=new&limit=2&offset=1": "new old", "local=true&order=new&offset=3": "", "local=true&order=new&offset=-1": "active new old",
	} {
		if got := names(query); got != want {
			t.Errorf("directory?%s: %s; want %s", query, got, want)
		}
	}
	v.Change("new", func(a *fedisim.Account) { a.Discoverable = false })
	v.AddAccount(fedisim.Account{User: "latest", Discoverable: true, Joined: noon})
	if got := names("local=true&order=new"); got != "latest active old" {
		t.Errorf("after one withdrew and one came: %s", got)
	}
	_, closed := alone(t, "mastodon", func(c *fedisim.Config) { c.APINeedsToken = true })
	wantCode(t, "closed to strangers", stranger(t, closed).get("/api/v1/directory"), 401)
	_, off := alone(t, "mastodon", func(c *fedisim.Config) { c.DirectoryOff = true })
	wantCode(t, "switched off", stranger(t, off).get("/api/v1/directory"), 404)
	_, gts := alone(t, "gotosocial")
	wantCode(t, "GoToSocial has none", stranger(t, gts).get("/api/v1/directory"), 404)
}

// What an account says of being listed and searched, as each version shows it.
func TestWishesOfAccounts(t *testing.T) {
	for _, version := range []string{"4.5.3", "4.1.0"} {
		_, v := alone(t, "mastodon", func(c *fedisim.Config) { c.Version = version })
		v.AddAccount(fedisim.Account{User: "open", Discoverable: true})
		v.AddAccount(fedisim.Account{User: "noindex", Discoverable: true, NoIndex: true})
		v.AddAccount(fedisim.Account{User: "unsearched", Discoverable: true, NotIndexable: true})
		for user, want := range map[string][2]any{"open": {nil, true}, "noindex": {true, false}, "unsearched": {nil, false}} {
			if version < "4.2" {
				want[1] = nil // indexable came with 4.2
			}
			e := stranger(t, v).get("/api/v1/accounts/lookup?acct=" + user).object(t)
			if e["noindex"] != want[0] || e["indexable"] != want[1] || e["discoverable"] != true {
				t.Errorf("%s, %s: noindex %v, indexable %v", version, user, e["noindex"], e["indexable"])
			}
		}
	}
}

func TestManyAccounts(t *testing.T) {
	_, v := alone(t, "mastodon")
	v.AddAccount(fedisim.Account{User: "barred", Suspended: true})
	v.AddAccount(fedisim.Account{User: "gone"})
	u := as(t, v, "ada")
	query := "/api/v1/accounts?id[]=" + u.id("bob@one.example") + "&id[]=" + u.id("barred@one.example") + "&id[]=" + u.id("gone@one.example") + "&id[]=4711"
	v.Change("gone", func(a *fedisim.Account) { a.Gone = true })
	got := stranger(t, v).get(query).list(t)
	if len(got) != 2 || got[0]["username"] != "bob" || got[1]["suspended"] != true {
		t.Errorf("accounts %v", got)
	}
	_, before := alone(t, "mastodon", func(c *fedisim.Config) { c.Version = "4.2.10" })
	wantCode(t, "before 4.3", stranger(t, before).get("/api/v1/accounts?id[]=1"), 404)
}

func TestDown(t *testing.T) {
	_, v := alone(t, "mastodon")
	v.SetDown(true)
	if got := stranger(t, v).get("/"); got.err == nil {
		t.Errorf("down, but answers %d", got.code)
	}
	v.SetDown(false)
	wantCode(t, "up again", stranger(t, v).get("/"), 200)
}

func TestServerListAndSPARQL(t *testing.T) {
	s := newSim(t)
	list := s.AddServerList("api.list.example", []fedisim.ListEntry{{Domain: "a.example", Languages: []string{"de"}, Language: "de"}, {Domain: "b.example", Languages: []string{"en"}}})
	if got := stranger(t, list).get("/servers?language=de").list(t); len(got) != 1 || got[0]["domain"] != "a.example" {
		t.Errorf("servers %v", got)
	}
	query := s.AddSPARQL("query.example", []byte(`{"head":{}}`))
	wantCode(t, "no name", stranger(t, query).get("/sparql?query=x"), 403)
	wantCode(t, "query", stranger(t, query).get("/sparql?query=x", "User-Agent", "test (me@example.org)"), 200)
}
