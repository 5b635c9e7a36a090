package fediverse_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

const registered = `{"client_id":"id","client_secret":"sec"}`

const described = `{"issuer":"https://s.example/","authorization_endpoint":"https://s.example/o/authorize","token_endpoint":"https://s.example/o/token",
	"app_registration_endpoint":"https://s.example/o/apps","revocation_endpoint":"https://s.example/o/revoke",
	"scopes_supported":["read","profile"],"code_challenge_methods_supported":["S256"]}`

func TestRegister(t *testing.T) {
	all := fediverse.Scopes(fediverse.FeatureSignIn)
	tests := []struct {
		name, description string
		code              int
		want              fediverse.App
		problem           string
	}{
		{"described", described, 200, fediverse.App{
			AuthorizeURL: "https://s.example/o/authorize", TokenURL: "https://s.example/o/token", RevokeURL: "https://s.example/o/revoke",
			PKCE: true, Scopes: []string{"profile"},
		}, ""},
		{"not described", "<html>", 404, fediverse.App{
			AuthorizeURL: "https://s.example/oauth/authorize", TokenURL: "https://s.example/oauth/token", RevokeURL: "https://s.example/oauth/revoke",
			Scopes: []string{"read:accounts"},
		}, ""},
		{"a page about something else", "{}", 200, fediverse.App{
			AuthorizeURL: "https://s.example/oauth/authorize", TokenURL: "https://s.example/oauth/token", RevokeURL: "https://s.example/oauth/revoke",
			Scopes: []string{"read:accounts"},
		}, ""},
		{"another issuer", strings.Replace(described, "https://s.example/\"", "https://evil.example\"", 1), 200, fediverse.App{}, "another server's"},
		{"a plain issuer", strings.Replace(described, "https://s.example/\"", "http://s.example\"", 1), 200, fediverse.App{}, "another server's"},
		{"the token elsewhere", strings.Replace(described, "s.example/o/token", "evil.example/o/token", 1), 200, fediverse.App{}, "token_endpoint is on another host"},
		{"a token on a subdomain", strings.Replace(described, "s.example/o/token", "a.s.example/o/token", 1), 200, fediverse.App{}, "on another host"},
		{"the authorize page in plain", strings.Replace(described, "https://s.example/o/auth", "http://s.example/o/auth", 1), 200, fediverse.App{}, "on another host"},
		{"registration elsewhere", strings.Replace(described, "s.example/o/apps", "s.example:8443/o/apps", 1), 200, fediverse.App{}, "on another host"},
		{"broken", "", 500, fediverse.App{}, "500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			s.json("/.well-known/oauth-authorization-server", tt.code, tt.description)
			s.json("POST /o/apps", 200, registered)
			s.json("POST /api/v1/apps", 200, registered)
			app, err := newClient(s).Register(t.Context(), "s.example", "http://localhost:8080/oauth/callback", all)
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("Register = %v; want %q", err, tt.problem)
				}
				return
			}
			tt.want.Host, tt.want.ClientID, tt.want.ClientSecret, tt.want.RedirectURI = "s.example", "id", "sec", "http://localhost:8080/oauth/callback"
			if err != nil || fmt.Sprint(app) != fmt.Sprint(tt.want) {
				t.Errorf("Register = %+v, %v; want %+v", app, err, tt.want)
			}
		})
	}
}

func TestExchange(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/.well-known/oauth-authorization-server", 200, described)
	s.json("POST /o/apps", 200, registered)
	s.json("POST /o/revoke", 200, `{}`)
	code, body := 200, `{"access_token":"tok","scope":"read:accounts write:follows"}`
	s.mux.HandleFunc("POST /o/token", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	})
	c := newClient(s)
	app, err := c.Register(t.Context(), "s.example", "http://localhost/cb", fediverse.Scopes("follow", "posts"))
	if err != nil {
		t.Fatal(err)
	}
	verifier := fediverse.NewVerifier()
	q := query(t, app.Authorize("st&te", verifier, fediverse.Scopes("follow", "blocks")))
	if q.Get("state") != "st&te" || q.Get("code_challenge") != oauth2.S256ChallengeFromVerifier(verifier) || q.Get("code_challenge_method") != "S256" ||
		q.Get("scope") != "read:accounts read:follows read:search write:follows" {
		t.Errorf("Authorize asks %v", q)
	}
	token, scopes, err := c.Exchange(t.Context(), app, "code", verifier)
	if token != "tok" || !slices.Equal(scopes, []string{"read:accounts", "write:follows"}) || err != nil {
		t.Errorf("Exchange = %q, %v, %v", token, scopes, err)
	}
	sent := s.requests(http.MethodPost, "/o/token")[0]
	want := url.Values{
		"client_id": {"id"}, "client_secret": {"sec"}, "code": {"code"}, "code_verifier": {verifier},
		"grant_type": {"authorization_code"}, "redirect_uri": {"http://localhost/cb"},
	}
	if fmt.Sprint(sent.PostForm) != fmt.Sprint(want) || sent.URL.RawQuery != "" || sent.Header.Get("Authorization") != "" {
		t.Errorf("sent %v %v", sent.PostForm, sent.URL)
	}
	if err := c.Revoke(t.Context(), app, token); err != nil || s.requests(http.MethodPost, "/o/revoke")[0].PostForm.Get("token") != "tok" {
		t.Errorf("Revoke = %v", err)
	}

	code, body = 401, `{"error":"invalid_client","error_description":"Client\nfailed"}`
	_, _, err = c.Exchange(t.Context(), app, "code", "")
	var status *fediverse.StatusError
	if !errors.As(err, &status) || status.Message != "invalid_client" || status.Detail != "Client failed" {
		t.Errorf("Exchange = %v", err)
	}
	code, body = 200, `{"access_token":"a\r\nb"}`
	if _, _, err = c.Exchange(t.Context(), app, "code", ""); err == nil {
		t.Error("a token with a line end was taken")
	}
	app.TokenURL = "https://other.example/token"
	if _, _, err = c.Exchange(t.Context(), app, "code", ""); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("the secret would go to another host: %v", err)
	}
}

