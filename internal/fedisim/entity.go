package fedisim

import (
	"time"
)

type fieldEntity struct {
	Name       string  `json:"name"`
	Value      string  `json:"value"`
	VerifiedAt *string `json:"verified_at"`
}

type accountEntity struct {
	ID             string         `json:"id"`
	Username       string         `json:"username"`
	Acct           string         `json:"acct"`
	DisplayName    string         `json:"display_name"`
	Locked         bool           `json:"locked"`
	Bot            bool           `json:"bot"`
	Discoverable   bool           `json:"discoverable"`
	Indexable      *bool          `json:"indexable,omitempty"`
	Group          bool           `json:"group"`
	NoIndex        bool           `json:"noindex,omitempty"`
	Suspended      bool           `json:"suspended,omitempty"`
	Limited        bool           `json:"limited,omitempty"`
	CreatedAt      string         `json:"created_at"`
	Note           string         `json:"note"`
	URL            string         `json:"url"`
	URI            string         `json:"uri,omitempty"`
	Avatar         string         `json:"avatar"`
	AvatarStatic   string         `json:"avatar_static"`
	Header         string         `json:"header"`
	HeaderStatic   string         `json:"header_static"`
	FollowersCount int            `json:"followers_count"`
	FollowingCount int            `json:"following_count"`
	StatusesCount  int            `json:"statuses_count"`
	LastStatusAt   *string        `json:"last_status_at"`
	Emojis         []any          `json:"emojis"`
	Fields         []fieldEntity  `json:"fields"`
	Moved          *accountEntity `json:"moved,omitempty"`
	Source         map[string]any `json:"source,omitempty"`
}

// entity is an account as the server shows it over the Mastodon API.
func (c *call) entity(a *Account) *accountEntity {
	v := c.v
	e := &accountEntity{
		ID: v.know(a), Username: a.User, Acct: a.Address(), URL: a.profileURL(), URI: a.userURL(),
		CreatedAt: a.Joined.UTC().Format("2006-01-02T00:00:00.000Z"), Emojis: []any{}, Fields: []fieldEntity{},
	}
	if a.server == v {
		e.Acct = a.User
	}
	if v.traits.family == gotosocial {
		e.URI = "" // measured: it sends none
	}
	e.Avatar, e.Header = v.avatarURL(a), v.public("/avatars/server.png")
	e.AvatarStatic, e.HeaderStatic = e.Avatar, e.Header
	if a.Suspended {
		e.Suspended = true
		return e
	}
	e.DisplayName, e.Note, e.Locked, e.Bot = a.DisplayName, v.html(a.Note), a.Locked, a.Bot
	e.Discoverable, e.NoIndex, e.Limited = a.Discoverable, a.NoIndex && a.server == v, a.Silenced
	if v.traits.family != mastodon || v.traits.atLeast(4, 2) {
		e.Indexable = new(a.indexable())
	}
	e.FollowersCount = len(accepted(a.followers)) + a.ExtraFollowers
	e.FollowingCount = len(accepted(a.following)) + a.ExtraFollowing
	if v.traits.family == gotosocial && e.FollowingCount > 1 {
		e.FollowingCount-- // measured: below the truth by one or two
	}
	e.StatusesCount = len(a.posts) + a.ExtraPosts
	if last := a.lastStatus(); !last.IsZero() {
		e.LastStatusAt = new(last.UTC().Format(time.DateOnly))
		if v.traits.family == gotosocial {
			e.LastStatusAt = new(stamp(last))
		}
	}
	for _, f := range a.Fields {
		field := fieldEntity{Name: f.Name, Value: v.fieldHTML(f.Value)}
		if !f.VerifiedAt.IsZero() {
			field.VerifiedAt = new(stamp(f.VerifiedAt))
		}
		e.Fields = append(e.Fields, field)
	}
	if to := v.sim.address(a.MovedTo); to != nil && to.MovedTo == "" {
		e.Moved = c.entity(to)
	}
	return e
}

func (v *Server) avatarURL(a *Account) string {
	return v.public("/avatars/" + a.User + "@" + a.server.cfg.AccountDomain + ".png")
}

type appEntity struct {
	Name    string  `json:"name"`
	Website *string `json:"website"`
}

