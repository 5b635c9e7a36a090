package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

const (
	registryEvery = 24 * time.Hour
	registryBytes = 200 << 20
	registryTime  = 15 * time.Minute
	mostChanges   = 50_000 // of one answer; with more the registry is read as a whole
)

// RegistryOn tells whether people may be found by the registry here.
func (w *Worker) RegistryOn() bool { return w.Sources.Use(directory.SourceRegistry) }

// ReadRegistries reads the registries of other installations that were not read for
// a day: as a whole the first time, afterwards what changed. Of those that are not
// among the addresses nothing is kept. One that cannot be read keeps its copy, and
// why is kept in words. Off without a contact, and if the registry is off.
func (w *Worker) ReadRegistries(ctx context.Context, urls []string) error {
	feeds, err := w.Store.Feeds(ctx, urls)
	if err != nil || w.Contact == "" || !w.RegistryOn() {
		return err
	}
	var errs []error
	for _, feed := range feeds {
		if w.Now().Sub(feed.FetchedAt) < registryEvery {
			continue
		}
		n, err := w.readRegistry(ctx, feed)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed := 0
		if err != nil {
			failed = 1
			w.Log.Warn("registry not read", "host", hostOf(feed.URL), "error", err)
			errs = append(errs, w.Store.FeedFailed(ctx, feed.URL, why(err)))
		} else {
			w.Log.Info("registry read", "host", hostOf(feed.URL), "entries", n)
		}
		errs = append(errs, w.Store.CountSource(ctx, directory.SourceRegistry, 1, n, failed))
	}
	return errors.Join(errs...)
}

// errTooManyChanges means that it takes less to read the whole.
var errTooManyChanges = errors.New("too many changes")

// readRegistry brings the copy of a registry up to date and returns how many
// entries it has then.
func (w *Worker) readRegistry(ctx context.Context, feed store.Feed) (int, error) {
	n, err := w.askRegistry(ctx, feed, feed.AsOf)
	if errors.Is(err, errTooManyChanges) {
		return w.askRegistry(ctx, feed, "")
	}
	return n, err
}

func (w *Worker) askRegistry(ctx context.Context, feed store.Feed, since string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	at, err := url.Parse(feed.URL)
	if err != nil {
		return 0, fmt.Errorf("address of a registry: %w: %w", model.ErrInvalid, err)
	}
	if since != "" {
		q := at.Query()
		q.Set("since", since)
		at.RawQuery = q.Encode()
	}
	body, err := w.Client.GetStream(ctx, at.String(), "application/json", registryBytes)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	g, err := directory.OpenRegistry(body, w.Now())
	if err != nil {
		return 0, err
	}
	entries := copiedEntries(g.Entries())
	if !g.Changes {
		return w.Store.SwapFeed(ctx, feed, entries, g.AsOf)
	}
	if since == "" {
		return 0, fmt.Errorf("it answers with changes and was asked for all: %w", model.ErrInvalid)
	}
	var changed []store.CopiedEntry
	for e, err := range entries {
		if err != nil {
			return 0, err
		}
		if changed = append(changed, e); len(changed) > mostChanges {
			return 0, errTooManyChanges
		}
	}
	return w.Store.ChangeFeed(ctx, feed, changed, g.Withdrawn, g.AsOf)
}

// copiedEntries turns what was read into what is kept.
func copiedEntries(entries iter.Seq2[directory.RegistryEntry, error]) iter.Seq2[store.CopiedEntry, error] {
	return func(yield func(store.CopiedEntry, error) bool) {
		for e, err := range entries {
			if !yield(store.CopiedEntry(e), err) {
				return
			}
		}
	}
}

// why says in words why a registry could not be read.
func why(err error) string {
	var status *fediverse.StatusError
	var limited *fediverse.RateLimitError
	var unsent *fediverse.NotSentError
	var unknown *fediverse.UnknownError
	switch {
	case errors.As(err, &status):
		return fmt.Sprintf("It answered with status %d.", status.Code)
	case errors.As(err, &limited):
		return "It asked to wait."
	case errors.As(err, &unsent) && unsent.Reason == fediverse.ReasonBlocked:
		return "It is not on the public internet."
	case errors.As(err, &unsent), errors.As(err, &unknown), errors.Is(err, context.DeadlineExceeded):
		return "It could not be reached, or broke off."
	case errors.Is(err, model.ErrInvalid):
		return "What it sent cannot be read: " + strings.TrimSuffix(err.Error(), ": "+model.ErrInvalid.Error()) + "."
	}
	return "What it sent could not be kept."
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return cmp.Or(u.Hostname(), address)
}
