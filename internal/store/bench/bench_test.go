package bench_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/throwaway"
	"github.com/skein-migrate/skein/jobs"
)

var (
	table = flag.Bool("table", false, "measure and print the table")
	only  = flag.String("only", "", "measure only lines that begin so")
	runs  = flag.Int("runs", 3, "take the median of so many runs")
)

func TestMain(m *testing.M) { os.Exit(throwaway.Main(m)) }

// database is a store with a Move, and where to find it without the store.
type database struct {
	*store.Store
	driver, address string
	move            store.Move
	archive         store.Archive
	worker          *jobs.Worker // of prepareFind
	run             store.Run
	lease           *store.Lease // of preparePlan
	steps           []plan.Step
}

func openDatabase(t *testing.T, driver string) *database {
	t.Helper()
	dir := t.TempDir()
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "key"))
	check(t, err)
	d := &database{driver: driver, address: filepath.Join(dir, "skein.db")}
	o := store.Options{Keys: keys, Path: d.address}
	if driver == "pgx" {
		d.address = throwaway.Postgres(t)
		o.URL = d.address
	}
	d.Store, err = store.Open(t.Context(), o)
	check(t, err)
	t.Cleanup(func() { _ = d.Close() })
	owner, err := d.AddOwner(t.Context())
	check(t, err)
	d.move, err = d.AddMove(t.Context(), owner)
	check(t, err)
	d.archive, err = d.AddArchive(t.Context(), store.Archive{MoveID: d.move.ID, Kind: "archive"})
	check(t, err)
	return d
}

// analyze has the database count its rows, as PostgreSQL does by itself within a
// minute. Before that it reads a new table from end to end for every question.
func (d *database) analyze(ctx context.Context) error {
	c, err := sql.Open(d.driver, d.address)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, "ANALYZE")
	return err
}

// measure is a line of the table: what is stored, and the plain way to store as many
// rows of the same width in the same table, as (query, values of the i-th row).
type measure struct {
	name    string
	rows    int
	prepare func(ctx context.Context, d *database) error // not timed
	run     func(ctx context.Context, d *database) error
	query   string
	row     func(d *database, i int) []any
	read    func(ctx context.Context, c *sql.DB) error // in place of query: on the same database
}

// TestTable prints how long each measure takes on both databases, beside a plain loop
// over a prepared INSERT in one transaction: the median of some runs, each
// in a new database.
func TestTable(t *testing.T) {
	if !*table {
		t.Skip("only measured with -table")
	}
	fmt.Printf("| %-34s | %7s | %9s | %9s | %9s | %5s | %13s | %13s | %13s | %5s |\n", "",
		"rows", "SQLite s", "CPU s", "plain s", "ratio", "PostgreSQL s", "CPU s", "plain s", "ratio")
	fmt.Println("|---|" + strings.Repeat("--:|", 9))
	for _, j := range measures() {
		if !strings.HasPrefix(j.name, *only) {
			continue
		}
		fmt.Printf("| %-34s | %7d |", j.name, j.rows)
		for _, driver := range []string{"sqlite", "pgx"} {
			var took, busy, plain []time.Duration
			for range *runs {
				t.Run(j.name+" "+driver, func(t *testing.T) {
					d := openDatabase(t, driver)
					if j.prepare != nil {
						check(t, j.prepare(t.Context(), d))
					}
					began, before := time.Now(), cpu(t)
					check(t, j.run(t.Context(), d))
					took, busy = append(took, time.Since(began)), append(busy, cpu(t)-before)
					switch {
					case j.query != "":
						plain = append(plain, j.plain(t, openDatabase(t, driver)))
					case j.read != nil:
						plain = append(plain, j.plainly(t, d))
					}
				})
			}
			if t.Failed() {
				return
			}
			fmt.Printf(" %9.2f | %9.2f |", median(took).Seconds(), median(busy).Seconds())
			if len(plain) == 0 {
				fmt.Printf(" %9s | %5s |", "", "")
				continue
			}
			fmt.Printf(" %9.2f | %5.2f |", median(plain).Seconds(), float64(median(took))/float64(median(plain)))
		}
		fmt.Println()
	}
}

// connect opens the database without the store, as safely.
func (d *database) connect(t *testing.T) *sql.DB {
	t.Helper()
	address := d.address
	if d.driver == "sqlite" {
		address = "file:" + (&url.URL{Path: address}).EscapedPath() + "?_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)"
	}
	c, err := sql.Open(d.driver, address)
	check(t, err)
	t.Cleanup(func() { _ = c.Close() })
	check(t, c.Ping())
	return c
}

// plainly reads as j does, by a loop.
func (j measure) plainly(t *testing.T, d *database) time.Duration {
	c := d.connect(t)
	began := time.Now()
	check(t, j.read(context.WithoutCancel(t.Context()), c))
	return time.Since(began)
}

