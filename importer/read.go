package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// batchSize is the most that is handed to a Sink at once.
const batchSize = 500

// Read reads the archive once and hands what it finds to sink. Reading again
// gives the same. What is broken or missing stands in the Summary's Warnings;
// an error is one of ctx, of the sink, of the machine, or, wrapping
// model.ErrInvalid, an archive in which nothing can be read.
func (a *Archive) Read(ctx context.Context, sink Sink) (Summary, error) {
	r := &reader{
		a: a, ctx: ctx, sink: sink,
		warn:     warnings{per: map[string]int{}, max: a.limits.warnings},
		people:   newPeople(a.limits.people, a.expectedPeople()),
		notes:    newNotes(),
		tweets:   map[uint64]struct{}{},
		promised: map[string]int{},
		items:    map[string]int{},
		ownMedia: map[string]int{},
	}
	err := r.run()
	err = errors.Join(err, r.notes.close())
	r.sum.Warnings = r.warn.all()
	if r.sum.Opened == nil {
		r.sum.Opened = []string{}
	}
	return r.sum, err
}

// reader is one reading of an Archive.
type reader struct {
	a    *Archive
	ctx  context.Context
	sink Sink
	sum  Summary
	warn warnings

	people   *people
	notes    *notes
	tweets   map[uint64]struct{}
	lists    []model.TwitterList
	promised map[string]int // items per file, as the manifest says
	items    map[string]int // items per file, as found
	ownMedia map[string]int // handles in links to own media
	batch    []model.Tweet

	read, total, told   int64
	xLinks, tweetsMedia bool
	ownerTold           bool
	lostTimes           int // tweets whose time of day is gone
}

// kinds are the files of an archive in the order in which they are read: whose
// it is, then the people, then long texts before the tweets that they belong to.
var kinds = []struct {
	name string
	read func(*reader, entry) error
}{
	{"manifest", (*reader).readManifest},
	{"account", (*reader).readOwner},
	{"js/user_details", (*reader).readUserDetails},
	{"js/payload_details", (*reader).readPayloadDetails},
	{"js/tweet_index", (*reader).readTweetIndex},
	{"profile", (*reader).readProfile},
	{"protected-history", (*reader).readProtected},
	{"following", related(model.Following)},
	{"block", related(model.Blocking)},
	{"mute", related(model.Muting)},
	{"follower", related(model.Follower)},
	{"lists-created", listed("created")},
	{"lists-member", listed("member")},
	{"lists-subscribed", listed("subscribed")},
	{"like", (*reader).countLikes},
	{"note-tweet", (*reader).readNotes},
	{"tweets", (*reader).readTweets},
	{"tweet", (*reader).readTweets},
	{months, (*reader).readTweets},
}

func (r *reader) run() error {
	for _, w := range r.a.warnings {
		r.warn.add(w.File, "%s", w.Message)
	}
	if len(r.a.files) == 0 {
		return inputError("there are media files in this archive, but nothing else that can be read")
	}
	parts := r.sorted()
	for _, list := range parts {
		for _, e := range list {
			r.total += e.size
		}
	}
	for _, k := range kinds {
		r.checkParts(k.name, parts[k.name])
		for _, e := range parts[k.name] {
			if err := k.read(r, e); err != nil {
				return err
			}
		}
		switch {
		case k.name == "profile":
			if err := r.tellOwner(); err != nil {
				return err
			}
		case k.name == "following" && r.sink.Sofar != nil:
			r.sink.Sofar(r.sum)
		}
	}
	return r.finish(parts)
}

// expectedPeople is about how many people the files' sizes promise, as far as
// sizes are to be believed.
func (a *Archive) expectedPeople() int {
	const perItem, most = 141, 1 << 20
	var size int64
	for _, e := range a.files {
		switch kind, _ := kindOf(e.name); kind {
		case "following", "follower", "block", "mute":
			size += min(e.size, e.packed*30)
		}
	}
	return int(min(size/perItem, most))
}

// tellOwner hands the owner over as soon as the id is known.
func (r *reader) tellOwner() error {
	if r.ownerTold || r.sum.Owner.ID == "" || r.sink.Owner == nil {
		return nil
	}
	r.ownerTold = true
	return r.sink.Owner(r.sum.Owner)
}

// sorted returns the files by kind, parts in the order of their numbers.
func (r *reader) sorted() map[string][]entry {
	parts := map[string][]entry{}
	for _, e := range r.a.files {
		kind, _ := kindOf(e.name)
		parts[kind] = append(parts[kind], e)
	}
	for _, list := range parts {
		slices.SortStableFunc(list, func(x, y entry) int {
			_, n := kindOf(x.name)
			_, m := kindOf(y.name)
			return cmp.Or(cmp.Compare(n, m), strings.Compare(x.name, y.name))
		})
	}
	for _, e := range r.a.media {
		r.tweetsMedia = r.tweetsMedia || strings.Contains(e.name, "tweets_media/")
	}
	return parts
}

