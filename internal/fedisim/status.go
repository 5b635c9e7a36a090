package fedisim

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// status is a post.
type status struct {
	id          string
	serial      int64
	account     *Account
	text        string
	spoiler     string
	visibility  string
	language    string
	sensitive   bool
	created     time.Time
	parent      *status
	quoted      *status
	media       []*media
	application string
	key         string
	delivered   int
}

// Post is a post of an account, seen from the outside.
type Post struct {
	ID, URL, Text, Spoiler, Visibility, Language string
	Sensitive                                    bool
	CreatedAt                                    time.Time
	ReplyTo                                      string // id of the parent
	Quotes                                       string // id of the quoted post
	Media                                        []Media
	Application, Key                             string
	Delivered                                    int
}

// Posts returns the posts of a local account that are not deleted, in the order
// of their ids, which is that of their dates but on snac.
func (v *Server) Posts(user string) []Post {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	var list []Post
	for _, st := range v.must(user).posts {
		p := Post{
			ID: st.id, URL: st.url(), Text: st.text, Spoiler: st.spoiler, Visibility: st.visibility, Language: st.language,
			Sensitive: st.sensitive, CreatedAt: st.created, Application: st.application, Key: st.key, Delivered: st.delivered,
		}
		if st.parent != nil {
			p.ReplyTo = st.parent.id
		}
		if st.quoted != nil {
			p.Quotes = st.quoted.id
		}
		for _, m := range st.media {
			p.Media = append(p.Media, m.outside())
		}
		list = append(list, p)
	}
	return list
}

// AddPost puts a public post of a local account in place without delivering it
// or logging an effect, to set a scene. It returns the id.
func (v *Server) AddPost(user, text string, at time.Time) string {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	st := &status{account: v.must(user), text: text, visibility: "public", created: at.UTC()}
	v.keep(st)
	return st.id
}

// keep gives the post its id and place.
func (v *Server) keep(st *status) {
	v.sim.serial++
	st.id, st.serial = v.newID(st.created), v.sim.serial
	v.statuses[st.id] = st
	a := st.account
	at := len(a.posts)
	if v.traits.family != snac {
		at = sort.Search(at, func(i int) bool { return v.compareIDs(a.posts[i].id, st.id) > 0 })
	}
	a.posts = slices.Insert(a.posts, at, st)
	if st.created.After(a.latest) {
		a.latest = st.created
	}
}

func (st *status) url() string {
	return st.account.profileURL() + "/" + st.id
}

func (st *status) uri() string {
	return st.account.userURL() + "/statuses/" + st.id
}

func (st *status) public() bool { return st.visibility == "public" || st.visibility == "unlisted" }

// maySee tells whether the one who asks, or a stranger, may see the post.
func (c *call) maySee(st *status) bool {
	if st.public() || c.self == st.account {
		return true
	}
	if c.self == nil {
		return false
	}
	if f := c.self.tie(st.account); st.visibility == "private" {
		return f != nil && f.accepted
	}
	found, _ := c.v.mentions(st.account, st.text)
	return slices.Contains(found, c.self)
}

func showStatus(c *call) reply {
	st := c.v.statuses[c.r.PathValue("id")]
	if st == nil || !c.maySee(st) {
		return c.notFound()
	}
	return c.ok(c.status(st))
}

// deleteStatus deletes an own post and answers it once more, with its source.
func deleteStatus(c *call) reply {
	st := c.v.statuses[c.r.PathValue("id")]
	if st == nil || st.account != c.self {
		return c.notFound()
	}
	e := c.status(st)
	e.Text = &st.text
	delete(c.v.statuses, st.id)
	is := func(o *status) bool { return o == st }
	st.account.posts = slices.DeleteFunc(st.account.posts, is)
	for _, f := range st.account.followers {
		f.from.home = slices.DeleteFunc(f.from.home, is)
	}
	for _, m := range st.media {
		m.attached = false
	}
	c.log(Effect{Kind: PostDeleted, ID: st.id, Text: st.text, CreatedAt: st.created})
	return c.ok(e)
}

func validVisibility(s string) bool {
	return slices.Contains([]string{"public", "unlisted", "private", "direct"}, s)
}

// normalLanguage is what GoToSocial makes of a language code; false where it
// is malformed.
func normalLanguage(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	parts := strings.Split(s, "-")
	for i, p := range parts {
		if len(p) < 2 && i == 0 || len(p) > 8 || strings.ContainsFunc(p, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
		}) {
			return "", false
		}
		if i == 0 {
			p = strings.ToLower(p)
			if renamed := map[string]string{"iw": "he", "in": "id"}[p]; renamed != "" {
				p = renamed
			}
		} else if len(p) == 2 {
			p = strings.ToUpper(p)
		}
		parts[i] = p
	}
	return strings.Join(parts, "-"), true
}
