package match

import (
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// SourceOwner is the Owner's own word as evidence.
const SourceOwner = "owner"

// Decide returns m with the Owner's decision. A yes is evidence too, so that an
// account that was only guessed can be carried over once the Owner has looked
// at it; another decision takes that evidence back.
func (m Match) Decide(d Decision, at time.Time) Match {
	m.Decision, m.DecidedAt = d, at
	m.Evidence = slices.DeleteFunc(slices.Clone(m.Evidence), func(e model.Evidence) bool { return e.Source == SourceOwner })
	if d == Yes {
		m.Evidence = append(m.Evidence, model.Evidence{
			Address: m.Address, Source: SourceOwner, Side: model.OwnerSide, Tie: model.TieHandle, Text: "you said so", At: at,
		})
	}
	m.Evidence = sorted(m.Evidence)
	m.Grade = weigh(m.Evidence)
	if m.Profile.Existence == model.Gone {
		m.Grade = min(m.Grade, Claimed)
	}
	return m
}
