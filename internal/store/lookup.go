package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// most is how many keys one statement names. The pure Go driver of SQLite gets
// slower with the square of the parameters.
const most = 100

// among yields query for all of the keys, many at a time, with IN (?) in it
// spelled out, and its arguments: first, in which $1 and so on stand, then keys.
// Keys that are empty or come twice are left out.
func among(query string, keys []string, first ...any) iter.Seq2[string, []any] {
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	if len(keys) > 0 && keys[0] == "" {
		keys = keys[1:]
	}
	return func(yield func(string, []any) bool) {
		for part := range slices.Chunk(keys, most) {
			args, marks := slices.Clone(first), make([]string, len(part))
			for i, key := range part {
				args = append(args, key)
				marks[i] = "$" + strconv.Itoa(len(args))
			}
			if !yield(strings.Replace(query, "IN (?)", "IN ("+strings.Join(marks, ", ")+")", 1), args) {
				return
			}
		}
	}
}

// lookUp runs query, as among takes it, for all keys and hands each row to take.
func lookUp(ctx context.Context, q querier, query string, keys []string, take func(*sql.Rows) error, first ...any) error {
	for query, args := range among(query, keys, first...) {
		if err := each(ctx, q, query, args, take); err != nil {
			return err
		}
	}
	return nil
}

// each hands each row of a query to take.
func each(ctx context.Context, q querier, query string, args []any, take func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
