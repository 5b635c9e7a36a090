package match_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

var (
	hosts   = []string{"tusk.example", "flock.example", "new.example", "bird.makeup"}
	sources = []string{"list", "retweet", "wikidata", "registry", "profile", "directory", "owner"}
	sides   = []model.Side{model.TwitterSide, model.FediverseSide, model.ThirdSide, model.OwnerSide}
	ties    = []model.Tie{model.TieID, model.TieHandle, model.TieName, model.TieOther}
)

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func random(t *testing.T, r *rand.Rand) ([]model.Evidence, map[string]model.Profile) {
	t.Helper()
	var evidence []model.Evidence
	for range 1 + r.IntN(6) {
		evidence = append(evidence, says(t, "ada@"+pick(r, hosts), pick(r, sources), pick(r, sides), pick(r, ties)))
	}
	profiles := map[string]model.Profile{}
	for _, h := range hosts {
		p := model.Profile{Existence: pick(r, []model.Existence{model.Exists, model.Unknown, model.Gone}), Suspended: r.IntN(8) == 0}
		if r.IntN(3) == 0 {
			p.Address = address(t, "ada@"+h)
		}
		if r.IntN(4) == 0 {
			p.MovedTo = address(t, "ada@"+pick(r, hosts))
		}
		if r.IntN(9) == 0 {
			p.Address = address(t, "ada@"+pick(r, hosts))
		}
		profiles["ada@"+h] = p
	}
	return evidence, profiles
}

// Whatever the evidence: nobody is followed twice or on a guess, the order of
// the evidence does not matter, and a match is never without evidence.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 4_000 {
		evidence, profiles := random(t, r)
		got := match.Grades(ada, evidence, profiles, now)
		chosen := 0
		for _, m := range got {
			if m.Chosen() {
				chosen++
				if m.Grade < match.Stated || m.Has(match.Gone) || m.Has(match.Suspended) || m.Has(match.Mirror) || m.Profile.Existence != model.Exists {
					t.Fatalf("case %d: chosen %+v", i, m)
				}
			}
			if len(m.Evidence) == 0 || m.Grade == match.None || m.Address == (model.Address{}) {
				t.Fatalf("case %d: empty match %+v", i, m)
			}
		}
		if chosen > 1 {
			t.Fatalf("case %d: %d matches chosen for one person: %+v", i, chosen, got)
		}
		r.Shuffle(len(evidence), func(i, j int) { evidence[i], evidence[j] = evidence[j], evidence[i] })
		if diff := cmp.Diff(got, match.Grades(ada, evidence, profiles, now)); diff != "" {
			t.Fatalf("case %d: another order of evidence, another result: %s", i, diff)
		}
	}
}

// More evidence for an address never lowers its grade, unless it speaks against.
func TestMoreEvidence(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 1_000 {
		evidence, _ := random(t, r)
		profiles := map[string]model.Profile{}
		grades := func(all []model.Evidence) map[string]match.Grade {
			out := map[string]match.Grade{}
			for _, m := range match.Grades(ada, all, profiles, now) {
				out[m.Address.Key()] = m.Grade
			}
			return out
		}
		more := says(t, "ada@"+pick(r, hosts), pick(r, sources), pick(r, sides), pick(r, ties[:3]))
		before, after := grades(evidence), grades(append(evidence, more))
		for key, g := range before {
			if after[key] < g {
				t.Fatalf("case %d: %s fell from %v to %v by %+v", i, key, g, after[key], more)
			}
		}
	}
}
