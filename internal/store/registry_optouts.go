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
)

// optOutSetting names the key under which it is remembered who does not want to be
// found. It is made with the first opt-out.
const optOutSetting = "opt_outs"

// optedOut tells which of the addresses, by their keys, belong to somebody who
// does not want to be found in any source.
func (s *Store) optedOut(ctx context.Context, keys []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(keys) == 0 {
		return out, nil
	}
	secret, err := s.r().Setting(ctx, optOutSetting)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opted out: %w", err)
	}
	byMAC := map[string]string{}
	for _, key := range keys {
		byMAC[optOutMAC(secret, key)] = key
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(byMAC)), parameters) {
		rows, err := s.read.QueryContext(ctx, "SELECT address_mac FROM opt_outs WHERE address_mac IN "+list(1, len(part)), values(nil, part)...)
		if err != nil {
			return nil, fmt.Errorf("opted out: %w", err)
		}
		for rows.Next() {
			var mac string
			if err := rows.Scan(&mac); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			out[byMAC[mac]] = true
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("opted out: %w", err)
		}
	}
	return out, nil
}

func optOutMAC(secret, addressKey string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(addressKey))
	return hex.EncodeToString(m.Sum(nil))
}
