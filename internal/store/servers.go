package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// ReplaceServers puts the servers of one source, such as a public list, in
// place of what it brought before.
func (s *Store) ReplaceServers(ctx context.Context, source string, servers []model.Server) error {
	now := millis(s.now())
	return s.tx(ctx, func(q *db.Queries) error {
		for _, v := range servers {
			v.Source = source
			if err := q.SaveServer(ctx, db.SaveServerParams{Host: v.Host, Source: source, Data: toJSON(v), FetchedAt: now}); err != nil {
				return fmt.Errorf("save server %s: %w", v.Host, err)
			}
		}
		if err := q.DeleteOldServers(ctx, source, now); err != nil {
			return fmt.Errorf("servers of %s: %w", source, err)
		}
		return nil
	})
}

// SaveServer keeps one server, for what was read of it after the list.
func (s *Store) SaveServer(ctx context.Context, v model.Server) error {
	err := s.w().SaveServer(ctx, db.SaveServerParams{Host: v.Host, Source: v.Source, Data: toJSON(v), FetchedAt: millis(s.now())})
	if err != nil {
		return fmt.Errorf("save server %s: %w", v.Host, err)
	}
	return nil
}

// Servers returns the catalogue in the order of the hosts.
func (s *Store) Servers(ctx context.Context) ([]model.Server, error) {
	rows, err := s.r().Servers(ctx)
	if err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	servers := make([]model.Server, 0, len(rows))
	for _, row := range rows {
		v, err := fromJSON[model.Server](row.Data)
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", row.Host, err)
		}
		servers = append(servers, v)
	}
	return servers, nil
}

// HostState is what is known of a host besides its profiles.
type HostState struct {
	Capability string    // JSON, as the client made it; empty if unknown or too old
	RestUntil  time.Time // it failed three times in a row: do not ask before
}

// Host returns what is known of a host; nothing known is no error.
func (s *Store) Host(ctx context.Context, host string) (HostState, error) {
	row, err := s.r().HostByName(ctx, host)
	if errors.Is(err, sql.ErrNoRows) {
		return HostState{}, nil
	}
	if err != nil {
		return HostState{}, fmt.Errorf("host %s: %w", host, err)
	}
	state := HostState{Capability: row.Capability, RestUntil: fromMillis(row.RestUntil)}
	if row.ExpiresAt <= millis(s.now()) {
		state.Capability = ""
	}
	return state, nil
}

// SaveHost keeps what a host can do until expires; its failures are forgotten.
func (s *Store) SaveHost(ctx context.Context, host, capability string, expires time.Time) error {
	if err := s.w().SaveHost(ctx, host, capability, millis(expires)); err != nil {
		return fmt.Errorf("save host %s: %w", host, err)
	}
	return nil
}

// HostFailed counts a failure; after the third in a row the host rests until rest.
func (s *Store) HostFailed(ctx context.Context, host string, rest time.Time) error {
	if err := s.w().HostFailed(ctx, host, millis(rest)); err != nil {
		return fmt.Errorf("host %s: %w", host, err)
	}
	return nil
}

// HostAnswered forgets a host's failures.
func (s *Store) HostAnswered(ctx context.Context, host string) error {
	if err := s.w().HostAnswered(ctx, host); err != nil {
		return fmt.Errorf("host %s: %w", host, err)
	}
	return nil
}
