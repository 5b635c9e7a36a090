package fedisim

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// client reads who asks for a token. GoToSocial wants the secret in the body
// and does not understand HTTP Basic.
func (c *call) client() (*app, bool) {
	id, secret := c.form.Get("client_id"), c.form.Get("client_secret")
	if user, password, ok := c.r.BasicAuth(); ok && c.v.traits.family != gotosocial && id == "" {
		id, secret = user, password
	}
	a := c.v.apps[id]
	return a, a != nil && a.secret == secret
}

// exchange is POST /oauth/token.
func exchange(c *call) reply {
	v, gts := c.v, c.v.traits.family == gotosocial
	if gts && (c.form.Get("client_id") == "" || c.form.Get("client_secret") == "" || c.form.Get("redirect_uri") == "") {
		return c.oauthError(http.StatusBadRequest, "invalid_request", "client_id, client_secret and redirect_uri must be in the body")
	}
	a, ok := c.client()
	if !ok && v.traits.family != snac {
		return c.oauthError(http.StatusUnauthorized, "invalid_client", "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.")
	}
	switch c.form.Get("grant_type") {
	case "client_credentials":
		return c.granting(a, nil, a.scopesOr(c.form.Get("scope")))
	case "authorization_code":
	default:
		return c.oauthError(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
	value := c.form.Get("code")
	k := v.codes[value]
	delete(v.codes, value) // a code works once
	if v.traits.family == snac && (k == nil || !ok) {
		// Measured: any code gives a token. It is good for nothing.
		return c.ok(map[string]any{"access_token": v.secret(32), "token_type": "Bearer", "scope": "read write follow", "created_at": c.now.Unix()})
	}
	switch {
	case k == nil && gts:
		return c.oauthError(http.StatusBadRequest, "sql: no rows in result set", "")
	case k == nil, k.app != a, k.redirect != c.form.Get("redirect_uri"), c.now.After(k.until):
		return c.invalidGrant()
	case v.traits.modern(4, 3) && k.challenge != "" && k.challenge != challenge(c.form.Get("code_verifier")):
		return c.invalidGrant()
	}
	return c.granting(a, k.self, k.scopes)
}

func (c *call) invalidGrant() reply {
	return c.oauthError(http.StatusBadRequest, "invalid_grant", "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.")
}

func (a *app) scopesOr(wanted string) []string {
	if wanted == "" {
		return a.scopes
	}
	return strings.Fields(wanted)
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (c *call) granting(a *app, self *Account, scopes []string) reply {
	if a == nil {
		return c.oauthError(http.StatusUnauthorized, "invalid_client", "no such client")
	}
	t := c.v.issue(a, self, scopes)
	e := Effect{Kind: TokenIssued, Application: a.name, Detail: strings.Join(scopes, " ")}
	if self != nil {
		e.Account = self.User
	}
	c.v.log(e)
	return c.ok(map[string]any{"access_token": t.value, "token_type": "Bearer", "scope": strings.Join(scopes, " "), "created_at": c.now.Unix()})
}

// revoke is safe to repeat: a token that is unknown or revoked answers 200 too.
func revoke(c *call) reply {
	a, ok := c.client()
	t := c.v.tokens[c.form.Get("token")]
	if !ok || t != nil && t.app != a {
		return c.oauthError(http.StatusForbidden, "unauthorized_client", "You are not authorized to revoke this token")
	}
	if t != nil && !t.revoked {
		t.revoked = true
		e := Effect{Kind: TokenRevoked, Application: a.name}
		if t.self != nil {
			e.Account = t.self.User
		}
		c.v.log(e)
	}
	return c.ok(map[string]any{})
}

func (c *call) oauthError(status int, code, text string) reply {
	return c.json(status, map[string]string{"error": code, "error_description": text})
}
