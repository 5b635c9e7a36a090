// Package directory brings evidence of who is where on the fediverse: from
// Wikidata, from lists and archives, from fediverse profiles; and it reads the
// public list of servers. It weighs nothing, package match does.
//
// Wikidata is read as a whole by a job, so that no question about a person ever
// leaves this service.
package directory

import (
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Sources by the names that evidence and servers carry.
const (
	SourceList     = "list"
	SourceRetweet  = "retweet"
	SourceProfile  = "profile"
	SourceWikidata = "wikidata"
	SourceServers  = "joinmastodon"
)

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
