package fedisim

import (
	"fmt"
	"net/http"
	"slices"
)

// follow is one account following another, or asking to.
type follow struct {
	cursor   int64
	from, to *Account
	accepted bool
	reblogs  bool
	notify   bool
}

func accepted(all []*follow) []*follow {
	var list []*follow
	for _, f := range all {
		if f.accepted {
			list = append(list, f)
		}
	}
	return list
}

// tie returns the follow between two accounts, or nil.
func (a *Account) tie(to *Account) *follow {
	for _, f := range a.following {
		if f.to == to {
			return f
		}
	}
	return nil
}

func (s *Sim) connect(from, to *Account) *follow {
	s.serial++
	f := &follow{cursor: 100000 + s.serial, from: from, to: to, reblogs: true}
	from.following = append(from.following, f)
	to.followers = append(to.followers, f)
	from.server.know(to)
	to.server.know(from)
	return f
}

// cutOff ends a follow. With it the account leaves the lists of the one who
// followed: rows of lists hang on the follow, on Mastodon as on GoToSocial.
func (f *follow) cutOff() {
	is := func(o *follow) bool { return o == f }
	f.from.following = slices.DeleteFunc(f.from.following, is)
	f.to.followers = slices.DeleteFunc(f.to.followers, is)
	for _, l := range f.from.server.lists {
		if at := slices.Index(l.members, f.to); l.owner == f.from && at >= 0 {
			l.members = slices.Delete(l.members, at, at+1)
		}
	}
}

// MakeFollow has one account follow another, accepted and without an effect in
// the log, to set a scene. Both are user@host of accounts in the Sim.
func (s *Sim) MakeFollow(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, b := s.address(from), s.address(to)
	if a == nil || b == nil {
		panic(fmt.Sprintf("fedisim: no account %q or %q", from, to))
	}
	if f := a.tie(b); f != nil {
		f.accepted = true
		return
	}
	s.connect(a, b).accepted = true
}

// Accept has a local account accept the follow that user@host asked for. It
// tells whether there was one to accept.
func (v *Server) Accept(user, follower string) bool {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	from := v.sim.address(follower)
	if from == nil {
		return false
	}
	f := from.tie(v.must(user))
	if f == nil || f.accepted {
		return false
	}
	f.accept()
	return true
}

// Reject has a local account say no to the follow that user@host asked for, or
// take back its yes. It tells whether there was one.
func (v *Server) Reject(user, follower string) bool {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	from := v.sim.address(follower)
	if from == nil {
		return false
	}
	f := from.tie(v.must(user))
	if f != nil {
		f.cutOff()
	}
	return f != nil
}

func (f *follow) accept() {
	f.accepted = true
	f.to.notes = append(f.to.notes, notification{kind: "follow", from: f.from, at: f.from.server.sim.now()})
	f.from.server.log(Effect{Kind: FollowAccepted, Account: f.from.User, Target: f.to.Address()})
}

// Follows returns whom a local account follows or has asked to, in the order
// of asking; Following only those who accepted.
func (v *Server) Follows(user string) []string {
	return v.followed(user, func(f *follow) bool { return true })
}

// Following returns whom a local account follows, accepted.
func (v *Server) Following(user string) []string {
	return v.followed(user, func(f *follow) bool { return f.accepted })
}

// Followers returns who follows a local account, accepted.
func (v *Server) Followers(user string) []string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	var list []string
	for _, f := range accepted(v.must(user).followers) {
		list = append(list, f.from.Address())
	}
	return list
}

func (v *Server) followed(user string, want func(*follow) bool) []string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	var list []string
	for _, f := range v.must(user).following {
		if want(f) {
			list = append(list, f.to.Address())
		}
	}
	return list
}

// followAccount follows at once, asks, or changes a follow that there is.
func followAccount(c *call) reply {
	v, to := c.v, c.other()
	if rep, moved := c.afterMove(); moved {
		return rep
	}
	if rep, refused := c.mayNotFollow(to); refused {
		return rep
	}
	f := c.self.tie(to)
	if f != nil {
		c.log(Effect{Kind: FollowRepeated, Target: to.Address()})
	} else {
		if rep, ok := c.allow("follows"); !ok {
			return rep
		}
		f = v.follow(c.self, to)
	}
	if c.form.Has("reblogs") {
		f.reblogs = c.flag("reblogs")
	}
	if c.form.Has("notify") {
		f.notify = c.flag("notify")
	}
	if w, limited := v.look("follows", "@"+c.self.User); limited {
		c.windows = append(c.windows, w)
	}
	return c.ok(c.relation(to))
}

func (c *call) mayNotFollow(to *Account) (reply, bool) {
	v := c.v
	switch {
	case to == nil:
		return c.notFound(), true
	case to == c.self && v.traits.family == gotosocial:
		return c.fail(http.StatusNotAcceptable, "you cannot follow yourself"), true
	case to == c.self, to.Suspended:
		return c.notFound(), true
	case to.MovedTo != "" && v.traits.family == mastodon, to.blocking[c.self], c.self.blocking[to]:
		return c.fail(http.StatusForbidden, "This action is not allowed"), true
	}
	if v.traits.family != mastodon {
		return reply{}, false
	}
	most := max(v.cfg.FollowLimit, (len(accepted(c.self.followers))+c.self.ExtraFollowers)*11/10)
	if len(c.self.following)+c.self.ExtraFollowing >= most && c.self.tie(to) == nil {
		return c.fail(http.StatusUnprocessableEntity, fmt.Sprintf("Validation failed: You cannot follow more than %d people", most)), true
	}
	return reply{}, false
}

// follow asks, and has an open account accept after the server's delay: at
// once where it is 0 or the account is local. A locked account waits for
// Accept; a server that is down or blocks never answers.
func (v *Server) follow(from, to *Account) *follow {
	f := v.sim.connect(from, to)
	remote := to.server != v
	if to.Locked || remote && (to.server.down || to.server.blocks(v)) {
		v.log(Effect{Kind: FollowRequested, Account: from.User, Target: to.Address()})
		return f
	}
	if !remote || v.cfg.AcceptDelay <= 0 {
		f.accepted = true
		to.notes = append(to.notes, notification{kind: "follow", from: from, at: v.sim.now()})
		v.log(Effect{Kind: Followed, Account: from.User, Target: to.Address()})
		return f
	}
	v.log(Effect{Kind: FollowRequested, Account: from.User, Target: to.Address()})
	v.sim.later(v.sim.moment().Add(v.cfg.AcceptDelay), func() func() {
		if !f.accepted && from.tie(to) == f && !to.server.down {
			f.accept()
		}
		return nil
	})
	return f
}

func unfollowAccount(c *call) reply {
	to := c.other()
	if to == nil {
		return c.notFound()
	}
	if f := c.self.tie(to); f != nil {
		f.cutOff()
		c.log(Effect{Kind: Unfollowed, Target: to.Address()})
	}
	return c.ok(c.relation(to))
}
