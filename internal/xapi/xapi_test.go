package xapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/xapi"
	"github.com/skein-migrate/skein/internal/xsim"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const back = "https://skein.example/oauth/x"

func start(t *testing.T, o xsim.Options) (*xsim.Sim, *xapi.Client) {
	t.Helper()
	o.Bearer, o.ClientID, o.ClientSecret, o.RedirectURI, o.Now = "app token", "our:client id", "our/secret+", back, func() time.Time { return now }
	sim := xsim.New(o)
	t.Cleanup(sim.Close)
	c, err := xapi.New(xapi.Options{
		API: sim.URL, Token: o.Bearer, ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURI: back, Now: o.Now, Timeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func TestUsers(t *testing.T) {
	sim, c := start(t, xsim.Options{})
	sim.Add(
		xsim.User{
			ID: "12", Username: "Ada", Name: "Ada\n Lovelace", Location: "London", URL: "https://t.co/site",
			Description: "Now at https://t.co/fedi with @babbage &amp; others",
			Links:       map[string]string{"https://t.co/site": "https://ada.example/", "https://t.co/fedi": "https://home.example/@ada"},
		},
		xsim.User{ID: "13", Username: "gone", Suspended: true},
		xsim.User{ID: "15", Username: "quiet", Name: "Quiet"},
	)
	got, err := c.Users(t.Context(), []string{"12", "13", "14", "15"})
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Person{
		{
			TwitterID: "12", Handle: model.Handle{Name: "Ada", Source: "x", SeenAt: now, Count: 1}, Name: "Ada Lovelace", Location: "London",
			Bio: "Now at https://home.example/@ada with @babbage & others", URLs: []string{"https://ada.example/", "https://home.example/@ada"}, ProfileSource: "x",
		},
		{TwitterID: "15", Handle: model.Handle{Name: "quiet", Source: "x", SeenAt: now, Count: 1}, Name: "Quiet", ProfileSource: "x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := sim.Count("GET /2/users"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if none, err := c.Users(t.Context(), []string{"13"}); err != nil || len(none) != 0 {
		t.Errorf("only one who is suspended: %v, %v", none, err)
	}
}

func TestUsersAHundredAtMost(t *testing.T) {
	sim, c := start(t, xsim.Options{})
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = fmt.Sprint(1000 + i)
		sim.Add(xsim.User{ID: ids[i], Username: "u" + ids[i]})
	}
	if got, err := c.Users(t.Context(), ids[:100]); err != nil || len(got) != 100 {
		t.Errorf("100: got %d, %v", len(got), err)
	}
	for name, bad := range map[string][]string{"101": ids, "none": nil, "a name": {"ada"}, "a query": {"12&x=1"}} {
		if _, err := c.Users(t.Context(), bad); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestUsersLimit(t *testing.T) {
	sim, c := start(t, xsim.Options{PerWindow: 1})
	sim.Add(xsim.User{ID: "12", Username: "ada"})
	if _, err := c.Users(t.Context(), []string{"12"}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Users(t.Context(), []string{"12"})
	var limited *xapi.RateLimitError
	if !errors.As(err, &limited) || limited.Wait != 15*time.Minute {
		t.Errorf("got %v, want to wait a quarter of an hour", err)
	}
}

// Whatever X answers, it is an error that tells its kind, and neither ids nor the
// token.
func TestUsersFaults(t *testing.T) {
	sim, c := start(t, xsim.Options{})
	header := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	tests := []struct {
		name   string
		status int
		header func(http.Header)
		body   string
		kind   error
		wait   time.Duration
	}{
		{"token refused", 401, nil, `{"title":"Unauthorized","detail":"Unauthorized"}`, model.ErrDenied, 0},
		{"no credits", 402, nil, `{"title":"CreditsDepleted","detail":"Your enrolled account does not have any credits to fulfill this request."}`, model.ErrDenied, 0},
		{"forbidden", 403, nil, `{"reason":"client-not-enrolled"}`, model.ErrDenied, 0},
		{"bad request", 400, nil, `{}`, model.ErrInvalid, 0},
		{"down", 503, nil, `<html>`, nil, 0},
		{"moved elsewhere", 302, header("Location", "https://elsewhere.example/"), ``, nil, 0},
		{"wait, says Retry-After", 429, header("Retry-After", "30"), ``, nil, 30 * time.Second},
		{"wait, until a time that was", 429, header("x-rate-limit-reset", "1000"), `{}`, nil, 15 * time.Minute},
		{"wait, for ever", 429, header("x-rate-limit-reset", fmt.Sprint(now.Unix()+1e6)), ``, nil, 24 * time.Hour},
		{"nothing", 200, nil, ``, model.ErrInvalid, 0},
		{"an empty object", 200, nil, `{}`, model.ErrInvalid, 0},
		{"cut off", 200, nil, `{"data":[{"id":"12","na`, nil, 0},
		{"a page", 200, nil, `<html>`, nil, 0},
		{"endless", 200, nil, `{"data":[{"id":"` + strings.Repeat("1", 5<<20) + `"}]}`, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sim.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
				if tt.header != nil {
					tt.header(w.Header())
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
				return true
			})
			people, err := c.Users(t.Context(), []string{"123456789"})
			var limited *xapi.RateLimitError
			switch {
			case err == nil || people != nil:
				t.Fatalf("got %v, %v", people, err)
			case tt.kind != nil && !errors.Is(err, tt.kind):
				t.Errorf("got %v, want %v", err, tt.kind)
			case tt.wait != 0 && (!errors.As(err, &limited) || limited.Wait != tt.wait):
				t.Errorf("got %v, want to wait %v", err, tt.wait)
			}
			if strings.Contains(err.Error(), "123456789") || strings.Contains(err.Error(), "app token") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	sim.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	if _, err := c.Users(t.Context(), []string{"123456789"}); err == nil || strings.Contains(err.Error(), "123456789") {
		t.Errorf("a connection that is cut: %v", err)
	}
}

// What nobody asked for, and what is no account, is left out.
func TestUsersStrange(t *testing.T) {
	sim, c := start(t, xsim.Options{})
	sim.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(`{"data":[{"id":"99","username":"notAsked"},{"id":"12","username":"<b>"},{"id":"x","username":"ada"},{"username":"noid"},
			{"id":"12","username":"ada","description":"` + strings.Repeat("ü", 3000) + `","entities":{"url":{"urls":[{"url":"https://t.co/a","expanded_url":"javascript:alert(1)"}]},
			"description":{"urls":[{"url":"","expanded_url":"https://ada.example"},{"url":"https://t.co/b"}]}}},
			{"id":"12","username":"again"}]}`))
		return true
	})
	got, err := c.Users(t.Context(), []string{"12"})
	if err != nil || len(got) != 1 || got[0].Handle.Name != "ada" || len([]rune(got[0].Bio)) != 1000 || !slices.Equal(got[0].URLs, []string{"https://ada.example"}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// allow presses the button on X's page and returns what the browser comes back with.
func allow(t *testing.T, at, user, decision string) url.Values {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	page, err := http.Get(at)
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatalf("X's page: %v, %v", page.Status, err)
	}
	_ = page.Body.Close()
	form := u.Query()
	form.Set("user", user)
	form.Set("decision", decision)
	u.RawQuery = ""
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(u.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil || !strings.HasPrefix(to.String(), back+"?") {
		t.Fatalf("sent to %v, %v", to, err)
	}
	return to.Query()
}

func TestSignIn(t *testing.T) {
	sim, c := start(t, xsim.Options{})
	sim.Add(xsim.User{ID: "12", Username: "ada", Name: "Ada"})
	verifier := strings.Repeat("v", 43)
	came := allow(t, c.Authorize("a state", verifier), "12", "allow")
	if came.Get("state") != "a state" {
		t.Errorf("state %q", came.Get("state"))
	}
	if _, err := c.Exchange(t.Context(), came.Get("code"), strings.Repeat("w", 43)); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("with another verifier: %v, want invalid", err)
	}
	came = allow(t, c.Authorize("a state", verifier), "12", "allow")
	token, err := c.Exchange(t.Context(), came.Get("code"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exchange(t.Context(), came.Get("code"), verifier); err == nil {
		t.Error("a code worked twice")
	}
	if self, err := c.Self(t.Context(), token); err != nil || self != (xapi.Self{TwitterID: "12", Handle: "ada"}) {
		t.Errorf("self %+v, %v", self, err)
	}
	if err := c.Revoke(t.Context(), token); err != nil || sim.Tokens() != 0 {
		t.Errorf("revoked: %v, %d tokens are left", err, sim.Tokens())
	}
	if _, err := c.Self(t.Context(), token); !errors.Is(err, model.ErrDenied) {
		t.Errorf("with a revoked token: %v, want denied", err)
	}
}

func TestAuthorizePage(t *testing.T) {
	c, err := xapi.New(xapi.Options{API: "https://api.x.com", ClientID: "id", ClientSecret: "secret", RedirectURI: back})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(c.Authorize("s", "v"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme+"://"+u.Host+u.Path != "https://x.com/i/oauth2/authorize" || u.Query().Get("scope") != "users.read tweet.read" || strings.Contains(u.String(), "secret") {
		t.Errorf("the browser is sent to %s", u)
	}
	var none *xapi.Client
	if none.CanRead() || none.CanSignIn() || c.CanRead() || !c.CanSignIn() {
		t.Error("what can be done without keys")
	}
}

// Whatever X writes, a profile has an id that was asked for and a handle.
func FuzzUsers(f *testing.F) {
	f.Add(`{"data":[{"id":"12","username":"ada","description":"at https://t.co/a","entities":{"description":{"urls":[{"url":"https://t.co/a","expanded_url":"https://b.example"}]}}}]}`)
	f.Add(`{"errors":[{"value":"12"}]}`)
	sim := xsim.New(xsim.Options{})
	f.Cleanup(sim.Close)
	c, err := xapi.New(xapi.Options{API: sim.URL, Token: "t", Timeout: 5 * time.Second})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		sim.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(body))
			return true
		})
		people, err := c.Users(t.Context(), []string{"12", "13"})
		for _, p := range people {
			if _, wrong := model.ParseHandle(p.Handle.Name); wrong != nil || err != nil || p.TwitterID != "12" && p.TwitterID != "13" {
				t.Errorf("got %+v, %v", p, err)
			}
		}
	})
}
