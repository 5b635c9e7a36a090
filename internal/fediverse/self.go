package fediverse

import (
	"context"
	"fmt"
	"net/http"

	"github.com/skein-migrate/skein/internal/model"
)

// Self is the account that a token acts for.
type Self struct {
	ID          string // on its server; opaque
	Address     model.Address
	DisplayName string
	URL         string
	Avatar      string
	Locked      bool
	MovedTo     model.Address // zero unless it moved
	Followers   int
	Following   int
	Statuses    int
}

// Self asks the server whose token it is, which alone proves that the token is
// good. ErrDenied means that it is not.
func (c *Client) Self(ctx context.Context, host, token string) (Self, error) {
	self, err := c.As(host, token, Capability{}).Self(ctx)
	if err != nil {
		return self, err
	}
	err = c.ownAddress(ctx, host, &self)
	return self, err
}

// Self is Client.Self without asking WebFinger: the host in Address is that of
// the API.
func (s *Session) Self(ctx context.Context) (Self, error) {
	host, call := s.host, &call{}
	err := s.do(ctx, call, func(ctx context.Context, m *client) error {
		_, err := m.GetAccountCurrentUser(ctx)
		return err
	})
	if hasStatus(err, http.StatusUnprocessableEntity) { // snac's way to say no
		return Self{}, fmt.Errorf("%w: %w", err, model.ErrDenied)
	}
	if err != nil {
		return Self{}, err
	}
	n, err := parseJSON(host, call.body)
	if err != nil {
		return Self{}, err
	}
	p := accountProfile(n, host)
	if p.Address != (model.Address{}) { // a server speaks for its own host alone; WebFinger may know better
		p.Address.Host = host
	}
	self := Self{
		ID: n.at("id").str(), Address: p.Address, DisplayName: p.DisplayName, URL: p.URL, Avatar: p.Avatar, Locked: p.Locked, MovedTo: p.MovedTo,
		Followers: count(n.at("followers_count")), Following: count(n.at("following_count")), Statuses: count(n.at("statuses_count")),
	}
	if !validID(self.ID) || self.Address == (model.Address{}) {
		return Self{}, &AnswerError{host, "does not say whose token it is"}
	}
	return self, nil
}

// ownAddress replaces the host of the API by the one in the account's address,
// where WebFinger knows better. A server that cannot say so now keeps the
// former, by which the account can be found too.
func (c *Client) ownAddress(ctx context.Context, host string, self *Self) error {
	f, err := c.account(ctx, model.Address{User: self.Address.User, Host: host})
	if err == nil && f.self.Hostname() == host {
		self.Address = f.subject
	}
	if ctx.Err() != nil {
		return &NotSentError{host, ReasonCancelled, ctx.Err()}
	}
	return nil
}
