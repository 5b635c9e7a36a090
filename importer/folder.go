package importer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// openFolder opens the archive in the folder at path, or the one file in it
// that only names. All files are opened below an os.Root, so that no name and
// no link leads out of the folder.
func openFolder(path, only string) (*Archive, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	a := &Archive{limits: defaultLimits, source: folderSource{root}, closers: []io.Closer{root}}
	all, err := a.walk(root, only)
	if err == nil {
		err = a.sortEntries(all, "folder")
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return a, nil
}

// deepest is how many folders deep a folder is searched: three top folders,
// data, and the media folder.
const deepest = 5

func (a *Archive) walk(root *os.Root, only string) ([]entry, error) {
	var all []entry
	seen := 0
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return fmt.Errorf("open archive: %w", err)
		case err != nil:
			a.warnf(name, "this cannot be read: %v", err)
			return nil
		case d.IsDir():
			if only != "" && name != "." || strings.Count(name, "/") >= deepest {
				return fs.SkipDir
			}
			return nil
		case only != "" && name != only:
			return nil
		}
		if seen++; seen > a.limits.entries {
			return inputError(fmt.Sprintf("this folder has more than %d files, which is the most that is read; please choose the folder of the archive alone", a.limits.entries))
		}
		if d.Type() != 0 {
			if rootOf.MatchString(name) {
				a.warnf(name, "this is a link or no plain file and was not followed")
			}
			return nil
		}
		if isMediaBase(path.Base(name)) { // there may be many: their sizes are asked for when they are opened
			all = append(all, entry{raw: name})
			return nil
		}
		info, err := d.Info()
		if err != nil { // gone since it was listed
			return nil
		}
		all = append(all, entry{raw: name, size: info.Size(), packed: info.Size()})
		return nil
	})
	return all, err
}

// folderSource opens files below a folder.
type folderSource struct{ root *os.Root }

// size returns the size of a media file.
func (s folderSource) size(e entry) (int64, error) {
	info, err := s.root.Lstat(e.raw)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (s folderSource) open(e entry) (io.ReadCloser, error) {
	info, err := s.root.Lstat(e.raw)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", e.name)
	}
	return s.root.Open(e.raw)
}
