package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Who does not want to be found is kept as a MAC of the address: whoever reads the
// table alone does not learn who it is. Its key is a random one, made once for the
// database. It is not derived from SKEIN_SECRET_KEY: then an operator who drops an
// old key would forget all of them.
const optOutSetting = "opt_outs"

// optOuts is the key, once it was read.
type optOuts struct {
	mu  sync.Mutex
	key []byte
}

// optOutKey returns the key of the MACs. Not to be called within a transaction.
func (s *Store) optOutKey(ctx context.Context) ([]byte, error) {
	s.optOuts.mu.Lock()
	defer s.optOuts.mu.Unlock()
	if s.optOuts.key != nil {
		return s.optOuts.key, nil
	}
	key, err := s.r().Setting(ctx, optOutSetting)
	if errors.Is(err, sql.ErrNoRows) {
		key, err = s.Setting(ctx, optOutSetting, secret.Token())
	}
	if err != nil {
		return nil, fmt.Errorf("key of the opt-outs: %w", err)
	}
	s.optOuts.key = []byte(key)
	return s.optOuts.key, nil
}

func addressMAC(key []byte, addressKey string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(addressKey))
	return hex.EncodeToString(m.Sum(nil))
}

// Forgotten is what an opt-out took away.
type Forgotten struct {
	Accounts int      // rows of profile directories
	Entries  int      // of the registry
	Matches  int      // in all Moves
	Moves    []string // the Moves that had them, sorted
}

// OptOut remembers that the holder of the addresses, which are names of one
// account, does not want to be found, and takes away what is known of it: rows of
// profile directories, the entry in the registry, cached profiles, and matches in
// all Moves but those that their Owner said yes to. It counts at once: whoever
// writes such rows at this moment has written them before, or does not. Calling
// again takes away what was left by a call that was cut short.
func (s *Store) OptOut(ctx context.Context, addresses []model.Address) (Forgotten, error) {
	key, err := s.optOutKey(ctx)
	if err != nil {
		return Forgotten{}, err
	}
	var f Forgotten
	err = s.tx(ctx, func(q *db.Queries) error {
		if err := q.LockOptOuts(ctx, optOutSetting); err != nil {
			return err
		}
		for _, a := range addresses {
			if err := q.AddOptOut(ctx, addressMAC(key, a.Key()), millis(s.now())); err != nil {
				return err
			}
			if err := f.forget(ctx, q, a.Key(), millis(s.now())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Forgotten{}, fmt.Errorf("opt out: %w", err)
	}
	for _, a := range addresses {
		if err := s.forgetMatches(ctx, a.Key(), &f); err != nil {
			return f, fmt.Errorf("opt out: %w", err)
		}
	}
	slices.Sort(f.Moves)
	f.Moves = slices.Compact(f.Moves)
	return f, nil
}

func (f *Forgotten) forget(ctx context.Context, q *db.Queries, addressKey string, now int64) error {
	accounts, err := q.OptOutDirectoryAccounts(ctx, addressKey)
	if err != nil {
		return err
	}
	if err := q.OptOutRegistryHidden(ctx, addressKey); err != nil {
		return err
	}
	entries, err := q.OptOutRegistryEntry(ctx, addressKey, now)
	if err != nil {
		return err
	}
	f.Accounts, f.Entries = f.Accounts+int(accounts), f.Entries+int(entries)
	return q.OptOutProfile(ctx, addressKey)
}

// forgetMatches deletes the matches of an address, a few Moves at a time: nobody
// has to wait for as long as all of them take.
func (s *Store) forgetMatches(ctx context.Context, addressKey string, f *Forgotten) error {
	for {
		rows, err := s.r().OptOutMatches(ctx, addressKey, 100)
		if err != nil || len(rows) == 0 {
			return err
		}
		for len(rows) > 0 {
			move := rows[0].MoveID
			n := slices.IndexFunc(rows, func(r db.OptOutMatchesRow) bool { return r.MoveID != move })
			if n < 0 {
				n = len(rows)
			}
			deleted, err := s.forgetMatchesOf(ctx, move, rows[:n])
			if err != nil {
				return err
			}
			f.Matches += deleted
			f.Moves = append(f.Moves, move)
			rows = rows[n:]
		}
	}
}

func (s *Store) forgetMatchesOf(ctx context.Context, move string, rows []db.OptOutMatchesRow) (deleted int, err error) {
	err = s.bulk(ctx, func(q *bulk) error {
		if err := q.LockMove(ctx, move); err != nil {
			return fmt.Errorf("move %s: %w", move, err)
		}
		deleted = 0
		for _, row := range rows {
			n, err := q.OptOutMatch(ctx, row.ID)
			if err != nil {
				return fmt.Errorf("match %s: %w", row.ID, err)
			}
			deleted += int(n)
			if err := rechoose(ctx, q, move, row.PersonID); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}

// OptIn forgets an opt-out of the addresses and tells whether there was one.
func (s *Store) OptIn(ctx context.Context, addresses []model.Address) (bool, error) {
	key, err := s.optOutKey(ctx)
	if err != nil {
		return false, err
	}
	n := int64(0)
	err = s.tx(ctx, func(q *db.Queries) error {
		for _, a := range addresses {
			deleted, err := q.DeleteOptOut(ctx, addressMAC(key, a.Key()))
			if err != nil {
				return err
			}
			n += deleted
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("opt in: %w", err)
	}
	return n > 0, nil
}

// OptedOut tells which of the addresses must not be found, by Address.Key.
func (s *Store) OptedOut(ctx context.Context, addresses []model.Address) (map[string]bool, error) {
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = a.Key()
	}
	return s.optedOut(ctx, keys)
}

// optedOut is OptedOut for keys of addresses.
func (s *Store) optedOut(ctx context.Context, keys []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(keys) == 0 {
		return out, nil
	}
	key, err := s.optOutKey(ctx)
	if err != nil {
		return nil, err
	}
	byMAC := map[string]string{}
	for _, k := range keys {
		byMAC[addressMAC(key, k)] = k
	}
	err = eachOptOut(ctx, s.reader(), byMAC, func(addressKey string) { out[addressKey] = true })
	if err != nil {
		return nil, fmt.Errorf("opted out: %w", err)
	}
	return out, nil
}

// eachOptOut calls found with the values of byMAC whose key is an opt-out.
func eachOptOut(ctx context.Context, r reader, byMAC map[string]string, found func(string)) error {
	macs := slices.Collect(maps.Keys(byMAC))
	return r.lookUp(ctx, `SELECT address_mac FROM opt_outs WHERE address_mac IN (?)`, macs, func(rows *sql.Rows) error {
		var mac string
		err := rows.Scan(&mac)
		found(byMAC[mac])
		return err
	})
}

// withoutOptOuts returns the rows of accounts that may be found.
func withoutOptOuts(ctx context.Context, b *bulk, key []byte, rows []DirectoryAccount) ([]DirectoryAccount, error) {
	byMAC, out := map[string]string{}, map[string]bool{}
	for _, r := range rows {
		byMAC[addressMAC(key, r.Address.Key())] = r.Address.Key()
	}
	if err := eachOptOut(ctx, b.reader(), byMAC, func(addressKey string) { out[addressKey] = true }); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r DirectoryAccount) bool { return out[r.Address.Key()] }), nil
}
