package match

import (
	"cmp"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Grades weighs the evidence for one Person and returns a Match for each
// account that it names, best first. Profiles holds what is known of addresses,
// by Address.Key; an address without one counts as not asked about.
//
// Addresses that are the same account (another spelling, or moved to another
// address that has evidence too) become one Match. An account that is gone is at
// most Claimed, and dropped if it was a Guess.
func Grades(p model.Person, evidence []model.Evidence, profiles map[string]model.Profile, now time.Time) []Match {
	accounts := gather(p, evidence, profiles)
	follow(accounts, profiles)
	matches := make([]Match, 0, len(accounts))
	for _, m := range accounts {
		m.Evidence = sorted(m.Evidence)
		m.Grade = weigh(m.Evidence)
		if m.Grade == None {
			continue // nothing but a contradiction is left of it
		}
		if m.Profile.Existence == model.Gone {
			if m.Grade == Guess {
				continue
			}
			m.Grade = min(m.Grade, Claimed)
		}
		markProfile(m, now)
		matches = append(matches, *m)
	}
	slices.SortFunc(matches, better)
	return Choose(matches)
}

// Choose settles which of one Person's matches may be chosen, anew after each
// decision: a Person is followed once. It sets and clears the mark Rival and
// changes nothing else; the order stays.
//
// A yes rules out whatever is undecided. Without one, different addresses that
// would all be chosen rule each other out.
func Choose(matches []Match) []Match {
	out := slices.Clone(matches)
	decided, targets := false, map[string]int{}
	for i := range out {
		out[i].unmark(Rival)
		decided = decided || out[i].Decision == Yes
		if out[i].contends() {
			targets[out[i].Target().Key()]++
		}
	}
	seen := map[string]bool{}
	for i := range out {
		m := &out[i]
		if m.Decision != Undecided {
			continue
		}
		key := m.Target().Key()
		if decided || m.contends() && (len(targets) > 1 || seen[key]) {
			m.mark(Rival)
			continue
		}
		seen[key] = seen[key] || m.contends()
	}
	return out
}

// contends tells whether m stands in the way of others. An address that did not
// answer may still be the right one, so it does.
func (m Match) contends() bool { return m.Decision == Undecided && m.Grade >= Stated && !m.doubted() }

// gather puts the evidence that names one account together, by the address that
// its server gives it.
func gather(p model.Person, evidence []model.Evidence, profiles map[string]model.Profile) map[string]*Match {
	accounts := map[string]*Match{}
	// In a fixed order, since the first spelling and profile of an account stay.
	evidence = slices.SortedFunc(slices.Values(evidence), func(a, b model.Evidence) int {
		return cmp.Or(cmp.Compare(a.Address.Key(), b.Address.Key()), cmp.Compare(a.Address.User, b.Address.User))
	})
	for _, e := range evidence {
		key := e.Address.Key()
		if key == "" {
			continue
		}
		profile, address := profiles[key], e.Address
		if own := profile.Address; own.Key() != "" && profile.Existence == model.Exists {
			address, key = own, own.Key()
			if again, ok := profiles[key]; ok && again.Existence == model.Exists {
				profile = again
			}
		}
		m := accounts[key]
		if m == nil {
			m = &Match{PersonID: p.ID, Address: address, Profile: profile}
			accounts[key] = m
		}
		if m.Profile.Existence != model.Exists && profile.Existence == model.Exists {
			m.Profile = profile
		}
		m.Evidence = append(m.Evidence, credible([]model.Evidence{e}, p, profile, isMirror(e.Address.Host))...)
	}
	return accounts
}

// follow goes after moves: to another account of the Person, which takes over
// the evidence, or to an address that only the old account names.
func follow(accounts map[string]*Match, profiles map[string]model.Profile) {
	moved := map[string]string{} // account → where it ends
	for _, key := range keys(accounts) {
		m := accounts[key]
		if m.Profile.MovedTo == (model.Address{}) {
			continue
		}
		end, profile, ok := chase(m.Address, m.Profile, profiles)
		m.mark(Moved)
		if !ok {
			m.mark(Lost)
			m.Profile.MovedTo = model.Address{}
			continue
		}
		m.Profile.MovedTo = end
		if profile.Existence == model.Gone {
			m.mark(Gone)
		}
		if profile.Suspended {
			m.mark(Suspended)
		}
		moved[key] = end.Key()
	}
	for _, key := range keys(accounts) {
		if to := accounts[moved[key]]; to != nil {
			to.Evidence = append(to.Evidence, accounts[key].Evidence...)
			delete(accounts, key)
		}
	}
}

const longestChain = 10

// chase follows the moves from one account to the last known address. It fails
// where they lead back.
func chase(from model.Address, profile model.Profile, profiles map[string]model.Profile) (model.Address, model.Profile, bool) {
	seen := map[string]bool{from.Key(): true}
	for range longestChain {
		to := profile.MovedTo
		if seen[to.Key()] {
			return model.Address{}, model.Profile{}, false
		}
		seen[to.Key()] = true
		next := profiles[to.Key()]
		if own := next.Address; own.Key() != "" && next.Existence == model.Exists && own.Key() != to.Key() {
			if seen[own.Key()] {
				return model.Address{}, model.Profile{}, false
			}
			seen[own.Key()], to = true, own
		}
		if next.MovedTo == (model.Address{}) {
			return to, next, true
		}
		profile = next
	}
	return model.Address{}, model.Profile{}, false
}

func keys(accounts map[string]*Match) []string {
	out := make([]string, 0, len(accounts))
	for key := range accounts {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// better orders matches: by grade, then what nothing speaks against, then what
// is known to exist, then who was active last.
func better(a, b Match) int {
	return cmp.Or(
		-cmp.Compare(a.Grade, b.Grade),
		cmp.Compare(bit(a.doubted()), bit(b.doubted())),
		cmp.Compare(standing(a), standing(b)),
		b.Profile.LastStatusAt.Compare(a.Profile.LastStatusAt),
		cmp.Compare(a.Address.Key(), b.Address.Key()),
	)
}

func standing(m Match) int {
	return slices.Index([]model.Existence{model.Exists, model.Unknown, model.Gone}, m.Profile.Existence)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
