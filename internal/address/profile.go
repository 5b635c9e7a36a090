package address

import (
	"slices"
	"strings"
)

// Profile is what somebody shows of themselves on Twitter.
type Profile struct {
	Name, Bio, Location string
	URLs                []string // expanded
	Pinned              []string // texts of pinned posts
}

// Find returns the addresses in all fields, each once. Hosts that are known to
// be on the fediverse, lower case and ASCII, are taken at their word; known may
// be nil.
func (p Profile) Find(known map[string]bool) []Found {
	var all []Found
	add := func(found []Found) {
		for _, f := range found {
			i := slices.IndexFunc(all, func(o Found) bool {
				return strings.EqualFold(o.Address.User, f.Address.User) && o.Address.Host == f.Address.Host
			})
			switch {
			case i < 0:
				all = append(all, f)
			case f.Sure && !all[i].Sure:
				all[i] = f
			}
		}
	}
	for _, text := range append([]string{p.Bio, p.Name, p.Location}, p.Pinned...) {
		add(extract(text, known))
	}
	for _, link := range p.URLs {
		if f, ok := fromURL(link, known); ok {
			add([]Found{f})
		} else if text, ok := notLink(link); ok {
			add(extract(text, known))
		}
	}
	return all
}

// Likely returns those of Find that would better be believed than not if no
// server can be asked: all but user@host on a host of which nothing is known,
// which is an e-mail address far more often.
func (p Profile) Likely(known map[string]bool) []Found {
	return slices.DeleteFunc(p.Find(known), func(f Found) bool { return !f.Sure })
}

// notLink returns an address that was typed where a link was asked for, without
// the http:// that Twitter puts before it.
func notLink(link string) (string, bool) {
	text := strings.TrimSpace(link)
	for _, scheme := range []string{"https://", "http://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	text = strings.TrimSuffix(text, "/")
	return text, strings.Contains(text, "@") && !strings.ContainsAny(text, "/:?#")
}
