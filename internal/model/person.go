package model

import "time"

// Relation says how a Person stands to the Move's Twitter account.
type Relation string

// The relations that an archive names.
const (
	Following Relation = "following"
	Follower  Relation = "follower"
	Blocking  Relation = "blocking"
	Muting    Relation = "muting"
)

// Person is somebody the Move's Twitter account follows, is followed by, blocks
// or mutes. Either TwitterID or Handle.Name may be empty, never both.
type Person struct {
	ID              string // ours; empty before the store has seen the Person
	TwitterID       string // numeric; the key where known
	Handle          Handle // the zero Handle where the archive does not name the Person
	Name            string // display name
	Bio             string // never from archives: they hold no bios of others
	Location        string
	URLs            []string   // links of the Twitter profile, expanded
	ProfileSource   string     // where Bio, Location and URLs come from: list, pages, x
	Archived        bool       // named by an archive, not by a list alone
	Relations       []Relation // sorted, each once
	Interactions    int        // replies, mentions and retweets by the owner
	LastInteraction time.Time
	ArrivedAt       time.Time // when an address was first found that is at least claimed to be theirs
}

// TwitterList is a list by name: archives hold no members.
type TwitterList struct {
	Kind string `json:"kind"` // created, member, subscribed
	URL  string `json:"url"`
	Name string `json:"name"` // the last part of the URL, unescaped
}
