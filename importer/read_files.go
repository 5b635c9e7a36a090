package importer

import (
	"bytes"
	"errors"
	"net/url"
	"path"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

type accountRef struct {
	ID string `json:"accountId"`
}

var errNoAccount = errors.New("it names no account")

// related reads a file of people: ids without names.
func related(relation model.Relation) func(*reader, entry) error {
	return func(r *reader, e entry) error {
		c := &r.sum.Counts
		count := map[model.Relation]*int{
			model.Following: &c.Following, model.Follower: &c.Followers, model.Blocking: &c.Blocking, model.Muting: &c.Muting,
		}[relation]
		return eachParsed(r, e, relatedID, func(id uint64) error {
			if r.people.relate(id, relation) {
				*count++
			}
			return nil
		})
	}
}

func relatedID(item []byte) (uint64, error) {
	if id, ok := plainID(item); ok {
		return id, nil
	}
	var it struct {
		Following accountRef `json:"following"`
		Follower  accountRef `json:"follower"`
		Blocking  accountRef `json:"blocking"`
		Muting    accountRef `json:"muting"`
	}
	if err := decode(item, &it); err != nil {
		return 0, err
	}
	id, ok := number(twitterID(first(it.Following.ID, it.Follower.ID, it.Blocking.ID, it.Muting.ID)))
	if !ok {
		return 0, &badItem{errNoAccount}
	}
	return id, nil
}

// plainID finds the id in an item as X writes it: there are hundreds of thousands
// in some archives, and decoding each costs more than all else.
func plainID(item []byte) (uint64, bool) {
	_, rest, ok := bytes.Cut(item, []byte(`"accountId" : "`))
	digits, _, closed := bytes.Cut(rest, []byte(`"`))
	if !ok || !closed || len(digits) > 19 || len(digits) == 0 || digits[0] == '0' || bytes.IndexByte(item, '\\') >= 0 {
		return 0, false
	}
	var id uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		id = id*10 + uint64(c-'0')
	}
	return id, true
}

// listed reads a file of lists: owner and name of each stand in its URL, its
// members nowhere.
func listed(kind string) func(*reader, entry) error {
	return func(r *reader, e entry) error {
		return r.each(e, func(item []byte) error {
			var it struct {
				Info struct {
					URL  string   `json:"url"`
					URLs []string `json:"urls"` // 2018 and 2019
				} `json:"userListInfo"`
			}
			if err := decode(item, &it); err != nil {
				return err
			}
			for _, u := range append(it.Info.URLs, it.Info.URL) {
				if u != "" && len(r.lists) < r.a.limits.lists {
					r.lists = append(r.lists, model.TwitterList{Kind: kind, URL: u, Name: listName(u)})
				}
			}
			return nil
		})
	}
}

func listName(u string) string {
	name := path.Base(strings.TrimRight(u, "/"))
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// countLikes counts: likes name neither author nor date and are never stored.
func (r *reader) countLikes(e entry) error {
	return r.each(e, func([]byte) error {
		r.sum.Counts.Likes++
		return nil
	})
}

func (r *reader) readNotes(e entry) error {
	return r.each(e, func(item []byte) error {
		if r.notes.n >= r.a.limits.notes {
			return nil
		}
		return r.notes.add(item)
	})
}

// readTweets reads a tweet file and hands its tweets over in batches.
func (r *reader) readTweets(e entry) error {
	before := r.sum.Counts.Tweets
	err := eachParsed(r, e, decodeTweet, func(d decoded) error {
		r.learnLink(d.ownLink)
		return r.takeTweet(e, d)
	})
	if err == nil {
		err = r.flush(e)
	}
	if err == nil && r.sink.FileDone != nil {
		err = r.sink.FileDone(e.name, r.sum.Counts.Tweets-before)
	}
	return err
}

func (r *reader) takeTweet(e entry, d decoded) error {
	t := d.tweet
	id, ok := number(t.ID)
	if !ok {
		return &badItem{errNoID}
	}
	if _, twice := r.tweets[id]; twice {
		return nil
	}
	if len(r.tweets) >= r.a.limits.tweets {
		return &badItem{errors.New("there are too many tweets")}
	}
	r.tweets[id] = struct{}{}
	if t.CreatedAt.IsZero() {
		r.warn.add(e.name, "tweet %s has no time that can be read", t.ID)
	}
	r.ownLinks(&t)
	t.Manual = typed(&t, monthFile.MatchString(e.name), d.repeats.ID != "")
	if atMidnight(&t) {
		r.lostTimes++
	}
	joined, err := r.notes.join(&t, d.stated)
	if err != nil {
		return err
	}
	r.count(&t, joined)
	r.people.learn(&t, r.sum.Owner.ID)
	r.people.learnAuthor(&t, d.repeats)
	if r.sink.Tweets == nil {
		return nil
	}
	if r.batch = append(r.batch, t); len(r.batch) == batchSize {
		return r.flush(e)
	}
	return nil
}

func (r *reader) flush(e entry) error {
	if len(r.batch) == 0 {
		return nil
	}
	batch := r.batch
	r.batch = make([]model.Tweet, 0, batchSize)
	return r.sink.Tweets(e.name, batch)
}

// learnLink takes from a link to own media the owner's handle, in case nothing
// else names it, and whether X rewrote it to x.com, as it does since 2025.
func (r *reader) learnLink(link string) {
	if link == "" {
		return
	}
	r.xLinks = r.xLinks || strings.Contains(link, "//x.com/")
	if name := handleInStatusURL(link); name != "" && (r.ownMedia[name] > 0 || len(r.ownMedia) < 100) {
		r.ownMedia[name]++
	}
}

// ownLinks forgets a media source that is the owner.
func (r *reader) ownLinks(t *model.Tweet) {
	for i := range t.Media {
		m := &t.Media[i]
		if m.SourceUserID != "" && m.SourceUserID == r.sum.Owner.ID {
			m.SourceUserID, m.SourceHandle = "", ""
		}
	}
}

func (r *reader) count(t *model.Tweet, joined bool) {
	c := &r.sum.Counts
	c.Tweets++
	if t.IsRetweet() || t.Manual { // counted by the text alone
		c.Retweets++
	}
	if t.IsReply() {
		c.Replies++
	}
	if t.IsQuote() {
		c.Quotes++
	}
	if joined {
		c.NoteTweetsJoined++
	}
	c.Media += len(t.Media)
	c.MediaMissing += r.a.placeMedia(t)
}
