// Package match works out which fediverse addresses may belong to a Person.
// It is pure: the caller brings the evidence, match weighs it and says why.
// What the grades mean and why: docs/decisions/0004-grades.md.
package match

import (
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Match is an address that a Person may own.
type Match struct {
	ID        string // the store's; empty in what Grades returns
	PersonID  string
	Address   model.Address
	Grade     Grade
	Evidence  []model.Evidence // strongest first
	Profile   model.Profile    // MovedTo is the end of the chain of moves, as far as it is known
	Marks     []Mark           // sorted, each once
	Decision  Decision
	DecidedAt time.Time
}

// Decision is what the Owner said of a Match.
type Decision string

// Undecided leaves the choice to the grade. Yes and No hold whatever is found
// later.
const (
	Undecided Decision = ""
	Yes       Decision = "yes"
	No        Decision = "no"
)

// Mark is a remark on a Match that the Owner should see.
type Mark string

// Gone, Suspended, Mirror, Contradicted, Lost and Rival speak against a Match:
// it is acted on only if the Owner says so. The others inform.
const (
	Moved        Mark = "moved"        // the account moved; Target is the new address
	Gone         Mark = "gone"         // the server says that there is no such account
	Suspended    Mark = "suspended"    // by its server
	Silent       Mark = "silent"       // no post for a year
	Bot          Mark = "bot"          // the account says that a program posts
	Mirror       Mark = "mirror"       // a service that copies accounts from elsewhere
	Contradicted Mark = "contradicted" // the profile names another Twitter account
	Lost         Mark = "lost"         // moved, but in a circle
	Rival        Mark = "rival"        // another address is as well known, or was decided for
)

var against = []Mark{Gone, Suspended, Mirror, Contradicted, Lost, Rival}

// Has tells whether m bears the mark.
func (m Match) Has(mark Mark) bool { return slices.Contains(m.Marks, mark) }

// Target is the address to act on: where the account moved to, if it did.
func (m Match) Target() model.Address {
	if m.Profile.MovedTo != (model.Address{}) {
		return m.Profile.MovedTo
	}
	return m.Address
}

// Chosen tells whether m is acted on: the Owner said yes, or said nothing and it
// is at least Stated, known to exist, and no mark speaks against it.
func (m Match) Chosen() bool {
	if m.Decision != Undecided {
		return m.Decision == Yes
	}
	return m.Grade >= Stated && m.Profile.Existence == model.Exists && !m.doubted()
}

func (m Match) doubted() bool {
	return slices.ContainsFunc(m.Marks, func(mark Mark) bool { return slices.Contains(against, mark) })
}

func (m *Match) mark(mark Mark) {
	if !m.Has(mark) {
		m.Marks = append(m.Marks, mark)
		slices.Sort(m.Marks)
	}
}

func (m *Match) unmark(mark Mark) {
	m.Marks = slices.DeleteFunc(slices.Clone(m.Marks), func(o Mark) bool { return o == mark })
}
