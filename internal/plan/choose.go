package plan

import (
	"slices"
	"sort"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// Reasons why somebody is left out.
const (
	LeftNoMatch    = "no account chosen"
	LeftGuess      = "only a guess, to be followed by hand"
	LeftGone       = "the account does not exist any more"
	LeftUnchecked  = "the account could not be checked"
	LeftSuspended  = "the account is suspended"
	LeftBlocked    = "you block them on Twitter"
	LeftAlready    = "already followed"
	LeftOptedOut   = "does not want to be found here"
	LeftSelf       = "your own account"
	LeftSame       = "the same account as another person's"
	LeftOverLimit  = "above the number of follows that the server allows"
	LeftBadAddress = "the address is not valid"
)

// choice is the account to carry over for a Person.
type choice struct {
	person  model.Person
	match   match.Match
	address model.Address // where the account lives now
}

// choose returns for each Person in the relation the accounts to carry over,
// closest people first, and what is left out. matches of a Person stand best
// first. Accounts that the Owner said yes to are all taken; without that only
// the best one is. claimed takes undecided claims too. A Guess never passes,
// whatever was decided: it rests on a name alone.
func choose(matches []match.Match, people map[string]model.Person, relation model.Relation, claimed bool) (chosen []choice, left leftOut) {
	byPerson := map[string][]match.Match{}
	for _, m := range matches {
		byPerson[m.PersonID] = append(byPerson[m.PersonID], m)
	}
	for _, p := range closest(people, relation) {
		taken, why := pick(byPerson[p.ID], claimed)
		if len(taken) == 0 {
			left.add(why, p)
		}
		for _, m := range taken {
			chosen = append(chosen, choice{person: p, match: m, address: m.Target()})
		}
	}
	return chosen, left
}

// pick returns the matches of one Person to carry over, or why there are none.
func pick(matches []match.Match, claimed bool) (taken []match.Match, why string) {
	why = LeftNoMatch
	var open []match.Match
	for _, m := range matches {
		wanted := m.Chosen() || claimed && m.Grade == match.Claimed && m.Decision == match.Undecided && !slices.ContainsFunc(m.Marks, speaks)
		if !wanted {
			continue
		}
		if reason := against(m); reason != "" {
			why = reason
			continue
		}
		if m.Decision == match.Yes {
			taken = append(taken, m)
		} else {
			open = append(open, m)
		}
	}
	if len(taken) == 0 && len(open) > 0 {
		taken = open[:1]
	}
	return taken, why
}

// speaks tells whether a mark speaks against a Match; the others inform.
func speaks(m match.Mark) bool { return m != match.Moved && m != match.Silent && m != match.Bot }

// against returns what forbids to carry a chosen match over.
func against(m match.Match) string {
	switch {
	case m.Grade <= match.Guess:
		return LeftGuess
	case m.Profile.Existence == model.Gone:
		return LeftGone
	case m.Profile.Existence != model.Exists:
		return LeftUnchecked
	case m.Profile.Suspended:
		return LeftSuspended
	}
	if parsed, err := model.ParseAddress(m.Target().String()); err != nil || parsed.Key() != m.Target().Key() {
		return LeftBadAddress
	}
	return ""
}

// closest returns the people in the relation, those the Owner talked to most
// first, then the latest, then by id.
func closest(people map[string]model.Person, relation model.Relation) []model.Person {
	var list []model.Person
	for id, p := range people {
		if slices.Contains(p.Relations, relation) {
			p.ID = id
			list = append(list, p)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.Interactions != b.Interactions {
			return a.Interactions > b.Interactions
		}
		if !a.LastInteraction.Equal(b.LastInteraction) {
			return a.LastInteraction.After(b.LastInteraction)
		}
		return a.ID < b.ID
	})
	return list
}