// kindOf splits "data/tweets-part2.js" into tweets and 2; without a part it is 0.
func kindOf(name string) (kind string, part int) {
	if monthFile.MatchString(name) {
		return months, 0
	}
	if m := grailFile.FindStringSubmatch(name); m != nil {
		return m[1], 0
	}
	m := keptFile.FindStringSubmatch(name)
	if m == nil {
		return "", 0
	}
	part, _ = strconv.Atoi(m[2])
	return m[1], part
}

// checkParts warns of gaps in the numbers of a split file. They go 0 (no number
// in the name), 1, 2 and so on.
func (r *reader) checkParts(kind string, list []entry) {
	next := 0
	for _, e := range list {
		_, part := kindOf(e.name)
		if kind == months {
			return
		}
		for ; next < part && part-next < 100; next++ {
			name := path.Dir(e.name) + "/" + kind + ".js"
			if next > 0 {
				name = fmt.Sprintf("%s/%s-part%d.js", path.Dir(e.name), kind, next)
			}
			r.warn.add(strings.TrimPrefix(name, "./"), "this part of the file is missing, while there is %s", e.base())
		}
		next = part + 1
	}
}

// finish counts what only the end shows and hands over the people.
func (r *reader) finish(parts map[string][]entry) error {
	r.guessOwner()
	if err := r.tellOwner(); err != nil {
		return err
	}
	c := &r.sum.Counts
	c.NoteTweets = r.notes.n
	c.SelfReplies = r.people.repliesTo(r.sum.Owner.ID)
	c.Lists = len(r.lists)
	r.sum.Names = r.people.followingNames()
	r.sum.Generation = r.generation()
	r.compareManifest()
	if r.lostTimes > 0 {
		r.warn.add("", "%d tweets from before November 2010 have a day but no time of day: X lost it", r.lostTimes)
	}
	if len(parts["following"]) == 0 && len(parts[months]) > 0 {
		r.warn.add("", "archives of this kind, made until 2019, hold tweets alone: there is nobody to find on the fediverse, and there are no pictures")
	} else if len(parts["following"]) == 0 {
		r.warn.add("data/following.js", "the archive does not hold this file, so there is nobody to find on the fediverse")
	}
	if len(parts["tweets"])+len(parts["tweet"])+len(parts[months]) == 0 {
		r.warn.add("data/tweets.js", "the archive does not hold this file, so there are no tweets and no names")
	}
	if lost := c.NoteTweets - c.NoteTweetsJoined; lost > 0 {
		r.warn.add("data/note-tweet.js", "%d of %d long texts belong to no tweet in the archive", lost, c.NoteTweets)
	}
	if c.MediaMissing > 0 && len(parts[months]) == 0 {
		r.warn.add("data/tweets_media", "%d of %d pictures and videos are not in the archive", c.MediaMissing, c.Media)
	}
	if r.people.full {
		r.warn.add("", "there are more than %d people in this archive; the rest was left out", r.a.limits.people)
	}
	if r.sink.Lists != nil && len(r.lists) > 0 {
		if err := r.sink.Lists(r.lists); err != nil {
			return err
		}
	}
	r.tellProgress(true)
	return r.handPeople()
}

func (r *reader) handPeople() error {
	if r.sink.People == nil {
		return nil
	}
	for from := 0; from < len(r.people.order); from += batchSize {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		batch := make([]model.Person, 0, batchSize)
		for i := from; i < min(from+batchSize, len(r.people.order)); i++ {
			batch = append(batch, r.people.person(i))
		}
		if err := r.sink.People(batch); err != nil {
			return err
		}
	}
	return nil
}

// readError is an error of an archive's file, as against one of the sink.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

func fromFile(err error) bool {
	var re *readError
	return errors.As(err, &re) || errors.Is(err, errCutOff)
}

// plain cuts what the JSON package says to its last part, without our types.
func plain(err error) string {
	text := err.Error()
	text = strings.TrimPrefix(text, "jsontext: ")
	if strings.HasPrefix(text, "json: ") {
		return "it is not of the expected form"
	}
	return text
}

// tooBig tells why e is not to be read, or "".
func (r *reader) tooBig(e entry) string {
	lim := r.a.limits
	switch {
	case e.size > lim.file:
		return fmt.Sprintf("it has more than %d bytes", lim.file)
	case r.read+e.size > lim.total:
		return fmt.Sprintf("all files together have more than %d bytes", lim.total)
	case e.size > lim.ratioFrom && e.size/lim.ratio > e.packed:
		return fmt.Sprintf("%d bytes are packed into %d, which no honest archive does", e.size, e.packed)
	}
	return ""
}

// tellProgress tells the sink of each hundredth.
func (r *reader) tellProgress(end bool) {
	if r.sink.Progress != nil && (end || r.read-r.told > r.total/100) {
		r.told = r.read
		r.sink.Progress(min(r.read, r.total), r.total)
	}
}
