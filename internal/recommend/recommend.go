// Package recommend ranks servers for one Owner by how many of the people they
// look for live there, and by what a newcomer can do there. It is pure; every
// score comes with its reasons in words.
package recommend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Options is what the Owner asks for.
type Options struct {
	Languages []string // BCP 47 codes; none means any
}

// Ranked is a server with its place, best first.
type Ranked struct {
	Server  model.Server
	Score   float64 // 0 to 100, comparable within one ranking only
	Matched int     // chosen matches that live there
	Reasons []Reason
}

// Reason is one thing that raised or lowered the score.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"` // a sentence for the Owner
}

// Rank orders servers, best first. Matched counts the chosen matches by host.
// Servers without sign-up come last, whatever their score. The same input gives
// the same order, and one more matched person never moves a server down.
func Rank(servers []model.Server, matched map[string]int, o Options) []Ranked {
	people := make(map[string]int, len(matched))
	for host, n := range matched {
		people[strings.ToLower(host)] += max(n, 0)
	}
	ranked := make([]Ranked, 0, len(servers))
	seen := make(map[string]bool, len(servers))
	for _, s := range servers {
		host := strings.ToLower(s.Host)
		if host == "" || seen[host] {
			continue
		}
		seen[host] = true
		ranked = append(ranked, rank(s, people[host], o))
	}
	slices.SortFunc(ranked, func(a, b Ranked) int {
		return cmp.Or(
			cmp.Compare(closed(a.Server), closed(b.Server)),
			cmp.Compare(b.Score, a.Score),
			cmp.Compare(b.Matched, a.Matched),
			cmp.Compare(strings.ToLower(a.Server.Host), strings.ToLower(b.Server.Host)),
		)
	})
	return ranked
}

func closed(s model.Server) int {
	if s.SignUp == model.SignUpClosed {
		return 1
	}
	return 0
}

// rank adds up points: people count as much as all the rest together.
func rank(s model.Server, matched int, o Options) Ranked {
	r := Ranked{Server: s, Matched: matched}
	for _, judge := range []func(model.Server, int, Options) (float64, Reason){people, language, signUp, size, software, covenant} {
		points, reason := judge(s, matched, o)
		r.Score += points
		if reason.Text != "" {
			r.Reasons = append(r.Reasons, reason)
		}
	}
	r.Score = max(r.Score, 0)
	return r
}
