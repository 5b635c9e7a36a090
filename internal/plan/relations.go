package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// Blocks plans a block for everybody whom the Twitter account blocks and whose
// account is chosen. Steps have no ids yet. left counts who is left out, and why.
func Blocks(matches []match.Match, people map[string]model.Person, self model.Address) (steps []Step, left []Left) {
	return relate(KindBlock, model.Blocking, matches, people, self)
}

// Mutes is Blocks for those who are muted. Who is blocked too is left to Blocks.
func Mutes(matches []match.Match, people map[string]model.Person, self model.Address) (steps []Step, left []Left) {
	return relate(KindMute, model.Muting, matches, people, self)
}

func relate(kind Kind, relation model.Relation, matches []match.Match, people map[string]model.Person, self model.Address) (steps []Step, left []Left) {
	chosen, out := choose(matches, people, relation, false)
	seen := map[string]bool{}
	for _, c := range chosen {
		key, reason := c.address.Key(), ""
		switch {
		case kind == KindMute && slices.Contains(c.person.Relations, model.Blocking):
			reason = LeftBlocked
		case key == self.Key():
			reason = LeftSelf
		case seen[key]:
			reason = LeftSame
		}
		if reason != "" {
			out.add(reason, c.person)
			continue
		}
		seen[key] = true
		steps = append(steps, Step{Seq: len(steps) + 1, Kind: kind, Address: c.address, PersonID: c.person.ID, State: ledger.StatePlanned})
	}
	return steps, out
}

// Member is somebody whom the Owner wants in a list: a Person of the Move, or
// an address that they brought.
type Member struct {
	List     string
	PersonID string
	Address  model.Address // zero for a Person: the chosen match decides
	Named    string        // as the Owner wrote it, for what is left out
}

// Lists plans the Owner's lists: each is made, then its members are put in one
// by one. matches of a Person stand best first. newID makes the Steps' ids.
func Lists(members []Member, matches []match.Match, people map[string]model.Person, newID func() string) (steps []Step, left []Left) {
	byPerson := map[string][]match.Match{}
	for _, m := range matches {
		byPerson[m.PersonID] = append(byPerson[m.PersonID], m)
	}
	var out leftOut
	lists, seen := map[string]string{}, map[string]bool{} // title → id of its Step; title and address
	for _, m := range members {
		address, why := m.Address, ""
		if m.PersonID != "" {
			taken, reason := pick(byPerson[m.PersonID], false)
			if why = reason; len(taken) > 0 {
				address, why = taken[0].Target(), ""
			}
		}
		title := strings.TrimSpace(m.List)
		if why == "" && (address == model.Address{}) {
			why = LeftNoMatch
		}
		if why == "" && seen[title+"\x00"+address.Key()] {
			why = LeftSame
		}
		if why != "" {
			out.addNamed(why, m.PersonID, Named{Name: cmp.Or(nameOf(people[m.PersonID]), m.Named, m.Address.String()), List: title})
			continue
		}
		seen[title+"\x00"+address.Key()] = true
		if lists[title] == "" {
			lists[title] = newID()
			steps = append(steps, Step{ID: lists[title], Seq: len(steps) + 1, Kind: KindList, List: title, State: ledger.StatePlanned})
		}
		steps = append(steps, Step{
			ID: newID(), Seq: len(steps) + 1, Kind: KindMember, List: title, Address: address, PersonID: m.PersonID,
			ParentID: lists[title], State: ledger.StatePlanned,
		})
	}
	return steps, out
}
