package directory

import (
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

// maxNamed is how many Twitter accounts one profile may name for the index.
const maxNamed = 5

// Listable tells whether an account may stand in an index: its holder chose to
// be discoverable and asks nobody not to index it, and it is in use.
func Listable(p model.Profile) bool {
	return p.Existence == model.Exists && p.Discoverable && !p.NoIndex && !p.Suspended && p.MovedTo == (model.Address{})
}

// Named is a Twitter handle that a profile names, in lower case, with the line
// that does.
type Named struct{ Handle, Text string }

// NamedHandles returns the Twitter accounts that the note and the fields of a
// profile name, each once. The display name does not count: many write there what
// they are a fan of.
func NamedHandles(p model.Profile) []Named {
	var named []Named
	seen := map[string]bool{}
	for _, text := range written(p) {
		for _, handle := range address.TwitterHandles(text) {
			lower := strings.ToLower(handle)
			if name, err := model.ParseHandle(lower); err != nil || seen[name] || len(named) == maxNamed {
				continue
			}
			seen[lower] = true
			named = append(named, Named{Handle: lower, Text: oneLine(lineWith(text, handle), 200)})
		}
	}
	return named
}

// written is what a profile says besides the name.
func written(p model.Profile) []string { return texts(p)[1:] }

// Says tells whether a server showed more of an account than that it exists:
// some keep the rest from strangers.
func Says(p model.Profile) bool {
	return p.DisplayName != "" || p.Note != "" || len(p.Fields) > 0 || p.Discoverable || p.NoIndex || p.Suspended || p.MovedTo != (model.Address{})
}
