package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// How the profile directories of servers are read. A wake comes every minute and
// brings a host one slice, a third of what it may be asked for: the rest is for
// people who wait for an answer.
const (
	crawlRequests = 20   // of one slice
	crawlAtOnce   = 16   // hosts
	crawlHosts    = 1000 // of one wake
	crawlHold     = 5 * time.Minute
	crawlPatience = 2 * time.Minute // for one request, most of it in line

	newEvery    = 24 * time.Hour
	fullEvery   = store.ReadAgain
	rowLife     = 90 * 24 * time.Hour // a row that could not be read again for so long goes
	refusedRest = 7 * 24 * time.Hour
	failedRest  = 3 * 24 * time.Hour
	failedPause = 15 * time.Minute
	failsToRest = 3

	mostPlaces = 1_000_000 // of one directory
	mostRows   = 100_000   // kept of one host
)

// The phases of a crawl.
const (
	phaseRest  = ""      // between two readings
	phaseKnown = "known" // rows that have grown old are read again
	phaseFull  = "full"  // the whole list
	phaseNew   = "new"   // the list from its newest account to one known before
)

// CrawlDirectories reads the profile directories of the servers in the catalogue,
// a slice of each that is due, and returns when all have had theirs. Off without
// a contact. It may be called by several processes: a lease keeps each host to
// one of them.
func (w *Worker) CrawlDirectories(ctx context.Context) error {
	if w.Contact == "" || !w.Sources.Use(directory.SourceDirectory) {
		return nil
	}
	listed, err := w.crawlable(ctx)
	if err != nil {
		return err
	}
	due, err := w.directory().DueCrawls(ctx, crawlHosts)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(crawlAtOnce)
	var mu sync.Mutex
	var errs []error
	for _, host := range due {
		group.Go(func() error {
			if err := w.crawlHost(ctx, host, listed[host]); err != nil && ctx.Err() == nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
			return nil
		})
	}
	_ = group.Wait() // one host's fault is not the others'
	return errors.Join(errs...)
}

// crawlable returns the hosts of the catalogue and sees to it that each is known.
func (w *Worker) crawlable(ctx context.Context) (map[string]bool, error) {
	servers, err := w.Store.Servers(ctx)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	var hosts []string
	for _, v := range servers {
		if model.ValidHost(v.Host) && model.MirrorOf(v.Host) == model.NoMirror {
			listed[v.Host] = true
			hosts = append(hosts, v.Host)
		}
	}
	return listed, w.directory().AddCrawls(ctx, hosts)
}

// crawl is one slice of the reading of a host.
type crawl struct {
	w *Worker
	*store.CrawlLease
	listed bool // in the catalogue; else only what is known of it is kept up

	asked, gave int    // requests; rows that are new
	first       string // the first account of the page before
	wentBack    bool   // in the list, for what may have been passed over
	oneByOne    bool   // the host has no call for many accounts
}

// crawlHost gives a host one slice, if nobody else is at it.
func (w *Worker) crawlHost(ctx context.Context, host string, listed bool) error {
	lease, err := w.directory().LeaseCrawl(ctx, host, crawlHold)
	if err != nil || lease == nil {
		return err
	}
	c := &crawl{w: w, CrawlLease: lease, listed: listed}
	failed := 0
	err = c.slice(ctx)
	switch {
	case errors.Is(err, store.ErrLeaseLost):
		return nil
	case err == nil, notAsked(err), ctx.Err() != nil && ofServer(err): // what was not asked, or cut off by us, comes with the next wake
	case ofServer(err):
		failed = c.failed(err)
		w.Log.Debug("directory not read", "host", host, "error", err)
	default: // ours: what was kept before counts, the lease ends by itself
		return err
	}
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := c.Release(keep); err != nil && !errors.Is(err, store.ErrLeaseLost) {
		return err
	}
	if c.asked == 0 {
		return nil
	}
	return w.directory().CountSource(keep, directory.SourceDirectory, c.asked, c.gave, failed)
}

// slice reads until the host has had its share, or has no more to read.
func (c *crawl) slice(ctx context.Context) error {
	if _, err := c.w.directory().DeleteStaleDirectoryAccounts(ctx, c.Host, c.w.Now().Add(-rowLife)); err != nil {
		return err
	}
	host, err := c.w.Store.Host(ctx, c.Host)
	if err != nil {
		return err
	}
	if host.RestUntil.After(c.w.Now()) { // it did not answer others
		c.DueAt, c.Error = host.RestUntil, "did not answer lately"
		return nil
	}
	for c.asked < crawlRequests {
		if c.Phase == phaseRest {
			if err := c.begin(ctx); err != nil {
				return err
			}
		}
		switch c.Phase {
		case phaseRest: // nothing to do
			return nil
		case phaseKnown:
			err = c.readKnown(ctx)
		default:
			err = c.readPage(ctx)
		}
		if err != nil || c.Phase == phaseRest {
			return err
		}
	}
	return nil // it goes on with the next wake
}

// ask sends one request, within its turn.
func (c *crawl) ask(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, crawlPatience)
	defer cancel()
	err := do(ctx)
	if !notAsked(err) {
		c.asked++
	}
	return err
}

// begin decides what is read now. Rows that have grown old come first, unless the
// whole list is due, which reads most of them anyway. Where the list failed
// before they do come first: a host without one can still say who is gone.
func (c *crawl) begin(ctx context.Context) error {
	if c.listed && c.fullDue() && c.Error == "" {
		c.beginList()
		return nil
	}
	old, err := c.w.directory().OldDirectoryAccounts(ctx, c.Host, c.old(), 1)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		c.Phase = phaseKnown
		return nil
	}
	c.beginList()
	return nil
}

func (c *crawl) rest(until time.Time) { c.Phase, c.DueAt = phaseRest, until }

// keep writes down what accounts say, and how far the reading has come. Rows of
// accounts in seen, by Address.Key, that are not said any more go.
func (c *crawl) keep(ctx context.Context, seen []string, found []fediverse.Remote) error {
	var rows []store.DirectoryAccount
	for _, r := range found {
		seen = append(seen, r.Address.Key())
		if !directory.Listable(r.Profile) {
			continue
		}
		for _, named := range directory.NamedHandles(r.Profile) {
			rows = append(rows, store.DirectoryAccount{
				Handle: named.Handle, Address: r.Address, Host: c.Host, RemoteID: r.ID, Text: named.Text, ReadAt: c.w.Now(),
			})
		}
	}
	added, err := c.Save(ctx, seen, rows)
	c.gave += added
	return err
}
