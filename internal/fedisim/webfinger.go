package fedisim

import (
	"encoding/xml"
	"net/http"
	"strings"
)

type jrdLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

// webfinger answers acct:user@domain and the URL of an actor or profile.
func webfinger(c *call) reply {
	v, resource := c.v, c.form.Get("resource")
	if resource == "" {
		return c.fail(http.StatusBadRequest, "resource is missing")
	}
	user, host := splitResource(resource)
	if host != v.cfg.AccountDomain && host != v.cfg.Host {
		if v.traits.family == gotosocial {
			return c.fail(http.StatusBadRequest, "domain of the resource is not served here")
		}
		return c.notFound()
	}
	a := v.accounts[strings.ToLower(user)]
	switch {
	case a == nil:
		return c.notFound()
	case a.Gone:
		return c.fail(http.StatusGone, "Gone")
	}
	subject := "acct:" + a.Address()
	if a.Subject != "" {
		subject = a.Subject
	}
	rep := c.ok(map[string]any{
		"subject": subject,
		"aliases": []string{a.profileURL(), a.userURL()},
		"links": []jrdLink{
			{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: a.profileURL()},
			{Rel: "self", Type: "application/activity+json", Href: a.userURL()},
			{Rel: "http://ostatus.org/schema/1.0/subscribe", Template: v.public("/authorize_interaction?uri={uri}")},
		},
	})
	rep.contentType = "application/jrd+json; charset=utf-8"
	return rep
}

// splitResource reads acct:user@host and https://host/@user or /users/user.
func splitResource(resource string) (user, host string) {
	if rest, ok := strings.CutPrefix(resource, "https://"); ok {
		host, path, _ := strings.Cut(rest, "/")
		user, isUser := strings.CutPrefix(path, "users/")
		if !isUser {
			user, _ = strings.CutPrefix(path, "@")
		}
		return user, strings.ToLower(host)
	}
	user, host, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(resource, "acct:"), "@"), "@")
	return user, strings.ToLower(host)
}

func hostMeta(c *call) reply { return xrd(c.v) }

// xrd is the host-meta document that says where v answers WebFinger.
func xrd(v *Server) reply {
	var template strings.Builder
	_ = xml.EscapeText(&template, []byte(v.public("/.well-known/webfinger?resource={uri}")))
	return reply{status: 200, contentType: "application/xrd+xml; charset=utf-8", body: []byte(xml.Header +
		`<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="` + template.String() + `"/></XRD>`)}
}

func nodeinfoLinks(c *call) reply {
	var links []jrdLink
	for _, version := range c.v.nodeinfoVersions() {
		links = append(links, jrdLink{Rel: "http://nodeinfo.diaspora.software/ns/schema/" + version, Href: c.v.public("/nodeinfo/" + version)})
	}
	return c.ok(map[string]any{"links": links})
}

func (v *Server) nodeinfoVersions() []string {
	if f := v.traits.family; f == gotosocial || f == pleroma {
		return []string{"2.0", "2.1"}
	}
	return []string{"2.0"}
}

func nodeinfo(c *call) reply {
	v, version := c.v, c.r.PathValue("version")
	if !strings.HasPrefix(version, "2.") || version == "2.1" && len(v.nodeinfoVersions()) == 1 {
		return c.notFound()
	}
	posts := 0
	for _, a := range v.joined {
		posts += len(a.posts) + a.ExtraPosts
	}
	software := map[string]string{"name": v.traits.software, "version": v.traits.version}
	if version == "2.1" {
		software["repository"] = "https://" + v.traits.software + ".example/source"
	}
	rep := c.ok(map[string]any{
		"version":           version,
		"software":          software,
		"protocols":         []string{"activitypub"},
		"services":          map[string]any{"inbound": []string{}, "outbound": []string{}},
		"openRegistrations": v.cfg.Registrations != "closed",
		"usage": map[string]any{
			"users":      map[string]int{"total": len(v.joined) + v.cfg.Users, "activeMonth": v.activeMonth(), "activeHalfyear": v.activeMonth()},
			"localPosts": posts,
		},
		"metadata": map[string]any{"nodeName": v.cfg.Title, "nodeDescription": v.cfg.Description},
	})
	rep.contentType = `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/` + version + `#"`
	return rep
}

func (v *Server) activeMonth() int {
	active := v.cfg.ActiveMonth
	for _, a := range v.joined {
		if v.sim.now().Sub(a.lastStatus()).Hours() < 30*24 {
			active++
		}
	}
	return active
}
