package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/store/db"
)

// Crawl is how far the profile directory of a host is read.
type Crawl struct {
	Host     string
	Phase    string // what is read now, as the job names it; empty between two readings
	Place    int    // in the list
	LastID   string // of the oldest account of the list that was read
	NewestID string // where the reading of new accounts ends
	NextID   string // NewestID of the next reading
	BeganAt  time.Time
	DueAt    time.Time
	ReadAt   time.Time // when a reading of the list ended last
	FullAt   time.Time // when the last reading of the whole list began
	Fails    int       // in a row
	Accounts int       // seen in the last reading of the whole list
	Rows     int       // in the index
	Error    string    // why it waits or rests, in words
	// UpdatedAt is when it was last worked on.
	UpdatedAt time.Time
}

// AddCrawls adds the hosts that are not known yet; they are due at once.
func (s *Store) AddCrawls(ctx context.Context, hosts []string) error {
	known, err := s.r().CrawlHosts(ctx)
	if err != nil {
		return fmt.Errorf("crawls: %w", err)
	}
	slices.Sort(known)
	added := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		_, there := slices.BinarySearch(known, host)
		return there
	})
	if len(added) == 0 {
		return nil
	}
	return s.tx(ctx, func(q *db.Queries) error {
		for _, host := range added {
			if err := q.AddCrawl(ctx, host, millis(s.now())); err != nil {
				return fmt.Errorf("add crawl of %s: %w", host, err)
			}
		}
		return nil
	})
}

// Crawls returns all of them by host.
func (s *Store) Crawls(ctx context.Context) ([]Crawl, error) {
	rows, err := s.r().Crawls(ctx)
	if err != nil {
		return nil, fmt.Errorf("crawls: %w", err)
	}
	crawls := make([]Crawl, len(rows))
	for i, row := range rows {
		crawls[i] = newCrawl(row)
	}
	return crawls, nil
}

// DueCrawls returns hosts that are due and that nobody works on, those due
// longest first.
func (s *Store) DueCrawls(ctx context.Context, most int) ([]string, error) {
	hosts, err := s.r().DueCrawls(ctx, millis(s.now()), int32(most))
	if err != nil {
		return nil, fmt.Errorf("due crawls: %w", err)
	}
	return hosts, nil
}

// CrawlLease is the right to read the directory of a host for a while. It ends by
// itself, and whoever takes it then has another end: by that the holder of an old
// one is told apart. It is for one goroutine.
type CrawlLease struct {
	Crawl
	store *Store
	d     time.Duration
	until int64
}

