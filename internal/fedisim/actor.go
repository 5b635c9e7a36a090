package fedisim

import (
	"net/http"
	"strings"
)

// actor answers with the account's ActivityPub object, or leads a browser to
// the profile page. In secure mode an unsigned request, as ours are, is refused.
func actor(c *call) reply {
	v := c.v
	a := v.accounts[strings.ToLower(c.r.PathValue("user"))]
	if a == nil {
		return c.notFound()
	}
	if accept := c.r.Header.Get("Accept"); !strings.Contains(accept, "json") {
		return c.redirect(http.StatusFound, "/@"+a.User)
	}
	switch {
	case v.cfg.SecureMode:
		return c.fail(http.StatusUnauthorized, "Request not signed")
	case a.Gone:
		return c.fail(http.StatusGone, "Gone")
	}
	object := map[string]any{
		"@context":          []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":                a.userURL(),
		"type":              "Person",
		"preferredUsername": a.User,
		"url":               a.profileURL(),
		"inbox":             a.userURL() + "/inbox",
		"outbox":            a.userURL() + "/outbox",
		"following":         a.userURL() + "/following",
		"followers":         a.userURL() + "/followers",
	}
	if a.Suspended {
		object["suspended"] = true
		return activity(c, object)
	}
	if a.Bot {
		object["type"] = "Service"
	}
	object["name"] = a.DisplayName
	object["summary"] = v.html(a.Note)
	object["manuallyApprovesFollowers"] = a.Locked
	object["discoverable"] = a.Discoverable
	object["indexable"] = a.indexable()
	object["published"] = a.Joined.UTC().Format("2006-01-02T00:00:00Z")
	object["icon"] = map[string]string{"type": "Image", "mediaType": "image/png", "url": v.avatarURL(a)}
	attachment := []map[string]string{}
	for _, f := range a.Fields {
		attachment = append(attachment, map[string]string{"type": "PropertyValue", "name": f.Name, "value": v.fieldHTML(f.Value)})
	}
	object["attachment"] = attachment
	if uris := v.sim.uris(a.AlsoKnownAs); len(uris) > 0 {
		object["alsoKnownAs"] = uris
	}
	if uris := v.sim.uris([]string{a.MovedTo}); len(uris) > 0 {
		object["movedTo"] = uris[0]
	}
	return activity(c, object)
}

// uris turns addresses into the ids of their actors. One that the Sim does not
// know gets the URL that Mastodon would give it.
func (s *Sim) uris(addresses []string) []string {
	var list []string
	for _, address := range addresses {
		user, host, ok := strings.Cut(strings.TrimPrefix(address, "@"), "@")
		if !ok {
			continue
		}
		if a := s.account(user, host); a != nil {
			list = append(list, a.userURL())
		} else {
			list = append(list, "https://"+host+"/users/"+user)
		}
	}
	return list
}

func statusObject(c *call) reply {
	st := c.v.statuses[c.r.PathValue("id")]
	if st == nil || !st.public() || !strings.EqualFold(st.account.User, c.r.PathValue("user")) {
		return c.notFound()
	}
	if !strings.Contains(c.r.Header.Get("Accept"), "json") {
		return c.redirect(http.StatusFound, "/@"+st.account.User+"/"+st.id)
	}
	if c.v.cfg.SecureMode {
		return c.fail(http.StatusUnauthorized, "Request not signed")
	}
	return activity(c, map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": st.uri(), "type": "Note", "url": st.url(),
		"attributedTo": st.account.userURL(), "published": st.created.Format("2006-01-02T15:04:05Z"), "content": c.v.html(st.text),
	})
}

func activity(c *call, object any) reply {
	rep := c.ok(object)
	rep.contentType = "application/activity+json; charset=utf-8"
	return rep
}
