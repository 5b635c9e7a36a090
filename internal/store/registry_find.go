package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// RegistryEvidence returns what registries say of People, by Person.ID. The Move
// with that Twitter id asks. Who agreed to be found by those whose archive has
// them is found for People whom an archive names, by numeric id; who may be looked
// up by anyone also by the handle of somebody whose id is not known. Entries that
// are hidden from the Move's account, and addresses whose holders opted out, are
// left out. A database without its keys cannot tell these and says nothing.
func (s *Store) RegistryEvidence(ctx context.Context, moveTwitterID string, people []model.Person) (map[string][]model.Evidence, error) {
	mac, err := s.mac(ctx, "registry hidden", moveTwitterID)
	if errors.Is(err, errNoMacKey) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	f := registryFinder{ctx: ctx, store: s, mac: mac, byID: map[string][]model.Person{}, byHandle: map[string][]model.Person{}, asks: moveTwitterID != ""}
	for _, p := range people {
		switch {
		case p.TwitterID != "":
			f.byID[p.TwitterID] = append(f.byID[p.TwitterID], p)
		case p.Handle.Name != "":
			handle := strings.ToLower(p.Handle.Name)
			f.byHandle[handle] = append(f.byHandle[handle], p)
		}
	}
	if err := f.look(); err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return f.evidence()
}

// registryFinder looks People up in this registry and in copies of others.
type registryFinder struct {
	ctx      context.Context
	store    *Store
	mac      string // of the Twitter id of whoever asks
	asks     bool   // whether that id is known
	byID     map[string][]model.Person
	byHandle map[string][]model.Person // lower case; only of those without an id
	found    []registryFound
}

type registryFound struct {
	person   string
	evidence model.Evidence
}

// registered is a row of this registry or of a copy.
type registered struct {
	twitterID, handle, address, proof string
	at                                int64
	inside, everybody                 bool
	feed                              string // empty for this one
}

// The parameters of selectEntries begin with the MAC of whoever asks.
const (
	selectEntries = `SELECT e.twitter_id, e.handle, e.address, e.proof, e.updated_at, e.inside, e.everybody, '' FROM registry_entries e
		WHERE e.withdrawn_at = 0 AND NOT EXISTS (SELECT 1 FROM registry_hidden h WHERE h.entry_id = e.id AND h.twitter_mac = $1)`
	selectCopies = `SELECT c.twitter_id, c.handle_lower, c.address, c.proof, c.at, FALSE, TRUE, c.feed FROM registry_copies c
		JOIN registry_feeds f ON f.url = c.feed AND f.generation = c.generation`
)

// look finds the rows of those who ask for a proof by numeric id, then those by
// handle. A row of this registry is shown to whom its consents allow.
func (f *registryFinder) look() error {
	err := f.each(selectEntries+` AND e.twitter_id IN (?)`, []any{f.mac}, model.TieID)
	if err == nil {
		err = f.each(selectCopies+` WHERE c.twitter_id <> '' AND c.twitter_id IN (?)`, nil, model.TieID)
	}
	if err == nil {
		err = f.each(selectEntries+` AND LOWER(e.handle) IN (?)`, []any{f.mac}, model.TieHandle)
	}
	if err == nil {
		err = f.each(selectCopies+` WHERE c.handle_lower <> '' AND c.handle_lower IN (?)`, nil, model.TieHandle)
	}
	return err
}

// each asks for all who can be tied so.
func (f *registryFinder) each(query string, first []any, tie model.Tie) error {
	people := f.byID
	if tie == model.TieHandle {
		people = f.byHandle
	}
	return f.store.reader().lookUp(f.ctx, query, slices.Collect(maps.Keys(people)), func(rows *sql.Rows) error {
		var r registered
		if err := rows.Scan(&r.twitterID, &r.handle, &r.address, &r.proof, &r.at, &r.inside, &r.everybody, &r.feed); err != nil {
			return err
		}
		key := r.twitterID
		if tie == model.TieHandle {
			key = strings.ToLower(r.handle)
		}
		for _, p := range people[key] {
			if r.everybody || r.inside && tie == model.TieID && f.asks && p.Archived {
				f.add(p, r, tie)
			}
		}
		return nil
	}, first...)
}

func (f *registryFinder) add(p model.Person, r registered, tie model.Tie) {
	address, err := model.ParseAddress(r.address)
	if err != nil {
		return
	}
	for _, e := range r.evidence(address, tie) {
		f.found = append(f.found, registryFound{p.ID, e})
	}
}

// evidence leaves out the addresses whose holders do not want to be found.
func (f *registryFinder) evidence() (map[string][]model.Evidence, error) {
	addresses := make([]model.Address, len(f.found))
	for i, found := range f.found {
		addresses[i] = found.evidence.Address
	}
	out, err := f.store.OptedOut(f.ctx, addresses)
	if err != nil {
		return nil, err
	}
	evidence := map[string][]model.Evidence{}
	for _, found := range f.found {
		if !out[found.evidence.Address.Key()] {
			evidence[found.person] = append(evidence[found.person], found.evidence)
		}
	}
	return evidence, nil
}

// sourceRegistry is the name that package directory gives this source.
const sourceRegistry = "registry"

// evidence puts a row into words. Two sides, and so a proof, are only those who
// signed in here with both accounts, and only by the numeric id: a handle may be
// somebody else's by now.
func (r registered) evidence(address model.Address, tie model.Tie) []model.Evidence {
	account, at := "id "+r.twitterID, fromMillis(r.at)
	if r.handle != "" {
		account = "@" + r.handle + " (" + account + ")"
	}
	date, rests := at.Format("2 January 2006"), "on the word of an archive"
	if r.proof == ProofBoth {
		rests = "signed in with both accounts"
	}
	say := func(side model.Side, text string) model.Evidence {
		return model.Evidence{Address: address, Source: sourceRegistry, Side: side, Tie: tie, Text: text, At: at}
	}
	switch {
	case r.feed != "":
		return []model.Evidence{say(model.ThirdSide, fmt.Sprintf("Registry of %s, %s: %s on X is %s, %s there", feedName(r.feed), date, account, address, rests))}
	case r.proof == ProofBoth && tie == model.TieID:
		return []model.Evidence{
			say(model.TwitterSide, fmt.Sprintf("Signed in here with X as %s and named %s, %s", account, address, date)),
			say(model.FediverseSide, fmt.Sprintf("Signed in here as %s and named %s on X, %s", address, account, date)),
		}
	}
	return []model.Evidence{say(model.ThirdSide, fmt.Sprintf("Registry of this service, %s: %s on X is %s, %s", date, account, address, rests))}
}

func feedName(feed string) string {
	if u, err := url.Parse(feed); err == nil && u.Host != "" {
		return u.Host
	}
	return "another installation"
}
