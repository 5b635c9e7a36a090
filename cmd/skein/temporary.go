package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// temporary is a Move of the command line: in a database of its own, which goes
// when the verb ends. The jobs work on it as on any other.
type temporary struct {
	dir       string
	directory *store.Store // of the data directory, if there is one
	*app
	move    store.Move
	lists   listFlags
	offline bool // servers are not asked
	warned  bool // something about the input was printed
}

// newTemporary makes the database and an empty Move in it.
func newTemporary(ctx context.Context, x extras) (_ *temporary, err error) {
	c, err := config.Read(os.Environ())
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "skein-")
	if err != nil {
		return nil, fmt.Errorf("temporary directory: %w", err)
	}
	t := &temporary{dir: dir, app: &app{config: c, extras: x, log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "secret.key"))
	if err != nil {
		return nil, err
	}
	if t.store, err = store.Open(ctx, store.Options{Path: filepath.Join(dir, "skein.db"), Keys: keys}); err != nil {
		return nil, err
	}
	if t.files, err = files.Open(filepath.Join(dir, "files")); err != nil {
		return nil, err
	}
	if t.queue, err = queue.Open(queue.Options{Logger: t.log, Workers: 1}); err != nil {
		return nil, err
	}
	if t.directory, err = openDirectory(ctx, c); err != nil {
		return nil, err
	}
	sources, err := directory.ParseSources(c.Sources)
	if err != nil {
		return nil, fmt.Errorf("SKEIN_SOURCES: %w", err)
	}
	t.client = fediverse.New(fediverse.Options{UserAgent: userAgent(c), Simulated: x.simulated, Budget: x.budget})
	t.worker = &jobs.Worker{
		Store: t.store, Directory: t.directory, Files: t.files, Queue: t.queue, Client: t.client, Log: t.log, Now: time.Now,
		ListRows: c.ListRows, Whole: true, Lease: time.Minute, Sources: sources,
	}
	owner, err := t.store.AddOwner(ctx)
	if err != nil {
		return nil, err
	}
	t.move, err = t.store.AddMove(ctx, owner)
	return t, err
}

// openDirectory opens the database that holds the directory index, if there is
// one; nil means that nobody has filled an index here.
func openDirectory(ctx context.Context, c config.Config) (*store.Store, error) {
	path := filepath.Join(c.Data, "skein.db")
	if _, err := os.Stat(path); c.Embedded() && errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: path})
}

func (t *temporary) close() error {
	var errs []error
	if t.directory != nil {
		errs = append(errs, t.directory.Close())
	}
	errs = append(errs, t.app.close(), os.RemoveAll(t.dir))
	return errors.Join(errs...)
}

// read reads input into the Move: an archive, or, if it is none, a list or a page
// of X.
func (t *temporary) read(ctx context.Context, input string) (err error) {
	bar := newProgress("reading")
	defer bar.finish()
	archive, err := importer.Open(input)
	if err == nil {
		defer archive.Close()
		row, err := t.store.AddArchive(ctx, store.Archive{MoveID: t.move.ID, Kind: jobs.ArchiveFile, FileName: filepath.Base(input)})
		if err != nil {
			return err
		}
		err = t.worker.Import(ctx, row, archive, func(read, total int64) error {
			bar.set(read, total)
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		if row, err = t.store.Archive(ctx, row.ID); err != nil {
			return err
		}
		var read jobs.Read
		if err := json.Unmarshal([]byte(row.Summary), &read); err != nil {
			return fmt.Errorf("summary of the archive: %w", err)
		}
		bar.finish()
		t.warn(read.Warnings)
		t.move, err = t.store.Move(ctx, t.move.ID)
		return err
	}
	if !isList(input) && !t.lists.Pages {
		return err
	}
	return t.readList(ctx, input)
}

// warn prints what could not be read and did not matter to the rest.
func (t *temporary) warn(warnings []importer.Warning) {
	t.warned = t.warned || len(warnings) > 0
	for _, w := range warnings {
		fmt.Fprintf(os.Stderr, "warning: %s: %s\n", w.File, w.Message)
	}
}

// finish works on a Run until it is over.
func (t *temporary) finish(ctx context.Context, run store.Run, bar *progress) error {
	for {
		if err := t.worker.Advance(ctx, run.ID); err != nil {
			return err
		}
		var err error
		if run, err = t.store.RunByID(ctx, run.ID); err != nil {
			return err
		}
		bar.set(int64(run.Done), int64(max(run.Total, 1)))
		switch run.State {
		case store.RunDone:
			return nil
		case store.RunFailed, store.RunCancelled, store.RunPaused:
			return errors.New(run.Error)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(run.DueAt)):
		}
	}
}
