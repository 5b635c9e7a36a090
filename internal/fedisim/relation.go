package fedisim

import (
	"slices"
	"strings"
)

func blockAccount(c *call) reply {
	to := c.other()
	if to == nil || to == c.self {
		return c.notFound()
	}
	c.block(to)
	return c.ok(c.relation(to))
}

func (c *call) block(to *Account) {
	if c.self.blocking[to] {
		return
	}
	c.self.blocking[to] = true
	for _, f := range []*follow{c.self.tie(to), to.tie(c.self)} {
		if f != nil {
			f.cutOff()
		}
	}
	c.log(Effect{Kind: Blocked, Target: to.Address()})
}

func unblockAccount(c *call) reply {
	to := c.other()
	if to == nil {
		return c.notFound()
	}
	if c.self.blocking[to] {
		delete(c.self.blocking, to)
		c.log(Effect{Kind: Unblocked, Target: to.Address()})
	}
	return c.ok(c.relation(to))
}

func muteAccount(c *call) reply {
	to := c.other()
	if to == nil || to == c.self {
		return c.notFound()
	}
	// GoToSocial leaves notifications alone unless asked, Mastodon mutes them too.
	hide := c.v.traits.family != gotosocial
	if c.form.Has("notifications") {
		hide = c.flag("notifications")
	}
	c.mute(to, hide)
	return c.ok(c.relation(to))
}

// mute keeps in muting whether notifications are hidden too.
func (c *call) mute(to *Account, hide bool) {
	if _, muted := c.self.muting[to]; !muted {
		c.log(Effect{Kind: Muted, Target: to.Address()})
	}
	c.self.muting[to] = hide
}

func unmuteAccount(c *call) reply {
	to := c.other()
	if to == nil {
		return c.notFound()
	}
	if _, muted := c.self.muting[to]; muted {
		delete(c.self.muting, to)
		c.log(Effect{Kind: Unmuted, Target: to.Address()})
	}
	return c.ok(c.relation(to))
}

// Blocking and Muting return whom a local account blocks or mutes, sorted.
func (v *Server) Blocking(user string) []string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return addresses(v.must(user).blocking)
}

// Muting returns whom a local account mutes, sorted.
func (v *Server) Muting(user string) []string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return addresses(v.must(user).muting)
}

func addresses(set map[*Account]bool) []string {
	var list []string
	for a := range set {
		list = append(list, a.Address())
	}
	slices.Sort(list)
	return list
}

// relation is the relationship of the one who asks to another account.
func (c *call) relation(to *Account) map[string]any {
	v, self := c.v, c.self
	f := self.tie(to)
	hide, muted := self.muting[to]
	r := noRelation(v.know(to))
	r["following"] = f != nil && f.accepted
	r["requested"] = f != nil && !f.accepted
	r["showing_reblogs"] = f != nil && f.accepted && f.reblogs
	r["notifying"] = f != nil && f.notify
	back := to.tie(self)
	r["followed_by"] = back != nil && back.accepted
	r["blocking"], r["blocked_by"] = self.blocking[to], to.blocking[self]
	r["muting"], r["muting_notifications"] = muted, hide
	if v.traits.family == snac { // measured: it says following at once
		r["following"], r["requested"] = f != nil, false
	}
	return r
}

func noRelation(id string) map[string]any {
	return map[string]any{"id": id, "following": false, "showing_reblogs": false, "notifying": false, "languages": nil,
		"followed_by": false, "blocking": false, "blocked_by": false, "muting": false, "muting_notifications": false,
		"requested": false, "requested_by": false, "domain_blocking": false, "endorsed": false, "note": ""}
}

// relationships answers many at once. GoToSocial makes one up for an id that
// it does not know, Mastodon leaves it out.
func relationships(c *call) reply {
	list := []map[string]any{}
	for _, id := range c.list("id") {
		if a := c.v.byID[strings.TrimSpace(id)]; a != nil && !a.Gone {
			list = append(list, c.relation(a))
		} else if c.v.traits.family == gotosocial {
			list = append(list, noRelation(id))
		}
	}
	return c.ok(list)
}
