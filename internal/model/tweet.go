package model

import (
	"regexp"
	"time"
)

// Tweet is a tweet as an archive holds it. Offsets count Unicode code points of
// the HTML-escaped Text (docs/decisions name the source of this rule).
type Tweet struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"at"` // to the millisecond where the id is a Snowflake
	Text      string    `json:"text"`
	Lang      string    `json:"lang,omitempty"`
	ReplyTo   Reply     `json:"reply,omitzero"`
	Mentions  []Mention `json:"mentions,omitempty"`
	Links     []Link    `json:"links,omitempty"`
	Media     []Media   `json:"media,omitempty"`
	Note      *Note     `json:"note,omitempty"`  // the whole text of a long post
	EditIDs   []string  `json:"edits,omitempty"` // ids of all versions, oldest first; empty if never edited
	Sensitive bool      `json:"sensitive,omitempty"`
	Manual    bool      `json:"manual,omitempty"` // begins as a retweet does, but was typed: the owner's own text
	Favorites int       `json:"favorites,omitempty"`
	Retweets  int       `json:"retweets,omitempty"`
}

// Reply is what a tweet answers. Any field may be empty.
type Reply struct {
	TweetID string `json:"tweet,omitempty"`
	UserID  string `json:"user,omitempty"`
	Handle  string `json:"handle,omitempty"`
}

// Mention is @handle in a tweet. TwitterID is empty where the archive says -1.
type Mention struct {
	TwitterID string `json:"id,omitempty"`
	Handle    string `json:"handle"`
	Name      string `json:"name,omitempty"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
}

// Link is a t.co link in a tweet or note and what it stands for.
type Link struct {
	Short    string `json:"short"`
	Expanded string `json:"expanded,omitempty"` // empty where the archive lacks it
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

// MediaType is the kind of an attachment, in Twitter's words.
type MediaType string

// The kinds that archives hold; a GIF is stored as mp4.
const (
	Photo MediaType = "photo"
	GIF   MediaType = "animated_gif"
	Video MediaType = "video"
)

// Media is an attachment of a tweet.
type Media struct {
	Type         MediaType `json:"type"`
	File         string    `json:"file,omitempty"`     // base name of the entry in the media folder; empty if the archive lacks it
	Expected     string    `json:"expected,omitempty"` // the File by Twitter's rule, also where the archive lacks it: media may be brought later
	Short        string    `json:"short"`              // the t.co link in the text, one for all media of the tweet
	Start        int       `json:"start"`
	End          int       `json:"end"`
	SourceUserID string    `json:"source_user,omitempty"` // set where it is another account's media
	SourceHandle string    `json:"source_handle,omitempty"`
	Alt          string    `json:"alt,omitempty"`
}

// Note is the long text of a tweet. Unlike Tweet.Text it is not HTML-escaped.
type Note struct {
	Text     string    `json:"text"`
	Mentions []Mention `json:"mentions,omitempty"`
	Links    []Link    `json:"links,omitempty"`
}

var retweet = regexp.MustCompile(`^RT @[A-Za-z0-9_]{1,20}: `)

// IsRetweet tells whether the text begins "RT @name: ", the only mark of a
// retweet in archives, and was not typed so.
func (t Tweet) IsRetweet() bool { return !t.Manual && retweet.MatchString(t.Text) }

// IsReply tells whether t answers anybody, the owner included.
func (t Tweet) IsReply() bool { return t.ReplyTo.UserID != "" || t.ReplyTo.TweetID != "" }

// IsSelfReply tells whether t answers the owner with that Twitter id.
func (t Tweet) IsSelfReply(ownerID string) bool { return ownerID != "" && t.ReplyTo.UserID == ownerID }

var statusURL = regexp.MustCompile(`(?i)^https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?(?:[A-Za-z0-9_]{1,20}|i/web)/status(?:es)?/[0-9]{1,20}`)

// IsQuote tells whether the last link of t is a tweet, the only mark that a
// quote has in archives.
func (t Tweet) IsQuote() bool {
	last := -1
	for i, l := range t.Links {
		if last < 0 || l.Start >= t.Links[last].Start {
			last = i
		}
	}
	return last >= 0 && !t.Manual && !t.IsRetweet() && statusURL.MatchString(t.Links[last].Expanded)
}

// FinalID returns the id of the last version of t: its own unless it was edited.
func (t Tweet) FinalID() string {
	if n := len(t.EditIDs); n > 0 {
		return t.EditIDs[n-1]
	}
	return t.ID
}
