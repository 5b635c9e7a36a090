package fedisim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
)

const callback = "http://localhost:8080/oauth/callback"

// register makes an app and returns the form of a token request but for code.
func register(t testing.TB, v *fedisim.Server, scopes string) url.Values {
	t.Helper()
	got := stranger(t, v).post("/api/v1/apps", form("client_name", "Skein", "redirect_uris", callback, "scopes", scopes))
	wantCode(t, "register", got, 200)
	return form("client_id", got.text(t, "client_id"), "client_secret", got.text(t, "client_secret"), "redirect_uri", callback, "grant_type", "authorization_code")
}

// allow presses the button of ada's on the authorize page and returns the
// query that the browser comes back with.
func allow(t testing.TB, v *fedisim.Server, app url.Values, more ...string) url.Values {
	t.Helper()
	ask := form("response_type", "code", "client_id", app.Get("client_id"), "redirect_uri", callback, "state", "s&1")
	for name, values := range form(more...) {
		ask[name] = values
	}
	u := stranger(t, v)
	if page := u.get("/oauth/authorize?" + ask.Encode()); page.code != 200 || !strings.Contains(page.body, "Allow as ada (@ada)") {
		t.Fatalf("page: %d %s", page.code, page.body)
	}
	ask.Set("username", "ada")
	ask.Set("decision", "allow")
	back := u.post("/oauth/authorize", ask)
	to, err := url.Parse(back.header.Get("Location"))
	if err != nil || !strings.HasPrefix(to.String(), callback) || to.Query().Get("state") != "s&1" {
		t.Fatalf("sent to %v, %v (%d)", to, err, back.code)
	}
	return to.Query()
}

func with(f url.Values, pairs ...string) url.Values {
	out := form(pairs...)
	for name, values := range f {
		if !out.Has(name) {
			out[name] = values
		}
	}
	return out
}

func TestOAuth(t *testing.T) {
	sum := sha256.Sum256([]byte("verifier"))
	pkce := []string{"scope", "read write:statuses", "code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"}
	tests := []struct {
		software, version string
		wrongVerifier     int
	}{{"mastodon", "4.3.0", 400}, {"mastodon", "4.2.0", 200}, {"gotosocial", "", 200}, {"pleroma", "", 200}}
	for _, tt := range tests {
		t.Run(tt.software+tt.version, func(t *testing.T) {
			_, v := alone(t, tt.software, func(c *fedisim.Config) { c.Version = tt.version })
			u, app := stranger(t, v), register(t, v, "read write")
			code := allow(t, v, app, pkce...).Get("code")
			wantCode(t, "wrong verifier", u.post("/oauth/token", with(app, "code", code, "code_verifier", "wrong")), tt.wrongVerifier)
			code = allow(t, v, app, pkce...).Get("code")
			got := u.post("/oauth/token", with(app, "code", code, "code_verifier", "verifier"))
			wantCode(t, "token", got, 200)
			if scope := got.text(t, "scope"); scope != "read write:statuses" {
				t.Errorf("scope %q", scope)
			}
			wantCode(t, "code twice", u.post("/oauth/token", with(app, "code", code, "code_verifier", "verifier")), 400)
			me := user{t, v, got.text(t, "access_token")}
			if self := me.get("/api/v1/accounts/verify_credentials"); self.text(t, "username") != "ada" {
				t.Errorf("self %d %s", self.code, self.body)
			}
			for range 2 { // again is as good
				wantCode(t, "revoke", u.post("/oauth/revoke", with(app, "token", me.token)), 200)
			}
			wantCode(t, "after that", me.get("/api/v1/accounts/verify_credentials"), 401)
			if v.Count(fedisim.TokenRevoked) != 1 {
				t.Errorf("effects %v", v.Effects())
			}
		})
	}
}

