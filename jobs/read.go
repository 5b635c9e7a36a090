package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// The kinds of Archive.
const (
	ArchiveFile = "archive"
	ListFile    = "list"
	PagesFile   = "pages" // what the Owner read on their own X pages
)

// ReadOptions are the options of a read Run.
type ReadOptions struct {
	Archive string   `json:"archive"`           // the Archive's id
	Columns []string `json:"columns,omitempty"` // of a list: roles as importer names them
	Titles  string   `json:"titles,omitempty"`  // of a list: whether it has them, if that is said
}

func readOptions(o ReadOptions) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // some texts
	}
	return string(b)
}

// Read is what a read Run keeps of an Archive.
type Read struct {
	importer.Summary
	Protected []importer.Period `json:"protected,omitempty"` // when the account was private, as far as known
	Rows      int               `json:"rows,omitempty"`      // people of a list or of X pages
}

// read reads an Archive or a list into the Move: all of it, or, when it is cut
// short, again from the start, which changes nothing that is there already.
// What was uploaded goes when it is read, or when it turns out to be unreadable.
func (w *Worker) read(ctx context.Context, h *holder) (store.Next, error) {
	o, err := options[ReadOptions](h.lease.Run)
	if err != nil {
		return store.Next{}, err
	}
	a, err := w.Store.Archive(ctx, o.Archive)
	if err != nil {
		return store.Next{}, err
	}
	if h.wish() == store.WishCancel {
		if a.State == store.ArchiveComplete { // only the search after it is not begun
			return store.Next{State: store.RunCancelled}, nil
		}
		return w.unread(ctx, a, store.RunCancelled, "The reading was cancelled.")
	}
	if a.State == store.ArchiveFailed { // resumed: the upload is gone
		return store.Next{State: store.RunFailed, Error: a.Error}, nil
	}
	if a.State == store.ArchiveReading {
		switch a.Kind {
		case ListFile, PagesFile:
			err = w.readList(ctx, h, a, o)
		case MediaFile:
			err = w.readMedia(ctx, h, a)
		default:
			err = w.readArchive(ctx, h, a)
		}
	}
	var stop *stopError
	switch {
	case h.wish() == store.WishCancel && errors.Is(err, errWished):
		return w.unread(ctx, a, store.RunCancelled, "The reading was cancelled.")
	case errors.Is(err, errWished):
		return store.Next{State: store.RunPaused}, nil
	case errors.As(err, &stop):
		return w.unread(ctx, a, store.RunFailed, stop.text)
	case errors.Is(err, model.ErrInvalid) || errors.Is(err, model.ErrConflict) || errors.Is(err, model.ErrNotFound) || errors.Is(err, model.ErrDenied):
		return w.unread(ctx, a, store.RunFailed, sentence(err))
	case err != nil:
		return store.Next{}, err
	}
	if err := w.Files.Delete(ctx, a.FileKey); err != nil {
		return store.Next{}, err
	}
	if a.Kind == MediaFile {
		return store.Next{State: store.RunDone}, nil
	}
	return w.searchAfter(ctx, h, a)
}

// searchAfter starts the search for those whom an Archive brought: that is what
// the Owner came for. A search that is under way has passed by many of them
// already, so that one after a list or X pages waits for its end.
func (w *Worker) searchAfter(ctx context.Context, h *holder, a store.Archive) (store.Next, error) {
	_, err := w.Start(ctx, store.Run{MoveID: a.MoveID, Kind: KindFind})
	if err == nil || !errors.Is(err, model.ErrConflict) {
		return store.Next{State: store.RunDone}, err
	}
	if a.Kind == ArchiveFile {
		return store.Next{State: store.RunDone}, nil
	}
	runs, err := w.Store.Runs(ctx, a.MoveID)
	if err != nil {
		return store.Next{}, err
	}
	for _, r := range runs {
		if r.Kind == KindFind && (r.State == store.RunWaiting || r.State == store.RunRunning) {
			if err := h.lease.SetProgress(ctx, 1, 1, "waiting for the search that is under way"); err != nil {
				return store.Next{}, err
			}
			return store.Next{State: store.RunWaiting, DueAt: w.Now().Add(searchWait)}, nil
		}
	}
	return store.Next{State: store.RunDone}, nil // paused: whoever goes on with it may look again
}

