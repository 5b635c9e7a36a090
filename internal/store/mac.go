package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
)

// macKey is the key of this database for what is to be recognised and not read.
// It is kept encrypted and not derived from the secret keys: what was remembered
// has to be recognised after they were changed too.
type macKey struct {
	mu  sync.Mutex
	raw []byte
}

const macSetting = "mac key"

// errNoMacKey means that nothing remembered can be recognised: the database was
// opened without its keys, or without the one that the key was kept under.
var errNoMacKey = errors.New("the secret key of this database is missing")

// mac returns a MAC of the text for one purpose, in hex.
func (s *Store) mac(ctx context.Context, purpose, text string) (string, error) {
	key, err := s.loadMacKey(ctx)
	if err != nil {
		return "", fmt.Errorf("mac key: %w", err)
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte("skein " + purpose + " "))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// loadMacKey reads the key, of several processes that start together all the
// same one. A key under an old secret key is encrypted with the newest.
func (s *Store) loadMacKey(ctx context.Context) ([]byte, error) {
	s.macs.mu.Lock()
	defer s.macs.mu.Unlock()
	if s.macs.raw != nil {
		return s.macs.raw, nil
	}
	if s.keys == nil {
		return nil, errNoMacKey
	}
	fresh := make([]byte, sha256.Size)
	_, _ = rand.Read(fresh) // never fails
	kept, err := s.Setting(ctx, macSetting, s.sealMacKey(fresh))
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(kept)
	if err != nil {
		return nil, err
	}
	raw, err := s.keys.Decrypt("settings/"+macSetting, sealed)
	if err != nil {
		return nil, errors.Join(errNoMacKey, err)
	}
	if s.keys.Stale(sealed) {
		if err := s.w().ReplaceSetting(ctx, macSetting, kept, s.sealMacKey(raw)); err != nil {
			return nil, err
		}
	}
	s.macs.raw = raw
	return raw, nil
}

func (s *Store) sealMacKey(raw []byte) string {
	return base64.StdEncoding.EncodeToString(s.keys.Encrypt("settings/"+macSetting, raw))
}
