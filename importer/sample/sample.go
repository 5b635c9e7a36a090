// Package sample writes synthetic Twitter/X archives: the shapes of real ones,
// down to the spacing, and the statistics measured on real ones, but nobody's
// data. It streams, so that an archive of any size takes the same memory, and
// the same Options give the same bytes.
//
// The shapes and numbers are those of docs/archive-format.md. Files that no
// importer may open (direct messages, phone numbers and the like) are there,
// too, with invented content, so that tests can prove that they stay closed.
package sample

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Options says what the archive holds. Counts may be 0.
type Options struct {
	Tweets     int
	Following  int // at least len(People) are written
	Followers  int
	Blocking   int // at least len(Blocked)
	Muting     int // at least len(Muted)
	Likes      int
	MediaBytes int64  // of all pictures and videos together, roughly; 0 writes the smallest
	Seed       int64  // the same seed gives the same archive
	Generation string // G0 to G4; G3 if empty
	Owner      Owner  // an invented one if empty
	// People are accounts that the owner follows and, given enough tweets,
	// talks to, so that the archive names them.
	People []Known
	// Blocked and Muted are accounts that the owner blocks and mutes besides
	// invented ones; who is muted may be among People, too.
	Blocked, Muted []Known
	// Progress is told how much of the work is done, in no particular unit.
	Progress func(done, total int64)
}

// Owner is whose archive it is.
type Owner struct{ ID, Handle, Name string }

// Known is an account that is not invented here.
type Known struct{ ID, Handle, Name string }

// Stats is what was written, counted as a reader of the archive should count.
type Stats struct {
	Owner                                             Owner
	Generation                                        string
	ExportedAt                                        time.Time
	Tweets, Retweets, Replies, SelfReplies, Quotes    int
	NoteTweets, NoteTweetsJoined, Media, MediaMissing int
	Following, Followers, Blocking, Muting            int
	Lists, Likes                                      int
	FollowingNamed                                    int
	BySource                                          map[string]int // people followed, by what names them: reply, mention, retweet, media
	Bytes                                             int64          // size of the zip
}

// generations are the formats that can be written.
var generations = map[string]generation{
	"G0": {exported: time.Date(2017, 5, 20, 9, 12, 4, 0, time.UTC), tweetFile: "tweets", host: "twitter.com", dir: "data/", months: true},
	"G1": {exported: time.Date(2018, 8, 3, 14, 22, 51, 0, time.UTC), tweetFile: "tweet", host: "twitter.com", bare: true},
	"G2": {dir: "data/", exported: time.Date(2021, 9, 14, 8, 30, 12, 345e6, time.UTC), tweetFile: "tweet", host: "twitter.com"},
	"G3": {dir: "data/", exported: time.Date(2023, 11, 20, 17, 5, 41, 902e6, time.UTC), tweetFile: "tweets", host: "twitter.com", edits: true},
	"G4": {dir: "data/", exported: time.Date(2025, 6, 2, 21, 44, 3, 118e6, time.UTC), tweetFile: "tweets", host: "x.com", edits: true},
}

type generation struct {
	exported  time.Time
	tweetFile string // also in the global's and the media folder's name
	host      string // in entities; links elsewhere stay at twitter.com
	dir       string // before the files' names
	months    bool   // a file of tweets for each month, and nothing but tweets
	bare      bool   // tweets without a wrapper, no manifest, fewer members elsewhere
	edits     bool   // edit_info, note tweets, tweet headers, deleted tweets
}

// Write writes an archive to w. It stops soon after ctx ends.
func Write(ctx context.Context, w io.Writer, o Options) (Stats, error) {
	g, err := newGenerator(ctx, w, o)
	if err != nil {
		return Stats{}, err
	}
	if err := g.write(); err != nil {
		return Stats{}, fmt.Errorf("write sample archive: %w", err)
	}
	return g.stats, nil
}
