package xapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/michimani/gotwi/user/userlookup"
	"github.com/michimani/gotwi/user/userlookup/types"
	"golang.org/x/oauth2"

	"github.com/skein-migrate/skein/internal/model"
)

// What signing in asks for: the least that /2/users/me takes.
var scopes = []string{"users.read", "tweet.read"}

// Self is whoever signed in.
type Self struct {
	TwitterID string
	Handle    string
}

// config is ours as X knows us. People allow it on X's own pages, which are beside
// the API: https://x.com for https://api.x.com.
func (c *Client) config() oauth2.Config {
	pages, _ := url.Parse(c.o.API) // New has parsed it before
	pages.Host = strings.TrimPrefix(pages.Host, "api.")
	return oauth2.Config{
		ClientID: c.o.ClientID, ClientSecret: c.o.ClientSecret, RedirectURL: c.o.RedirectURI, Scopes: scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL: pages.String() + "/i/oauth2/authorize", TokenURL: c.o.API + "/2/oauth2/token", AuthStyle: oauth2.AuthStyleInHeader,
		},
	}
}

// Authorize returns the page of X to send the browser to. State and verifier are
// the caller's, to be used once.
func (c *Client) Authorize(state, verifier string) string {
	config := c.config()
	return config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))
}

// Exchange trades the code for a token.
func (c *Client) Exchange(ctx context.Context, code, verifier string) (string, error) {
	config := c.config()
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, c.http), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", plain(err)
	}
	return token.AccessToken, nil
}

// Self returns whose the token is.
func (c *Client) Self(ctx context.Context, token string) (Self, error) {
	as, err := c.as(token)
	if err != nil {
		return Self{}, err
	}
	out, err := userlookup.GetMe(ctx, as, &types.GetMeInput{})
	if err != nil {
		return Self{}, plain(err)
	}
	id, err1 := model.ParseTwitterID(text(out.Data.ID))
	handle, err2 := model.ParseHandle(text(out.Data.Username))
	if err1 != nil || err2 != nil {
		return Self{}, fmt.Errorf("no word from X who signed in: %w", model.ErrInvalid)
	}
	return Self{TwitterID: id, Handle: handle}, nil
}

// Revoke gives a token back.
func (c *Client) Revoke(ctx context.Context, token string) error {
	form := url.Values{"token": {token}, "client_id": {c.o.ClientID}, "token_type_hint": {"access_token"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.API+"/2/oauth2/revoke", strings.NewReader(form.Encode()))
	if err != nil {
		return plain(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(c.o.ClientID), url.QueryEscape(c.o.ClientSecret))
	resp, err := c.http.Do(req)
	if err != nil {
		return plain(err)
	}
	return resp.Body.Close()
}