// LeaseCrawl takes the host for d if it is due and free, else it returns nil.
func (s *Store) LeaseCrawl(ctx context.Context, host string, d time.Duration) (*CrawlLease, error) {
	until := millis(s.now().Add(d))
	row, err := s.w().LeaseCrawl(ctx, host, until, millis(s.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lease crawl of %s: %w", host, err)
	}
	return &CrawlLease{Crawl: newCrawl(row), store: s, d: d, until: until}, nil
}

// Save keeps the Crawl as it is now and what a page said: rows in place of all
// that their accounts had, and nothing in place of what the accounts in seen, given
// by Address.Key, had. Accounts whose holders opted out are left out. It returns how many rows are
// new. ErrLeaseLost means that somebody else reads the host now.
func (l *CrawlLease) Save(ctx context.Context, seen []string, rows []DirectoryAccount) (added int, err error) {
	key, err := l.store.optOutKey(ctx)
	if err != nil {
		return 0, err
	}
	until := millis(l.store.now().Add(l.d))
	err = l.store.bulk(ctx, func(b *bulk) error {
		if len(rows) > 0 {
			if err := b.LockOptOuts(ctx, optOutSetting); err != nil {
				return err
			}
		}
		if err := l.hold(ctx, b, until); err != nil {
			return err
		}
		if rows, err = withoutOptOuts(ctx, b, key, rows); err != nil {
			return err
		}
		added, err = b.replaceDirectoryAccounts(ctx, seen, rows)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("crawl of %s: %w", l.Host, err)
	}
	l.until = until
	return added, nil
}

// Release keeps the Crawl as it is now, counts its rows, and ends the lease.
func (l *CrawlLease) Release(ctx context.Context) error {
	n, err := l.store.r().CountDirectoryAccounts(ctx, l.Host)
	if err != nil {
		return fmt.Errorf("crawl of %s: %w", l.Host, err)
	}
	l.Rows = int(n)
	err = l.store.bulk(ctx, func(b *bulk) error { return l.hold(ctx, b, 0) })
	if err != nil {
		return fmt.Errorf("crawl of %s: %w", l.Host, err)
	}
	return nil
}

// hold writes the Crawl down if the lease stands, and prolongs it.
func (l *CrawlLease) hold(ctx context.Context, b *bulk, until int64) error {
	n, err := b.SaveCrawl(ctx, db.SaveCrawlParams{
		Host: l.Host, Phase: l.Phase, Place: int64(l.Place), LastID: l.LastID, NewestID: l.NewestID, NextID: l.NextID, BeganAt: millis(l.BeganAt),
		DueAt: millis(l.DueAt), ReadAt: millis(l.ReadAt), FullAt: millis(l.FullAt), Fails: int64(l.Fails), Accounts: int64(l.Accounts),
		RowCount: int64(l.Rows), Error: l.Error, Until: until, Now: millis(l.store.now()), Held: l.until,
	})
	if err == nil && n == 0 {
		err = ErrLeaseLost
	}
	return err
}

// OldDirectoryAccounts returns rows of the host that nobody has read since before,
// the oldest first.
func (s *Store) OldDirectoryAccounts(ctx context.Context, host string, before time.Time, most int) ([]DirectoryAccount, error) {
	rows, err := s.r().OldDirectoryAccounts(ctx, host, millis(before), int32(most))
	if err != nil {
		return nil, fmt.Errorf("old directory accounts of %s: %w", host, err)
	}
	accounts := make([]DirectoryAccount, len(rows))
	for i, row := range rows {
		if accounts[i], err = newDirectoryAccount(row); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

func newCrawl(row db.Crawl) Crawl {
	return Crawl{
		Host: row.Host, Phase: row.Phase, Place: int(row.Place), LastID: row.LastID, NewestID: row.NewestID, NextID: row.NextID,
		BeganAt: fromMillis(row.BeganAt), DueAt: fromMillis(row.DueAt), ReadAt: fromMillis(row.ReadAt), FullAt: fromMillis(row.FullAt),
		Fails: int(row.Fails), Accounts: int(row.Accounts), Rows: int(row.RowCount), Error: row.Error, UpdatedAt: fromMillis(row.UpdatedAt),
	}
}

var directoryAccountRows = table{
	name:    "directory_accounts",
	columns: []string{"address_key", "handle_lower", "address", "host", "remote_id", "text", "read_at", "shown_at"},
	conflict: `ON CONFLICT (address_key, handle_lower) DO UPDATE SET address = excluded.address, host = excluded.host,
    remote_id = excluded.remote_id, text = excluded.text, read_at = excluded.read_at`,
}

// directoryKey is the key of a row.
type directoryKey struct{ address, handle string }

// replaceDirectoryAccounts puts rows in place of what their accounts and those in
// seen had, and returns how many are new.
func (b *bulk) replaceDirectoryAccounts(ctx context.Context, seen []string, rows []DirectoryAccount) (added int, err error) {
	seen = slices.Clone(seen)
	write, values := map[directoryKey]bool{}, [][]any{}
	for _, r := range rows {
		k := directoryKey{r.Address.Key(), r.Handle}
		if !write[k] {
			write[k] = true
			seen = append(seen, k.address)
			values = append(values, []any{k.address, k.handle, r.Address.String(), r.Host, r.RemoteID, r.Text, millis(r.ReadAt), millis(r.ShownAt)})
		}
	}
	slices.Sort(seen)
	there, err := b.directoryKeys(ctx, slices.Compact(seen))
	if err != nil {
		return 0, err
	}
	added = len(write)
	for _, k := range there {
		if write[k] {
			added--
			continue
		}
		if err := b.DeleteDirectoryAccount(ctx, k.address, k.handle); err != nil {
			return 0, err
		}
	}
	return added, b.insert(ctx, directoryAccountRows, values)
}

// directoryKeys returns the keys of the rows of those addresses, each given once.
func (b *bulk) directoryKeys(ctx context.Context, addressKeys []string) (keys []directoryKey, err error) {
	query := `SELECT address_key, handle_lower FROM directory_accounts WHERE address_key IN (?)`
	err = b.reader().lookUp(ctx, query, addressKeys, func(rows *sql.Rows) error {
		var k directoryKey
		err := rows.Scan(&k.address, &k.handle)
		keys = append(keys, k)
		return err
	})
	return keys, err
}
