package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
)

func (c *crawl) fullDue() bool {
	return c.FullAt.IsZero() || c.NewestID == "" || c.w.Now().Sub(c.FullAt) >= fullEvery
}

// beginList begins to read the list: all of it, or what is new.
func (c *crawl) beginList() {
	if !c.listed {
		c.rest(c.w.Now().Add(newEvery))
		return
	}
	c.Phase = phaseNew
	if c.fullDue() {
		c.Phase, c.Accounts = phaseFull, 0
	}
	c.Place, c.LastID, c.NextID, c.BeganAt = 0, "", "", c.w.Now()
}

// listOver ends the reading of the list.
func (c *crawl) listOver() {
	if c.Phase == phaseFull {
		c.FullAt = c.BeganAt
	}
	if c.NextID != "" {
		c.NewestID = c.NextID
	}
	c.ReadAt = c.w.Now()
	c.rest(c.ReadAt.Add(newEvery))
}

// readPage reads one page of the list. The last account of the page before is
// asked for again: if what comes first is older than that one, the list has grown
// shorter meanwhile and somebody may have been passed over.
func (c *crawl) readPage(ctx context.Context) error {
	if c.Rows >= mostRows || c.Place >= mostPlaces {
		c.listOver()
		c.Error = "lists more than is kept of one server"
		return nil
	}
	offset := max(0, c.Place-1)
	var page []fediverse.Remote
	var listed int
	err := c.ask(ctx, func(ctx context.Context) (err error) {
		page, listed, err = c.w.Client.Directory(ctx, c.Host, offset, fediverse.MostListed)
		return err
	})
	if err != nil {
		return err
	}
	if c.gap(page) && !c.wentBack { // a list in no order looks as if it had gaps everywhere
		c.wentBack = true
		c.Place = max(1, c.Place-fediverse.MostListed/2)
		return nil
	}
	c.wentBack = false
	over := c.take(page, offset, listed)
	c.Fails, c.Error = 0, ""
	if over {
		c.listOver()
	}
	return c.keep(ctx, nil, page)
}

// gap tells whether the page begins behind where the one before ended.
func (c *crawl) gap(page []fediverse.Remote) bool {
	if c.LastID == "" || len(page) == 0 {
		return false
	}
	order, ok := fediverse.CompareIDs(page[0].ID, c.LastID)
	return ok && order < 0
}

// take notes how far the reading has come with this page, and tells whether it is
// over: the list ends here, does not go on, or comes to what was known.
func (c *crawl) take(page []fediverse.Remote, offset, listed int) (over bool) {
	fresh := c.fresh(page)
	again := len(page) > 0 && page[0].ID == c.first // a server that ignores the offset
	c.Place = offset + listed
	if len(page) > 0 {
		c.first = page[0].ID
		if offset == 0 && c.NextID == "" {
			c.NextID = c.first
		}
	}
	for _, r := range page {
		if order, ok := fediverse.CompareIDs(r.ID, c.LastID); order < 0 || !ok {
			c.LastID = r.ID
		}
	}
	if c.Phase == phaseFull {
		c.Accounts += fresh
	}
	atEnd := listed == 0 || listed == 1 && offset > 0
	return fresh == 0 && (atEnd || again) || c.Phase == phaseNew && c.reachesKnown(page)
}

// fresh counts the accounts of the page that stand behind the last one read so
// far. Accounts that join meanwhile move the list on, so that the page may begin
// with some that were read before.
func (c *crawl) fresh(page []fediverse.Remote) int {
	behind := !slices.ContainsFunc(page, func(r fediverse.Remote) bool { return r.ID == c.LastID })
	n := 0
	for _, r := range page {
		order, ok := fediverse.CompareIDs(r.ID, c.LastID)
		if ok && order < 0 || !ok && behind {
			n++
		}
		behind = behind || r.ID == c.LastID
	}
	return n
}

// reachesKnown tells whether the page holds an account that was there when the
// list was read last.
func (c *crawl) reachesKnown(page []fediverse.Remote) bool {
	return slices.ContainsFunc(page, func(r fediverse.Remote) bool {
		before, ok := fediverse.IDBefore(r.ID, c.NewestID)
		return before || !ok && r.ID == c.NewestID
	})
}

// old is since when a row must have been read to need no other look: for a month,
// and since the whole list was read, which should have shown it.
func (c *crawl) old() time.Time {
	month := c.w.Now().Add(-fullEvery)
	if c.FullAt.After(month) {
		return c.FullAt
	}
	return month
}
