package model

import "time"

// Side is who said what an Evidence reports.
type Side string

// TwitterSide is the Twitter profile or the Person's own tweets, FediverseSide
// the fediverse profile, ThirdSide a register such as Wikidata, OwnerSide the
// Owner who told us.
const (
	TwitterSide   Side = "twitter"
	FediverseSide Side = "fediverse"
	ThirdSide     Side = "third"
	OwnerSide     Side = "owner"
)

// Tie is what connects the observation to the Person, strongest first.
type Tie string

// TieID is the numeric Twitter id, TieHandle the screen name, TieName no more
// than an equal or similar name, or a text that may as well be an e-mail
// address. TieOther speaks against: the fediverse profile names another Twitter
// account.
const (
	TieID     Tie = "id"
	TieHandle Tie = "handle"
	TieName   Tie = "name"
	TieOther  Tie = "other"
)

// Evidence is one observation that ties a Person to an Address.
type Evidence struct {
	Address Address   `json:"address"`
	Source  string    `json:"source"` // a name of package directory, or "owner"
	Side    Side      `json:"side"`
	Tie     Tie       `json:"tie"`
	Text    string    `json:"text"` // the line that says so, plain text, at most 500 runes
	At      time.Time `json:"at,omitzero"`
}

// Existence is what a check of an Address found.
type Existence string

// Unknown means that nobody asked or that the server did not answer.
const (
	Unknown Existence = ""
	Exists  Existence = "yes"
	Gone    Existence = "no"
)

// Profile is a fediverse account as its server shows it. Texts are plain:
// HTML is stripped where the profile is read.
type Profile struct {
	Address      Address        `json:"address"` // as the server's WebFinger subject spells it
	Existence    Existence      `json:"exists"`
	DisplayName  string         `json:"display_name,omitempty"`
	Note         string         `json:"note,omitempty"`
	Fields       []ProfileField `json:"fields,omitempty"`
	URL          string         `json:"url,omitempty"`
	Avatar       string         `json:"avatar,omitempty"`
	MovedTo      Address        `json:"moved_to,omitzero"`
	Bot          bool           `json:"bot,omitempty"`
	Locked       bool           `json:"locked,omitempty"`
	Suspended    bool           `json:"suspended,omitempty"`
	Discoverable bool           `json:"discoverable,omitempty"`
	NoIndex      bool           `json:"no_index,omitempty"` // asks not to be indexed: noindex, indexable false or #nobot
	LastStatusAt time.Time      `json:"last_status_at,omitzero"`
	Software     string         `json:"software,omitempty"`
	FetchedAt    time.Time      `json:"fetched_at,omitzero"`
}

// ProfileField is one row of the table on a fediverse profile.
type ProfileField struct {
	Name     string `json:"name"`
	Value    string `json:"value"` // text, with the target of a link where there is one
	Verified bool   `json:"verified,omitempty"`
}
