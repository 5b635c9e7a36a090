// Package model holds the nouns that several packages share and the kinds of
// error that callers act on. It does no I/O and imports nothing of ours.
// The words are those of docs/architecture.md.
package model

import "errors"

// Kinds of failure. Wrap one with %w and say what failed. Anything else is a
// fault of ours: the API answers 500 and a job tries again.
var (
	ErrNotFound = errors.New("not found")
	ErrInvalid  = errors.New("invalid")
	ErrDenied   = errors.New("denied")
	ErrConflict = errors.New("conflict")
)
