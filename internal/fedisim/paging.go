package fedisim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// page picks a page of items, which come newest first, by the cursors of the
// Mastodon API, and says in a Link header where it goes on. order compares two
// ids; made-up ones will do. min_id takes the items next to it, since_id the
// newest ones.
func page[T any](c *call, items []T, id func(T) string, order func(a, b string) int, limit, most int) ([]T, string) {
	limit = c.number("limit", limit, most)
	query := c.r.URL.Query()
	within := make([]T, 0, limit)
	for _, item := range items {
		if m := query.Get("max_id"); m != "" && order(id(item), m) >= 0 {
			continue
		}
		if m := query.Get("since_id"); m != "" && order(id(item), m) <= 0 {
			continue
		}
		if m := query.Get("min_id"); m != "" && order(id(item), m) <= 0 {
			continue
		}
		within = append(within, item)
	}
	if query.Get("min_id") != "" {
		within = within[max(0, len(within)-limit):]
	} else {
		within = within[:min(limit, len(within))]
	}
	if len(within) == 0 {
		return within, ""
	}
	links := []string{
		c.pageLink("next", "max_id", id(within[len(within)-1]), limit),
		c.pageLink("prev", "min_id", id(within[0]), limit),
	}
	if len(within) < limit { // nothing older is left
		links = links[1:]
	}
	return within, strings.Join(links, ", ")
}

func (c *call) pageLink(rel, cursor, id string, limit int) string {
	query := url.Values{}
	for name, values := range c.r.URL.Query() {
		if !slices.Contains([]string{"max_id", "min_id", "since_id"}, name) {
			query[name] = values
		}
	}
	query.Set("limit", strconv.Itoa(limit))
	query.Set(cursor, id)
	return "<" + c.v.public(c.r.URL.Path+"?"+query.Encode()) + `>; rel="` + rel + `"`
}

func (rep reply) linked(links string) reply {
	if links != "" {
		rep.header = map[string]string{"Link": links}
	}
	return rep
}
