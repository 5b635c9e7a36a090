package match

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Sources that are weighed by their name. A retweet in the archive holds words
// of the Person, but as often about others ("@x@y.example is not me"): it makes
// no more than a claim. The Owner's own word is in decide.go.
const (
	SourceRetweet  = "retweet"
	SourceWikidata = "wikidata"
	SourceRegistry = "registry"
)

// weight orders evidence, strongest first, and says how far one piece alone
// carries.
func weight(e model.Evidence) (rank int, alone Grade) {
	byName := e.Tie != model.TieID && e.Tie != model.TieHandle
	switch {
	case e.Tie == model.TieOther:
		return 1, None
	case byName:
		return 9, Guess
	case e.Side == model.OwnerSide:
		return 0, Claimed
	case e.Source == SourceRetweet:
		return 7, Claimed
	case e.Side == model.TwitterSide && e.Tie == model.TieID:
		return 2, Stated
	case e.Side == model.TwitterSide:
		return 3, Stated
	case e.Side == model.FediverseSide:
		return 5, Claimed
	case e.Source == SourceWikidata && e.Tie == model.TieID:
		return 4, Stated
	case e.Source == SourceWikidata:
		return 6, Claimed
	}
	return 8, Claimed
}

// weigh returns the grade of an address that exists or may exist.
func weigh(evidence []model.Evidence) Grade {
	best, twitter, fediverse, contradicted := None, false, false, false
	for _, e := range evidence {
		_, alone := weight(e)
		best = max(best, alone)
		// A text that may be an e-mail address (tie name) is confirmed as an
		// account by a profile that names the handle.
		twitter = twitter || e.Side == model.TwitterSide && e.Source != SourceRetweet
		fediverse = fediverse || e.Side == model.FediverseSide && alone == Claimed
		contradicted = contradicted || e.Tie == model.TieOther
	}
	switch {
	case twitter && fediverse:
		return Proven
	case contradicted:
		return min(best, Claimed)
	}
	return best
}

// credible drops what the profile, read later, no longer says, and what a
// mirror says of itself: it writes the Twitter handle into every profile.
func credible(evidence []model.Evidence, p model.Person, profile model.Profile, mirror bool) []model.Evidence {
	kept := make([]model.Evidence, 0, len(evidence))
	for _, e := range evidence {
		if e.Side == model.FediverseSide && e.Tie != model.TieName && e.Source != SourceRegistry {
			switch {
			case mirror:
				e.Tie = model.TieName
			case profile.Existence == model.Exists && profile.FetchedAt.After(e.At) && e.Tie == model.TieHandle && !says(profile, p.Handle.Name):
				continue
			}
		}
		kept = append(kept, e)
	}
	return kept
}

// says tells whether the profile's text still holds the handle.
func says(profile model.Profile, handle string) bool {
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(handle)) }
	if has(profile.DisplayName) || has(profile.Note) {
		return true
	}
	return slices.ContainsFunc(profile.Fields, func(f model.ProfileField) bool { return has(f.Name) || has(f.Value) })
}

// sorted returns the evidence strongest first and without doubles; of doubles
// the newest stays.
func sorted(evidence []model.Evidence) []model.Evidence {
	type sameness struct {
		address, source, text string
		side                  model.Side
		tie                   model.Tie
	}
	newest := map[sameness]model.Evidence{}
	for _, e := range evidence {
		k := sameness{e.Address.Key(), e.Source, e.Text, e.Side, e.Tie}
		if old, ok := newest[k]; !ok || e.At.After(old.At) || e.At.Equal(old.At) && e.Address.User < old.Address.User {
			newest[k] = e
		}
	}
	out := make([]model.Evidence, 0, len(newest))
	for _, e := range newest {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b model.Evidence) int {
		ra, _ := weight(a)
		rb, _ := weight(b)
		return cmp.Or(cmp.Compare(ra, rb), b.At.Compare(a.At), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Text, b.Text),
			cmp.Compare(a.Address.Key(), b.Address.Key()), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Tie, b.Tie))
	})
	return out
}

const silence = 365 * 24 * time.Hour

func markProfile(m *Match, now time.Time) {
	p := m.Profile
	for mark, is := range map[Mark]bool{
		Gone:      p.Existence == model.Gone,
		Suspended: p.Suspended,
		Bot:       p.Bot,
		Silent:    !p.LastStatusAt.IsZero() && now.Sub(p.LastStatusAt) > silence,
		Mirror:    isMirror(m.Address.Host) || isMirror(m.Target().Host),
		Contradicted: m.Grade < Proven && slices.ContainsFunc(m.Evidence, func(e model.Evidence) bool {
			return e.Tie == model.TieOther
		}),
	} {
		if is {
			m.mark(mark)
		}
	}
}
