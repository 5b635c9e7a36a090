package importer

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	//lint:ignore SA1019 its client is dead, its types are the format of archives
	"github.com/dghubble/go-twitter/twitter"

	"github.com/skein-migrate/skein/internal/model"
)

// tweetItem is one item of a tweet file: {"tweet": {…}} since January 2020,
// the bare tweet before.
type tweetItem struct {
	Tweet *rawTweet `json:"tweet"`
	rawTweet
}

// rawTweet holds what is used of a tweet. go-twitter's Tweet would decode
// coordinates as numbers, which archives write as strings, and lacks edits.
type rawTweet struct {
	ID                   string `json:"id"`
	IDStr                string `json:"id_str"`
	CreatedAt            string `json:"created_at"`
	FullText             string `json:"full_text"`
	Text                 string `json:"text"`
	Lang                 string `json:"lang"`
	PossiblySensitive    bool   `json:"possibly_sensitive"`
	FavoriteCount        int    `json:"favorite_count"`
	RetweetCount         int    `json:"retweet_count"`
	InReplyToStatusID    string `json:"in_reply_to_status_id"`
	InReplyToStatusIDStr string `json:"in_reply_to_status_id_str"`
	InReplyToUserID      string `json:"in_reply_to_user_id"`
	InReplyToUserIDStr   string `json:"in_reply_to_user_id_str"`
	InReplyToScreenName  string `json:"in_reply_to_screen_name"`
	Entities             struct {
		UserMentions []twitter.MentionEntity `json:"user_mentions"`
		URLs         []twitter.URLEntity     `json:"urls"`
		Media        []rawMedia              `json:"media"`
	} `json:"entities"`
	RetweetedStatus struct { // in files of months alone
		User rawUser `json:"user"`
	} `json:"retweeted_status"`
	ExtendedEntities struct {
		Media []rawMedia `json:"media"`
	} `json:"extended_entities"`
	EditInfo struct {
		Initial editControl `json:"initial"`
		Edit    struct {
			Control editControl `json:"editControlInitial"`
		} `json:"edit"`
	} `json:"edit_info"`
}

type rawUser struct {
	ID     string `json:"id_str"`
	Handle string `json:"screen_name"`
	Name   string `json:"name"`
}

type editControl struct {
	EditTweetIDs []string `json:"editTweetIds"`
}

type rawMedia struct {
	twitter.MediaEntity
	SourceUserID    string `json:"source_user_id"`
	SourceUserIDStr string `json:"source_user_id_str"`
	AltText         string `json:"ext_alt_text"`
}

var errNoID = errors.New("the tweet has no id")

// decoded is a tweet with what else its item tells.
type decoded struct {
	tweet   model.Tweet
	stated  time.Time // created_at, which the id's time may differ from
	repeats rawUser   // whose tweet it repeats, where the file says so
	ownLink string    // the link to the tweet that stands in its own media
}

// decodeTweet reads one item of a tweet file. Media files are named as the
// rules say, whether the archive holds them or not.
func decodeTweet(item []byte) (decoded, error) {
	var it tweetItem
	if err := decode(item, &it); err != nil {
		return decoded{}, err
	}
	raw := &it.rawTweet
	if it.Tweet != nil {
		raw = it.Tweet
	}
	id, err := model.ParseTwitterID(first(raw.IDStr, raw.ID))
	if err != nil {
		return decoded{}, &badItem{errNoID}
	}
	out := decoded{stated: parseTime(raw.CreatedAt), repeats: raw.RetweetedStatus.User}
	t := model.Tweet{
		ID:        id,
		CreatedAt: tweetTime(id, out.stated),
		Text:      first(raw.FullText, raw.Text),
		Lang:      raw.Lang,
		Sensitive: raw.PossiblySensitive,
		Favorites: raw.FavoriteCount,
		Retweets:  raw.RetweetCount,
		ReplyTo: model.Reply{
			TweetID: twitterID(first(raw.InReplyToStatusIDStr, raw.InReplyToStatusID)),
			UserID:  twitterID(first(raw.InReplyToUserIDStr, raw.InReplyToUserID)),
			Handle:  handle(raw.InReplyToScreenName),
		},
		EditIDs: raw.edits(),
	}
	for _, m := range raw.Entities.UserMentions {
		t.Mentions = append(t.Mentions, model.Mention{
			TwitterID: twitterID(first(m.IDStr, strconv.FormatInt(m.ID, 10))),
			Handle:    m.ScreenName, Name: m.Name, Start: m.Indices.Start(), End: m.Indices.End(),
		})
	}
	for _, u := range raw.Entities.URLs {
		t.Links = append(t.Links, model.Link{Short: u.URL, Expanded: u.ExpandedURL, Start: u.Indices.Start(), End: u.Indices.End()})
	}
	media := raw.ExtendedEntities.Media
	if len(media) == 0 {
		media = raw.Entities.Media
	}
	for _, m := range media {
		t.Media = append(t.Media, m.media(id))
		if strings.Contains(m.ExpandedURL, "/status/"+id+"/") {
			out.ownLink = m.ExpandedURL
		}
	}
	fit(t.Text, t.Mentions, t.Links, t.Media)
	out.tweet = t
	return out, nil
}

