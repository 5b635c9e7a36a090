package fedisim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// access says who may make a request.
type access struct {
	mode  accessMode
	scope string // one of those separated by |
}

type accessMode int

const (
	modeAnyone   accessMode = iota // a token is not looked at
	modeStranger                   // as the server lets strangers in; a token has to be good
	modeUser
)

var anyone = access{}

func stranger(scope string) access { return access{modeStranger, scope} }
func needs(scope string) access    { return access{modeUser, scope} }

type app struct {
	id, secret, name string
	redirects        []string
	scopes           []string
}

type code struct {
	app                 *app
	self                *Account
	redirect, challenge string
	scopes              []string
	until               time.Time
}

// token is an access token; self is nil for one of the app alone.
type token struct {
	value   string
	app     *app
	self    *Account
	scopes  []string
	revoked bool
}

// Token makes a ready access token for a local account, of an app that is
// called fedisim. Without scopes it gets read, write and follow.
func (v *Server) Token(user string, scopes ...string) string {
	return v.TokenOf("fedisim", user, scopes...)
}

// TokenOf is Token with the name of the app that its posts show.
func (v *Server) TokenOf(appName, user string, scopes ...string) string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	if len(scopes) == 0 {
		scopes = []string{"read", "write", "follow"}
	}
	return v.issue(&app{id: v.secret(43), secret: v.secret(43), name: appName}, v.must(user), scopes).value
}

// RevokeTokens takes all tokens of a local account away, as its owner can.
func (v *Server) RevokeTokens(user string) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	a := v.must(user)
	for _, t := range v.tokens {
		if t.self == a && !t.revoked {
			t.revoked = true
			v.log(Effect{Kind: TokenRevoked, Account: a.User, Application: t.app.name, Detail: "by the account"})
		}
	}
}

// ForgetApps has the server lose every registered app with its tokens: the
// next use of one is answered invalid_client.
func (v *Server) ForgetApps() {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	v.apps, v.codes, v.tokens = map[string]*app{}, map[string]*code{}, map[string]*token{}
}

func (v *Server) issue(a *app, self *Account, scopes []string) *token {
	t := &token{value: v.secret(43), app: a, self: self, scopes: scopes}
	v.tokens[t.value] = t
	return t
}

// authorize checks the token against what the route asks for. sent tells
// whether there was one at all.
func (c *call) authorize(need access, sent bool) (reply, bool) {
	if need.mode == modeAnyone {
		return reply{}, true
	}
	if c.token == nil {
		if !sent && need.mode == modeStranger && !c.v.cfg.APINeedsToken {
			return reply{}, true
		}
		return c.unauthorized(), false
	}
	if need.mode == modeUser && c.self == nil {
		return c.fail(http.StatusUnprocessableEntity, "This method requires an authenticated user"), false
	}
	if !c.granted(need.scope) {
		return c.outOfScope(), false
	}
	// ApplicationController and API::BaseController of Mastodon, require_user!:
	// User#functional? is false for an account that is suspended or has moved.
	if need.mode == modeUser && c.v.traits.family == mastodon && (c.self.Suspended || c.self.MovedTo != "") {
		return c.fail(http.StatusForbidden, "Your login is currently disabled"), false
	}
	return reply{}, true
}

// afterMove answers what an account that has moved may not do on GoToSocial
// (ForbiddenAfterMove in internal/api/util), which lets it read all the same.
func (c *call) afterMove() (reply, bool) {
	if c.v.traits.family != gotosocial || c.self.MovedTo == "" {
		return reply{}, false
	}
	return c.fail(http.StatusForbidden, "your account has Moved or is currently Moving; you cannot take create or update type actions"), true
}

func (c *call) unauthorized() reply {
	switch c.v.traits.family {
	case snac:
		return reply{status: http.StatusUnprocessableEntity, contentType: "text/html; charset=utf-8"}
	case gotosocial:
		return c.fail(http.StatusUnauthorized, "token was not supplied or is not valid")
	}
	return c.fail(http.StatusUnauthorized, "The access token is invalid")
}

func (c *call) outOfScope() reply {
	if c.v.traits.family == gotosocial {
		return c.fail(http.StatusForbidden, "token has insufficient scope permission")
	}
	return c.fail(http.StatusForbidden, "This action is outside the authorized scopes")
}

// granted tells whether the token has one of the scopes in need (a|b).
func (c *call) granted(need string) bool {
	if c.v.traits.family == snac { // measured: it does not look at scopes
		return true
	}
	return slices.ContainsFunc(strings.Split(need, "|"), func(one string) bool {
		if one == "profile" && !c.v.traits.modern(4, 3) {
			return false
		}
		return slices.ContainsFunc(c.token.scopes, func(has string) bool { return c.v.covers(has, one) })
	})
}

// covers tells whether scope has includes scope want. GoToSocial knows the
// scope follow no longer: it grants nothing.
func (v *Server) covers(has, want string) bool {
	if has == want || strings.HasPrefix(want, has+":") {
		return true
	}
	if has != "follow" || v.traits.family == gotosocial {
		return false
	}
	_, what, _ := strings.Cut(want, ":")
	return what == "follows" || what == "blocks" || what == "mutes"
}
