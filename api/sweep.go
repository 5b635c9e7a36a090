package api

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/skein-migrate/skein/internal/store"
)

// SweepUploads deletes the uploads of Moves that are gone, those that nobody has
// gone on with for a day, and what is left of those that were read. A file that
// waits to be read stays.
func (s *Server) SweepUploads(ctx context.Context) error {
	dir, err := s.Files.Dir(uploadFolder)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	newest := map[string]bool{} // ids with a file that was written to within the day
	names := map[string][]string{}
	for _, e := range entries {
		id, _, _ := strings.Cut(e.Name(), ".")
		names[id] = append(names[id], e.Name())
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if s.Now().Sub(info.ModTime()) < uploadLife {
			newest[id] = true
		}
	}
	for id, all := range names {
		if keep, err := s.keeps(ctx, id, newest[id]); err != nil {
			return err
		} else if keep {
			continue
		}
		for _, name := range all {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// keeps tells whether an upload stays: its Move is there, and it is fresh, or
// complete and still to be read.
func (s *Server) keeps(ctx context.Context, id string, fresh bool) (bool, error) {
	info, err := (&uploads{s: s}).info(ctx, id)
	if err != nil { // without its description nobody can go on with it
		return fresh, nil
	}
	move := info.MetaData["move"]
	if _, err := s.Store.Move(ctx, move); err != nil {
		if notFound(err) {
			err = nil
		}
		return false, err
	}
	if fresh {
		return true, nil
	}
	archives, err := s.Store.Archives(ctx, move)
	for _, a := range archives {
		if a.FileKey == uploadFolder+"/"+id && a.State == store.ArchiveReading {
			return true, nil
		}
	}
	return false, err
}
