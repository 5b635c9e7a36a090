package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// optedOut tells which of the addresses, by their keys, belong to somebody who
// does not want to be found in any source.
func (s *Store) optedOut(ctx context.Context, keys []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(keys) == 0 {
		return out, nil
	}
	if some, err := s.r().AnyOptOut(ctx); err != nil || some == 0 {
		return out, err
	}
	byMac := map[string]string{}
	for _, key := range keys {
		mac, err := s.mac(ctx, "opt-out", key)
		if err != nil {
			return nil, fmt.Errorf("opt-outs: %w", err)
		}
		byMac[mac] = key
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(byMac)), parameters) {
		rows, err := s.read.QueryContext(ctx, "SELECT address_mac FROM opt_outs WHERE address_mac IN "+list(1, len(part)), values(nil, part)...)
		if err != nil {
			return nil, fmt.Errorf("opt-outs: %w", err)
		}
		for rows.Next() {
			var mac string
			if err := rows.Scan(&mac); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			out[byMac[mac]] = true
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("opt-outs: %w", err)
		}
	}
	return out, nil
}
