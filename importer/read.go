package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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
		people:   newPeople(a.limits.people),
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
}

// kinds are the files of an archive in the order in which they are read: whose
// it is, then the people, then long texts before the tweets that they belong to.
var kinds = []struct {
	name string
	read func(*reader, entry) error
}{
	{"manifest", (*reader).readManifest},
	{"account", (*reader).readOwner},
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
		if k.name == "profile" {
			if err := r.tellOwner(); err != nil {
				return err
			}
		}
	}
	return r.finish(parts)
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
			return cmp.Compare(n, m)
		})
	}
	for _, e := range r.a.media {
		r.tweetsMedia = r.tweetsMedia || strings.Contains(e.name, "tweets_media/")
	}
	return parts
}

// kindOf splits "data/tweets-part2.js" into tweets and 2; without a part it is 0.
func kindOf(name string) (kind string, part int) {
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
	if len(parts["following"]) == 0 {
		r.warn.add("data/following.js", "the archive does not hold this file, so there is nobody to find on the fediverse")
	}
	if len(parts["tweets"])+len(parts["tweet"]) == 0 {
		r.warn.add("data/tweets.js", "the archive does not hold this file, so there are no tweets and no names")
	}
	if lost := c.NoteTweets - c.NoteTweetsJoined; lost > 0 {
		r.warn.add("data/note-tweet.js", "%d of %d long texts belong to no tweet in the archive", lost, c.NoteTweets)
	}
	if c.MediaMissing > 0 {
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

// each opens e and gives its items to take. An item or file that cannot be read
// is a warning; what take returns, other than a badItem, ends the reading.
func (r *reader) each(e entry, take func(item []byte) error) (err error) {
	if reason := r.tooBig(e); reason != "" {
		r.warn.add(e.name, "this file was not read: %s", reason)
		return nil
	}
	rc, err := r.a.source.open(e)
	if err != nil {
		r.warn.add(e.name, "this file cannot be opened: %v", err)
		return nil
	}
	defer func() { _ = rc.Close() }() // only read
	r.sum.Opened = append(r.sum.Opened, e.raw)
	r.items[e.name] = 0
	s, err := newScanner(&meter{r: r, in: rc, left: r.a.limits.file}, r.a.limits)
	for n := 1; err == nil; n++ {
		var item []byte
		var at int64
		item, at, err = s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		again := errors.Is(err, errTooLong) || errors.Is(err, errTooDeep) || errors.Is(err, errNoObject) || errors.Is(err, errNoQuote)
		if err == nil {
			err = take(item)
			var bad *badItem
			again = errors.As(err, &bad)
		}
		if again {
			r.warn.add(e.name, "item %d, at byte %d, cannot be read: %s", n, at, plain(err))
			err = nil
			continue
		}
		if err != nil && r.ctx.Err() == nil && fromFile(err) {
			r.warn.add(e.name, "the file is damaged from byte %d on: %s; %d items before it were read", at, plain(err), n-1)
			return nil
		}
		r.items[e.name]++
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if errors.Is(err, errNoJSON) || fromFile(err) {
		r.warn.add(e.name, "this file cannot be read: %s", plain(err))
		return nil
	}
	return err
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

// meter counts bytes, tells progress, and ends when ctx does.
type meter struct {
	r    *reader
	in   io.Reader
	left int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.in.Read(p)
	m.r.read += int64(n)
	m.r.tellProgress(false)
	if m.left -= int64(n); m.left < 0 { // a file that grew
		return 0, &readError{fmt.Errorf("it has more than %d bytes", m.r.a.limits.file)}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, &readError{err}
	}
	return n, err
}

// tellProgress tells the sink of each hundredth.
func (r *reader) tellProgress(end bool) {
	if r.sink.Progress != nil && (end || r.read-r.told > r.total/100) {
		r.told = r.read
		r.sink.Progress(min(r.read, r.total), r.total)
	}
}
