package fedisim

import (
	"fmt"
	"net/http"
	"time"
)

// usedKey is an Idempotency-Key with what it made.
type usedKey struct {
	st        *status
	scheduled reply
	until     time.Time
}

// postStatus makes a post. Whatever a server's program refuses is refused
// before anything happens.
func postStatus(c *call) reply {
	v := c.v
	if rep, moved := c.afterMove(); moved {
		return rep
	}
	key := v.keyFor(c)
	if used, ok := v.keys[key]; ok && key != "" && c.now.Before(used.until) {
		if used.st == nil {
			return used.scheduled
		}
		return c.ok(c.status(used.st))
	}
	st, rep, ok := c.draft()
	if !ok {
		return c.countStatuses(rep)
	}
	at, rep, ok := c.when(st)
	if !ok {
		return c.countStatuses(rep)
	}
	if rep, ok := c.allow("statuses"); !ok {
		return rep
	}
	if at.After(c.now) && v.traits.family != snac {
		rep = c.schedule(st, at)
		v.remember(key, usedKey{scheduled: rep})
		return rep
	}
	quiet := v.traits.family == gotosocial && c.form.Get("scheduled_at") != ""
	st.created = at.Truncate(time.Millisecond)
	if v.traits.family == snac {
		st.created = at.Truncate(time.Second)
	}
	v.publish(st, quiet)
	v.remember(key, usedKey{st: st})
	return c.ok(c.status(st))
}

// countStatuses adds the limit of posts to the headers of a refusal.
func (c *call) countStatuses(rep reply) reply {
	if w, limited := c.v.look("statuses", "@"+c.self.User); limited && rep.status != http.StatusTooManyRequests {
		c.windows = append(c.windows, w)
	}
	return rep
}

// keyFor returns what the request's Idempotency-Key is remembered under, "" if
// there is none or the program ignores it.
func (v *Server) keyFor(c *call) string {
	key := c.r.Header.Get("Idempotency-Key")
	if key == "" || v.traits.idempotency == 0 {
		return ""
	}
	if v.traits.keysOfAll {
		return key
	}
	return c.self.User + " " + key
}

func (v *Server) remember(key string, used usedKey) {
	if key == "" {
		return
	}
	used.until = v.sim.now().Add(v.traits.idempotency)
	v.keys[key] = used
}

// draft reads and checks everything but the date.
func (c *call) draft() (*status, reply, bool) {
	v := c.v
	st := &status{
		account: c.self, text: c.form.Get("status"), spoiler: c.form.Get("spoiler_text"), language: c.form.Get("language"),
		visibility: c.form.Get("visibility"), application: c.token.app.name, key: c.r.Header.Get("Idempotency-Key"),
	}
	st.sensitive = c.flag("sensitive") || st.spoiler != ""
	or(&st.visibility, v.cfg.DefaultVisibility)
	if v.traits.family == snac { // measured: it refuses nothing
		if !validVisibility(st.visibility) {
			st.visibility = "direct"
		}
		st.parent = v.statuses[c.form.Get("in_reply_to_id")]
		st.media, _, _ = c.attach()
		return st, reply{}, true
	}
	if rep, ok := c.checkText(st); !ok {
		return nil, rep, false
	}
	if id := c.form.Get("in_reply_to_id"); id != "" {
		if st.parent = v.statuses[id]; st.parent == nil || !c.maySee(st.parent) {
			return nil, c.fail(http.StatusNotFound, "The post you are trying to reply to does not appear to exist."), false
		}
	}
	var rep reply
	var ok bool
	if st.media, rep, ok = c.attach(); !ok {
		return nil, rep, false
	}
	if rep, ok := c.quote(st); !ok {
		return nil, rep, false
	}
	return st, reply{}, true
}

// quote reads quoted_status_id, which Mastodon knows since 4.5. Of others' posts
// only those are taken that anybody may see.
func (c *call) quote(st *status) (reply, bool) {
	id := c.form.Get("quoted_status_id")
	if id == "" || !c.v.traits.modern(4, 5) {
		return reply{}, true
	}
	quoted := c.v.statuses[id]
	switch {
	case quoted == nil || !c.maySee(quoted):
		return c.fail(http.StatusNotFound, "Record not found"), false
	case quoted.account != c.self && !quoted.public():
		return c.fail(http.StatusForbidden, "This action is not allowed"), false
	}
	st.quoted = quoted
	return reply{}, true
}

func (c *call) checkText(st *status) (reply, bool) {
	v, gts := c.v, c.v.traits.family == gotosocial
	bad := http.StatusUnprocessableEntity
	if gts {
		bad = http.StatusBadRequest
	}
	media := len(c.list("media_ids")) > 0
	switch {
	case v.traits.family == pixelfed && !media:
		return c.fail(bad, "The media ids field is required."), false
	case st.text == "" && !media:
		return c.fail(bad, "Validation failed: Text can't be blank"), false
	case v.length(st.text)+v.length(st.spoiler) > v.cfg.MaxCharacters && gts:
		return c.fail(bad, fmt.Sprintf("text with spoiler exceed max chars (%d)", v.cfg.MaxCharacters)), false
	case v.length(st.text)+v.length(st.spoiler) > v.cfg.MaxCharacters:
		return c.fail(bad, fmt.Sprintf("Validation failed: Text character limit of %d exceeded", v.cfg.MaxCharacters)), false
	case st.visibility == "mutuals_only" && gts:
		st.visibility = "private"
	case !validVisibility(st.visibility):
		return c.fail(http.StatusUnprocessableEntity, fmt.Sprintf("'%s' is not a valid visibility", st.visibility)), false
	}
	language, ok := normalLanguage(st.language)
	if !ok && gts {
		return c.fail(bad, "language malformed"), false
	}
	st.language = language
	return reply{}, true
}

