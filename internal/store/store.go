// Package store is the shelf between the stages: all SQL, the migrations and
// nothing else. One SQL text, written for PostgreSQL with $1 and compiled by
// sqlc into package db, runs on PostgreSQL and on SQLite. What is decided is
// decided by the callers; the store keeps it, whole or not at all.
// Times are kept as milliseconds UTC, ids are ULID text made here.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/oklog/ulid/v2"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver of the embedded database

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Options says where the database is. URL is a PostgreSQL connection URL; where
// it is empty, Path is the file of a SQLite database, made if it is missing.
type Options struct {
	URL  string
	Path string
	Keys *secret.Keyring
	Now  func() time.Time // time.Now if nil
}

// Store keeps everything that Skein knows. It is safe for use by many
// goroutines, and on PostgreSQL by many processes.
type Store struct {
	write    *sql.DB
	read     *sql.DB
	postgres bool
	fill     func(ctx context.Context, b *bulk, t table, rows [][]any) error // insertRows or copyRows
	keys     *secret.Keyring
	macs     macKey
	now      func() time.Time
	optOuts  optOuts
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open connects to the database and brings its tables up to date. Several
// processes may open the same PostgreSQL database at the same time.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{keys: o.Keys, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if o.URL != "" {
		err = s.openPostgres(ctx, o.URL)
	} else {
		err = s.openSQLite(o.Path)
	}
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openPostgres(ctx context.Context, address string) error {
	pool, err := pgxpool.New(ctx, address)
	if err != nil { // pgx's own text may quote the URL with its password
		return fmt.Errorf("SKEIN_DATABASE_URL is not a PostgreSQL address: %w", model.ErrInvalid)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return fmt.Errorf("the database does not answer (SKEIN_DATABASE_URL): %w", cause(err))
	}
	s.write = stdlib.OpenDBFromPool(pool)
	s.read = s.write
	s.postgres, s.fill = true, copyRows
	return nil
}

// cause is what is at the bottom of pgx's error, whose own text tells the same
// for each address that was tried.
func cause(err error) error {
	var dial *net.OpError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &dial):
		return dial
	case errors.As(err, &refused):
		return errors.New(refused.Message)
	}
	return err
}

// openSQLite opens one writing connection, which takes its lock at BEGIN, and
// several reading ones. A deferred transaction that reads and then writes would
// fail with SQLITE_BUSY whatever the timeout.
func (s *Store) openSQLite(path string) error {
	s.fill = insertRows
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	// SQLite would make it readable to everybody, and its companions after it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	common := "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	if s.write, err = sql.Open("sqlite", name+"?"+common+"&_pragma=cache_size(-16000)&_txlock=immediate"); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.write.Ping(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if s.read, err = sql.Open("sqlite", name+"?"+common+"&_pragma=cache_size(-4000)&_pragma=query_only(1)"); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(8)
	return nil
}

func (s *Store) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{}
	if s.postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, s.write, dir, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// NewID returns a new ULID, later ones sorting after earlier ones.
func NewID() string { return ulid.Make().String() }

// r returns the queries on a reading connection.
func (s *Store) r() *db.Queries { return db.New(s.read) }

// w returns the queries on the writing connection, each its own transaction.
func (s *Store) w() *db.Queries { return db.New(s.write) }

// tx runs do in one writing transaction.
func (s *Store) tx(ctx context.Context, do func(q *db.Queries) error) error {
	return s.bulk(ctx, func(b *bulk) error { return do(b.Queries) })
}

// Setting returns the value kept under name, first keeping value if there is
// none: of several processes that start together all get the same.
func (s *Store) Setting(ctx context.Context, name, value string) (string, error) {
	if err := s.w().AddSetting(ctx, name, value); err != nil {
		return "", fmt.Errorf("setting %s: %w", name, err)
	}
	kept, err := s.w().Setting(ctx, name)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", name, err)
	}
	return kept, nil
}

// millis and fromMillis turn times into what the tables hold; 0 is the zero Time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// missing turns "no rows" into ErrNotFound and says what was looked for.
func missing(err error, what, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = model.ErrNotFound
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
