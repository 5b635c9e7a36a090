package xsim

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What X allows: https://docs.x.com/fundamentals/authentication/oauth-2-0.
const (
	codeLife  = 30 * time.Second
	tokenLife = 2 * time.Hour
)

// asked checks what the application asks for. What it does wrong is told on X's
// own page: the browser is not sent back.
func (s *Sim) asked(q url.Values) (grant, string) {
	g := grant{redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), scope: q.Get("scope")}
	switch {
	case q.Get("response_type") != "code", q.Get("client_id") != s.o.ClientID, g.redirect != s.o.RedirectURI, q.Get("state") == "", len(q.Get("state")) > 500,
		g.challenge == "", q.Get("code_challenge_method") != "S256", g.scope == "":
		return g, "Something went wrong. You weren't able to give access to the App. Go back and try logging in again."
	}
	return g, ""
}

func (s *Sim) authorize(w http.ResponseWriter, r *http.Request) {
	if _, wrong := s.asked(r.URL.Query()); wrong != "" {
		http.Error(w, wrong, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><title>X</title><form method="post">`)
	for name, values := range r.URL.Query() {
		fmt.Fprintf(w, `<input type="hidden" name="%s" value="%s">`, html.EscapeString(name), html.EscapeString(values[0]))
	}
	fmt.Fprint(w, `<input name="user" aria-label="Your id"><button name="decision" value="allow">Authorize app</button><button name="decision" value="deny">Cancel</button></form>`)
}

// decide is the press of a button on X's page.
func (s *Sim) decide(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	g, wrong := s.asked(r.PostForm)
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[r.PostForm.Get("user")]
	if wrong != "" || !ok || u.Suspended {
		http.Error(w, "Something went wrong.", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {r.PostForm.Get("state")}}
	if r.PostForm.Get("decision") != "allow" {
		back.Set("error", "access_denied")
	} else {
		s.serial++
		code := "code" + strconv.Itoa(s.serial)
		g.user, g.expires = u.ID, s.o.Now().Add(codeLife)
		s.codes[code] = g
		back.Set("code", code)
	}
	http.Redirect(w, r, g.redirect+"?"+back.Encode(), http.StatusFound)
}

// client tells whether the request comes from the application, which names itself
// in the header.
func (s *Sim) client(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	return ok && id == url.QueryEscape(s.o.ClientID) && secret == url.QueryEscape(s.o.ClientSecret)
}

func (s *Sim) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.client(r) {
		refuse(w, http.StatusUnauthorized, "unauthorized_client", "Missing valid authorization header")
		return
	}
	code := r.PostFormValue("code")
	g, ok := s.codes[code]
	delete(s.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case r.PostFormValue("grant_type") != "authorization_code":
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "")
		return
	case !ok, s.o.Now().After(g.expires), r.PostFormValue("redirect_uri") != g.redirect,
		base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		refuse(w, http.StatusBadRequest, "invalid_request", "Value passed for the authorization code was invalid.")
		return
	}
	s.serial++
	token := "token" + strconv.Itoa(s.serial)
	g.expires = s.o.Now().Add(tokenLife)
	s.tokens[token] = g
	answer(w, http.StatusOK, map[string]any{
		"token_type": "bearer", "expires_in": int(tokenLife.Seconds()), "access_token": token, "scope": g.scope,
	})
}

func (s *Sim) revoke(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.client(r) || strings.TrimSpace(r.PostFormValue("token")) == "" {
		refuse(w, http.StatusUnauthorized, "unauthorized_client", "")
		return
	}
	delete(s.tokens, r.PostFormValue("token"))
	answer(w, http.StatusOK, map[string]any{"revoked": true})
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, map[string]any{"error": code, "error_description": description})
}
