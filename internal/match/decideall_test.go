package match_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

func TestDecideAll(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	claimed := func(host string, marks ...match.Mark) match.Match {
		a := model.Address{User: "ada", Host: host}
		return match.Match{
			Address: a, Grade: match.Claimed, Marks: marks, Profile: model.Profile{Address: a, Existence: model.Exists},
			Evidence: []model.Evidence{{Address: a, Source: "profile", Side: model.FediverseSide, Tie: model.TieHandle, Text: "@ada"}},
		}
	}
	decided := func(m match.Match, d match.Decision) match.Match { return m.Decide(d, now) }
	guess := claimed("a.example")
	guess.Grade, guess.Evidence[0].Tie = match.Guess, model.TieName
	of := func(g match.Grade) func(match.Match) bool { return func(m match.Match) bool { return m.Grade == g } }
	tests := []struct {
		name    string
		matches []match.Match
		grade   match.Grade
		d       match.Decision
		want    int
		chosen  int
	}{
		{"one", []match.Match{claimed("a.example")}, match.Claimed, match.Yes, 1, 1},
		{"moved and silent inform only", []match.Match{claimed("a.example", match.Moved, match.Silent)}, match.Claimed, match.Yes, 1, 1},
		{"another grade", []match.Match{claimed("a.example")}, match.Stated, match.Yes, 0, 0},
		{"two of them", []match.Match{claimed("a.example"), claimed("b.example")}, match.Claimed, match.Yes, 0, 0},
		{"two of them, no", []match.Match{claimed("a.example"), claimed("b.example")}, match.Claimed, match.No, 2, 0},
		{"two, one is a mirror", []match.Match{claimed("a.example"), claimed("b.example", match.Mirror)}, match.Claimed, match.Yes, 1, 1},
		{"names somebody else", []match.Match{claimed("a.example", match.Contradicted)}, match.Claimed, match.Yes, 0, 0},
		{"another yes", []match.Match{claimed("a.example"), decided(claimed("b.example"), match.Yes)}, match.Claimed, match.Yes, 0, 1},
		{"another no", []match.Match{claimed("a.example"), decided(claimed("b.example"), match.No)}, match.Claimed, match.Yes, 1, 1},
		{"no stays no", []match.Match{decided(claimed("a.example"), match.No)}, match.Claimed, match.Yes, 0, 0},
		{"a guess", []match.Match{guess}, match.Guess, match.Yes, 0, 0},
		{"no to a guess", []match.Match{guess}, match.Guess, match.No, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := append([]match.Match(nil), tt.matches...)
			got, n := match.DecideAll(tt.matches, of(tt.grade), tt.d, now)
			chosen := 0
			for i, m := range got {
				if m.Chosen() {
					chosen++
				}
				if tt.matches[i].Decision != before[i].Decision {
					t.Error("what was given is changed")
				}
			}
			if n != tt.want || chosen != tt.chosen {
				t.Errorf("%d decided, %d chosen; want %d and %d", n, chosen, tt.want, tt.chosen)
			}
		})
	}
}
