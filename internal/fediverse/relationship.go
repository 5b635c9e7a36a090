package fediverse

import (
	"context"
	"fmt"
	"net/url"

	"github.com/mattn/go-mastodon"

	"github.com/skein-migrate/skein/internal/model"
)

// Remote is an account as the own server knows it. ID is its id there.
type Remote struct {
	ID      string
	Address model.Address
	Profile model.Profile
}

// Resolve finds the account at the own server, which fetches it where it does
// not know it yet; that may take half a minute. ErrNotFound means that the
// server found no such account, or could not reach its host: it does not say
// which. An account of another address is never returned.
func (s *Session) Resolve(ctx context.Context, a model.Address) (Remote, error) {
	k := &call{extra: url.Values{"type": {"accounts"}, "limit": {"5"}}}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.Search(ctx, "@"+a.String(), true) // GoToSocial finds nothing without the @
		return err
	})
	if err != nil {
		return Remote{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return Remote{}, err
	}
	for _, found := range n.at("accounts").list() {
		p, id := accountProfile(found, s.Domain), found.at("id").str()
		if p.Address.Key() == a.Key() && validID(id) {
			p.Existence, p.FetchedAt = model.Exists, s.c.o.Now().UTC()
			return Remote{ID: id, Address: p.Address, Profile: p}, nil
		}
	}
	return Remote{}, fmt.Errorf("%s at %s: %w", a, s.host, model.ErrNotFound)
}

// Search returns the accounts that the own server finds for a name, as it knows
// them: it asks no other server. Copies of accounts elsewhere may be old.
func (s *Session) Search(ctx context.Context, name string) ([]model.Profile, error) {
	k := &call{extra: url.Values{"type": {"accounts"}, "limit": {"10"}}}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.Search(ctx, name, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	n, err := s.json(k)
	if err != nil {
		return nil, err
	}
	var found []model.Profile
	for _, account := range few(n.at("accounts").list(), 20) {
		p := accountProfile(account, s.Domain)
		if p.Address != (model.Address{}) {
			p.Existence, p.FetchedAt = model.Exists, s.c.o.Now().UTC()
			found = append(found, p)
		}
	}
	return found, nil
}

// Relationship is how the Account stands to another. Requested means that the
// other has not accepted yet; GoToSocial says so at first for everybody.
type Relationship struct{ Following, Requested, Blocking, Muting bool }

// Relationship reads how the Account stands to id.
func (s *Session) Relationship(ctx context.Context, id string) (Relationship, error) {
	if err := s.checkID(id); err != nil {
		return Relationship{}, err
	}
	k := &call{}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetAccountRelationships(ctx, []string{id})
		return err
	})
	if err != nil {
		return Relationship{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return Relationship{}, err
	}
	for _, r := range n.list() {
		if r.at("id").str() == id {
			return s.relationship(r)
		}
	}
	return Relationship{}, fmt.Errorf("account %s at %s: %w", id, s.host, model.ErrNotFound)
}

// mostRelationships is how many Relationships are read at once.
const mostRelationships = 40

// Relationships reads how the Account stands to up to 40 others, by their ids.
// Those that the server does not name are missing.
func (s *Session) Relationships(ctx context.Context, ids []string) (map[string]Relationship, error) {
	ids = ids[:min(len(ids), mostRelationships)]
	for _, id := range ids {
		if err := s.checkID(id); err != nil {
			return nil, err
		}
	}
	k := &call{}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetAccountRelationships(ctx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	n, err := s.json(k)
	if err != nil {
		return nil, err
	}
	all := map[string]Relationship{}
	for _, r := range n.list() {
		if rel, err := s.relationship(r); err == nil {
			all[r.at("id").str()] = rel
		}
	}
	return all, nil
}

// Follow asks to follow id. Following somebody again changes nothing.
func (s *Session) Follow(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyFollows, id, (*client).AccountFollow)
}

// Block blocks id, which also ends a follow in both directions.
func (s *Session) Block(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyAPI, id, (*client).AccountBlock)
}

// Mute mutes id. snac has no mutes by API: ErrNotFound.
func (s *Session) Mute(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyAPI, id, (*client).AccountMute)
}

// Unfollow, Unblock and Unmute take the three back.
func (s *Session) Unfollow(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyAPI, id, (*client).AccountUnfollow)
}

// Unblock ends a block.
func (s *Session) Unblock(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyAPI, id, (*client).AccountUnblock)
}

// Unmute ends a mute.
func (s *Session) Unmute(ctx context.Context, id string) (Relationship, error) {
	return s.change(ctx, FamilyAPI, id, (*client).AccountUnmute)
}

type relationshipCall func(*client, context.Context, mastodon.ID) (*mastodon.Relationship, error)

func (s *Session) change(ctx context.Context, fam, id string, send relationshipCall) (Relationship, error) {
	if err := s.checkID(id); err != nil {
		return Relationship{}, err
	}
	k := &call{family: fam}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := send(m, ctx, mastodon.ID(id))
		return err
	})
	if err != nil {
		return Relationship{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return Relationship{}, err
	}
	return s.relationship(n)
}

func (s *Session) relationship(n node) (Relationship, error) {
	if !n.has("following") {
		return Relationship{}, s.bad("the answer is no relationship")
	}
	return Relationship{
		Following: n.at("following").flag(), Requested: n.at("requested").flag(),
		Blocking: n.at("blocking").flag(), Muting: n.at("muting").flag(),
	}, nil
}