type mediaEntity struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	URL         *string        `json:"url"`
	PreviewURL  *string        `json:"preview_url"`
	RemoteURL   *string        `json:"remote_url"`
	TextURL     *string        `json:"text_url"`
	Meta        map[string]any `json:"meta"`
	Description *string        `json:"description"`
	Blurhash    *string        `json:"blurhash"`
}

type mentionEntity struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	URL      string `json:"url"`
	Acct     string `json:"acct"`
}

type statusEntity struct {
	ID                 string          `json:"id"`
	URI                string          `json:"uri"`
	URL                string          `json:"url"`
	CreatedAt          string          `json:"created_at"`
	EditedAt           *string         `json:"edited_at"`
	Account            *accountEntity  `json:"account"`
	Content            string          `json:"content"`
	Text               *string         `json:"text,omitempty"`
	Visibility         string          `json:"visibility"`
	Sensitive          bool            `json:"sensitive"`
	SpoilerText        string          `json:"spoiler_text"`
	Language           *string         `json:"language"`
	InReplyToID        *string         `json:"in_reply_to_id"`
	InReplyToAccountID *string         `json:"in_reply_to_account_id"`
	MediaAttachments   []mediaEntity   `json:"media_attachments"`
	Mentions           []mentionEntity `json:"mentions"`
	Tags               []any           `json:"tags"`
	Emojis             []any           `json:"emojis"`
	Application        *appEntity      `json:"application,omitempty"`
	Reblog             any             `json:"reblog"`
	Poll               any             `json:"poll"`
	Quote              *quoteEntity    `json:"quote,omitempty"`
	Card               any             `json:"card"`
	ReblogsCount       int             `json:"reblogs_count"`
	FavouritesCount    int             `json:"favourites_count"`
	RepliesCount       int             `json:"replies_count"`
	Favourited         bool            `json:"favourited"`
	Reblogged          bool            `json:"reblogged"`
	Muted              bool            `json:"muted"`
	Bookmarked         bool            `json:"bookmarked"`
	Pinned             bool            `json:"pinned"`
}

// quoteEntity is the post that another one quotes.
type quoteEntity struct {
	State        string        `json:"state"`
	QuotedStatus *statusEntity `json:"quoted_status"`
}

// status is a post as the one who asks sees it. The application is shown where
// the program shows it: Mastodon and GoToSocial do.
func (c *call) status(st *status) *statusEntity {
	v := c.v
	e := &statusEntity{
		ID: st.id, URI: st.uri(), URL: st.url(), CreatedAt: stamp(st.created), Account: c.entity(st.account),
		Content: v.html(st.text), Visibility: st.visibility, Sensitive: st.sensitive, SpoilerText: st.spoiler,
		MediaAttachments: []mediaEntity{}, Mentions: []mentionEntity{}, Tags: []any{}, Emojis: []any{},
	}
	if v.traits.family == snac {
		e.CreatedAt = st.created.UTC().Format("2006-01-02T15:04:05Z")
	}
	if v.traits.family == gotosocial {
		e.Text = &st.text
	}
	if st.language != "" {
		e.Language = &st.language
	}
	if st.parent != nil {
		e.InReplyToID, e.InReplyToAccountID = &st.parent.id, new(v.know(st.parent.account))
	}
	for _, m := range st.media {
		e.MediaAttachments = append(e.MediaAttachments, m.entity(v))
	}
	if q := st.quoted; q != nil { // the link is for programs that know no quotes, which would hide it otherwise
		e.Content = `<p class="quote-inline">RE: ` + v.link(q.url()) + `</p>` + e.Content
		shown := *q
		shown.quoted = nil
		e.Quote = &quoteEntity{State: "accepted", QuotedStatus: c.status(&shown)}
	}
	found, _ := v.mentions(st.account, st.text)
	for _, a := range found {
		e.Mentions = append(e.Mentions, mentionEntity{v.know(a), a.User, a.profileURL(), a.Address()})
	}
	if f := v.traits.family; st.application != "" && (f == mastodon || f == gotosocial || f == pixelfed) {
		e.Application = &appEntity{Name: st.application}
	}
	return e
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
