// Package plan turns chosen matches and composed statuses into Steps, in the
// order in which they should happen, says how long they take, and writes the
// CSV files that Mastodon imports. It is pure. Carrying the Steps out, and
// asking the server first, is for package jobs.
package plan

import (
	"cmp"
	"slices"

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
	Reason    string
	Count     int
	PersonIDs []string // of all; empty text for somebody who is no Person
	Named     []Named  // the first MostNamed
}

// Named is somebody who was left out, as their Owner knows them.
type Named struct {
	Name string // a handle with an @, else a name or a numeric Twitter id; of a list's member else what the Owner wrote
	List string // the title of the list
}

// MostNamed is how many are named for each reason.
const MostNamed = 200

// leftOut counts by reason, in the order in which the reasons come up.
type leftOut []Left

func (l *leftOut) add(reason string, p model.Person) {
	l.addNamed(reason, p.ID, Named{Name: nameOf(p)})
}

func (l *leftOut) addNamed(reason, person string, n Named) {
	i := slices.IndexFunc(*l, func(l Left) bool { return l.Reason == reason })
	if i < 0 {
		i = len(*l)
		*l = append(*l, Left{Reason: reason})
	}
	left := &(*l)[i]
	left.Count++
	left.PersonIDs = append(left.PersonIDs, person)
	if len(left.Named) < MostNamed {
		left.Named = append(left.Named, n)
	}
}

func nameOf(p model.Person) string {
	if p.Handle.Name != "" {
		return "@" + p.Handle.Name
	}
	return cmp.Or(p.Name, p.TwitterID)
}
