package xsim

import (
	"net/http"
	"slices"
	"strings"
)

// lookup answers GET /2/users?ids=….
func (s *Sim) lookup(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token != s.o.Bearer || token == "" {
		problem(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	if s.limited(w.Header()) {
		problem(w, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	ids := strings.Split(r.URL.Query().Get("ids"), ",")
	if len(ids) > 100 || ids[0] == "" || slices.ContainsFunc(ids, func(id string) bool { return strings.Trim(id, "0123456789") != "" }) {
		problem(w, http.StatusBadRequest, "One or more parameters to your request was invalid.")
		return
	}
	wanted := strings.Split(r.URL.Query().Get("user.fields"), ",")
	var data, errors []map[string]any
	for _, id := range ids {
		u, ok := s.users[id]
		if !ok || u.Suspended {
			errors = append(errors, missing(id, u.Suspended))
			continue
		}
		data = append(data, u.object(wanted))
	}
	body := map[string]any{}
	if len(data) > 0 {
		body["data"] = data
	}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	answer(w, http.StatusOK, body)
}

func missing(id string, suspended bool) map[string]any {
	e := map[string]any{
		"value": id, "resource_id": id, "parameter": "ids", "resource_type": "user",
		"title": "Not Found Error", "detail": "Could not find user with ids: [" + id + "].",
		"type": "https://api.twitter.com/2/problems/resource-not-found",
	}
	if suspended {
		e["title"], e["detail"] = "Forbidden", "User has been suspended: ["+id+"]."
	}
	return e
}

// object returns the user with the fields that were asked for. Empty ones are left
// out, as X does.
func (u User) object(wanted []string) map[string]any {
	o := map[string]any{"id": u.ID, "name": u.Name, "username": u.Username}
	put := func(field string, v any, there bool) {
		if there && slices.Contains(wanted, field) {
			o[field] = v
		}
	}
	put("description", u.Description, true) // empty ones too
	put("location", u.Location, u.Location != "")
	put("url", u.URL, u.URL != "")
	entities := u.entities()
	put("entities", entities, len(entities) > 0)
	return o
}

func (u User) entities() map[string]any {
	all := map[string]any{}
	if u.URL != "" {
		all["url"] = map[string]any{"urls": []any{u.link(u.URL, 0)}}
	}
	description := map[string]any{}
	var urls, mentions []any
	for word := range strings.FieldsSeq(u.Description) {
		at := strings.Index(u.Description, word)
		switch {
		case u.Links[word] != "":
			urls = append(urls, u.link(word, at))
		case strings.HasPrefix(word, "@"):
			mentions = append(mentions, map[string]any{"start": at, "end": at + len(word), "username": word[1:]})
		}
	}
	if urls != nil {
		description["urls"] = urls
	}
	if mentions != nil {
		description["mentions"] = mentions
	}
	if len(description) > 0 {
		all["description"] = description
	}
	return all
}

func (u User) link(short string, at int) map[string]any {
	long := u.Links[short]
	return map[string]any{
		"start": at, "end": at + len(short), "url": short, "expanded_url": long, "display_url": strings.TrimPrefix(long, "https://"),
	}
}

// me answers GET /2/users/me.
func (s *Sim) me(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	scopes := strings.Fields(token.scope)
	switch {
	case !ok || s.o.Now().After(token.expires):
		problem(w, http.StatusUnauthorized, "Unauthorized")
	case !slices.Contains(scopes, "users.read") || !slices.Contains(scopes, "tweet.read"):
		problem(w, http.StatusForbidden, "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.")
	default:
		answer(w, http.StatusOK, map[string]any{"data": s.users[token.user].object(strings.Split(r.URL.Query().Get("user.fields"), ","))})
	}
}
