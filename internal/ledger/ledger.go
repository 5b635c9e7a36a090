// Package ledger holds the states of a Step and the moves between them: what
// may follow what, what to do with a Step that was sent and never answered,
// and what a look at the server proves. It is pure: the caller brings clock,
// database and network. Why it is so, and the one hole left:
// docs/decisions/0003-exactly-once.md and docs/posting.md.
package ledger

import "time"

// State is how far a Step has come.
type State string

// The states of a Step. StateSent is committed before the first byte of the
// request leaves. StateConfirmed, StateRefused, StateSkipped and StateUndone are
// ends; StateUnsure waits for the Owner.
const (
	StatePlanned   State = "planned"
	StateSent      State = "sent"
	StateConfirmed State = "confirmed"
	StateRefused   State = "refused"
	StateSkipped   State = "skipped"
	StateUnsure    State = "unsure"
	StateUndone    State = "undone"
)

// Entry is one line of the Ledger: the state that an attempt at a Step reached.
type Entry struct {
	StepID  string
	Attempt int
	State   State
	At      time.Time
	Detail  string // in words: what the server said, what a look found
}

// moves lists what may follow each state.
//
//   - sent → sent is the same request under the same key, with a new deadline, or
//     one that may be carried out twice, such as a file of follows;
//   - sent → planned is the next attempt, after proof that nothing happened
//     (a limit, a request that never left, a look at a complete list);
//   - unsure → confirmed, planned or skipped is the Owner's word.
var moves = map[State][]State{
	StatePlanned:   {StateSent, StateSkipped},
	StateSent:      {StateSent, StateConfirmed, StateRefused, StateSkipped, StateUnsure, StatePlanned},
	StateUnsure:    {StateConfirmed, StatePlanned, StateSkipped},
	StateConfirmed: {StateUndone},
}

// CanMove tells whether a Step may go from one state to the other.
func CanMove(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Final tells whether no worker and no answer moves a Step on from s. Undo is
// the only way out of StateConfirmed. StateUnsure is not final: the Owner decides.
func (s State) Final() bool {
	switch s {
	case StateConfirmed, StateRefused, StateSkipped, StateUndone:
		return true
	}
	return false
}

// Open tells whether something may still happen, or may already have happened
// unseen, at the server for a Step in state s. Children of an open Step wait.
func (s State) Open() bool { return s == StatePlanned || s == StateSent || s == StateUnsure }
