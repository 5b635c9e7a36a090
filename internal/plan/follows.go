package plan

import (
	"math"
	"slices"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// FollowLimit is what bounds the follows of an Account.
type FollowLimit struct {
	Self      model.Address // never followed
	Following int           // how many it follows already
	Followers int
	Unlimited bool // the server has no such limit (GoToSocial)

	// OptedOut are those who do not want to be found, by Address.Key. They are
	// followed only where the Owner said yes to them.
	OptedOut map[string]bool
}

// freeFollows is how many follows Mastodon allows before it looks at followers
// (app/validators/follow_limit_validator.rb).
const freeFollows = 7500

// room returns how many more follows the server allows.
func (l FollowLimit) room() int {
	if l.Unlimited {
		return math.MaxInt
	}
	return max(0, max(freeFollows, int(math.Round(float64(l.Followers)*1.1)))-l.Following)
}

// Follows plans a follow for everybody whom the Twitter account follows and
// whose account is chosen, closest first, until the server's limit. matches of
// a Person stand best first; people and already are by Person id and by
// Address.Key. Steps have no ids yet. left counts who is left out, and why.
func Follows(matches []match.Match, people map[string]model.Person, already map[string]bool, limit FollowLimit) (steps []Step, left []Left) {
	chosen, out := choose(matches, people, model.Following, false)
	room, seen := limit.room(), map[string]bool{}
	for _, c := range chosen {
		key, reason := c.address.Key(), ""
		switch {
		case slices.Contains(c.person.Relations, model.Blocking):
			reason = LeftBlocked
		case key == limit.Self.Key():
			reason = LeftSelf
		case already[key]:
			reason = LeftAlready
		case c.match.Decision != match.Yes && (limit.OptedOut[key] || limit.OptedOut[c.match.Address.Key()]):
			reason = LeftOptedOut
		case seen[key]:
			reason = LeftSame
		case len(steps) >= room:
			reason = LeftOverLimit
		}
		if reason != "" {
			out.add(reason, c.person)
			continue
		}
		seen[key] = true
		steps = append(steps, Step{
			Seq: len(steps) + 1, Kind: KindFollow, Address: c.address, PersonID: c.person.ID, State: ledger.StatePlanned,
		})
	}
	return steps, out
}
