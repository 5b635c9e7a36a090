package match

import "time"

// DecideAll decides at once on the undecided matches of one Person that pick
// returns true for, and returns all of them anew and how many it decided. It is
// careful where nobody looks at each: a yes goes to no Guess, to none that
// something speaks against, to nobody who has a yes already, and to nobody with
// several to choose from.
func DecideAll(matches []Match, pick func(Match) bool, d Decision, at time.Time) ([]Match, int) {
	var picked []int
	for i, m := range matches {
		if m.Decision == Yes && d == Yes {
			return matches, 0
		}
		if m.Decision == Undecided && pick(m) && (d != Yes || m.Grade > Guess && !m.doubted()) {
			picked = append(picked, i)
		}
	}
	if len(picked) == 0 || d == Yes && len(picked) > 1 {
		return matches, 0
	}
	decided := append([]Match(nil), matches...)
	for _, i := range picked {
		decided[i] = decided[i].Decide(d, at)
	}
	return Choose(decided), len(picked)
}
