package compose

import (
	"strconv"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Index knows which tweets there are, which of them are answered and which were
// edited. It grows with ids, not with text. The zero Index is ready for use.
type Index struct {
	ids      map[string]struct{}
	answered map[string]struct{} // ids that some tweet answers
	newer    map[string]string   // of edited tweets: the last version that is there
	first    map[string]time.Time
}

// Add notes a tweet. Add all of them, in any order, before the first Compose.
func (x *Index) Add(t model.Tweet) {
	if x.ids == nil {
		x.ids, x.answered = map[string]struct{}{}, map[string]struct{}{}
		x.newer, x.first = map[string]string{}, map[string]time.Time{}
	}
	x.ids[t.ID] = struct{}{}
	if t.ReplyTo.TweetID != "" {
		x.answered[t.ReplyTo.TweetID] = struct{}{}
	}
	if len(t.EditIDs) == 0 {
		return
	}
	place := func(id string) int { // in the order of the versions
		for i, v := range t.EditIDs {
			if v == id {
				return i
			}
		}
		return -1
	}
	for _, id := range t.EditIDs {
		if last, ok := x.newer[id]; !ok || place(t.ID) > place(last) {
			x.newer[id] = t.ID
		}
		if at, ok := x.first[id]; !ok || t.CreatedAt.Before(at) {
			x.first[id] = t.CreatedAt
		}
	}
}

// has tells whether the tweet is there.
func (x *Index) has(id string) bool {
	_, ok := x.ids[id]
	return ok
}

// finalOf returns the id of the last version that is there.
func (x *Index) finalOf(id string) string {
	if last, ok := x.newer[id]; ok {
		return last
	}
	return id
}

// final is finalOf for a tweet that the Index may not have seen.
func (x *Index) final(t model.Tweet) string {
	if x.has(t.ID) {
		return x.finalOf(t.ID)
	}
	return t.FinalID()
}

// Answered tells whether some tweet answers the one of that id, or an older
// version of it.
func (x *Index) Answered(id string) bool { return x.isAnswered(id) }

// isAnswered tells whether some tweet answers this one or an older version.
func (x *Index) isAnswered(t string) bool {
	if _, ok := x.answered[t]; ok {
		return true
	}
	_, edited := x.newer[t]
	return edited
}

// own tells whether r answers the owner. An answer without the user's id is
// told by the name, or by the tweet being there: archives hold own tweets only.
func (c *Composer) own(r model.Reply) bool {
	if r.UserID != "" && c.o.OwnerID != "" {
		return r.UserID == c.o.OwnerID
	}
	return c.x.has(r.TweetID) || r.Handle != "" && strings.EqualFold(r.Handle, c.o.OwnerHandle)
}

// parent returns what t is to answer, when that was posted, and whether the
// thread began as a reply to somebody else that is left out. What answers a
// tweet that is not posted answers that tweet's parent.
func (c *Composer) parent(t model.Tweet) (up *Ref, last time.Time, aside bool) {
	if t.ReplyTo.TweetID == "" || !c.own(t.ReplyTo) {
		return nil, time.Time{}, false
	}
	id := c.x.finalOf(t.ReplyTo.TweetID)
	if id == t.ID || !c.x.has(id) {
		return nil, time.Time{}, false
	}
	was, ok := c.done[id]
	switch {
	case !ok:
		return &Ref{TweetID: id}, time.Time{}, false
	case was.parts == 0:
		if c.o.Posted != nil {
			if n := c.o.Posted(id); n > 0 {
				return &Ref{TweetID: id, Part: n}, time.Time{}, false
			}
		}
		return was.up, was.upLast, was.aside
	}
	return &Ref{TweetID: id, Part: was.parts}, was.last, false
}

func (c *Composer) remember(id string, o outcome) {
	if c.x.isAnswered(id) {
		c.done[id] = o
	}
}

// created is when t was first posted: an edited tweet keeps the time of its
// first version, so that it stays before its answers.
func (c *Composer) created(t model.Tweet) time.Time {
	at := t.CreatedAt
	if first, ok := c.x.first[t.ID]; ok && first.Before(at) {
		at = first
	}
	if len(t.EditIDs) > 0 {
		if first, ok := snowflake(t.EditIDs[0]); ok && first.Before(at) {
			at = first
		}
	}
	if at.IsZero() {
		at, _ = snowflake(t.ID)
	}
	return at.UTC().Truncate(time.Millisecond)
}

// snowflake reads the time in a tweet id. Ids below the first Snowflake
// (November 2010) hold none.
func snowflake(id string) (time.Time, bool) {
	n, err := strconv.ParseUint(id, 10, 63)
	if err != nil || n < 29_700_859_247 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(n>>22) + 1288834974657).UTC(), true
}

// clock hands out each millisecond once: back-dating servers sort by it, and
// the look after an unknown outcome asks for one millisecond.
type clock struct{ next map[int64]int64 } // a taken millisecond → one that may be free

func newClock() *clock { return &clock{next: map[int64]int64{}} }

// take returns at, or the first free millisecond after it.
func (c *clock) take(at time.Time) time.Time {
	free := at.UnixMilli()
	var path []int64
	for {
		n, taken := c.next[free]
		if !taken {
			break
		}
		path = append(path, free)
		free = n
	}
	for _, p := range path { // shorten the way, or equal times would cost a square
		c.next[p] = free + 1
	}
	c.next[free] = free + 1
	return time.UnixMilli(free).UTC()
}
