package api

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

type addMatchInput struct {
	MovePath
	Person string `path:"person" maxLength:"40"`
	Body   struct {
		Address string `json:"address" minLength:"3" maxLength:"400" doc:"user@host, or the URL of the profile"`
	}
}

// addMatch takes the Owner's word for who somebody is, once the address is
// known to exist: a typing error should not be followed.
func (s *Server) addMatch(ctx context.Context, in *addMatchInput) (*body[Person], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	p, err := s.Store.Person(ctx, m.ID, in.Person)
	if err != nil {
		return nil, err
	}
	at, err := address.Parse(in.Body.Address)
	if err != nil {
		return nil, errAddress
	}
	if err := s.mayAsk(ctx); err != nil {
		return nil, err
	}
	profile, err := s.Client.Check(ctx, at)
	var refused *fediverse.StatusError
	switch {
	case errors.As(err, &refused) && notFound(err), err == nil && profile.Existence == model.Gone:
		return nil, fmt.Errorf("%s does not know %s; check the spelling: %w", at.Host, at, model.ErrInvalid)
	case err != nil:
		return nil, err
	case profile.Existence != model.Exists:
		return nil, fmt.Errorf("%s does not say whether %s exists: %w", at.Host, at, model.ErrInvalid)
	}
	named, err := s.named(ctx, p, profile, at)
	if err != nil {
		return nil, err
	}
	if err := s.Store.AddMatch(ctx, m.ID, p.ID, named); err != nil {
		return nil, err
	}
	return s.person(ctx, m.ID, p.ID)
}

// named is a Match that the Owner decided on, with what else is known of it.
func (s *Server) named(ctx context.Context, p model.Person, profile model.Profile, at model.Address) (match.Match, error) {
	if profile.Address != (model.Address{}) {
		at = profile.Address // as its server spells it
	}
	now := s.Now().UTC()
	evidence := []model.Evidence{{
		Address: at, Source: "owner", Side: model.OwnerSide, Tie: model.TieID, Text: "You named this address.", At: now,
	}}
	before, err := s.Store.Matches(ctx, p.ID)
	if err != nil {
		return match.Match{}, err
	}
	for _, m := range before {
		if m.Address.Key() == at.Key() {
			evidence = append(evidence, m.Evidence...)
		}
	}
	for _, m := range match.Grades(p, evidence, map[string]model.Profile{at.Key(): profile}, now) {
		if m.Address.Key() == at.Key() {
			m.Decision, m.DecidedAt = match.Yes, now
			return m, nil
		}
	}
	return match.Match{
		PersonID: p.ID, Address: at, Grade: match.None, Evidence: evidence, Profile: profile,
		Decision: match.Yes, DecidedAt: now,
	}, nil
}

// parseServer reads what people type for their server: a host in any script, a
// URL, or their whole address.
func parseServer(text string) (string, error) {
	rest := strings.TrimSpace(text)
	for _, scheme := range []string{"https://", "http://"} {
		if len(rest) >= len(scheme) && strings.EqualFold(rest[:len(scheme)], scheme) {
			rest, _, _ = strings.Cut(rest[len(scheme):], "/") // a profile's URL may hold an @ in its path
		}
	}
	rest, _, _ = strings.Cut(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	host, ok := address.Host(strings.TrimSuffix(strings.TrimSpace(rest), "."))
	if !ok {
		return "", fmt.Errorf("a server's name looks like server.example: %w", model.ErrInvalid)
	}
	return host, nil
}

// mayAsk bounds how often one browser, and one address on the net, can have us
// ask other servers.
func (s *Server) mayAsk(ctx context.Context) error {
	if token := s.sessions.Token(ctx); token != "" {
		if err := s.limits.connect.take(token); err != nil {
			return err
		}
	}
	return s.limits.stranger.take(clientIP(ctx))
}
