// Package secret encrypts what the database must not hold in the clear (tokens,
// client secrets), makes and reads recovery keys, and makes random tokens. It
// knows nothing of where the results are stored. Why a key in the environment
// and not a key service: docs/operating.md.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

const keySize = 32

// Keyring encrypts with its first key and decrypts with any. It is safe for
// several goroutines. Printing it shows no key: fmt walks into unexported
// fields, and for some verbs through pointers too, but never into a func.
type Keyring struct{ keys func() []key }

type key struct {
	id   [4]byte // from the key itself, so that the order may change
	raw  []byte
	aead cipher.AEAD
}

// ParseKeys reads keys of 32 bytes in base64 (standard or URL alphabet, padded
// or not) or hex, separated by commas: the newest first, older ones after it.
// To rotate, put a new key in front and keep the old ones until everything is
// encrypted anew (see Stale). The error names a key by its place, never by text.
func ParseKeys(text string) (*Keyring, error) {
	var keys []key
	for i, part := range strings.Split(text, ",") {
		raw, ok := decodeKey(strings.TrimSpace(part))
		if !ok {
			return nil, fmt.Errorf("key %d of SKEIN_SECRET_KEY is not 32 bytes in base64 or hex: %w", i+1, model.ErrInvalid)
		}
		added, err := newKey(raw)
		if err != nil {
			return nil, err
		}
		if byID(keys, added.id) != nil {
			return nil, fmt.Errorf("key %d of SKEIN_SECRET_KEY stands there twice: %w", i+1, model.ErrInvalid)
		}
		keys = append(keys, added)
	}
	return &Keyring{keys: func() []key { return keys }}, nil
}

func decodeKey(s string) ([]byte, bool) {
	if raw, err := hex.DecodeString(s); err == nil && len(raw) == keySize {
		return raw, true
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	raw, err := base64.RawStdEncoding.DecodeString(s)
	return raw, err == nil && len(raw) == keySize
}

func newKey(raw []byte) (key, error) {
	k := key{raw: raw}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return key{}, fmt.Errorf("key: %w", err)
	}
	if k.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return key{}, fmt.Errorf("key: %w", err)
	}
	id, err := hkdf.Key(sha256.New, raw, nil, "skein key id", len(k.id))
	if err != nil {
		return key{}, fmt.Errorf("key: %w", err)
	}
	copy(k.id[:], id)
	return k, nil
}

func byID(keys []key, id [4]byte) *key {
	for i := range keys {
		if keys[i].id == id {
			return &keys[i]
		}
	}
	return nil
}

// String says how many keys there are.
func (k *Keyring) String() string { return fmt.Sprintf("keyring of %d keys", len(k.keys())) }

// The text that Encrypt returns: a version byte, the id of the key, then nonce,
// ciphertext and tag as GCM writes them.
const (
	version    = 1
	headerSize = 1 + 4
)

// Encrypt returns plain encrypted for the place that row names, such as
// "accounts/01J…/token": Decrypt refuses it for any other, so that a row's
// secret cannot be moved into another row or column. Name the place by the
// row's id, never by something that changes.
func (k *Keyring) Encrypt(row string, plain []byte) []byte {
	newest := k.keys()[0]
	out := make([]byte, 0, headerSize+len(plain)+newest.aead.Overhead())
	out = append(append(out, version), newest.id[:]...)
	return newest.aead.Seal(out, nil, plain, []byte(row))
}

var errDamaged = errors.New("damaged, or encrypted for another row")

// Decrypt returns what Encrypt was given for the same row. An error is a fault
// of the installation (a lost key, a damaged row), so it wraps no kind.
func (k *Keyring) Decrypt(row string, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize || sealed[0] != version {
		return nil, fmt.Errorf("secret of %s: %w", row, errDamaged)
	}
	id := [4]byte(sealed[1:headerSize])
	with := byID(k.keys(), id)
	if with == nil {
		return nil, fmt.Errorf("secret of %s: encrypted with key %x, which SKEIN_SECRET_KEY does not hold", row, id)
	}
	plain, err := with.aead.Open(nil, nil, sealed[headerSize:], []byte(row))
	if err != nil {
		return nil, fmt.Errorf("secret of %s: %w", row, errDamaged)
	}
	return plain, nil
}

// Stale tells whether sealed was not encrypted with the newest key, so that it
// should be decrypted and encrypted anew before older keys are dropped.
func (k *Keyring) Stale(sealed []byte) bool {
	return len(sealed) < headerSize || [4]byte(sealed[1:headerSize]) != k.keys()[0].id
}

// Derive returns 32 bytes for one purpose, such as "idempotency", that say
// nothing about the key or about other purposes. They come from the LAST key,
// the oldest, so that they stay the same while new keys are put in front. Drop
// the oldest key only when no Run has written for an hour: idempotency keys
// change with it, and a server would not recognise a request sent again.
func (k *Keyring) Derive(purpose string) []byte {
	keys := k.keys()
	oldest := keys[len(keys)-1]
	derived, err := hkdf.Key(sha256.New, oldest.raw, nil, "skein "+purpose, keySize)
	if err != nil { // only for lengths beyond 255 hashes, or a FIPS mode that forbids our key size
		panic(fmt.Sprintf("derive %s: %v", purpose, err))
	}
	return derived
}
