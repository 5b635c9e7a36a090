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

// SweepUploads deletes uploads that nobody has gone on with for a day, and what
// is left of those that were read. A file that waits to be read stays.
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
		if newest[id] {
			continue
		}
		if waits, err := s.waits(ctx, id); err != nil {
			return err
		} else if waits {
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

// waits tells whether an upload is complete and still to be read.
func (s *Server) waits(ctx context.Context, id string) (bool, error) {
	info, err := (&uploads{s: s}).info(ctx, id)
	if err != nil {
		return false, nil // without its description nobody can go on with it
	}
	archives, err := s.Store.Archives(ctx, info.MetaData["move"])
	if err != nil {
		return false, err
	}
	for _, a := range archives {
		if a.FileKey == uploadFolder+"/"+id && a.State == store.ArchiveReading {
			return true, nil
		}
	}
	return false, nil
}
