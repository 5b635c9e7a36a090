package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// RegistryEntries says who may find the Owner's Accounts, one entry for each
// Account, and those of Accounts that are connected no longer.
type RegistryEntries struct {
	On         bool            `json:"on" doc:"This installation has a registry"`
	XSignIn    bool            `json:"x_sign_in" doc:"One can sign in with X here"`
	SignedInAs string          `json:"signed_in_as" doc:"The handle under which the Owner signed in with X as the Move's account; else empty"`
	Entries    []RegistryEntry `json:"entries"`
}

// RegistryEntry is an Account in the registry. Without a consent it has no id.
type RegistryEntry struct {
	ID        string     `json:"id"`
	Account   string     `json:"account" doc:"Empty if it is connected no longer"`
	Address   string     `json:"address"`
	TwitterID string     `json:"twitter_id"`
	Handle    string     `json:"handle"`
	Proof     string     `json:"proof" enum:",archive,both"`
	Inside    bool       `json:"inside" doc:"Found here by those whose archive has the X account"`
	Everybody bool       `json:"everybody" doc:"In the public registry"`
	Hidden    int        `json:"hidden" doc:"How many X accounts it is not shown to"`
	At        *time.Time `json:"at"`
}

func (s *Server) listEntries(ctx context.Context, in *MovePath) (*body[RegistryEntries], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, m)
}

func (s *Server) entries(ctx context.Context, m store.Move) (*body[RegistryEntries], error) {
	v := RegistryEntries{On: s.Worker.RegistryOn(), XSignIn: s.X.CanSignIn(), Entries: []RegistryEntry{}}
	var err error
	if v.SignedInAs, err = s.Store.XSignIn(ctx, m.OwnerID, m.TwitterID); err != nil && !notFound(err) {
		return nil, err
	}
	entries, err := s.Store.Entries(ctx, m.OwnerID)
	if err != nil {
		return nil, err
	}
	accounts, err := s.Store.Accounts(ctx, m.OwnerID)
	if err != nil {
		return nil, err
	}
	byAddress := map[string]store.Entry{}
	for _, e := range entries {
		byAddress[e.Address.Key()] = e
	}
	for _, a := range accounts {
		e := byAddress[a.Address.Key()]
		e.Address = a.Address
		v.Entries = append(v.Entries, entryBody(e, a.ID))
		delete(byAddress, a.Address.Key())
	}
	for _, e := range entries {
		if _, left := byAddress[e.Address.Key()]; left {
			v.Entries = append(v.Entries, entryBody(e, ""))
		}
	}
	return reply(v), nil
}

func entryBody(e store.Entry, account string) RegistryEntry {
	return RegistryEntry{
		ID: e.ID, Account: account, Address: e.Address.String(), TwitterID: e.TwitterID, Handle: e.Handle, Proof: e.Proof,
		Inside: e.Inside, Everybody: e.Everybody, Hidden: e.Hidden, At: known(e.At),
	}
}

type saveEntryInput struct {
	MovePath
	Account string `path:"account" maxLength:"40"`
	Body    struct {
		Inside    bool     `json:"inside"`
		Everybody bool     `json:"everybody"`
		Hide      []string `json:"hide,omitempty" maxItems:"200" doc:"X accounts that it is not to be shown to: ids, or handles that an archive of the Owner's knows"`
		Show      []string `json:"show,omitempty" maxItems:"200" doc:"X accounts that it may be shown to again"`
		ShowToAll bool     `json:"show_to_all,omitempty"`
	}
}

// saveEntry keeps the consents, also if they only take something back: then nothing
// has to be in order but the Account being the Owner's.
func (s *Server) saveEntry(ctx context.Context, in *saveEntryInput) (*body[RegistryEntries], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	account, err := s.Store.OwnAccount(ctx, m.OwnerID, in.Account)
	if err != nil {
		return nil, err
	}
	consent := store.Consent{Inside: in.Body.Inside, Everybody: in.Body.Everybody, ShowToAll: in.Body.ShowToAll}
	if consent.Inside || consent.Everybody {
		if !s.Worker.RegistryOn() {
			return nil, fmt.Errorf("this installation has no registry: %w", model.ErrDenied)
		}
		if !account.RevokedAt.IsZero() {
			return nil, errRevoked
		}
		if consent.Hide, err = s.twitterIDs(ctx, m.OwnerID, in.Body.Hide); err != nil {
			return nil, err
		}
		if consent.Show, err = s.twitterIDs(ctx, m.OwnerID, in.Body.Show); err != nil {
			return nil, err
		}
	}
	if _, err := s.Store.Agree(ctx, m, account, consent); err != nil {
		return nil, err
	}
	return s.entries(ctx, m)
}

// twitterIDs turns names into ids: digits are one, a handle may have had several
// holders. Those that no archive knows are named in the error.
func (s *Server) twitterIDs(ctx context.Context, owner string, names []string) ([]string, error) {
	var ids, unknown []string
	for _, name := range names {
		name = strings.TrimSpace(name)
		if id, err := model.ParseTwitterID(name); err == nil {
			ids = append(ids, id)
			continue
		}
		handle, err := model.ParseHandle(name)
		if err != nil {
			return nil, fmt.Errorf("%q is neither the number nor the name of an X account: %w", name, model.ErrInvalid)
		}
		found, err := s.Store.ArchivedIDs(ctx, owner, handle)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			unknown = append(unknown, "@"+handle)
		}
		ids = append(ids, found...)
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("your archive does not say which X account this is: %s. Give its number instead of its name: %w", strings.Join(unknown, ", "), model.ErrInvalid)
	}
	return ids, nil
}

type withdrawEntryInput struct {
	MovePath
	Entry string `path:"entry" maxLength:"40"`
}

func (s *Server) withdrawEntry(ctx context.Context, in *withdrawEntryInput) (*body[RegistryEntries], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if err := s.Store.WithdrawEntry(ctx, m.OwnerID, in.Entry); err != nil {
		return nil, err
	}
	return s.entries(ctx, m)
}