// plain stores the rows of j by a loop, in one transaction.
func (j measure) plain(t *testing.T, d *database) time.Duration {
	c, ctx := d.connect(t), context.WithoutCancel(t.Context())
	began := time.Now()
	tx, err := c.BeginTx(ctx, nil)
	check(t, err)
	stmt, err := tx.PrepareContext(ctx, j.query)
	check(t, err)
	for i := range j.rows {
		_, err := stmt.ExecContext(ctx, j.row(d, i)...)
		check(t, err)
	}
	check(t, tx.Commit())
	return time.Since(began)
}

func measures() []measure {
	const tweets, people, directory, steps = 130_000, 50_000, 200_000, 130_000
	return []measure{
		{
			name: "tweets, 5,000 at a time", rows: tweets,
			run:   func(ctx context.Context, d *database) error { return saveTweets(ctx, d, tweets, 5000) },
			query: insertTweet, row: tweetRow,
		}, {
			name: "tweets, 500 at a time", rows: tweets,
			run:   func(ctx context.Context, d *database) error { return saveTweets(ctx, d, tweets, 500) },
			query: insertTweet, row: tweetRow,
		}, {
			name: "the same tweets again", rows: tweets,
			prepare: func(ctx context.Context, d *database) error { return saveTweets(ctx, d, tweets, 5000) },
			run:     func(ctx context.Context, d *database) error { return saveTweets(ctx, d, tweets, 5000) },
		}, {
			name: "people and a relation each", rows: people,
			run:   func(ctx context.Context, d *database) error { return savePeople(ctx, d, people) },
			query: insertPerson, row: personRow,
		}, {
			name: "the same people again", rows: people,
			prepare: func(ctx context.Context, d *database) error { return savePeople(ctx, d, people) },
			run:     func(ctx context.Context, d *database) error { return savePeople(ctx, d, people) },
		}, {
			name: "read people with relations", rows: people,
			prepare: func(ctx context.Context, d *database) error { return savePeople(ctx, d, people) },
			run: func(ctx context.Context, d *database) error {
				for _, err := range d.People(ctx, d.move.ID) {
					if err != nil {
						return err
					}
				}
				return nil
			},
		}, {
			name: "directory index", rows: directory,
			run:   func(ctx context.Context, d *database) error { return swapDirectory(ctx, d, directory) },
			query: insertDirectory, row: directoryValues,
		}, {
			name: "find, offline, in 2,000,000 rows", rows: 5000,
			prepare: prepareFind,
			run:     find,
			read:    lookUp,
		}, {
			name: "pages of directories", rows: directory,
			run: func(ctx context.Context, d *database) error { return fillDirectories(ctx, d, directory) },
		}, {
			name: "who is in 200,000 listed", rows: 5000,
			prepare: func(ctx context.Context, d *database) error {
				return errors.Join(fillDirectories(ctx, d, directory), d.analyze(ctx))
			},
			run: lookUpDirectory,
		}, {
			name: "plan of posts", rows: steps,
			prepare: preparePlan,
			run:     addSteps,
		},
	}
}

const insertTweet = `INSERT INTO tweets (move_id, tweet_id, archive_id, file, at, payload) VALUES ($1, $2, $3, $4, $5, $6)`

func tweetRow(d *database, i int) []any {
	t := tweet(i)
	return []any{d.move.ID, t.ID, d.archive.ID, "data/tweets.js", t.CreatedAt.UnixMilli(), fmt.Sprintf(`{"id":%q,"at":%q,"text":%q}`, t.ID, t.CreatedAt, t.Text)}
}

func saveTweets(ctx context.Context, d *database, n, size int) error {
	for part := range parts(n, size, tweet) {
		if err := d.SaveTweets(ctx, d.move.ID, d.archive.ID, "data/tweets.js", part); err != nil {
			return err
		}
	}
	return nil
}

// tweet is the i-th of an archive, newest first; every third has a picture.
func tweet(i int) model.Tweet {
	t := model.Tweet{
		ID: fmt.Sprint(1_500_000_000_000_000_000 - i*1_000_003), CreatedAt: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(i) * 7 * time.Minute),
		Text: fmt.Sprintf("@somebody%d Tweet number %d says something of the usual length, with a link https://t.co/abcdefghij and some more words.", i%900, i), Lang: "en",
		Mentions: []model.Mention{{TwitterID: fmt.Sprint(1000 + i%900), Handle: fmt.Sprintf("somebody%d", i%900), Name: "Somebody", End: 12}},
		Links:    []model.Link{{Short: "https://t.co/abcdefghij", Expanded: "https://example.org/an/article/of/some/length", Start: 70, End: 93}},
	}
	if i%3 == 0 {
		t.Media = []model.Media{{Type: model.Photo, File: t.ID + "-FabcdefXkAAo9z.jpg", Expected: t.ID + "-FabcdefXkAAo9z.jpg"}}
	}
	return t
}

// parts yields make(0) to make(n-1), so many at a time.
func parts[T any](n, size int, make func(i int) T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for from := 0; from < n; from += size {
			var part []T
			for i := from; i < min(from+size, n); i++ {
				part = append(part, make(i))
			}
			if !yield(part) {
				return
			}
		}
	}
}

// cpu is how long this process has computed. What the PostgreSQL server did is not in it.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	check(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
