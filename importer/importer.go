// Package importer reads Twitter/X archives and lists of accounts and gives
// back values of package model. It touches neither database nor network, and
// go-twitter's types stay in here.
//
// An archive is a stranger's: entry names are never used as paths, sizes and
// counts are capped, and whatever is missing or broken becomes a Warning that
// names the file. Memory grows with ids and names, never with text. Only the
// entries that Allowed names are ever opened.
//
// The format, with its generations and traps, is described in
// docs/archive-format.md.
package importer

import (
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Sink takes what Read finds. Any func may be nil; an error from one ends the
// reading and is returned by Read as it is.
type Sink struct {
	// Owner is told whose archive it is, once: before anything else is handed
	// over, or, where the archive does not say it itself, when the other files
	// have shown it, before the people.
	Owner func(o Owner) error
	// Sofar is told early, before the large files, what is known by then: owner,
	// date, what was left out, and how many are followed.
	Sofar func(s Summary)
	// Tweets gets at most 500 tweets of one file, long texts already joined.
	// Tweets come in the file's order; an id comes once for a whole Read. The
	// slice is the callee's to keep.
	Tweets func(file string, batch []model.Tweet) error
	// FileDone is called after the last batch of a tweet file, with the number
	// of tweets that were handed over from it.
	FileDone func(file string, items int) error
	// People gets everybody who stands in a relation to the owner, each once,
	// at the end, when all names are known.
	People func(batch []model.Person) error
	// Lists gets the lists by name, once.
	Lists func(lists []model.TwitterList) error
	// Progress is told how many bytes of the needed entries were read, inflated.
	Progress func(readBytes, totalBytes int64)
}

// Summary is what an archive holds. Marshalled it is the object that the verb
// inspect prints; Seconds and PeakMemoryBytes are for the caller to fill.
type Summary struct {
	Owner           Owner     `json:"owner"`
	Generation      string    `json:"generation"` // G0 to G4, "" if unknown
	ExportedAt      time.Time `json:"exported_at,omitzero"`
	Counts          Counts    `json:"counts"`
	Names           Names     `json:"names"`
	Warnings        []Warning `json:"warnings"`
	Opened          []string  `json:"opened"` // entries read, as the archive spells them
	Seconds         float64   `json:"seconds"`
	PeakMemoryBytes int64     `json:"peak_memory_bytes"`

	// ProtectedPeriods are the times in which the account was private, oldest
	// first, as far as protected-history.js tells.
	ProtectedPeriods []Period `json:"-"`
	// LeftOut is how many tweets the manifest lists in files that stay closed.
	LeftOut LeftOut `json:"-"`
}

// LeftOut counts tweets that were for few, or that were taken back.
type LeftOut struct {
	Community int // for the members of a community
	Circle    int // for the owner's Circle
	Deleted   int // deleted in the weeks before the export
}

// Owner is the Twitter account whose archive it is. Of account.js only id,
// handle and name are read, never the e-mail address.
type Owner struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
	Name   string `json:"name"`

	Bio      string `json:"-"`
	Location string `json:"-"`
	Website  string `json:"-"` // a t.co link, as the archive has it
}

// Counts says how much of everything there is. Tweets are distinct ids in the
// tweet files: both versions of an edit, nothing deleted, no community tweets.
type Counts struct {
	Tweets           int `json:"tweets"`
	Retweets         int `json:"retweets"`     // text begins "RT @name: "
	Replies          int `json:"replies"`      // answers to anybody, the owner included
	SelfReplies      int `json:"self_replies"` // answers to the owner's id
	Quotes           int `json:"quotes"`       // not a retweet, and the last link is a tweet
	NoteTweets       int `json:"note_tweets"`
	NoteTweetsJoined int `json:"note_tweets_joined"`
	Media            int `json:"media"` // attachments of all tweets
	MediaMissing     int `json:"media_missing"`
	Following        int `json:"following"`
	Followers        int `json:"followers"`
	Blocking         int `json:"blocking"`
	Muting           int `json:"muting"`
	Lists            int `json:"lists"`
	Likes            int `json:"likes"`
}

// Names says how many of the people followed the tweets name. BySource counts
// an id once in every source that names it, so its numbers overlap: reply,
// mention, retweet (the author of a retweeted tweet) and media.
type Names struct {
	Following      int            `json:"following"`
	FollowingNamed int            `json:"following_named"`
	BySource       map[string]int `json:"by_source"`
}

// Warning is something in an archive that could not be read, or is not as it
// should be. File is the entry's name without top folder, or empty.
type Warning struct {
	File    string `json:"file"`
	Message string `json:"message"`
}

// Period is a stretch of time. From is zero where the start is unknown, To
// where it has not ended by the time of the export.
type Period struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// inputError is one clear sentence on input that cannot be used.
type inputError string

func (e inputError) Error() string { return string(e) }
func (e inputError) Unwrap() error { return model.ErrInvalid }