func TestOAuthRefused(t *testing.T) {
	_, v := alone(t, "mastodon")
	u, app := stranger(t, v), register(t, v, "read")
	ask := form("response_type", "code", "client_id", app.Get("client_id"), "redirect_uri", callback, "state", "s")
	back := func(f url.Values) string { return u.get("/oauth/authorize?" + f.Encode()).header.Get("Location") }
	if to := back(with(ask, "scope", "write")); to != callback+"?error=invalid_scope&state=s" {
		t.Errorf("wider scope: %s", to)
	}
	wantCode(t, "unknown app", u.get("/oauth/authorize?"+with(ask, "client_id", "x").Encode()), 401)
	wantCode(t, "foreign redirect", u.get("/oauth/authorize?"+with(ask, "redirect_uri", "http://evil.example/").Encode()), 400)
	denied := u.post("/oauth/authorize", with(ask, "decision", "deny")).header.Get("Location")
	if !strings.Contains(denied, "error=access_denied") || !strings.Contains(denied, "state=s") {
		t.Errorf("denied: %s", denied)
	}
	wantCode(t, "unknown scope", u.post("/api/v1/apps", form("client_name", "x", "redirect_uris", callback, "scopes", "everything")), 422)
	v.ForgetApps()
	got := u.post("/oauth/token", with(app, "code", "x"))
	if got.code != 401 || got.text(t, "error") != "invalid_client" {
		t.Errorf("forgotten app: %d %s", got.code, got.body)
	}

	_, gts := alone(t, "gotosocial")
	u, app = stranger(t, gts), register(t, gts, "read everything")
	ask.Set("client_id", app.Get("client_id"))
	if to := back(with(ask, "redirect_uri", "http://evil.example/")); to != "http://evil.example/?error=server_error" {
		t.Errorf("foreign redirect on GoToSocial: %s", to)
	}
	wantCode(t, "JSON", u.get("/oauth/authorize?"+ask.Encode(), "Accept", "application/json"), 406)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(app.Get("client_id")+":"+app.Get("client_secret")))
	wantCode(t, "secret not in the body", u.post("/oauth/token", form("grant_type", "client_credentials", "redirect_uri", callback), "Authorization", basic), 400)
	if got := u.post("/oauth/token", with(app, "code", "x")).text(t, "error"); got != "sql: no rows in result set" {
		t.Errorf("bad code: %q", got)
	}
	wantCode(t, "password grant", u.post("/oauth/token", with(app, "grant_type", "password")), 400)
}

// snac gives a token for any code; only its use shows that it is worth nothing.
func TestOAuthOfSnac(t *testing.T) {
	_, v := alone(t, "snac")
	u, app := stranger(t, v), register(t, v, "read")
	got := u.post("/oauth/token", with(app, "code", "garbage"))
	wantCode(t, "garbage", got, 200)
	self := user{t, v, got.text(t, "access_token")}.get("/api/v1/accounts/verify_credentials")
	if self.code != 422 || self.body != "" {
		t.Errorf("self: %d %q; want 422 and nothing", self.code, self.body)
	}
	back := u.post("/oauth/x-snac-login", form("login", "ada", "cid", app.Get("client_id"), "redir", callback, "state", "s"))
	to, _ := url.Parse(back.header.Get("Location"))
	if back.code != 303 || to.Query().Get("code") == "" {
		t.Fatalf("login: %d %v", back.code, to)
	}
	good := u.post("/oauth/token", with(app, "code", to.Query().Get("code"))).text(t, "access_token")
	wantCode(t, "good token", user{t, v, good}.get("/api/v1/accounts/verify_credentials"), 200)
}

func TestPassword(t *testing.T) {
	_, v := alone(t, "mastodon")
	v.AddAccount(fedisim.Account{User: "eve", Email: "eve@mail.example", Password: "secret"})
	app := register(t, v, "read")
	ask := form("response_type", "code", "client_id", app.Get("client_id"), "redirect_uri", callback, "username", "eve@mail.example", "decision", "allow")
	wantCode(t, "wrong", stranger(t, v).post("/oauth/authorize", with(ask, "password", "guess")), 403)
	wantCode(t, "right", stranger(t, v).post("/oauth/authorize", with(ask, "password", "secret")), 302)
}

func TestPagesEscape(t *testing.T) {
	_, v := alone(t, "mastodon")
	v.AddAccount(fedisim.Account{User: "eve", DisplayName: "<script>x</script>", Note: `"><img src=x>`})
	id := as(t, v, "eve").post("/api/v1/statuses", form("status", "<b>bold</b>\nnext")).text(t, "id")
	for _, path := range []string{"/@eve", "/@eve/" + id, "/"} {
		got := stranger(t, v).get(path)
		wantCode(t, path, got, 200)
		if strings.Contains(got.body, "<script>x") || strings.Contains(got.body, "<img src=x") || strings.Contains(got.body, "<b>bold") {
			t.Errorf("%s is not escaped: %s", path, got.body)
		}
	}
	content := as(t, v, "eve").get("/api/v1/statuses/"+id).text(t, "content")
	if content != "<p>&lt;b&gt;bold&lt;/b&gt;<br />next</p>" {
		t.Errorf("content %s", content)
	}
}
