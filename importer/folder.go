package importer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
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

// walk lists the plain files below root, or the one in it that only names.
func (a *Archive) walk(root *os.Root, only string) ([]entry, error) {
	if only != "" {
		return a.inFolder(root, "", []string{only}, nil)
	}
	names, err := a.namesIn(root, ".")
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return a.inFolder(root, "", names, nil)
}

// inFolder adds to all the files of these names in the folder at, "" or ending
// in a slash, and in the folders below it.
func (a *Archive) inFolder(root *os.Root, at string, names []string, all []entry) ([]entry, error) {
	all = slices.Grow(all, len(names))
	for _, base := range names {
		name := at + base
		// There may be many of these: what and how large they are is asked when
		// they are opened.
		if isMediaBase(base) {
			all = append(all, entry{raw: name})
			if err := a.countFiles(len(all)); err != nil {
				return nil, err
			}
			continue
		}
		info, err := root.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone since it was listed
			continue
		case err != nil:
			a.warnf(name, "this cannot be read: %v", err)
			continue
		case info.IsDir():
			if strings.Count(name, "/") >= deepest-1 {
				continue
			}
			inside, err := a.namesIn(root, name)
			if err != nil {
				a.warnf(name, "this cannot be read: %v", err)
				continue
			}
			if all, err = a.inFolder(root, name+"/", inside, all); err != nil {
				return nil, err
			}
			continue
		case !info.Mode().IsRegular():
			if rootOf.MatchString(name) {
				a.warnf(name, "this is a link or no plain file and was not followed")
			}
			continue
		}
		all = append(all, entry{raw: name, size: info.Size(), packed: info.Size()})
		if err := a.countFiles(len(all)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (a *Archive) countFiles(n int) error {
	if n > a.limits.entries {
		return inputError(fmt.Sprintf("this folder has more than %d files, which is the most that is read; please choose the folder of the archive alone", a.limits.entries))
	}
	return nil
}

// namesIn returns the names in a folder, sorted, or one more than are read. The
// files of an os.Root ask for the kind of each entry when they list a folder,
// which takes ten times as long as its names do.
func (a *Archive) namesIn(root *os.Root, folder string) ([]string, error) {
	f, err := root.Open(folder)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(a.limits.entries + 1)
	if errors.Is(err, io.EOF) { // an empty folder
		err = nil
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
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
