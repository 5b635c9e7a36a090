package model

import (
	"fmt"
	"strings"
)

// Address is a fediverse account, user@host. The host is lower case and ASCII
// (punycode); the user keeps its case as written, but addresses are compared
// by Key, since every server that we know ignores the case of the user.
type Address struct {
	User string `json:"user"`
	Host string `json:"host"`
}

// ParseAddress reads user@host or @user@host (the form acct:user@host too).
// The host must be an ASCII domain name with a dot and no port; a host in
// another script has to be converted before (package address does).
func ParseAddress(s string) (Address, error) {
	bad := fmt.Errorf("address %q: %w", s, ErrInvalid)
	rest := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "acct:"), "@")
	user, host, ok := strings.Cut(rest, "@")
	if !ok || !validUser(user) {
		return Address{}, bad
	}
	host = strings.ToLower(host)
	if !ValidHost(host) {
		return Address{}, bad
	}
	return Address{User: user, Host: host}, nil
}

// String returns user@host, or "" for the zero Address.
func (a Address) String() string {
	if a == (Address{}) {
		return ""
	}
	return a.User + "@" + a.Host
}

// Key returns the lower-case text by which two addresses are the same account.
func (a Address) Key() string { return strings.ToLower(a.String()) }

// MarshalText and UnmarshalText write an Address as user@host in JSON.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote; an empty text is the zero Address.
func (a *Address) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*a = Address{}
		return nil
	}
	parsed, err := ParseAddress(string(b))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

func validUser(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[0] == '-' || s[len(s)-1] == '.' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '_' && c != '.' && c != '-' && !isAlnum(c) {
			return false
		}
	}
	return true
}

// ValidHost tells whether s is a lower-case ASCII domain name of at least two
// labels whose last one is no number, decimal or hexadecimal: no spelling of an
// IPv4 address passes.
func ValidHost(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	if hex, ok := strings.CutPrefix(last, "0x"); ok && strings.Trim(hex, "0123456789abcdef") == "" {
		return false
	}
	return strings.Trim(last, "0123456789") != ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
