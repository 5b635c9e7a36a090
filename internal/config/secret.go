package config

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "(hidden)"

// Secret is a setting that must not be seen in logs, errors or answers: every
// way of printing or marshalling it gives "(hidden)". The text lies behind a
// pointer, because fmt walks unexported fields without asking for methods; so
// compare with IsSet and Reveal, not with ==. The zero Secret is unset.
type Secret struct{ text *string }

// NewSecret hides s. An empty s gives an unset Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{text: &s}
}

// Reveal returns the text itself, for whoever needs it to connect or to decrypt.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is a text to hide.
func (s Secret) IsSet() bool { return s.text != nil }

// String returns "(hidden)".
func (s Secret) String() string { return hidden }

// Format prints "(hidden)" for every verb of fmt, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue logs "(hidden)".
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText writes "(hidden)" into JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// UnmarshalText takes the text of an environment variable.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(string(b))
	return nil
}
