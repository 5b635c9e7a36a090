package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// RecoveryKey is the way back in without e-mail: 128 random bits that are shown
// once. Only its Hash is stored. It prints as "(hidden)".
type RecoveryKey struct{ bits func() [16]byte } // a func: fmt walks into unexported fields of other kinds

func keep(bits [16]byte) RecoveryKey {
	return RecoveryKey{bits: func() [16]byte { return bits }}
}

// NewRecoveryKey makes a key.
func NewRecoveryKey() RecoveryKey {
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails
	return keep(bits)
}

// crockford is the alphabet without I, L, O and U: nothing looks like a digit.
// https://www.crockford.com/base32.html
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A key is written as 28 letters of 5 bits: 128 bits of key and 12 of a sum,
// which tells a typing error from a key that is not known.
const letters, group = 28, 4

// Text returns the key as people see it: seven groups of four letters.
func (k RecoveryKey) Text() string {
	bits := k.bits()
	all := append(bits[:], sum(bits)...)
	var b strings.Builder
	for i := range letters {
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		v := 0
		for bit := 5 * i; bit < 5*i+5; bit++ {
			v = v<<1 | int(all[bit/8]>>(7-bit%8)&1)
		}
		b.WriteByte(crockford[v])
	}
	return b.String()
}

// sum returns two bytes of which the first 12 bits are written.
func sum(bits [16]byte) []byte {
	h := sha256.Sum256(append([]byte("skein recovery key "), bits[:]...))
	return h[:2]
}

// ParseRecoveryKey reads what Text wrote, as people type it: any case, any
// spaces and dashes, O for 0, I and L for 1. Errors wrap model.ErrInvalid and
// do not repeat the text.
func ParseRecoveryKey(s string) (RecoveryKey, error) {
	var all [18]byte
	n := 0
	for _, r := range s {
		v, skip := value(r)
		if skip {
			continue
		}
		if v < 0 || n == letters {
			return RecoveryKey{}, fmt.Errorf("a recovery key has %d letters and digits in groups of %d: %w", letters, group, model.ErrInvalid)
		}
		for bit := range 5 {
			at := 5*n + bit
			all[at/8] |= byte(v>>(4-bit)&1) << (7 - at%8)
		}
		n++
	}
	if n != letters {
		return RecoveryKey{}, fmt.Errorf("a recovery key has %d letters and digits in groups of %d: %w", letters, group, model.ErrInvalid)
	}
	bits := [16]byte(all[:16])
	if want := sum(bits); all[16] != want[0] || all[17] != want[1]&0xf0 {
		return RecoveryKey{}, fmt.Errorf("the recovery key has a typing error: %w", model.ErrInvalid)
	}
	return keep(bits), nil
}

// value returns the five bits that r stands for, or -1 for none.
func value(r rune) (v int, skip bool) {
	switch r {
	case ' ', '\t', '\r', '\n', '\u00a0', '-', '\u2010', '\u2011', '\u2013', '\u2014': // dashes that editors make of "-"
		return 0, true
	case 'o', 'O':
		return 0, false
	case 'i', 'I', 'l', 'L':
		return 1, false
	}
	if r >= 'a' && r <= 'z' {
		r -= 'a' - 'A'
	}
	return strings.IndexRune(crockford, r), false
}

// Hash returns the text to store and to look a key up by. A plain hash is
// enough: 128 random bits cannot be guessed, with or without a slow hash.
func (k RecoveryKey) Hash() string {
	bits := k.bits()
	h := sha256.Sum256(append([]byte("skein recovery key hash "), bits[:]...))
	return hex.EncodeToString(h[:])
}

// Format prints "(hidden)" for every verb; Text shows the key.
func (k RecoveryKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(hidden)") }

// LogValue logs "(hidden)".
func (k RecoveryKey) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// MarshalText writes "(hidden)".
func (k RecoveryKey) MarshalText() ([]byte, error) { return []byte("(hidden)"), nil }

// Token returns 256 random bits as 43 letters that may stand in a URL or a
// cookie: for sessions, OAuth states and invites.
func Token() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// HashToken returns the text to store for a token, so that who reads the
// database cannot use it. A plain hash is enough for 256 random bits.
func HashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