// searchWait is how often a reading looks whether the search has ended.
const searchWait = 5 * time.Second

// errWished ends a reading because the Owner asked for it.
var errWished = errors.New("paused or cancelled")

func (w *Worker) unread(ctx context.Context, a store.Archive, state, text string) (store.Next, error) {
	if err := w.Store.FinishArchive(ctx, a.ID, store.ArchiveFailed, "", text); err != nil {
		return store.Next{}, err
	}
	return store.Next{State: state, Error: text}, w.Files.Delete(ctx, a.FileKey)
}

func (w *Worker) readArchive(ctx context.Context, h *holder, a store.Archive) error {
	file, err := w.Files.Open(ctx, a.FileKey)
	if err != nil {
		return err
	}
	defer file.Close()
	archive, err := importer.OpenReader(file, file.Size())
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := allAllowed(archive); err != nil {
		return err
	}
	err = w.Import(ctx, a, archive, func(read, total int64) error {
		if h.wish() != "" {
			return errWished
		}
		return w.progress(h, 100, percent(read, total), "reading the archive")
	})
	if err != nil {
		return err
	}
	return h.lease.SetProgress(ctx, 100, 100, "read")
}

// Import reads an Archive into its Move and marks it complete. Whose it is comes
// first: an archive of another Twitter account leaves nothing behind. tick is
// called now and then with the bytes read; an error from it ends the reading.
func (w *Worker) Import(ctx context.Context, a store.Archive, archive *importer.Archive, tick func(read, total int64) error) error {
	var read, total int64
	summary, err := archive.Read(ctx, importer.Sink{
		Owner: func(o importer.Owner) error {
			return w.Store.NameMove(ctx, a.MoveID, o.ID, o.Handle, o.Name)
		},
		Tweets: func(file string, tweets []model.Tweet) error {
			if err := tick(read, total); err != nil {
				return err
			}
			if err := w.Store.SaveTweets(ctx, a.MoveID, a.ID, file, tweets); err != nil {
				return err
			}
			return w.Store.SaveTweetEvidence(ctx, a.MoveID, saidIn(tweets))
		},
		FileDone: func(file string, items int) error { return w.Store.FileComplete(ctx, a.ID, file, items) },
		People: func(people []model.Person) error {
			if err := tick(read, total); err != nil {
				return err
			}
			return w.Store.SavePeople(ctx, a.MoveID, people)
		},
		Lists:    func(lists []model.TwitterList) error { return w.Store.SaveLists(ctx, a.MoveID, lists) },
		Progress: func(r, t int64) { read, total = r, t },
	})
	if err != nil {
		return err
	}
	return w.finishArchive(ctx, a.ID, Read{Summary: summary, Protected: summary.ProtectedPeriods})
}

// saidIn returns what tweets say of the addresses of those who wrote them.
func saidIn(tweets []model.Tweet) []store.TweetEvidence {
	var said []store.TweetEvidence
	for _, t := range tweets {
		if handle, evidence := directory.FromTweet(t); len(evidence) > 0 {
			said = append(said, store.TweetEvidence{TweetID: t.ID, Handle: handle, Evidence: evidence})
		}
	}
	return said
}

// allAllowed refuses an upload with anything that the page would never send.
func allAllowed(archive *importer.Archive) error {
	if refused := archive.Refused(); len(refused) > 0 {
		return fail("The upload holds files that Skein does not take (%s). Nothing was read.", refused[0])
	}
	return nil
}

func (w *Worker) finishArchive(ctx context.Context, id string, r Read) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("summary of archive %s: %w", id, err)
	}
	return w.Store.FinishArchive(ctx, id, store.ArchiveComplete, string(b), "")
}

func percent(part, whole int64) int {
	if whole <= 0 {
		return 0
	}
	return int(min(100, part*100/whole))
}

// readSummary returns what a read Run kept of an Archive; nothing for one that
// is not read, or that brought media only.
func readSummary(a store.Archive) (Read, error) {
	var r Read
	if a.Summary == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(a.Summary), &r); err != nil {
		return r, fmt.Errorf("summary of archive %s: %w", a.ID, err)
	}
	return r, nil
}