// when reads scheduled_at. GoToSocial dates a post back; snac takes any date;
// for the others a time in the past means now, and so does one within the next
// five minutes on Pleroma.
func (c *call) when(st *status) (time.Time, reply, bool) {
	raw := c.form.Get("scheduled_at")
	if raw == "" {
		return c.now, reply{}, true
	}
	family := c.v.traits.family
	at, err := time.Parse(time.RFC3339, raw)
	if err != nil {
		switch family {
		case gotosocial:
			return at, c.fail(http.StatusBadRequest, "scheduled_at is not a time of RFC 3339"), false
		case snac, pleroma:
			return c.now, reply{}, true
		}
		return at, c.fail(http.StatusUnprocessableEntity, "Validation failed: Scheduled at is invalid"), false
	}
	at = at.UTC()
	past, soon := !at.After(c.now), at.Before(c.now.Add(5*time.Minute))
	switch {
	case family == snac:
		return at, reply{}, true
	case family == gotosocial && past:
		rep, ok := c.backdate(st, at)
		return at, rep, ok
	case past, soon && family == pleroma:
		return c.now, reply{}, true
	case soon:
		return at, c.fail(http.StatusUnprocessableEntity, "Validation failed: Scheduled at The scheduled date must be in the future"), false
	}
	return at, reply{}, true
}

// backdate checks what GoToSocial refuses in a post with an old date. Looking
// at the mentions makes it ask the hosts that they name.
func (c *call) backdate(st *status, at time.Time) (reply, bool) {
	switch {
	case c.v.cfg.BackdatingOff:
		return c.fail(http.StatusForbidden, "backdating statuses has been disabled on this instance"), false
	case at.Unix() <= 0:
		return c.fail(http.StatusNotAcceptable, "statuses cannot be dated to the Unix epoch or before"), false
	case len(c.list("poll[options]")) > 0:
		return c.fail(http.StatusForbidden, "statuses with polls can't be backfilled"), false
	case st.parent != nil && st.parent.account != c.self:
		return c.fail(http.StatusForbidden, "replies to others can't be backfilled"), false
	}
	found, asked := c.v.mentions(st.account, st.text)
	if len(found) > 0 {
		c.v.ask(st.account, asked)
		return c.fail(http.StatusForbidden, "statuses mentioning others can't be backfilled"), false
	}
	return reply{}, true
}

func (v *Server) ask(a *Account, hosts []string) {
	for _, host := range hosts {
		v.log(Effect{Kind: LookedUp, Account: a.User, Target: host, Detail: "mention"})
	}
}

// publish makes the post real: it gets its place, reaches its followers unless
// it is quiet, and those whom it mentions are told.
func (v *Server) publish(st *status, quiet bool) {
	v.keep(st)
	for _, m := range st.media {
		m.attached = true
	}
	found, asked := v.mentions(st.account, st.text)
	v.ask(st.account, asked)
	if !quiet {
		st.delivered = st.deliver()
	}
	v.log(Effect{
		Kind: PostCreated, Account: st.account.User, ID: st.id, Text: st.text, CreatedAt: st.created, Delivered: st.delivered,
		Media: len(st.media), Application: st.application, Key: st.key, Detail: st.visibility,
	})
	for _, a := range found {
		v.know(a)
		a.notes = append(a.notes, notification{kind: "mention", from: st.account, st: st, at: v.sim.now()})
		v.log(Effect{Kind: Mentioned, Account: st.account.User, ID: st.id, Target: a.Address()})
	}
}

// schedule keeps the post until its time, and answers a ScheduledStatus, which
// has no created_at and no URL.
func (c *call) schedule(st *status, at time.Time) reply {
	v := c.v
	id := v.newID(c.now)
	for _, m := range st.media {
		m.attached = true
	}
	c.log(Effect{Kind: PostScheduled, ID: id, Text: st.text, CreatedAt: at, Key: st.key})
	v.sim.later(at, func() func() {
		st.created = at
		v.publish(st, false)
		return nil
	})
	attachments := []mediaEntity{}
	for _, m := range st.media {
		attachments = append(attachments, m.entity(v))
	}
	return c.ok(map[string]any{"id": id, "scheduled_at": stamp(at), "media_attachments": attachments, "params": map[string]any{
		"text": st.text, "visibility": st.visibility, "language": st.language, "spoiler_text": st.spoiler, "sensitive": st.sensitive,
		"scheduled_at": nil, "in_reply_to_id": nil, "media_ids": c.list("media_ids"), "idempotency": st.key, "application_id": 1,
	}})
}
