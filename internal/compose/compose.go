// Package compose turns tweets into the statuses to post: text, parts, threads,
// media. It is pure: the caller brings the tweets and says what the server
// takes. No mention of a stranger is ever live in what it returns, and nothing
// is left out without a reason. How the pieces of an archive are to be read is
// written down in docs/posting.md.
package compose

import (
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Options says whose tweets these are, what the server takes and what the Owner
// wants. The zero value of a field is the careful choice.
type Options struct {
	OwnerID     string // numeric Twitter id
	OwnerHandle string

	MaxCharacters    int      // 500 if zero
	CountCodePoints  bool     // the server counts code points, not graphemes
	URLLength        int      // what a link counts; 0: its full length
	MaxMedia         int      // images in one status; 4 if zero
	DescriptionLimit int      // of alt text, in code points; 1500 if zero
	VideoSizeLimit   int64    // bytes; 0: not known
	MimeTypes        []string // what the server takes; empty: not known

	AtInWords    bool // the server takes an "@" inside of a word for no mention
	OwnURLLength int  // the most that a link to an own post may count there

	Visibility     string // unlisted if empty
	IncludeReplies bool   // replies to others, at top level
	RetweetLinks   bool   // a retweet becomes a plain link to it on X
	Mentions       MentionStyle
	Number         bool             // "2/5" behind each part of a long post
	Dated          DateStyle        // a line with the date of the tweet, where the server cannot set it
	Warnings       []ContentWarning // the first that fits hides the text behind a content warning
	OwnWarnings    bool             // so does a first line such as "CW: food"

	// Known tells where on the fediverse an account is that a tweet mentions, for
	// the styles of mentions but the plain one. Nil: nobody is known.
	Known func(m model.Mention) (account Account, ok bool)
	// Skip, if set, leaves a tweet out with the reason that it returns: times of
	// Circle or of a protected account, dates out of range, tweets not picked.
	Skip func(model.Tweet) string
	// MediaSize tells the size of a file of the archive's media folder, or false
	// if it is not there. Nil means that every file with a name is there.
	MediaSize func(file string) (int64, bool)
	// Posted tells how many parts of a tweet stand on the server already, by an
	// earlier Run: a thread goes on from there. Nil means none.
	Posted func(tweetID string) int
}

// MentionStyle says what becomes of the mention of an account that is known on
// the fediverse. None of them notifies anybody; all others become plain.
type MentionStyle string

// A plain mention is the name without its "@".
const (
	MentionPlain   MentionStyle = ""
	MentionLink    MentionStyle = "link"    // a link to the profile
	MentionAddress MentionStyle = "address" // user@host, with "(at)" where a server may take it for a mention
)

// Account is where somebody is on the fediverse.
type Account struct {
	Address string // user@host
	URL     string // of the profile; empty if not known
}

// DateStyle says what a date line holds.
type DateStyle string

// A link leads to the tweet on X.
const (
	NoDate   DateStyle = ""
	DateOnly DateStyle = "date"
	DateLink DateStyle = "link"
)

// ContentWarning is a rule for content warnings.
type ContentWarning struct {
	Words []string `json:"words"` // any of them, as whole words, in any case
	Text  string   `json:"text"`  // what stands before the hidden text
}

// Status is one status to post: a tweet, or a part of one.
type Status struct {
	TweetIDs    []string  `json:"tweet_ids"`
	Part        int       `json:"part"` // from 1
	Parts       int       `json:"parts"`
	Text        string    `json:"text"`
	InReplyTo   *Ref      `json:"in_reply_to"`
	Media       []Media   `json:"media"`
	CreatedAt   time.Time `json:"created_at"`
	Visibility  string    `json:"visibility"`
	Sensitive   bool      `json:"sensitive"`
	SpoilerText string    `json:"spoiler_text,omitempty"`
	Language    string    `json:"language"`            // BCP 47; empty if not known
	OwnLinks    []OwnLink `json:"own_links,omitempty"` // in the order in which they stand in Text
	Notes       []string  `json:"notes,omitempty"`     // what of the tweet is not in it, and why
}

// Ref names a part of another tweet, or an earlier part of the same one. Part 0
// is the last part of a tweet that had not been composed yet.
type Ref struct {
	TweetID string `json:"tweet_id"`
	Part    int    `json:"part"`
}

// Media is a file of the archive's media folder to attach.
type Media struct {
	File string `json:"file"`
	Type string `json:"type"` // MIME
	Alt  string `json:"alt"`
}

// Reasons why a tweet is not posted, besides those that Options.Skip gives.
const (
	SkippedEdited  = "an older version of an edited tweet"
	SkippedRetweet = "a retweet"
	SkippedReply   = "a reply to somebody else"
	SkippedThread  = "goes on from a reply to somebody else"
	SkippedEmpty   = "nothing to post: no text and no media"
	SkippedMissing = "its media cannot be posted, and there is no text"
	SkippedForeign = "only another account's video, which is not yours to post"
	SkippedDate    = "has no usable date"
	SkippedTooLong = "a link in it is longer than the server's limit"
)

// firstTweet is when Twitter began. A back-dating server refuses 1970, and
// takes a post without a date for one of today, which goes out to followers.
var firstTweet = time.Date(2006, 3, 21, 0, 0, 0, 0, time.UTC)

// Composer composes the tweets of one account for one server. It remembers what
// became of tweets that others answer, so use one for a whole archive.
type Composer struct {
	o     Options
	x     *Index
	done  map[string]outcome // of tweets that are answered
	times *clock
}

// outcome is what became of a tweet, for those that answer it.
type outcome struct {
	parts  int       // 0: it is not posted
	last   time.Time // of its last part
	up     *Ref      // not posted: what its own parent would have been
	upLast time.Time
	aside  bool // a reply to somebody else that is not posted, or what follows one
}

// New returns a Composer. x must have seen every tweet; nil is an empty Index.
func New(o Options, x *Index) *Composer {
	if o.MaxCharacters <= 0 {
		o.MaxCharacters = 500
	}
	if o.MaxMedia <= 0 {
		o.MaxMedia = 4
	}
	if o.DescriptionLimit <= 0 {
		o.DescriptionLimit = 1500
	}
	if o.Visibility == "" {
		o.Visibility = "unlisted"
	}
	if x == nil {
		x = &Index{}
	}
	return &Composer{o: o, x: x, done: map[string]outcome{}, times: newClock()}
}

// Compose returns the parts of t in order, or the reason why there are none.
// Tweets should come in order of time, so that an answer finds its parent
// composed. The same tweet may be composed again; its times may then differ.
func (c *Composer) Compose(t model.Tweet) (parts []Status, skipped string) {
	up, upLast, aside := c.parent(t)
	parts, skipped = c.compose(t, aside)
	if skipped != "" {
		aside = aside || skipped == SkippedReply
		c.remember(t.ID, outcome{up: up, upLast: upLast, aside: aside})
		return nil, skipped
	}
	at := c.created(t)
	if !upLast.IsZero() && !at.After(upLast) {
		at = upLast.Add(time.Millisecond)
	}
	for i := range parts {
		at = c.times.take(at)
		p := &parts[i]
		p.TweetIDs, p.Part, p.Parts, p.CreatedAt = []string{t.ID}, i+1, len(parts), at
		p.Visibility, p.Sensitive, p.Language = c.o.Visibility, t.Sensitive || p.SpoilerText != "", language(t.Lang)
		p.InReplyTo = up
		up, at = &Ref{TweetID: t.ID, Part: i + 1}, at.Add(time.Millisecond)
	}
	c.remember(t.ID, outcome{parts: len(parts), last: parts[len(parts)-1].CreatedAt})
	return parts, ""
}

// compose returns texts and media of t's parts, without what Compose adds.
func (c *Composer) compose(t model.Tweet, aside bool) ([]Status, string) {
	if reason := c.leaveOut(t, aside); reason != "" {
		return nil, reason
	}
	if t.IsRetweet() {
		text := "Retweet on X: https://x.com/i/web/status/" + t.ID
		return []Status{{Text: text, Media: []Media{}}}, ""
	}
	media, notes, foreign := c.media(t)
	texts, warning, tooLong := c.text(t, len(media) > 0)
	switch {
	case tooLong != "":
		return nil, tooLong
	case len(texts) == 0 && len(media) == 0 && len(t.Media) == 0:
		return nil, SkippedEmpty
	case len(texts) == 0 && len(media) == 0 && foreign:
		return nil, SkippedForeign
	case len(texts) == 0 && len(media) == 0:
		return nil, SkippedMissing
	}
	parts := make([]Status, max(len(texts), len(media)))
	for i := range parts {
		parts[i].Media = []Media{}
		if i < len(texts) {
			parts[i].Text, parts[i].OwnLinks = texts[i], c.ownLinks(texts[i], t.ID)
		}
		parts[i].SpoilerText = warning
		if i < len(media) {
			parts[i].Media = media[i]
		}
	}
	parts[0].Notes = notes
	return parts, ""
}

func (c *Composer) leaveOut(t model.Tweet, aside bool) string {
	if c.x.final(t) != t.ID {
		return SkippedEdited
	}
	if c.o.Skip != nil {
		if reason := c.o.Skip(t); reason != "" {
			return reason
		}
	}
	switch {
	case c.created(t).Before(firstTweet):
		return SkippedDate
	case t.IsRetweet() && !c.o.RetweetLinks:
		return SkippedRetweet
	case t.IsReply() && !c.own(t.ReplyTo) && !c.o.IncludeReplies:
		return SkippedReply
	case aside:
		return SkippedThread
	}
	return ""
}