// fit sets offsets to 0 that are not within the text: whoever takes a text apart
// may rely on the others.
func fit(text string, mentions []model.Mention, links []model.Link, media []model.Media) {
	if len(mentions)+len(links)+len(media) == 0 {
		return
	}
	length := utf8.RuneCountInString(text)
	one := func(start, end *int) {
		if *start < 0 || *end <= *start || *end > length {
			*start, *end = 0, 0
		}
	}
	for i := range mentions {
		one(&mentions[i].Start, &mentions[i].End)
	}
	for i := range links {
		one(&links[i].Start, &links[i].End)
	}
	for i := range media {
		one(&media[i].Start, &media[i].End)
	}
}

// edits returns the ids of all versions, oldest first, if there are several.
func (r *rawTweet) edits() []string {
	ids := r.EditInfo.Edit.Control.EditTweetIDs
	if len(ids) == 0 {
		ids = r.EditInfo.Initial.EditTweetIDs
	}
	var versions []string
	for _, id := range ids {
		if id = twitterID(id); id != "" {
			versions = append(versions, id)
		}
	}
	if len(versions) < 2 {
		return nil
	}
	return versions
}

// snowflakes began with this id on 4 November 2010; older ids hold no time.
// The epoch is that of github.com/twitter-archive/snowflake.
const (
	firstSnowflake = 29_700_859_247
	snowflakeEpoch = 1_288_834_974_657
)

// tweetTime returns when a tweet was made: to the millisecond from its id, else
// as created_at says.
func tweetTime(id string, stated time.Time) time.Time {
	if n, err := strconv.ParseUint(id, 10, 64); err == nil && n >= firstSnowflake {
		return time.UnixMilli(int64(n>>22) + snowflakeEpoch).UTC()
	}
	return stated
}

var timeLayouts = []string{
	time.RubyDate, // tweets
	time.RFC3339,  // everything else
	"2006-01-02 15:04:05 -0700",
}

// parseTime reads the forms of time that archives hold, or gives the zero time.
func parseTime(s string) time.Time {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > 0 {
		return time.UnixMilli(ms).UTC() // 2018 and 2019
	}
	return time.Time{}
}

// statusURL is a link to a tweet; group 1 is the handle, or i where the link
// names none.
var statusURL = regexp.MustCompile(`(?i)^https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?(?:(i)/web|([a-z0-9_]{1,20}))/status(?:es)?/[0-9]+`)

// handleInStatusURL returns the handle in a link to a tweet, or "".
func handleInStatusURL(url string) string {
	if m := statusURL.FindStringSubmatch(url); m != nil && !strings.EqualFold(m[2], "i") {
		return m[2]
	}
	return ""
}

// retweeted returns the handle of whose tweet t repeats, or "".
func retweeted(t model.Tweet) string {
	if !t.IsRetweet() {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(t.Text, "RT @"), ":")
	return name
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func twitterID(s string) string {
	if s == "" { // mostly: an error is dear to make
		return ""
	}
	id, _ := model.ParseTwitterID(s) // "" for -1 and anything else that is no id
	return id
}

func handle(s string) string {
	if s == "" {
		return ""
	}
	name, _ := model.ParseHandle(s)
	return name
}
