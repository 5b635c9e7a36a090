package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/skein-migrate/skein/internal/store/db"
)

// Writing many rows at once is the one thing that the two databases want done
// differently. Both write the same rows by the same rule for those that exist.

// batch is how many rows one transaction writes at most, so that leases can be
// renewed in between.
const batch = 5000

// table is where rows of these columns go. conflict is the ON CONFLICT clause,
// or empty where no row can be there already. With DO UPDATE no two rows of one
// insert may have the same key.
type table struct {
	name     string
	columns  []string
	conflict string
}

// bulk is a writing transaction that also takes many rows at once.
type bulk struct {
	*db.Queries
	conn *sql.Conn
	tx   *sql.Tx
	fill func(ctx context.Context, b *bulk, t table, rows [][]any) error

	postgres bool
}

// reader reads inside the transaction.
func (b *bulk) reader() reader { return reader{b.tx, b.postgres} }

// insert writes the rows into t.
func (b *bulk) insert(ctx context.Context, t table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if err := b.fill(ctx, b, t, rows); err != nil {
		return fmt.Errorf("%d rows of %s: %w", len(rows), t.name, err)
	}
	return nil
}

// bulk runs do in one writing transaction.
func (s *Store) bulk(ctx context.Context, do func(b *bulk) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(&bulk{Queries: db.New(tx), conn: conn, tx: tx, fill: s.fill, postgres: s.postgres}); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// insertRows is how SQLite likes it: one statement, parsed once, run for each
// row. The pure Go driver gets slower with the square of the parameters, so
// several rows in one statement would take longer.
func insertRows(ctx context.Context, b *bulk, t table, rows [][]any) error {
	values := make([]string, len(t.columns))
	for i := range values {
		values[i] = "$" + strconv.Itoa(i+1)
	}
	stmt, err := b.tx.PrepareContext(ctx, t.into()+" VALUES ("+strings.Join(values, ", ")+") "+t.conflict)
	if err != nil {
		return err
	}
	defer stmt.Close()
	each := context.WithoutCancel(ctx) // the driver starts a goroutine for each call that could be cancelled
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := stmt.ExecContext(each, row...); err != nil {
			return err
		}
	}
	return nil
}

// copyRows is how PostgreSQL likes it: COPY, which knows no conflicts. Rows that
// may be there already are copied all the same, since the first time none is;
// where one was, they go into a temporary table first, which takes twice as long.
func copyRows(ctx context.Context, b *bulk, t table, rows [][]any) error {
	return b.conn.Raw(func(driver any) error {
		conn := driver.(*stdlib.Conn).Conn()
		exec := func(query string) error {
			_, err := conn.Exec(ctx, query, pgx.QueryExecModeSimpleProtocol)
			return err
		}
		fill := func(target string) error {
			_, err := conn.CopyFrom(ctx, pgx.Identifier{target}, t.columns, pgx.CopyFromRows(rows))
			return err
		}
		if t.conflict == "" {
			return fill(t.name)
		}
		if err := exec("SAVEPOINT copied"); err != nil {
			return err
		}
		err := fill(t.name)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return exec("RELEASE SAVEPOINT copied")
		case !errors.As(err, &refused) || refused.Code != uniqueViolation:
			return err
		}
		columns, aside := strings.Join(t.columns, ", "), "bulk_"+t.name
		err = exec("ROLLBACK TO SAVEPOINT copied; CREATE TEMPORARY TABLE " + aside + " AS SELECT " + columns + " FROM " + t.name + " WITH NO DATA")
		if err != nil {
			return err
		}
		if err := fill(aside); err != nil {
			return err
		}
		return exec(t.into() + " SELECT " + columns + " FROM " + aside + " " + t.conflict + "; DROP TABLE " + aside)
	})
}

// uniqueViolation is PostgreSQL's code for a key that is there already.
const uniqueViolation = "23505"

func (t table) into() string {
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ")"
}

// analyze has PostgreSQL count the rows of a table that was filled just now. Until
// it has, which by itself takes it a minute, it may read all of it for a few keys.
func (s *Store) analyze(ctx context.Context, t table) error {
	if !s.postgres {
		return nil
	}
	if _, err := s.write.ExecContext(ctx, "ANALYZE "+t.name); err != nil {
		return fmt.Errorf("analyze %s: %w", t.name, err)
	}
	return nil
}

// chunks cuts rows into slices that fit into one transaction.
func chunks[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(rows) > 0 {
			n := min(len(rows), batch)
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}
