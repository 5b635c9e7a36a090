package fedisim

import (
	"slices"
	"strconv"
	"time"
)

// notification is a follow or a mention that an account was told about.
type notification struct {
	kind string
	from *Account
	st   *status
	at   time.Time
}

func notifications(c *call) reply {
	list := []map[string]any{}
	for i, n := range slices.Backward(c.self.notes) {
		entry := map[string]any{"id": strconv.Itoa(i + 1), "type": n.kind, "created_at": stamp(n.at), "account": c.entity(n.from)}
		if n.st != nil {
			entry["status"] = c.status(n.st)
		}
		list = append(list, entry)
	}
	return c.ok(list[:min(len(list), c.number("limit", 40, 80))])
}

// homeTimeline shows the newest posts that reached the account's home feed.
func homeTimeline(c *call) reply {
	list := []*statusEntity{}
	for _, st := range slices.Backward(c.self.home) {
		list = append(list, c.status(st))
	}
	return c.ok(list[:min(len(list), c.number("limit", 20, homeLength))])
}

// homeLength is how many posts a home timeline keeps.
const homeLength = 40

// deliver puts a post into the home timelines of everybody who follows its
// author, and returns into how many.
func (st *status) deliver() int {
	n := 0
	for _, f := range st.account.followers {
		if !f.accepted || f.from.server.down || st.visibility == "direct" {
			continue
		}
		to := f.from
		to.home = append(to.home, st)
		if len(to.home) > 2*homeLength {
			to.home = slices.Clone(to.home[len(to.home)-homeLength:])
		}
		to.delivered++
		n++
	}
	return n + st.account.ExtraFollowers
}

// Delivered returns how many posts have reached the home timeline of a local
// account so far.
func (v *Server) Delivered(user string) int {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return v.must(user).delivered
}
