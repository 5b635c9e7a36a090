package fedisim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	oob     = "urn:ietf:wg:oauth:2.0:oob" // the code is shown to be copied
	codeFor = 10 * time.Minute
)

// registerApp takes form or JSON. Mastodon knows which scopes there are;
// GoToSocial takes any.
func registerApp(c *call) reply {
	v := c.v
	a := &app{name: c.form.Get("client_name"), scopes: strings.Fields(c.form.Get("scopes")), id: v.secret(43), secret: v.secret(43)}
	for _, line := range c.list("redirect_uris") {
		a.redirects = append(a.redirects, strings.Fields(line)...)
	}
	if a.name == "" || len(a.redirects) == 0 {
		return c.fail(http.StatusUnprocessableEntity, "Validation failed: Application name can't be blank, Redirect URI must be an absolute URI.")
	}
	if len(a.scopes) == 0 {
		a.scopes = []string{"read"}
	}
	if v.traits.family == mastodon && slices.ContainsFunc(a.scopes, func(s string) bool { return !v.knownScope(s) }) {
		return c.fail(http.StatusUnprocessableEntity, "Validation failed: Scopes doesn't match configured on the server.")
	}
	v.apps[a.id] = a
	c.log(Effect{Kind: AppRegistered, ID: a.id, Application: a.name, Detail: strings.Join(a.scopes, " "), Target: strings.Join(a.redirects, " ")})
	answer := map[string]any{
		"id": v.newID(c.now), "name": a.name, "website": nil, "redirect_uri": strings.Join(a.redirects, "\n"),
		"client_id": a.id, "client_secret": a.secret, "vapid_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z-HiTU5T9eTG5GxVA0_OH5mMlI4UkkDTpaZwozy0TzdZ2M=",
	}
	if v.traits.modern(4, 3) {
		answer["scopes"], answer["redirect_uris"], answer["client_secret_expires_at"] = a.scopes, a.redirects, 0
	}
	return c.ok(answer)
}

var scopeNames = strings.Fields(`read read:accounts read:blocks read:bookmarks read:favourites read:filters read:follows read:lists read:mutes
	read:notifications read:search read:statuses write write:accounts write:blocks write:bookmarks write:conversations write:favourites
	write:filters write:follows write:lists write:media write:mutes write:notifications write:reports write:statuses follow push`)

func (v *Server) knownScope(s string) bool {
	return slices.Contains(v.scopes(), s)
}

func (v *Server) scopes() []string {
	list := slices.Clone(scopeNames)
	if v.traits.modern(4, 3) {
		list = append(list, "profile")
	}
	if v.traits.modern(4, 6) {
		list = append(list, "read:collections", "write:collections")
	}
	return list
}