func TestScopes(t *testing.T) {
	tests := []struct {
		features []string
		want     string
	}{
		{[]string{"sign-in"}, "profile"},
		{[]string{"sign-in", "follow"}, "read:accounts read:follows read:search write:follows"},
		{[]string{"posts"}, "read:accounts read:statuses write:media write:statuses"},
		{[]string{"lists"}, "read:accounts read:follows read:lists read:search write:lists"},
		{[]string{"blocks"}, "read:accounts read:blocks read:follows read:mutes read:search write:blocks write:mutes"},
		{[]string{"nonsense"}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		if got := strings.Join(fediverse.Scopes(tt.features...), " "); got != tt.want {
			t.Errorf("Scopes(%v) = %q, want %q", tt.features, got, tt.want)
		}
	}
}

func TestSelf(t *testing.T) {
	s := newServer(t, "web.example")
	code, body := 200, `{"id":109,"username":"ada","acct":"ada","display_name":"Ada","followers_count":7,"following_count":3,"statuses_count":2}`
	s.mux.HandleFunc("/api/v1/accounts/verify_credentials", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	})
	c := newClient(s)
	self, err := c.Self(t.Context(), "web.example", "t")
	if want := (fediverse.Self{ID: "109", Address: address(t, "ada@web.example"), DisplayName: "Ada", Followers: 7, Following: 3, Statuses: 2}); self != want || err != nil {
		t.Errorf("Self = %+v, %v", self, err)
	}
	s2 := newServer(t, "s.example")
	s2.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
	s.finger(map[string][2]string{
		"acct:ada@web.example": {"acct:ada@s.example", "https://web.example/users/ada"},
	})
	self, err = newClient(s, s2).Self(t.Context(), "web.example", "t")
	if self.Address != address(t, "ada@s.example") || err != nil {
		t.Errorf("on a split domain Self = %+v, %v", self, err)
	}
	for _, bad := range []int{401, 403, 422} { // 422 with nothing is snac's
		code, body = bad, ""
		if _, err := c.Self(t.Context(), "web.example", "t"); !errors.Is(err, model.ErrDenied) {
			t.Errorf("%d: Self = %v; want ErrDenied", bad, err)
		}
	}
	code, body = 200, `{}`
	if _, err := c.Self(t.Context(), "web.example", "t"); err == nil {
		t.Error("an answer without an account was taken")
	}
}

// A server speaks for its own accounts alone, whatever it says of a token.
func TestSelfOfAnotherHost(t *testing.T) {
	for _, subject := range []string{"acct:ada@evil.example", "acct:ada@victim.example"} {
		for _, actor := range []string{"https://evil.example/users/ada", "https://victim.example/users/ada"} {
			evil, victim := newServer(t, "evil.example"), newServer(t, "victim.example")
			victim.finger(map[string][2]string{
				"acct:ada@victim.example": {"acct:ada@victim.example", "https://victim.example/users/ada"},
			})
			evil.json("/api/v1/accounts/verify_credentials", 200, `{"id":"1","acct":"ada@victim.example"}`)
			evil.finger(map[string][2]string{"acct:ada@evil.example": {subject, actor}, "acct:ada@victim.example": {subject, actor}})
			self, err := newClient(evil, victim).Self(t.Context(), "evil.example", "t")
			if err != nil || self.Address.String() != "ada@evil.example" {
				t.Errorf("%s, %s: %+v, %v", subject, actor, self, err)
			}
		}
	}
}
