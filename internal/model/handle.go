package model

import (
	"fmt"
	"strings"
	"time"
)

// Handle is a Twitter screen name, with where and when it was seen. Names
// change hands, so it is a dated hint; the Twitter id is the key.
type Handle struct {
	Name   string    `json:"name"`             // without @, as written where it was seen
	Source string    `json:"source,omitempty"` // reply, mention, retweet, media, list, account
	SeenAt time.Time `json:"seen_at,omitzero"` // the latest sighting
	Count  int       `json:"count,omitempty"`  // how often it was seen
}

// ParseHandle returns the screen name in s without a leading @, or ErrInvalid.
// Twitter's rule is 1 to 15 of A-Z, a-z, 0-9 and _; a few old names are longer,
// so up to 20 are taken.
func ParseHandle(s string) (string, error) {
	name := strings.TrimPrefix(strings.TrimSpace(s), "@")
	if name == "" || len(name) > 20 {
		return "", fmt.Errorf("handle %q: %w", s, ErrInvalid)
	}
	for _, r := range name {
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "", fmt.Errorf("handle %q: %w", s, ErrInvalid)
		}
	}
	return name, nil
}

// ParseTwitterID returns s if it is a numeric Twitter user or tweet id, else
// ErrInvalid. "-1", which archives write for accounts that are gone, is invalid.
func ParseTwitterID(s string) (string, error) {
	if s == "" || len(s) > 20 || s[0] == '0' {
		return "", fmt.Errorf("twitter id %q: %w", s, ErrInvalid)
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", fmt.Errorf("twitter id %q: %w", s, ErrInvalid)
		}
	}
	return s, nil
}
