package importer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// origin is where a name was seen, the most trusted first: a reply's id
// outlives a change of name, a media link holds the name at the tweet's time.
type origin int

const (
	byReply origin = iota
	byMention
	byRetweet
	byMedia
	origins
)

var originNames = [origins]string{"reply", "mention", "retweet", "media"}

var relations = [...]model.Relation{model.Blocking, model.Follower, model.Following, model.Muting} // sorted

// people collects who stands in which relation to the owner, and the names seen
// in tweets, by numeric id.
type people struct {
	rows  map[uint64]row
	order []uint64 // ids with a relation, as they came
	names []named
	max   int
	full  bool
}

type row struct {
	relations uint8 // bits by index in relations
	name      int32 // index in names plus one
}

type named struct {
	by           [origins]sighting
	name         string // display name
	namedAt      int64
	interactions int32
	last         int64
	replies      int32
}

type sighting struct {
	handle string
	at     int64 // unix milliseconds of the latest
	count  int32
}

// newPeople makes room for so many people, so that the map need not grow.
func newPeople(limit, expected int) *people {
	return &people{rows: make(map[uint64]row, expected), order: make([]uint64, 0, expected), max: limit}
}

// relate notes a relation; false means that it was known.
func (p *people) relate(id uint64, relation model.Relation) bool {
	r, known := p.rows[id]
	if !known && !p.room() {
		return false
	}
	bit := uint8(0)
	for i, rel := range relations {
		if rel == relation {
			bit = 1 << i
		}
	}
	if r.relations&bit != 0 {
		return false
	}
	if r.relations == 0 {
		p.order = append(p.order, id)
	}
	r.relations |= bit
	p.rows[id] = r
	return true
}

func (p *people) room() bool {
	if len(p.rows) >= p.max {
		p.full = true
		return false
	}
	return true
}

// at returns the names of id, making room for them, or nil if there is none.
func (p *people) at(id uint64) *named {
	r, known := p.rows[id]
	if r.name == 0 {
		if !known && !p.room() {
			return nil
		}
		p.names = append(p.names, named{})
		r.name = int32(len(p.names))
		p.rows[id] = r
	}
	return &p.names[r.name-1]
}

// learn takes from a tweet whom it names and with whom the owner talked.
func (p *people) learn(t *model.Tweet, ownerID string) {
	at := t.CreatedAt.UnixMilli()
	if t.CreatedAt.IsZero() {
		at = 0
	}
	author := retweeted(*t)
	var talked []uint64
	if id, ok := number(t.ReplyTo.UserID); ok {
		if n := p.at(id); n != nil {
			n.replies++
			n.see(byReply, t.ReplyTo.Handle, at)
			talked = append(talked, id)
		}
	}
	for _, m := range t.Mentions {
		id, ok := number(m.TwitterID)
		if !ok {
			continue
		}
		n := p.at(id)
		if n == nil {
			continue
		}
		from := byMention
		if author != "" && strings.EqualFold(author, m.Handle) {
			from = byRetweet
		}
		n.see(from, handle(m.Handle), at)
		if m.Name != "" && at >= n.namedAt {
			n.name, n.namedAt = m.Name, at
		}
		if author == "" || from == byRetweet { // others in a retweet were named by its author
			talked = append(talked, id)
		}
	}
	for _, m := range t.Media {
		if id, ok := number(m.SourceUserID); ok && m.SourceUserID != ownerID {
			if n := p.at(id); n != nil {
				n.see(byMedia, m.SourceHandle, at)
			}
		}
	}
	p.count(talked, at)
}

// learnAuthor takes the name of whom t repeats, where no mention has told it.
func (p *people) learnAuthor(t *model.Tweet, author rawUser) {
	id, ok := number(twitterID(author.ID))
	if !ok || handle(author.Handle) == "" || slices.ContainsFunc(t.Mentions, func(m model.Mention) bool { return m.TwitterID == author.ID }) {
		return
	}
	if n := p.at(id); n != nil {
		at := t.CreatedAt.UnixMilli()
		n.see(byRetweet, author.Handle, at)
		n.name = first(n.name, author.Name)
		p.count([]uint64{id}, at)
	}
}

// count adds one interaction for everybody in ids, however often they stand there.
func (p *people) count(ids []uint64, at int64) {
	for i, id := range ids {
		seen := false
		for _, before := range ids[:i] {
			seen = seen || before == id
		}
		if seen {
			continue
		}
		n := p.at(id)
		n.interactions++
		n.last = max(n.last, at)
	}
}

func (n *named) see(from origin, handle string, at int64) {
	if handle == "" {
		return
	}
	s := &n.by[from]
	s.count++
	if s.handle == "" || at >= s.at {
		s.at = at
		if s.handle != handle {
			s.handle = handle
		}
	}
}

// handle returns the most trusted name, with when and how often it was seen in
// whatever place.
func (n *named) handle() model.Handle {
	var h model.Handle
	var at int64
	for from, s := range n.by {
		if s.handle == "" {
			continue
		}
		if h.Name == "" {
			h.Name, h.Source = s.handle, originNames[from]
		}
		if strings.EqualFold(s.handle, h.Name) {
			h.Count += int(s.count)
			at = max(at, s.at)
		}
	}
	h.SeenAt = moment(at)
	return h
}

// person returns the i-th of those who stand in a relation.
func (p *people) person(i int) model.Person {
	id := p.order[i]
	r := p.rows[id]
	out := model.Person{TwitterID: strconv.FormatUint(id, 10), Archived: true}
	for i, rel := range relations {
		if r.relations&(1<<i) != 0 {
			out.Relations = append(out.Relations, rel)
		}
	}
	if r.name > 0 {
		n := &p.names[r.name-1]
		out.Handle, out.Name = n.handle(), n.name
		out.Interactions, out.LastInteraction = int(n.interactions), moment(n.last)
	}
	return out
}

// followingNames counts whom of the people followed the tweets name.
func (p *people) followingNames() Names {
	out := Names{BySource: map[string]int{}}
	for _, name := range originNames {
		out.BySource[name] = 0
	}
	for _, id := range p.order {
		r := p.rows[id]
		if r.relations&(1<<2) == 0 {
			continue
		}
		out.Following++
		if r.name == 0 {
			continue
		}
		found := false
		for from, s := range p.names[r.name-1].by {
			if s.handle != "" {
				out.BySource[originNames[from]]++
				found = true
			}
		}
		if found {
			out.FollowingNamed++
		}
	}
	return out
}

// repliesTo returns how many tweets answer id.
func (p *people) repliesTo(id string) int {
	n, ok := number(id)
	if r := p.rows[n]; ok && r.name > 0 {
		return int(p.names[r.name-1].replies)
	}
	return 0
}

func number(id string) (uint64, bool) {
	if id == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
