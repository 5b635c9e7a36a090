package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reader asks a database, or a transaction of it, for the rows of many keys.
type reader struct {
	querier
	postgres bool
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// reader reads outside of transactions.
func (s *Store) reader() reader { return reader{s.read, s.postgres} }

// among returns query with IN (?) in it spelled out for all of the keys, and its
// arguments: first, in which $1 and so on stand, then the keys as one, so that
// the text of the query is the same for any number of them. Both databases look
// up each key in the index. Keys that are empty or come twice are left out.
func (r reader) among(query string, keys []string, first ...any) (string, []any) {
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	if len(keys) > 0 && keys[0] == "" {
		keys = keys[1:]
	}
	mark := "$" + strconv.Itoa(len(first)+1)
	if r.postgres {
		return strings.Replace(query, "IN (?)", "= ANY("+mark+")", 1), append(slices.Clone(first), keys)
	}
	return strings.Replace(query, "IN (?)", "IN (SELECT value FROM json_each("+mark+"))", 1), append(slices.Clone(first), toJSON(keys))
}

// lookUp runs query, as among takes it, for all keys and hands each row to take.
func (r reader) lookUp(ctx context.Context, query string, keys []string, take func(*sql.Rows) error, first ...any) error {
	if len(keys) == 0 {
		return nil
	}
	query, args := r.among(query, keys, first...)
	return each(ctx, r, query, args, take)
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
