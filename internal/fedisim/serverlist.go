package fedisim

import (
	"net/http"
	"slices"
	"strings"
)

// ListEntry is a server in the public list of joinmastodon.org.
type ListEntry struct {
	Domain           string   `json:"domain"`
	Version          string   `json:"version"`
	Description      string   `json:"description"`
	Languages        []string `json:"languages"`
	Region           string   `json:"region"`
	Categories       []string `json:"categories"`
	ProxiedThumbnail string   `json:"proxied_thumbnail"`
	Blurhash         string   `json:"blurhash"`
	TotalUsers       int      `json:"total_users"`
	LastWeekUsers    int      `json:"last_week_users"`
	ApprovalRequired bool     `json:"approval_required"`
	Language         string   `json:"language"`
	Category         string   `json:"category"`
}

// AddServerList adds a host that serves entries as api.joinmastodon.org does:
// GET /servers, with its filters by language, category, region and sign-up.
func (s *Sim) AddServerList(host string, entries []ListEntry) *Server {
	return s.start(Config{Host: strings.ToLower(host), Software: "none"}, func(v *Server) []route {
		return []route{
			{"GET /servers", anyone, func(c *call) reply { return listServers(c, entries) }},
			{"/", anyone, func(c *call) reply { return c.notFound() }},
		}
	})
}

func listServers(c *call, entries []ListEntry) reply {
	found := []ListEntry{}
	for _, e := range entries {
		sign := c.form.Get("registrations")
		if l := c.form.Get("language"); l != "" && !slices.Contains(e.Languages, l) ||
			c.form.Get("category") != "" && !slices.Contains(e.Categories, c.form.Get("category")) ||
			c.form.Get("region") != "" && e.Region != c.form.Get("region") ||
			sign == "instant" && e.ApprovalRequired || sign == "manual" && !e.ApprovalRequired {
			continue
		}
		found = append(found, e)
	}
	rep := c.ok(found)
	rep.header = map[string]string{"Access-Control-Allow-Origin": "*"}
	return rep
}

// AddSPARQL adds a host that answers every query at /sparql, as
// query.wikidata.org does, with body. A client without a User-Agent of its own
// is turned away.
func (s *Sim) AddSPARQL(host string, body []byte) *Server {
	answer := func(c *call) reply {
		if agent := c.r.UserAgent(); agent == "" || strings.HasPrefix(agent, "Go-http-client") {
			return reply{status: http.StatusForbidden, contentType: "text/plain; charset=utf-8", body: []byte("Please set a User-Agent that says who you are.\n")}
		}
		if c.form.Get("query") == "" {
			return reply{status: http.StatusBadRequest, contentType: "text/plain; charset=utf-8", body: []byte("query is missing\n")}
		}
		return reply{status: http.StatusOK, contentType: "application/sparql-results+json; charset=utf-8", body: body}
	}
	return s.start(Config{Host: strings.ToLower(host), Software: "none"}, func(v *Server) []route {
		return []route{
			{"GET /sparql", anyone, answer},
			{"POST /sparql", anyone, answer},
			{"/", anyone, func(c *call) reply { return c.notFound() }},
		}
	})
}
