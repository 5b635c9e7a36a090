package fedisim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func verifyCredentials(c *call) reply {
	e := c.entity(c.self)
	e.Source = map[string]any{"privacy": c.v.cfg.DefaultVisibility, "sensitive": false, "language": nil,
		"note": c.self.Note, "fields": e.Fields, "follow_requests_count": 0}
	return c.ok(e)
}

// lookup finds accounts that the server knows already and asks nobody else.
func lookup(c *call) reply {
	user, host, remote := strings.Cut(strings.TrimPrefix(c.form.Get("acct"), "@"), "@")
	if !remote {
		host = c.v.cfg.AccountDomain
	}
	a := c.v.sim.account(user, host)
	if a == nil || a.Gone || c.v.ids[a] == "" || c.v.traits.family == snac && a.server != c.v {
		return c.notFound()
	}
	return c.ok(c.entity(a))
}

// other returns the account in the path, or nil.
func (c *call) other() *Account {
	a := c.v.byID[c.r.PathValue("id")]
	if a == nil || a.Gone {
		return nil
	}
	return a
}

func showAccount(c *call) reply {
	a := c.other()
	if a == nil {
		return c.notFound()
	}
	return c.ok(c.entity(a))
}

func manyAccounts(c *call) reply {
	list := []*accountEntity{}
	for _, id := range c.list("id") {
		if a := c.v.byID[id]; a != nil && !a.Gone {
			list = append(list, c.entity(a))
		}
	}
	return c.ok(list)
}

func listFollowing(c *call) reply {
	a := c.other()
	if a == nil {
		return c.notFound()
	}
	return c.follows(a.following, func(f *follow) *Account { return f.to })
}

func listFollowers(c *call) reply {
	a := c.other()
	if a == nil {
		return c.notFound()
	}
	return c.follows(a.followers, func(f *follow) *Account { return f.from })
}

// follows answers a page of accepted follows. The cursors are ids of follows,
// not of accounts, so that only the Link header knows how to go on.
func (c *call) follows(all []*follow, who func(*follow) *Account) reply {
	newest := slices.Clone(accepted(all))
	slices.Reverse(newest)
	part, links := page(c, newest, func(f *follow) string { return strconv.FormatInt(f.cursor, 10) }, compareNumbers, 40, 80)
	list := []*accountEntity{}
	for _, f := range part {
		if a := who(f); !a.Gone {
			list = append(list, c.entity(a))
		}
	}
	return c.json(http.StatusOK, list).linked(links)
}

// accountStatuses lists posts as far as the one who asks may see them. snac
// lists them as they came in, the others by id.
func accountStatuses(c *call) reply {
	a, v := c.other(), c.v
	if a == nil {
		return c.notFound()
	}
	var newest []*status
	for _, st := range slices.Backward(a.posts) {
		if st.account.server != v || !c.maySee(st) || c.flag("pinned") ||
			c.flag("exclude_replies") && st.parent != nil || c.flag("only_media") && len(st.media) == 0 {
			continue
		}
		newest = append(newest, st)
	}
	limit, most := 20, 40
	if v.traits.family == gotosocial {
		limit, most = 30, 80
	}
	part, links := page(c, newest, func(st *status) string { return st.id }, v.statusOrder(), limit, most)
	list := []*statusEntity{}
	for _, st := range part {
		list = append(list, c.status(st))
	}
	return c.json(http.StatusOK, list).linked(links)
}

// statusOrder compares the ids of posts. On snac an id says nothing about the
// order; the post that has it does.
func (v *Server) statusOrder() func(a, b string) int {
	if v.traits.family != snac {
		return v.compareIDs
	}
	return func(a, b string) int {
		x, y := v.statuses[a], v.statuses[b]
		if x == nil || y == nil {
			return strings.Compare(a, b)
		}
		return int(x.serial - y.serial)
	}
}

func search(c *call) reply {
	v, q := c.v, strings.TrimSpace(c.form.Get("q"))
	resolve := c.flag("resolve")
	if (resolve || c.form.Has("offset")) && c.self == nil {
		return c.fail(http.StatusUnauthorized, "Search queries that resolve remote resources are not supported without authentication")
	}
	kind := c.form.Get("type")
	accounts, statuses := []*accountEntity{}, []*statusEntity{}
	if kind == "" || kind == "accounts" {
		for _, a := range v.searchAccounts(q, resolve, c.number("limit", 20, 40)) {
			accounts = append(accounts, c.entity(a))
		}
	}
	if st := v.statusByURL(q); st != nil && (kind == "" || kind == "statuses") && (resolve || st.account.server == v) && st.public() {
		statuses = append(statuses, c.status(st))
	}
	return c.ok(map[string]any{"accounts": accounts, "statuses": statuses, "hashtags": []any{}})
}

// searchAccounts finds one account by address or URL, or known ones by name.
// With resolve it asks other servers; those that are down, block or do not know
// the name all look the same: nothing is found.
func (v *Server) searchAccounts(q string, resolve bool, limit int) []*Account {
	if user, host, ok := v.searchAddress(q); ok {
		known := v.sim.account(user, host)
		if known != nil && v.ids[known] != "" && !known.Gone {
			return []*Account{known}
		}
		if !resolve {
			return nil
		}
		v.log(Effect{Kind: LookedUp, Target: host, Detail: "search"})
		if a := v.find(user, host); a != nil {
			return []*Account{a}
		}
		return nil
	}
	word := strings.ToLower(strings.TrimPrefix(q, "@"))
	var found []*Account
	for _, o := range v.sim.order {
		for _, a := range o.joined {
			if word != "" && v.ids[a] != "" && !a.Gone && !a.Suspended && len(found) < limit &&
				(strings.Contains(strings.ToLower(a.User), word) || strings.Contains(strings.ToLower(a.DisplayName), word)) {
				found = append(found, a)
			}
		}
	}
	return found
}

// searchAddress reads a search as the address of one account: @user@host or
// the URL of a profile or actor, and without the first @ where the program
// takes that. GoToSocial does not.
func (v *Server) searchAddress(q string) (user, host string, ok bool) {
	if strings.HasPrefix(q, "https://") {
		user, host = splitResource(q)
		return user, host, user != "" && !strings.Contains(user, "/")
	}
	bare, at := strings.CutPrefix(q, "@")
	user, host, ok = strings.Cut(bare, "@")
	if strings.Contains(user, ":") || !at && v.traits.family == gotosocial {
		return "", "", false
	}
	return user, strings.ToLower(host), ok && user != "" && host != ""
}

// statusByURL finds a post of any server by the URL of its page.
func (v *Server) statusByURL(q string) *status {
	rest, ok := strings.CutPrefix(q, "https://")
	if !ok {
		return nil
	}
	host, path, _ := strings.Cut(rest, "/")
	at := v.sim.servers[strings.ToLower(host)]
	if at == nil || at.down {
		return nil
	}
	return at.statuses[path[strings.LastIndex(path, "/")+1:]]
}
