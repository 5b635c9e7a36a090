package fedisim

import (
	"net/http"
	"slices"
)

// list is a list of accounts.
type list struct {
	id, title string
	owner     *Account
	exclusive bool
	members   []*Account
}

// Lists returns the lists of a local account: title to addresses.
func (v *Server) Lists(user string) map[string][]string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	all := map[string][]string{}
	for _, l := range v.lists {
		if l.owner == v.must(user) {
			all[l.title] = []string{}
			for _, a := range l.members {
				all[l.title] = append(all[l.title], a.Address())
			}
		}
	}
	return all
}

func (l *list) entity() map[string]any {
	return map[string]any{"id": l.id, "title": l.title, "replies_policy": "list", "exclusive": l.exclusive}
}

func listLists(c *call) reply {
	all := []map[string]any{}
	for _, l := range c.v.lists {
		if l.owner == c.self {
			all = append(all, l.entity())
		}
	}
	return c.ok(all)
}

// createList: a title that is taken is a conflict on GoToSocial only.
func createList(c *call) reply {
	v, title := c.v, c.form.Get("title")
	if rep, moved := c.afterMove(); moved {
		return rep
	}
	if title == "" {
		return c.fail(http.StatusUnprocessableEntity, "Validation failed: Title can't be blank")
	}
	if v.traits.family == gotosocial && slices.ContainsFunc(v.lists, func(l *list) bool { return l.owner == c.self && l.title == title }) {
		return c.fail(http.StatusConflict, "list with this title exists")
	}
	l := &list{id: v.newID(c.now), title: title, owner: c.self, exclusive: c.flag("exclusive")}
	v.lists = append(v.lists, l)
	c.log(Effect{Kind: ListCreated, ID: l.id, Text: title})
	return c.ok(l.entity())
}

func (c *call) list1() *list {
	id := c.r.PathValue("id")
	for _, l := range c.v.lists {
		if l.id == id && l.owner == c.self {
			return l
		}
	}
	return nil
}

func showList(c *call) reply {
	l := c.list1()
	if l == nil {
		return c.notFound()
	}
	return c.ok(l.entity())
}

func deleteList(c *call) reply {
	l := c.list1()
	if l == nil {
		return c.notFound()
	}
	c.v.lists = slices.DeleteFunc(c.v.lists, func(o *list) bool { return o == l })
	c.log(Effect{Kind: ListDeleted, ID: l.id, Text: l.title})
	return c.ok(map[string]any{})
}

func listMembers(c *call) reply {
	l := c.list1()
	if l == nil {
		return c.notFound()
	}
	all := []*accountEntity{}
	for _, a := range l.members {
		all = append(all, c.entity(a))
	}
	if c.form.Get("limit") != "0" { // 0 means all
		all = all[:min(len(all), c.number("limit", 40, 80))]
	}
	return c.ok(all)
}

// addToList adds all or, where one cannot be added, none: everybody has to be
// followed (on GoToSocial accepted) and not in the list yet.
func addToList(c *call) reply {
	if rep, moved := c.afterMove(); moved {
		return rep
	}
	l := c.list1()
	if l == nil {
		return c.notFound()
	}
	var add []*Account
	for _, id := range c.list("account_ids") {
		a := c.v.byID[id]
		if a == nil {
			return c.notFound()
		}
		f := c.self.tie(a)
		if f == nil && a != c.self || f != nil && !f.accepted && c.v.traits.family == gotosocial {
			return c.fail(http.StatusNotFound, "account "+id+" is not currently followed")
		}
		if slices.Contains(l.members, a) || slices.Contains(add, a) {
			return c.fail(http.StatusUnprocessableEntity, "Validation failed: Account has already been taken")
		}
		add = append(add, a)
	}
	for _, a := range add {
		l.members = append(l.members, a)
		c.log(Effect{Kind: ListAdded, ID: l.id, Text: l.title, Target: a.Address()})
	}
	return c.ok(map[string]any{})
}

func removeFromList(c *call) reply {
	l := c.list1()
	if l == nil {
		return c.notFound()
	}
	for _, id := range c.list("account_ids") {
		if at := slices.Index(l.members, c.v.byID[id]); at >= 0 {
			c.log(Effect{Kind: ListRemoved, ID: l.id, Text: l.title, Target: l.members[at].Address()})
			l.members = slices.Delete(l.members, at, at+1)
		}
	}
	return c.ok(map[string]any{})
}
