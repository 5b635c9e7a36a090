package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
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
}

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
	if err := do(&bulk{Queries: db.New(tx), conn: conn, tx: tx, fill: s.fill}); err != nil {
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

// copyRows is how PostgreSQL likes it: COPY, which knows no conflicts, so where
// there may be one it goes into a temporary table first.
func copyRows(ctx context.Context, b *bulk, t table, rows [][]any) error {
	return b.conn.Raw(func(driver any) error {
		conn, target := driver.(*stdlib.Conn).Conn(), t.name
		exec := func(query string) error {
			_, err := conn.Exec(ctx, query, pgx.QueryExecModeSimpleProtocol)
			return err
		}
		columns := strings.Join(t.columns, ", ")
		if t.conflict != "" {
			target = "bulk_" + t.name
			if err := exec("CREATE TEMPORARY TABLE " + target + " AS SELECT " + columns + " FROM " + t.name + " WITH NO DATA"); err != nil {
				return err
			}
		}
		if _, err := conn.CopyFrom(ctx, pgx.Identifier{target}, t.columns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		if t.conflict == "" {
			return nil
		}
		return exec(t.into() + " SELECT " + columns + " FROM " + target + " " + t.conflict + "; DROP TABLE " + target)
	})
}

func (t table) into() string {
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ")"
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
