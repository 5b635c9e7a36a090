package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// Account is a connected fediverse account.
type Account struct {
	ID          string     `json:"id"`
	Address     string     `json:"address"`
	DisplayName string     `json:"display_name"`
	URL         string     `json:"url"`
	Software    string     `json:"software"`
	Version     string     `json:"version"`
	Followers   int        `json:"followers"`
	Following   int        `json:"following"`
	Features    []string   `json:"features" doc:"What the Owner allowed"`
	Capability  Capability `json:"capability"`
	ConnectedAt time.Time  `json:"connected_at"`
	Revoked     bool       `json:"revoked" doc:"The server no longer accepts our access; connect it again"`
}

// Capability says what the Account's server can do, for the Owner.
type Capability struct {
	Posts         bool     `json:"posts"`
	Follows       bool     `json:"follows" doc:"Follows and blocks"`
	Mutes         bool     `json:"mutes"`
	Lists         bool     `json:"lists"`
	Import        bool     `json:"import" doc:"Takes all follows as one file, where the Owner allows that"`
	Quiet         bool     `json:"quiet" doc:"An imported post reaches nobody's feed"`
	Backdates     bool     `json:"backdates"`
	HonoursKeys   bool     `json:"honours_keys"`
	MaxCharacters int      `json:"max_characters"`
	Words         []string `json:"words"`
}

// Accounts is the answer of listAccounts.
type Accounts struct {
	Accounts []Account `json:"accounts"`
}

func (s *Server) listAccounts(ctx context.Context, _ *none) (*body[Accounts], error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := s.accounts(ctx, owner)
	return reply(Accounts{accounts}), err
}

type accountPath struct {
	Account string `path:"account" maxLength:"40"`
}

func (s *Server) disconnect(ctx context.Context, in *accountPath) (*none, error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.Worker.Disconnect(ctx, owner, in.Account)
}

func (s *Server) accounts(ctx context.Context, owner string) ([]Account, error) {
	accounts, err := s.Store.Accounts(ctx, owner)
	if err != nil {
		return nil, err
	}
	all := make([]Account, len(accounts))
	for i, a := range accounts {
		c, err := s.capability(ctx, a)
		if err != nil {
			return nil, err
		}
		all[i] = s.accountBody(a, c)
	}
	return all, nil
}

func (s *Server) accountBody(a model.Account, c fediverse.Capability) Account {
	return Account{
		ID: a.ID, Address: a.Address.String(), DisplayName: a.DisplayName,
		URL:      s.Client.BrowserURL("https://" + a.Address.Host + "/@" + a.Address.User),
		Software: a.Software, Version: a.Version, Followers: a.Followers, Following: a.Following, Features: features(a.Scopes),
		Capability: Capability{
			Posts: c.Posts, Follows: c.Follows, Mutes: c.Mutes, Lists: c.Lists, Import: c.ImportAPI, Quiet: c.Quiet, Backdates: c.Backdates, HonoursKeys: c.HonoursKeys,
			MaxCharacters: c.MaxCharacters, Words: list(c.Words),
		},
		ConnectedAt: a.ConnectedAt, Revoked: !a.RevokedAt.IsZero(),
	}
}

// capability is what is known of the Account's server without asking anybody:
// a list should not wait for a server that is down.
func (s *Server) capability(ctx context.Context, a model.Account) (fediverse.Capability, error) {
	state, err := s.Store.Host(ctx, a.Address.Host)
	if err != nil {
		return fediverse.Capability{}, err
	}
	var c fediverse.Capability
	if state.Capability != "" && json.Unmarshal([]byte(state.Capability), &c) == nil {
		return c, nil
	}
	return fediverse.CapabilityOf(fediverse.NodeInfo{Software: a.Software, Version: a.Version}, fediverse.Instance{}), nil
}

// account returns the Owner's Account, ready to act.
func (s *Server) account(ctx context.Context, owner, id string) (model.Account, fediverse.Capability, error) {
	a, err := s.Store.OwnAccount(ctx, owner, id)
	if err != nil {
		return a, fediverse.Capability{}, err
	}
	if !a.RevokedAt.IsZero() {
		return a, fediverse.Capability{}, errRevoked
	}
	c, err := s.Worker.Capability(ctx, a.Address.Host)
	return a, c, err
}
