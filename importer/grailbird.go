package importer

import (
	"regexp"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Archives made from 2012 to 2019 hold one file of tweets for each month, and
// neither follows nor media. X calls the format Grailbird. Whose archive it is
// stands in user_details.js, when it was made in payload_details.js.

const months = "js/tweets/" // what kindOf calls the files of months

var (
	monthFile = regexp.MustCompile(`^(?:data/)?js/tweets/[0-9]{4}_[0-9]{2}\.js$`)
	grailFile = regexp.MustCompile(`^(?:data/)?(js/(?:user_details|payload_details|tweet_index))\.js$`)
	oneMonth  = regexp.MustCompile(`^[0-9]{4}_[0-9]{2}\.js$`)
)

func (r *reader) readUserDetails(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			ID       string `json:"id"`
			Handle   string `json:"screen_name"`
			Name     string `json:"full_name"`
			Bio      string `json:"bio"`
			Location string `json:"location"`
			URL      string `json:"url"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		o := &r.sum.Owner
		o.ID, o.Handle, o.Name = first(o.ID, twitterID(it.ID)), first(o.Handle, handle(it.Handle)), first(o.Name, it.Name)
		o.Bio, o.Location, o.Website = it.Bio, it.Location, it.URL
		return nil
	})
}

func (r *reader) readPayloadDetails(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			CreatedAt string `json:"created_at"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		if r.sum.ExportedAt.IsZero() {
			r.sum.ExportedAt = parseTime(it.CreatedAt)
		}
		return nil
	})
}

// readTweetIndex reads which months there should be. As with a manifest it
// decides nothing.
func (r *reader) readTweetIndex(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			File  string `json:"file_name"`
			Count int    `json:"tweet_count"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		if monthFile.MatchString(it.File) {
			r.promised[it.File] = it.Count
		}
		return nil
	})
}

// firstRetweet is when Twitter got retweets. What says "RT @name: " before that
// was typed, and is the owner's own text.
var firstRetweet = time.Date(2009, 11, 6, 0, 0, 0, 0, time.UTC)

// typed tells whether t only looks like a retweet. Files of months hold the
// tweet that a retweet repeats; other files hold no such mark.
func typed(t *model.Tweet, inMonth, repeats bool) bool {
	if !t.IsRetweet() {
		return false
	}
	return inMonth && !repeats || !t.CreatedAt.IsZero() && t.CreatedAt.Before(firstRetweet)
}

// atMidnight tells whether a tweet's time of day was lost: X wrote 00:00:00 into
// files of months for tweets older than November 2010.
func atMidnight(t *model.Tweet) bool {
	at := t.CreatedAt
	return !at.IsZero() && at.Before(time.Date(2010, 11, 5, 0, 0, 0, 0, time.UTC)) && at.Equal(at.Truncate(24*time.Hour))
}
