package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fediverse"
)

// A feature is allowed where everything that it reads and writes is.
func TestFeatures(t *testing.T) {
	scopes := func(features ...string) string { return strings.Join(fediverse.Scopes(features...), " ") }
	tests := []struct{ name, scopes, want string }{
		{"nothing", "", ""},
		{"everything by the old names", "read write follow", "follow posts lists blocks import"},
		{"to sign in", "profile", ""},
		{"what was asked for", scopes("follow", "posts"), "follow posts"},
		{"lists alone", scopes("lists"), "lists"},
		{"blocks alone", scopes("blocks"), "blocks"},
		{"writing alone", "write", ""},
		{"a file of follows, and nothing else", scopes("import"), "import"},
		{"a file of follows, and posts", scopes("import", "posts"), "posts import"},
		{"all reading, and some writing", "read write:follows write:statuses", "follow"},
		{"writing what cannot be read", "read:accounts write:follows write:lists", ""},
		{"a name that only begins alike", "reading write", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := features(strings.Fields(tt.scopes)); !slices.Equal(got, strings.Fields(tt.want)) {
				t.Errorf("%q allow %q, want %q", tt.scopes, got, tt.want)
			}
		})
	}
}
