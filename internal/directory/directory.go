// Package directory brings evidence of who is where on the fediverse: from
// Wikidata, profile directories of servers, registries, from lists and archives,
// from fediverse profiles; and it reads the public list of servers. It weighs
// nothing, package match does.
//
// Whatever can be read as a whole is, by a job, so that no question about a
// person leaves this service.
package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Sources by the names that evidence carries.
const (
	SourceList      = "list"      // a list that the Owner brought
	SourcePages     = "pages"     // the Owner's own X pages, read by the Owner
	SourceRetweet   = "retweet"   // a tweet of the Person in the archive
	SourceWikidata  = "wikidata"  // P2002 beside P4033
	SourceDirectory = "directory" // profile directories of servers
	SourceRegistry  = "registry"  // people who moved and agreed to be found
	SourceSearch    = "search"    // the Owner's own server
	SourceProbe     = "probe"     // the same user name on some servers
	SourceX         = "x"         // X's API
	SourceProfile   = "profile"   // a fediverse profile, however its address was found
)

// SourceServers is where the catalogue of servers comes from.
const SourceServers = "joinmastodon"

// Sources says which sources are used, by their names; nil is those that are on
// unless an operator says otherwise. What the archive itself and fediverse
// profiles say is no source that can be switched.
type Sources map[string]bool

// switched are the names that ParseSources knows, and whether they are on by
// themselves.
var switched = Sources{
	SourceList: true, SourcePages: true, SourceWikidata: true, SourceDirectory: true, SourceRegistry: true,
	SourceSearch: true, SourceProbe: true, SourceX: false,
}

// Names returns the names that ParseSources knows, sorted.
func Names() []string { return slices.Sorted(maps.Keys(switched)) }

// ParseSources returns the sources of that names, nil if there are none. A name
// that it does not know is ErrInvalid.
func ParseSources(names []string) (Sources, error) {
	var s Sources
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, ok := switched[name]; !ok {
			return nil, fmt.Errorf("%q is no source; there are %s: %w", name, strings.Join(Names(), ", "), model.ErrInvalid)
		}
		if s == nil {
			s = Sources{}
		}
		s[name] = true
	}
	return s, nil
}

// Use tells whether the source of that name is used.
func (s Sources) Use(name string) bool {
	if s == nil {
		return switched[name]
	}
	return s[name]
}

// InUse returns the names of the sources that are used, in order.
func (s Sources) InUse() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(switched)) {
		if s.Use(name) {
			names = append(names, name)
		}
	}
	return names
}

// Row is one entry of the directory index: somebody says that an Address belongs
// to the Twitter account with that id, or with that handle. At least one of the
// two is set.
type Row struct {
	Source    string
	TwitterID string
	Handle    string
	Address   model.Address
	Text      string
	At        time.Time
	EndedAt   time.Time // when the account holder gave the Twitter name up, where that is known
}
