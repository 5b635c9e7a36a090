package jobs

import (
	"context"
	"errors"
	"slices"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// readKnown reads some rows again that have grown old. When there are none left
// the list is next.
func (c *crawl) readKnown(ctx context.Context) error {
	most := fediverse.MostIDs
	if c.oneByOne {
		most = crawlRequests - c.asked
	}
	old, err := c.w.directory().OldDirectoryAccounts(ctx, c.Host, c.old(), most)
	if err != nil {
		return err
	}
	if len(old) == 0 {
		c.beginList()
		return nil
	}
	var ids, seen []string
	for _, r := range old {
		seen = append(seen, r.Address.Key())
		if !slices.Contains(ids, r.RemoteID) {
			ids = append(ids, r.RemoteID)
		}
	}
	found, err := c.again(ctx, ids)
	switch {
	case errors.Is(err, fediverse.ErrNoBatch):
		c.oneByOne = true
		return nil
	case refusedBy(err): // the list it may show all the same
		c.beginList()
		return nil
	case err != nil:
		return err
	}
	c.Fails = 0
	return c.keep(ctx, seen, found)
}

// again asks for the accounts with those ids. Who is gone is not in the answer.
func (c *crawl) again(ctx context.Context, ids []string) (found []fediverse.Remote, err error) {
	if !c.oneByOne {
		err = c.ask(ctx, func(ctx context.Context) (err error) {
			found, err = c.w.Client.AccountsByID(ctx, c.Host, ids)
			return err
		})
		return found, err
	}
	for _, id := range ids {
		err := c.ask(ctx, func(ctx context.Context) error {
			r, err := c.w.Client.AccountByID(ctx, c.Host, id)
			if err == nil {
				found = append(found, r)
			}
			return err
		})
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return nil, err
		}
	}
	return found, nil
}

// confirmDirectory decides on a row by the profile of its account as it was just
// read, and tells whether it may be shown. It is deleted if the account is gone,
// does not want to be found any more, or does not name the handle. A server that
// did not answer, or keeps profiles to itself, says nothing about it, nor does an
// answer from before the row was read.
func (w *Worker) confirmDirectory(ctx context.Context, row store.DirectoryAccount, profile model.Profile) (kept bool, err error) {
	if profile.Existence == model.Unknown || profile.Existence == model.Exists && !directory.Says(profile) {
		return false, nil
	}
	readAt := profile.FetchedAt
	if readAt.IsZero() {
		readAt = w.Now()
	}
	named := directory.NamedHandles(profile)
	at := slices.IndexFunc(named, func(n directory.Named) bool { return n.Handle == row.Handle })
	switch {
	case at >= 0 && directory.Listable(profile):
		row.ShownAt, row.Text = w.Now(), named[at].Text
		if readAt.After(row.ReadAt) {
			row.ReadAt = readAt
		}
		return true, w.directory().ShowDirectoryAccount(ctx, row)
	case readAt.Before(row.ReadAt):
		return false, nil
	}
	return false, w.directory().DeleteDirectoryAccount(ctx, row)
}
