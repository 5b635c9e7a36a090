package jobs

import (
	"context"
	"fmt"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// MediaFile is the kind of an upload that brings the media of chosen tweets.
const MediaFile = "media"

// TakeUpload notes a finished upload and starts the Run that reads it. fileKey is
// where it lies; fileName is only shown.
func (w *Worker) TakeUpload(ctx context.Context, move, kind, fileName, fileKey string) (store.Run, error) {
	if kind != ArchiveFile && kind != MediaFile {
		return store.Run{}, fmt.Errorf("upload of kind %q: %w", kind, model.ErrInvalid)
	}
	return w.startReading(ctx, store.Archive{MoveID: move, Kind: kind, FileName: fileName, FileKey: fileKey}, ReadOptions{})
}

// startReading notes an Archive and starts the Run that reads it, as o says.
func (w *Worker) startReading(ctx context.Context, a store.Archive, o ReadOptions) (store.Run, error) {
	r, err := w.Store.AddReading(ctx, a, func(archive string) store.Run {
		o.Archive = archive
		return store.Run{MoveID: a.MoveID, Kind: KindRead, Options: readOptions(o)}
	})
	if err != nil {
		return r, err
	}
	w.started(ctx, r)
	return r, nil
}

// readMedia takes the media out of an uploaded zip and keeps them for the posts
// Run. Only names that the importer allows get here, and they become keys of
// ours, never paths.
func (w *Worker) readMedia(ctx context.Context, h *holder, a store.Archive) error {
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
	names := archive.MediaNames()
	for i, name := range names {
		if h.wish() != "" {
			return errWished
		}
		if err := w.keepMedia(ctx, archive, a.MoveID, name); err != nil {
			return err
		}
		if err := w.progress(h, len(names), i+1, "unpacking pictures and videos"); err != nil {
			return err
		}
	}
	if err := h.lease.SetProgress(ctx, len(names), len(names), "unpacked"); err != nil {
		return err
	}
	return w.Store.FinishArchive(ctx, a.ID, store.ArchiveComplete, "", "")
}

func (w *Worker) keepMedia(ctx context.Context, archive *importer.Archive, move, name string) error {
	in, size, err := archive.OpenMedia(name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := w.Files.Put(ctx, MediaKey(move, name), in, size); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// MediaKey is where a medium of a Move's tweets lies.
func MediaKey(move, name string) string { return moveFolder(move) + "/media/" + name }

// moveFolder holds all files of a Move.
func moveFolder(move string) string { return "moves/" + move }
