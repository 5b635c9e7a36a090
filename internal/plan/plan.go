// Package plan turns chosen matches and composed statuses into Steps, in the
// order in which they should happen, says how long they take, and writes the
// CSV files that Mastodon imports. It is pure. Carrying the Steps out, and
// asking the server first, is for package jobs.
package plan

import (
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
)

// Kind is what a Step does.
type Kind string

// The kinds of Step.
const (
	KindFollow Kind = "follow"
	KindBlock  Kind = "block"
	KindMute   Kind = "mute"
	KindPost   Kind = "post"

	KindList   Kind = "list"   // makes a list
	KindMember Kind = "member" // puts somebody into a list
	KindImport Kind = "import" // hands over a file of follows

	KindDelete   Kind = "delete" // these take a Step back
	KindUnfollow Kind = "unfollow"
	KindUnblock  Kind = "unblock"
	KindUnmute   Kind = "unmute"
	KindUnlist   Kind = "unlist"
	KindUnmember Kind = "unmember"
)

// undoing maps what can be taken back to what takes it back.
var undoing = map[Kind]Kind{
	KindPost: KindDelete, KindFollow: KindUnfollow, KindBlock: KindUnblock, KindMute: KindUnmute, KindList: KindUnlist, KindMember: KindUnmember,
}

// Undo returns the kind of Step that takes one of kind k back; ok is false if
// none does.
func (k Kind) Undo() (undo Kind, ok bool) {
	undo, ok = undoing[k]
	return undo, ok
}

// Step is one thing that a Run does to the outside.
type Step struct {
	ID        string
	RunID     string
	MoveID    string
	AccountID string
	Seq       int // from 1, in the order of the Run
	Kind      Kind
	List      string          // the title of the list that is made or filled
	Undoes    string          // the Step that this one takes back
	Address   model.Address   // of a follow, block or mute
	PersonID  string          // of a follow, block or mute
	Status    *compose.Status // of a post
	TweetID   string          // of a post
	Part      int             // of a post, from 1
	ParentID  string          // the Step that has to be confirmed before this one
	State     ledger.State
	Attempt   int
	Reason    string // why it is skipped, refused or unsure, in words
}

// Left says how many were left out of a plan, and why.
type Left struct {
	Reason    string   `json:"reason"`
	Count     int      `json:"count"`
	PersonIDs []string `json:"-"`
}

// leftOut counts by reason, in the order in which the reasons come up.
type leftOut []Left

func (l *leftOut) add(reason, person string) {
	for i := range *l {
		if (*l)[i].Reason == reason {
			(*l)[i].Count++
			(*l)[i].PersonIDs = append((*l)[i].PersonIDs, person)
			return
		}
	}
	*l = append(*l, Left{Reason: reason, Count: 1, PersonIDs: []string{person}})
}
