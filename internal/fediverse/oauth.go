package fediverse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/skein-migrate/skein/internal/model"
)

// App is our application as registered at a host. It is kept: Mastodon allows
// five registrations in ten minutes. ClientSecret is a secret.
type App struct {
	Host         string
	ClientID     string
	ClientSecret string
	RedirectURI  string
	Scopes       []string // the union of what may be asked for
	AuthorizeURL string
	TokenURL     string
	RevokeURL    string
	PKCE         bool
}

// AppName is the name under which servers know us; they show it beside posts.
const AppName = "Skein"

// NewVerifier returns a fresh secret for PKCE, to be kept with the state.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// Register registers our application at host with the scopes that it may ever
// ask for. Where the server describes its endpoints (RFC 8414), they and the
// issuer must be https on exactly that host. Registering again makes another
// application and harms nothing.
func (c *Client) Register(ctx context.Context, host, redirectURI string, scopes []string) (App, error) {
	if !model.ValidHost(host) {
		return App{}, local(host, fmt.Errorf("host %q: %w", cut(host, 100), model.ErrInvalid))
	}
	at, err := c.endpoints(ctx, host)
	if err != nil {
		return App{}, err
	}
	scopes = at.offered(scopes)
	body, err := c.postForm(ctx, at.register, url.Values{
		"client_name":   {AppName},
		"redirect_uris": {redirectURI},
		"scopes":        {strings.Join(scopes, " ")},
		"website":       {c.o.Website},
	})
	if err != nil {
		return App{}, err
	}
	n, err := parseJSON(host, body)
	if err != nil {
		return App{}, err
	}
	app := App{
		Host: host, RedirectURI: redirectURI, Scopes: scopes, PKCE: at.pkce,
		ClientID: n.at("client_id").str(), ClientSecret: n.at("client_secret").str(),
		AuthorizeURL: at.authorize, TokenURL: at.token, RevokeURL: at.revoke,
	}
	if app.ClientID == "" || app.ClientSecret == "" {
		return App{}, &AnswerError{host, "did not register our application"}
	}
	return app, nil
}

type endpoints struct {
	register, authorize, token, revoke string
	pkce                               bool
	scopes                             []string // nil: not said
}

// endpoints reads the server's own description. A host without one has
// Mastodon's paths from before 4.3.
func (c *Client) endpoints(ctx context.Context, host string) (endpoints, error) {
	usual := endpoints{
		register: "https://" + host + "/api/v1/apps", authorize: "https://" + host + "/oauth/authorize",
		token: "https://" + host + "/oauth/token", revoke: "https://" + host + "/oauth/revoke",
	}
	a, err := c.get(ctx, "https://"+host+"/.well-known/oauth-authorization-server", "application/json", maxDiscovery, nowhere)
	if err != nil {
		var status *StatusError
		var unclear *UnknownError
		if errors.As(err, &status) || errors.As(err, &unclear) && unclear.Code/100 == 3 {
			return usual, nil
		}
		return endpoints{}, err
	}
	n, err := parseJSON(host, a.body)
	if err != nil || !n.has("issuer") { // a page for people, or about something else
		return usual, nil
	}
	return usual.described(host, n)
}

func (e endpoints) described(host string, n node) (endpoints, error) {
	issuer, err := url.Parse(n.at("issuer").str())
	if err != nil || checkURL(issuer) != nil || issuer.Hostname() != host || strings.Trim(issuer.Path, "/") != "" {
		return endpoints{}, &AnswerError{host, "its OAuth description is another server's"}
	}
	for key, at := range map[string]*string{
		"app_registration_endpoint": &e.register, "authorization_endpoint": &e.authorize,
		"token_endpoint": &e.token, "revocation_endpoint": &e.revoke,
	} {
		s := n.at(key).str()
		if s == "" {
			continue
		}
		u, err := url.Parse(s)
		if err != nil || checkURL(u) != nil || u.Hostname() != host {
			return endpoints{}, &AnswerError{host, "its OAuth " + key + " is on another host"}
		}
		*at = s
	}
	e.pkce = slices.Contains(n.at("code_challenge_methods_supported").strings(), "S256")
	e.scopes = n.at("scopes_supported").strings()
	return e, nil
}

// offered returns scopes without profile where the server does not offer it.
func (e endpoints) offered(scopes []string) []string {
	granted := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
		return s == "profile" && !slices.Contains(e.scopes, s)
	})
	if len(granted) < len(scopes) && !slices.Contains(granted, "read:accounts") {
		granted = append(granted, "read:accounts")
	}
	return granted
}

// Authorize returns the URL to send the browser to. The state is the caller's:
// single-use, bound to the session and the host. Scopes that the App was not
// registered with are left out; with none left it asks for all of the App's.
func (a App) Authorize(state, verifier string, scopes []string) string {
	asked := within(scopes, a.Scopes)
	if len(asked) == 0 {
		asked = a.Scopes
	}
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {a.RedirectURI},
		"scope": {strings.Join(asked, " ")}, "state": {state},
	}
	if a.PKCE && verifier != "" {
		q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(verifier))
		q.Set("code_challenge_method", "S256")
	}
	join := "?"
	if strings.Contains(a.AuthorizeURL, "?") {
		join = "&"
	}
	return a.AuthorizeURL + join + q.Encode()
}

// Exchange trades the code for a token and the scopes that were granted, or nil
// where the server does not say. The token proves nothing (snac gives one for
// any code): call Self. A StatusError with the Message "invalid_client" means
// that the App is no longer known and has to be registered again.
func (c *Client) Exchange(ctx context.Context, a App, code, verifier string) (token string, scopes []string, err error) {
	form := a.form()
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	form.Set("redirect_uri", a.RedirectURI)
	if a.PKCE && verifier != "" {
		form.Set("code_verifier", verifier)
	}
	if err := a.own(a.TokenURL); err != nil {
		return "", nil, err
	}
	body, err := c.postForm(ctx, a.TokenURL, form)
	if err != nil {
		return "", nil, err
	}
	n, err := parseJSON(a.Host, body)
	if err != nil {
		return "", nil, err
	}
	token = n.at("access_token").str()
	if token == "" || len(token) > 4096 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", nil, &AnswerError{a.Host, "gave no token"}
	}
	return token, strings.Fields(n.at("scope").str()), nil
}

// form holds the App's secrets: GoToSocial takes them in the body only.
func (a App) form() url.Values {
	return url.Values{"client_id": {a.ClientID}, "client_secret": {a.ClientSecret}}
}

// own makes sure that secrets go to the App's host only, whatever was stored.
func (a App) own(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || checkURL(u) != nil || u.Hostname() != a.Host {
		return local(a.Host, fmt.Errorf("the endpoint is on another host: %w", model.ErrInvalid))
	}
	return nil
}

// Revoke takes the token back. One that the server no longer knows is revoked.
func (c *Client) Revoke(ctx context.Context, a App, token string) error {
	if err := a.own(a.RevokeURL); err != nil {
		return err
	}
	form := a.form()
	form.Set("token", token)
	_, err := c.postForm(ctx, a.RevokeURL, form)
	var answer *AnswerError
	if errors.As(err, &answer) || hasStatus(err, http.StatusUnauthorized) || hasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}