// oauthMetadata is the document of RFC 8414, on Mastodon since 4.3.
func oauthMetadata(c *call) reply {
	v := c.v
	doc := map[string]any{
		"issuer": v.public("/"), "service_documentation": "https://docs.joinmastodon.example/",
		"authorization_endpoint": v.public("/oauth/authorize"), "token_endpoint": v.public("/oauth/token"),
		"app_registration_endpoint": v.public("/api/v1/apps"), "revocation_endpoint": v.public("/oauth/revoke"),
		"scopes_supported": v.scopes(), "response_types_supported": []string{"code"}, "response_modes_supported": []string{"query", "fragment", "form_post"},
		"grant_types_supported":                 []string{"authorization_code", "client_credentials"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256"},
	}
	return c.ok(doc)
}

// request is what an app asks the account holder for.
type request struct {
	app       *app
	redirect  string
	state     string
	scopes    []string
	challenge string
}

// readRequest checks the parameters of the authorize page. The reply is for
// where it cannot be shown.
func (c *call) readRequest() (request, reply, bool) {
	v := c.v
	q := request{app: v.apps[c.form.Get("client_id")], redirect: c.form.Get("redirect_uri"), state: c.form.Get("state"), challenge: c.form.Get("code_challenge")}
	if q.app == nil {
		return q, c.page(http.StatusUnauthorized, "problem", "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."), false
	}
	if !slices.Contains(q.app.redirects, q.redirect) {
		if v.traits.family == gotosocial && q.redirect != "" { // measured: it sends the browser there all the same
			return q, c.redirect(http.StatusFound, withQuery(q.redirect, "error", "server_error")), false
		}
		return q, c.page(http.StatusBadRequest, "problem", "The requested redirect uri is malformed or doesn't match client redirect URI."), false
	}
	if c.form.Get("response_type") != "code" {
		return q, c.redirect(http.StatusFound, withQuery(q.redirect, "error", "unsupported_response_type", "state", q.state)), false
	}
	q.scopes = strings.Fields(c.form.Get("scope"))
	if len(q.scopes) == 0 {
		q.scopes = []string{"read"}
	}
	for _, want := range q.scopes {
		if !slices.ContainsFunc(q.app.scopes, func(has string) bool { return v.covers(has, want) }) {
			return q, c.redirect(http.StatusFound, withQuery(q.redirect, "error", "invalid_scope", "state", q.state)), false
		}
	}
	if method := c.form.Get("code_challenge_method"); q.challenge != "" && method != "S256" && v.traits.modern(4, 3) {
		return q, c.redirect(http.StatusFound, withQuery(q.redirect, "error", "invalid_code_challenge_method", "state", q.state)), false
	}
	return q, reply{}, true
}

func withQuery(to string, pairs ...string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	query := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// decide takes the account holder's choice and sends the browser back.
func decide(c *call) reply {
	q, rep, ok := c.readRequest()
	if !ok {
		return rep
	}
	if c.form.Get("decision") == "deny" {
		return c.redirect(http.StatusFound, withQuery(q.redirect, "error", "access_denied",
			"error_description", "The resource owner or authorization server denied the request.", "state", q.state))
	}
	a := c.signIn(c.form.Get("username"), c.form.Get("password"))
	if a == nil {
		return c.authorizeForm(http.StatusForbidden, q, "There is no account with this name and password.")
	}
	return c.redirect(http.StatusFound, c.v.grant(q, a, c.now))
}

// signIn finds a local account by user name or e-mail address. One that has no
// password needs none.
func (c *call) signIn(name, password string) *Account {
	for _, a := range c.v.joined {
		if (strings.EqualFold(a.User, name) || a.Email != "" && strings.EqualFold(a.Email, name)) && !a.Gone && !a.Suspended && a.Password == password {
			return a
		}
	}
	return nil
}

// grant makes a code and returns where it goes.
func (v *Server) grant(q request, a *Account, now time.Time) string {
	k := &code{app: q.app, self: a, redirect: q.redirect, challenge: q.challenge, scopes: q.scopes, until: now.Add(codeFor)}
	value := v.secret(43)
	v.codes[value] = k
	if q.redirect == oob {
		return "/oauth/oob?code=" + value
	}
	return withQuery(q.redirect, "code", value, "state", q.state)
}

// snacLogin is where snac's own form goes: it sends a code back at once.
func snacLogin(c *call) reply {
	v := c.v
	a := c.signIn(c.form.Get("login"), c.form.Get("passwd"))
	q := request{app: v.apps[c.form.Get("cid")], redirect: c.form.Get("redir"), state: c.form.Get("state"), scopes: []string{"read", "write", "follow"}}
	if q.app == nil || !slices.Contains(q.app.redirects, q.redirect) {
		return c.page(http.StatusBadRequest, "problem", "Unknown app, or another address to return to than it has named.")
	}
	if a == nil {
		return c.authorizeForm(http.StatusUnauthorized, q, "There is no account with this name and password.")
	}
	return c.redirect(http.StatusSeeOther, v.grant(q, a, c.now))
}
