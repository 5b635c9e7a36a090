package fedisim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
)

var mimeTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif", "image/avif",
	"video/webm", "video/mp4", "video/quicktime", "audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/aac", "audio/mp4"}

func (v *Server) configuration() map[string]any {
	reserved := 23
	if v.traits.family == gotosocial {
		reserved = 25 // it says so, but counts the whole length
	}
	media := map[string]any{
		"supported_mime_types": mimeTypes, "image_size_limit": v.cfg.ImageSizeLimit, "image_matrix_limit": 33177600,
		"video_size_limit": v.cfg.VideoSizeLimit, "video_frame_rate_limit": 120, "video_matrix_limit": 8294400,
	}
	if v.traits.modern(4, 4) || v.traits.family == gotosocial || v.traits.family == pleroma {
		media["description_limit"] = v.cfg.DescriptionLimit
	}
	return map[string]any{
		"statuses": map[string]any{
			"max_characters": v.cfg.MaxCharacters, "max_media_attachments": v.cfg.MaxMedia, "characters_reserved_per_url": reserved,
		},
		"media_attachments": media,
		"polls":             map[string]int{"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2629746},
		"accounts":          map[string]int{"max_featured_tags": 10, "max_pinned_statuses": 5, "max_profile_fields": 4},
		"urls":              map[string]string{},
	}
}

func instanceV2(c *call) reply {
	v := c.v
	instance := map[string]any{
		"domain": v.cfg.AccountDomain, "title": v.cfg.Title, "version": v.traits.shown(), "description": v.cfg.Description,
		"source_url": "https://" + v.traits.software + ".example/source",
		"usage":      map[string]any{"users": map[string]int{"active_month": v.activeMonth()}},
		"thumbnail":  map[string]any{"url": v.public("/avatars/server.png")},
		"languages":  list0(v.cfg.Languages), "configuration": v.configuration(),
		"registrations": map[string]any{
			"enabled": v.cfg.Registrations != "closed", "approval_required": v.cfg.Registrations == "approval", "message": nil, "url": nil,
		},
		"contact": map[string]any{"email": "staff@" + v.cfg.AccountDomain, "account": nil},
		"rules":   v.rules(),
	}
	if n := v.traits.apiVersion(); n > 0 {
		instance["api_versions"] = map[string]int{"mastodon": n}
	}
	return c.ok(instance)
}

func instanceV1(c *call) reply {
	v := c.v
	posts := 0
	for _, a := range v.joined {
		posts += len(a.posts) + a.ExtraPosts
	}
	instance := map[string]any{
		"uri": v.cfg.AccountDomain, "title": v.cfg.Title, "short_description": v.cfg.Description, "description": v.cfg.Description,
		"email": "staff@" + v.cfg.AccountDomain, "version": v.traits.shown(), "urls": map[string]string{},
		"stats":     map[string]int{"user_count": len(v.joined) + v.cfg.Users, "status_count": posts, "domain_count": len(v.sim.order)},
		"thumbnail": v.public("/avatars/server.png"), "languages": list0(v.cfg.Languages),
		"registrations": v.cfg.Registrations != "closed", "approval_required": v.cfg.Registrations == "approval",
		"invites_enabled": false, "configuration": v.configuration(), "contact_account": nil, "rules": v.rules(),
	}
	if v.traits.family != mastodon {
		instance["max_toot_chars"] = v.cfg.MaxCharacters
	}
	return c.ok(instance)
}

func (v *Server) rules() []map[string]string {
	rules := []map[string]string{}
	for i, text := range v.cfg.Rules {
		rules = append(rules, map[string]string{"id": strconv.Itoa(i + 1), "text": text, "hint": ""})
	}
	return rules
}

func instanceRules(c *call) reply { return c.ok(c.v.rules()) }

func peers(c *call) reply {
	if c.v.cfg.PeersOff {
		return c.notFound()
	}
	hosts := []string{}
	for _, o := range c.v.sim.order {
		if o != c.v && len(o.joined) > 0 && !c.v.blocks(o) {
			hosts = append(hosts, o.cfg.AccountDomain)
		}
	}
	return c.ok(hosts)
}

// domainBlocks publishes the blocks as far as the server wants it. An obscured
// name comes with the digest of the whole one.
func domainBlocks(c *call) reply {
	v := c.v
	if v.cfg.ShowBlocks == "" || v.cfg.ShowBlocks == "users" && c.self == nil {
		return c.notFound()
	}
	list := []map[string]string{}
	for _, b := range v.cfg.Blocks {
		or(&b.Severity, "suspend")
		sum := sha256.Sum256([]byte(b.Domain))
		if b.Obscured {
			b.Domain = obscure(b.Domain)
		}
		list = append(list, map[string]string{"domain": b.Domain, "digest": hex.EncodeToString(sum[:]), "severity": b.Severity, "comment": b.Comment})
	}
	return c.ok(list)
}

// obscure puts stars into the middle half of a domain, dots excepted.
func obscure(domain string) string {
	letters := []rune(domain)
	seen := len(letters) / 4
	for i, r := range letters {
		if i > seen && i < len(letters)-seen && r != '.' {
			letters[i] = '*'
		}
	}
	return string(letters)
}

// directory lists discoverable accounts that the server knows, its own alone if
// asked for: the latest active first, or by their ids (Mastodon's
// directories_controller.rb, Account.discoverable).
func directory(c *call) reply {
	v := c.v
	if v.cfg.DirectoryOff {
		return c.notFound()
	}
	var found []*Account
	for a := range v.ids {
		if a.Discoverable && !a.Suspended && !a.Silenced && !a.Gone && a.MovedTo == "" && (a.server == v || !c.flag("local")) {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *Account) int { return v.compareIDs(v.ids[b], v.ids[a]) })
	if c.form.Get("order") != "new" {
		slices.SortStableFunc(found, func(a, b *Account) int { return b.lastStatus().Compare(a.lastStatus()) })
	}
	offset, _ := strconv.Atoi(c.form.Get("offset"))
	offset = min(max(offset, 0), len(found))
	found = found[offset:]
	found = found[:min(len(found), c.number("limit", 40, 80))]
	list := []*accountEntity{}
	for _, a := range found {
		list = append(list, c.entity(a))
	}
	return c.json(http.StatusOK, list)
}

// list0 returns list, or an empty one: JSON knows the difference.
func list0(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
