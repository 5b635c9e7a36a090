package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// What an Entry rests on: an archive, which anybody can write, or both accounts
// signed in here.
const (
	ProofArchive = "archive"
	ProofBoth    = "both"
)

// Entry is somebody who agreed to be found: a Twitter account and an Address.
type Entry struct {
	ID        string
	OwnerID   string
	Address   model.Address
	TwitterID string
	Handle    string
	Proof     string
	Inside    bool // found by those whose archive has them
	Everybody bool // anyone may look them up
	Hidden    int  // Twitter accounts that it is not shown to
	At        time.Time
}

// Consent is what the Owner of an Account says about being found as the Twitter
// account of a Move. Hide and Show are Twitter ids.
type Consent struct {
	Inside    bool
	Everybody bool
	Hide      []string
	Show      []string
	ShowToAll bool // before Hide is done
}

// mostHidden is how many Twitter accounts an Entry can be hidden from.
const mostHidden = 1000

// Agree keeps the consent and returns the Entry; with neither consent there is
// none any more, and it returns the zero Entry. One Address has one Entry: whoever
// has connected the Account may change what another Owner said of it. An Address
// whose holder opted out of all sources is ErrDenied.
func (s *Store) Agree(ctx context.Context, m Move, account model.Account, c Consent) (Entry, error) {
	if !c.Inside && !c.Everybody {
		return Entry{}, s.WithdrawAddress(ctx, account.Address)
	}
	if m.TwitterID == "" {
		return Entry{}, fmt.Errorf("which X account is yours is known only after an archive was read: %w", model.ErrConflict)
	}
	out, err := s.optedOut(ctx, []string{account.Address.Key()})
	if err != nil {
		return Entry{}, err
	}
	if out[account.Address.Key()] {
		return Entry{}, fmt.Errorf("%s asked not to be found in any source; take that back first: %w", account.Address, model.ErrDenied)
	}
	hide, err := s.hiddenMacs(ctx, c.Hide)
	if err != nil {
		return Entry{}, err
	}
	show, err := s.hiddenMacs(ctx, c.Show)
	if err != nil {
		return Entry{}, err
	}
	var id string
	err = s.tx(ctx, func(q *db.Queries) error {
		if id, err = s.saveEntry(ctx, q, m, account, c); err != nil {
			return err
		}
		return hideEntry(ctx, q, id, c.ShowToAll, show, hide)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("registry entry of %s: %w", account.Address, err)
	}
	return s.entry(ctx, m.OwnerID, id)
}

func (s *Store) saveEntry(ctx context.Context, q *db.Queries, m Move, account model.Account, c Consent) (string, error) {
	proof := ProofArchive
	if _, err := q.XSignIn(ctx, m.OwnerID, m.TwitterID); err == nil {
		proof = ProofBoth
	} else if orEmpty(err) != nil {
		return "", err
	}
	return q.SaveEntry(ctx, db.SaveEntryParams{
		ID: NewID(), OwnerID: m.OwnerID, Address: account.Address.String(), AddressKey: account.Address.Key(),
		TwitterID: m.TwitterID, Handle: m.Handle, Proof: proof,
		Inside: c.Inside, Everybody: c.Everybody, CreatedAt: millis(s.now()),
	})
}

func hideEntry(ctx context.Context, q *db.Queries, id string, showToAll bool, show, hide []string) error {
	if showToAll {
		if err := q.ShowEntryToAll(ctx, id); err != nil {
			return err
		}
	}
	for _, mac := range show {
		if err := q.ShowEntry(ctx, id, mac); err != nil {
			return err
		}
	}
	for _, mac := range hide {
		if err := q.HideEntry(ctx, id, mac); err != nil {
			return err
		}
	}
	n, err := q.CountHidden(ctx, id)
	if err == nil && n > mostHidden {
		err = fmt.Errorf("an entry can be hidden from %d accounts, not more: %w", mostHidden, model.ErrConflict)
	}
	return err
}

// hiddenMacs returns what is kept of Twitter ids that an Entry is hidden from.
func (s *Store) hiddenMacs(ctx context.Context, ids []string) ([]string, error) {
	macs := make([]string, len(ids))
	for i, id := range ids {
		var err error
		if macs[i], err = s.mac(ctx, "registry hidden", id); err != nil {
			return nil, err
		}
	}
	return macs, nil
}

// Entries returns the live Entries that the Owner may change: those they made
// themselves, and those of the Accounts they have connected.
func (s *Store) Entries(ctx context.Context, owner string) ([]Entry, error) {
	rows, err := s.r().EntriesOf(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("registry entries of %s: %w", owner, err)
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		address, err := model.ParseAddress(row.Address)
		if err != nil {
			return nil, fmt.Errorf("registry entry %s: %w", row.ID, err)
		}
		entries[i] = Entry{
			ID: row.ID, OwnerID: row.OwnerID, Address: address, TwitterID: row.TwitterID, Handle: row.Handle, Proof: row.Proof,
			Inside: row.Inside, Everybody: row.Everybody, Hidden: int(row.Hidden), At: fromMillis(row.UpdatedAt),
		}
	}
	return entries, nil
}

func (s *Store) entry(ctx context.Context, owner, id string) (Entry, error) {
	entries, err := s.Entries(ctx, owner)
	if err != nil {
		return Entry{}, err
	}
	for _, e := range entries {
		if e.ID == id {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("registry entry %s: %w", id, model.ErrNotFound)
}

// WithdrawEntry takes an Entry back that the Owner may change.
func (s *Store) WithdrawEntry(ctx context.Context, owner, id string) error {
	if _, err := s.entry(ctx, owner, id); err != nil {
		return err
	}
	return s.withdraw(ctx, id)
}

// WithdrawEntriesOf takes back all that the Owner agreed to as that Twitter
// account, for a Move that is deleted with its entries.
func (s *Store) WithdrawEntriesOf(ctx context.Context, owner, twitterID string) error {
	entries, err := s.Entries(ctx, owner)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.TwitterID == twitterID {
			if err := s.withdraw(ctx, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// WithdrawAddress takes back the Entry of an Address, if there is one.
func (s *Store) WithdrawAddress(ctx context.Context, a model.Address) error {
	id, err := s.r().EntryByAddress(ctx, a.Key())
	if err != nil {
		if orEmpty(err) == nil {
			return nil
		}
		return fmt.Errorf("registry entry of %s: %w", a, err)
	}
	return s.withdraw(ctx, id)
}

// withdraw leaves nothing of an Entry, or, if it was public once, its id.
func (s *Store) withdraw(ctx context.Context, id string) error {
	err := s.tx(ctx, func(q *db.Queries) error {
		return errors.Join(q.Tombstone(ctx, id, millis(s.now())), q.ShowEntryToAll(ctx, id), q.DeleteUnpublished(ctx, id))
	})
	if err != nil {
		return fmt.Errorf("withdraw registry entry %s: %w", id, err)
	}
	return nil
}

// ArchivedIDs returns the Twitter ids that archives of the Owner know under a
// handle: several if it changed hands, none if no archive names it.
func (s *Store) ArchivedIDs(ctx context.Context, owner, handle string) ([]string, error) {
	ids, err := s.r().ArchivedIDs(ctx, owner, strings.ToLower(handle))
	if err != nil {
		return nil, fmt.Errorf("ids of a handle: %w", err)
	}
	return ids, nil
}
