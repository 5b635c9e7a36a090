package fedisim

import "net/http"

// route is one thing that a server answers.
type route struct {
	pattern string // of http.ServeMux
	access  access
	do      func(*call) reply
}

// routes lists what the server's program answers.
func (v *Server) routes() []route {
	list := []route{
		{"GET /.well-known/webfinger", anyone, webfinger},
		{"GET /.well-known/host-meta", anyone, hostMeta},
		{"GET /.well-known/nodeinfo", anyone, nodeinfoLinks},
		{"GET /nodeinfo/{version}", anyone, nodeinfo},
		{"GET /users/{user}", anyone, actor},
		{"GET /users/{user}/statuses/{id}", anyone, statusObject},

		{"POST /api/v1/apps", anyone, registerApp},
		{"GET /oauth/authorize", anyone, authorizePage},
		{"POST /oauth/authorize", anyone, decide},
		{"GET /oauth/oob", anyone, showCode},
		{"POST /oauth/token", anyone, exchange},
		{"POST /oauth/revoke", anyone, revoke},

		{"GET /api/v1/instance", anyone, instanceV1},
		{"GET /api/v1/instance/rules", anyone, instanceRules},
		{"GET /api/v1/instance/peers", stranger("read"), peers},
		{"GET /api/v1/instance/domain_blocks", stranger("read"), domainBlocks},

		{"GET /api/v1/accounts/verify_credentials", needs("profile|read:accounts"), verifyCredentials},
		{"GET /api/v1/accounts/lookup", v.lookupAccess(), lookup},
		{"GET /api/v1/accounts/relationships", needs("read:follows"), relationships},
		{"GET /api/v1/accounts/{id}", stranger("read:accounts"), showAccount},
		{"GET /api/v1/accounts/{id}/statuses", stranger("read:statuses"), accountStatuses},
		{"GET /api/v1/accounts/{id}/following", stranger("read:accounts"), listFollowing},
		{"GET /api/v1/accounts/{id}/followers", stranger("read:accounts"), listFollowers},
		{"POST /api/v1/accounts/{id}/follow", needs("write:follows"), followAccount},
		{"POST /api/v1/accounts/{id}/unfollow", needs("write:follows"), unfollowAccount},
		{"POST /api/v1/accounts/{id}/block", needs("write:blocks"), blockAccount},
		{"POST /api/v1/accounts/{id}/unblock", needs("write:blocks"), unblockAccount},
		{"GET /api/v2/search", stranger("read:search"), search},
		{"GET /api/v1/notifications", needs("read:notifications"), notifications},
		{"GET /api/v1/timelines/home", needs("read:statuses"), homeTimeline},

		{"POST /api/v1/statuses", needs("write:statuses"), postStatus},
		{"GET /api/v1/statuses/{id}", stranger("read:statuses"), showStatus},
		{"DELETE /api/v1/statuses/{id}", needs("write:statuses"), deleteStatus},
		{"POST /api/v1/media", needs("write:media"), uploadMedia},
		{"POST /api/v2/media", needs("write:media"), uploadMedia},
		{"GET /api/v1/media/{id}", needs("write:media"), showMedia},

		{"GET /api/v1/lists", needs("read:lists"), listLists},
		{"POST /api/v1/lists", needs("write:lists"), createList},
		{"GET /api/v1/lists/{id}", needs("read:lists"), showList},
		{"DELETE /api/v1/lists/{id}", needs("write:lists"), deleteList},
		{"GET /api/v1/lists/{id}/accounts", needs("read:lists"), listMembers},
		{"POST /api/v1/lists/{id}/accounts", needs("write:lists"), addToList},
		{"DELETE /api/v1/lists/{id}/accounts", needs("write:lists"), removeFromList},

		{"GET /{$}", anyone, frontPage},
		{"GET /{profile}", anyone, profilePage},
		{"GET /{profile}/{id}", anyone, statusPage},
		{"GET /avatars/{file}", anyone, avatar},
		{"GET /media/{file}", anyone, mediaFile},
		{"/", anyone, func(c *call) reply { return c.notFound() }},
	}
	return append(list, v.ownRoutes()...)
}

// ownRoutes lists what only some programs answer.
func (v *Server) ownRoutes() []route {
	var list []route
	t := v.traits
	if t.modern(4, 3) {
		list = append(list, route{"GET /.well-known/oauth-authorization-server", anyone, oauthMetadata},
			route{"GET /api/v1/accounts", stranger("read:accounts"), manyAccounts})
	}
	if t.family != snac && (t.family != mastodon || t.atLeast(4, 0)) {
		list = append(list, route{"GET /api/v2/instance", anyone, instanceV2})
	}
	if t.family != snac { // measured: it has no mutes by API
		list = append(list, route{"POST /api/v1/accounts/{id}/mute", needs("write:mutes"), muteAccount},
			route{"POST /api/v1/accounts/{id}/unmute", needs("write:mutes"), unmuteAccount})
	}
	switch t.family {
	case snac:
		list = append(list, route{"POST /oauth/x-snac-login", anyone, snacLogin})
	case gotosocial:
		list = append(list, route{"POST /api/v1/import", needs("write"), importCSV},
			route{"DELETE /api/v1/media/{id}", needs("write:media"), func(c *call) reply {
				return c.fail(http.StatusMethodNotAllowed, "uploads cannot be withdrawn")
			}})
	case mastodon, pleroma, unknown:
		list = append(list, route{"GET /api/v1/directory", stranger("read"), directory})
	}
	return list
}

// lookupAccess: Pixelfed answers a lookup to its own users only.
func (v *Server) lookupAccess() access {
	if v.traits.family == pixelfed {
		return needs("read:accounts")
	}
	return stranger("read:accounts")
}

// domainRoutes are those of the domain in the addresses of a server that is
// itself called otherwise.
func domainRoutes(v *Server) []route {
	list := []route{
		{"GET /.well-known/host-meta", anyone, func(c *call) reply { return xrd(v) }},
		{"/", anyone, func(c *call) reply { return c.fail(http.StatusNotFound, "nothing here") }},
	}
	if !v.cfg.HostMeta {
		list = append(list, route{"GET /.well-known/webfinger", anyone, func(c *call) reply {
			return c.redirect(http.StatusMovedPermanently, v.public("/.well-known/webfinger?"+c.r.URL.RawQuery))
		}})
	}
	return list
}
