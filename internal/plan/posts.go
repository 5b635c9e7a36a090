package plan

import (
	"sort"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
)

// Posts plans a post for each status: oldest first, the parts of a tweet in
// order, and nothing before what it answers. newID makes the Steps' ids. A
// status that answers one not among statuses has no ParentID; its InReplyTo
// stays, since an earlier Run may have posted that. Doubles are dropped.
func Posts(statuses []compose.Status, newID func() string) []Step {
	p := &postPlan{byRef: map[compose.Ref]int{}, last: map[string]int{}, step: map[int]int{}, newID: newID}
	p.statuses = make([]compose.Status, 0, len(statuses))
	sorted := append([]compose.Status(nil), statuses...)
	sort.SliceStable(sorted, func(i, j int) bool { return earlier(sorted[i], sorted[j]) })
	for _, s := range sorted {
		ref := compose.Ref{TweetID: tweetOf(s), Part: s.Part}
		if _, double := p.byRef[ref]; double || ref.TweetID == "" {
			continue
		}
		p.byRef[ref] = len(p.statuses)
		p.last[ref.TweetID] = max(p.last[ref.TweetID], s.Part)
		p.statuses = append(p.statuses, s)
	}
	for i := range p.statuses {
		p.add(i)
	}
	return p.steps
}

type postPlan struct {
	statuses []compose.Status
	byRef    map[compose.Ref]int // → index in statuses
	last     map[string]int      // tweet → its last part
	step     map[int]int         // index in statuses → index in steps
	steps    []Step
	newID    func() string
}

// parent returns the status that s answers; ok is false if it is not here.
func (p *postPlan) parent(i int) (int, bool) {
	ref := p.statuses[i].InReplyTo
	if ref == nil {
		return 0, false
	}
	if ref.Part == 0 && p.last[ref.TweetID] > 0 { // composed before its parent was
		ref = &compose.Ref{TweetID: ref.TweetID, Part: p.last[ref.TweetID]}
		p.statuses[i].InReplyTo = ref
	}
	parent, ok := p.byRef[*ref]
	return parent, ok
}

// add plans status i after everything that it goes on from. Statuses that
// answer each other in a circle, which no honest archive holds, end the walk.
func (p *postPlan) add(i int) {
	var chain []int
	onWay := map[int]bool{}
	for at, ok := i, true; ok; at, ok = p.parent(at) {
		if _, done := p.step[at]; done || onWay[at] {
			break
		}
		onWay[at] = true
		chain = append(chain, at)
	}
	for n := len(chain) - 1; n >= 0; n-- {
		at := chain[n]
		s := &p.statuses[at]
		step := Step{
			ID: p.newID(), Seq: len(p.steps) + 1, Kind: KindPost, Status: s,
			TweetID: tweetOf(*s), Part: s.Part, State: ledger.StatePlanned,
		}
		if parent, ok := p.parent(at); ok {
			if done, planned := p.step[parent]; planned {
				step.ParentID = p.steps[done].ID
			}
		}
		p.step[at] = len(p.steps)
		p.steps = append(p.steps, step)
	}
}

// tweetOf is the tweet that a status is a part of.
func tweetOf(s compose.Status) string {
	if len(s.TweetIDs) == 0 {
		return ""
	}
	return s.TweetIDs[0]
}

// earlier orders by time, then by id as a number, then by part.
func earlier(a, b compose.Status) bool {
	x, y := tweetOf(a), tweetOf(b)
	switch {
	case !a.CreatedAt.Equal(b.CreatedAt):
		return a.CreatedAt.Before(b.CreatedAt)
	case len(x) != len(y):
		return len(x) < len(y)
	case x != y:
		return x < y
	}
	return a.Part < b.Part
}
