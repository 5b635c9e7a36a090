package fedisim

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
)

// authorizePage asks an account holder whether an app may act for them.
func authorizePage(c *call) reply {
	if c.v.traits.family == gotosocial && strings.Contains(c.r.Header.Get("Accept"), "json") && !strings.Contains(c.r.Header.Get("Accept"), "html") {
		return c.fail(http.StatusNotAcceptable, "this is a page for a browser")
	}
	q, rep, ok := c.readRequest()
	if !ok {
		return rep
	}
	return c.authorizeForm(http.StatusOK, q, "")
}

func (c *call) authorizeForm(status int, q request, problem string) reply {
	data := map[string]any{
		"Host": c.v.cfg.Host, "Title": c.v.cfg.Title, "App": q.app.name, "Scopes": q.scopes, "Problem": problem,
		"Hidden": map[string]string{
			"response_type": "code", "client_id": q.app.id, "redirect_uri": q.redirect, "state": q.state,
			"scope": strings.Join(q.scopes, " "), "code_challenge": q.challenge, "code_challenge_method": c.form.Get("code_challenge_method"),
		},
		"Action": "/oauth/authorize", "User": "username", "Password": "password",
		"Accounts": c.v.offered(), "Form": slices.ContainsFunc(c.v.joined, func(a *Account) bool { return a.Password != "" }),
	}
	if c.v.traits.family == snac {
		data["Action"], data["User"], data["Password"] = "/oauth/x-snac-login", "login", "passwd"
		data["Hidden"] = map[string]string{"cid": q.app.id, "redir": q.redirect, "state": q.state}
	}
	return c.page(status, "authorize", data)
}

// offered lists the accounts that the authorize page names: those made for
// signing in, else the first ones without a password.
func (v *Server) offered() []*Account {
	var chosen, others []*Account
	for _, a := range v.joined {
		switch {
		case a.Password != "" || a.Gone || a.Suspended:
		case a.SignIn:
			chosen = append(chosen, a)
		case len(others) < 30:
			others = append(others, a)
		}
	}
	if len(chosen) > 0 {
		return chosen
	}
	return others
}

func showCode(c *call) reply { return c.page(http.StatusOK, "code", c.form.Get("code")) }

type personView struct {
	Name, User, Address, Note, Moved string
	Fields                           []Field
	Bot                              bool
	Followers, Following, Posts      int
	List                             []postView
}

type postView struct {
	ID, User, Text, Spoiler, Visibility, Parent string
	At                                          time.Time
	Media                                       []Media
	Quiet                                       bool
}

func view(st *status) postView {
	p := postView{ID: st.id, User: st.account.User, Text: st.text, Spoiler: st.spoiler, Visibility: st.visibility, At: st.created}
	if st.parent != nil {
		p.Parent = st.parent.id
	}
	for _, m := range st.media {
		p.Media = append(p.Media, m.outside())
	}
	return p
}

func frontPage(c *call) reply {
	var names []personView
	for _, a := range c.v.joined {
		if !a.Gone && !a.Suspended && (a.Discoverable || a.SignIn) {
			names = append(names, personView{Name: a.DisplayName, User: a.User, Address: a.Address()})
		}
	}
	return c.page(http.StatusOK, "front", map[string]any{
		"Title": c.v.cfg.Title, "Description": c.v.cfg.Description, "Host": c.v.cfg.AccountDomain, "Rules": c.v.cfg.Rules, "People": names,
		"Software": c.v.traits.software + " " + c.v.traits.version,
	})
}

// profilePage shows a profile with its newest public posts, or sends a browser
// to the account that it moved to.
func profilePage(c *call) reply {
	user, ok := strings.CutPrefix(c.r.PathValue("profile"), "@")
	a := c.v.accounts[strings.ToLower(user)]
	if !ok || a == nil {
		return c.notFound()
	}
	if a.Gone || a.Suspended {
		return c.page(http.StatusGone, "problem", "This account is no longer here.")
	}
	p := personView{
		Name: a.DisplayName, User: a.User, Address: a.Address(), Note: a.Note, Fields: a.Fields, Bot: a.Bot, Moved: a.MovedTo,
		Followers: len(accepted(a.followers)) + a.ExtraFollowers, Following: len(accepted(a.following)) + a.ExtraFollowing, Posts: len(a.posts) + a.ExtraPosts,
	}
	for _, st := range slices.Backward(a.posts) {
		if st.public() && len(p.List) < 100 {
			p.List = append(p.List, view(st))
		}
	}
	return c.page(http.StatusOK, "profile", p)
}

func statusPage(c *call) reply {
	user, ok := strings.CutPrefix(c.r.PathValue("profile"), "@")
	st := c.v.statuses[c.r.PathValue("id")]
	if !ok || st == nil || !st.public() || !strings.EqualFold(st.account.User, user) {
		return c.notFound()
	}
	return c.page(http.StatusOK, "status", map[string]any{"Post": view(st), "Name": st.account.DisplayName, "Address": st.account.Address()})
}

// page answers one of the templates in pagehtml.go.
func (c *call) page(status int, name string, data any) reply {
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // templates and data are ours
	}
	return reply{
		status: status, contentType: "text/html; charset=utf-8", body: b.Bytes(),
		header: map[string]string{"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'none'", "Cache-Control": "no-store"},
	}
}

var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"date": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"iso":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"image": func(m Media) bool {
		return strings.HasPrefix(m.MIME, "image/")
	},
	"lines": func(s string) []string { return strings.Split(s, "\n") },
	"dict":  func(p postView, own bool) map[string]any { return map[string]any{"P": p, "Own": own} },
}).Parse(pageHTML))
