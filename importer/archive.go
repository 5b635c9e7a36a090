package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Archive is an opened archive. Only names have been read so far. It may be
// used by several goroutines at once.
type Archive struct {
	source   source
	closers  []io.Closer
	files    []entry // allowed .js entries
	media    []entry // allowed media entries, sorted by base name, each name once
	refused  []string
	warnings []Warning // found while opening
	inRoot   bool      // there are files without data/
	limits   limits
}

// source is a zip or a folder.
type source interface {
	open(e entry) (io.ReadCloser, error)
}

// entry is one allowed file of an archive.
type entry struct {
	name   string // without top folders
	raw    string // as the archive spells it
	size   int64  // inflated
	packed int64  // as stored; size for folders
	index  int    // in the source
}

func (e entry) base() string { return e.name[strings.LastIndexByte(e.name, '/')+1:] }

// Open opens a zip file, a folder that holds an unpacked archive, or one .js
// file of an archive. What cannot be used gives one clear sentence that wraps
// model.ErrInvalid.
func Open(path string) (*Archive, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, inputError(path + ": there is no such file or folder")
	case err != nil:
		return nil, fmt.Errorf("open archive: %w", err)
	case info.IsDir():
		return openFolder(path, "")
	case !info.Mode().IsRegular():
		return nil, inputError(path + " is neither a file nor a folder")
	case Allowed(filepath.Base(path)) || oneMonth.MatchString(filepath.Base(path)):
		return openFolder(filepath.Dir(path), filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	a, err := OpenReader(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	a.closers = append(a.closers, f)
	return a, nil
}

// Close closes the files that Open opened.
func (a *Archive) Close() error {
	var errs []error
	for _, c := range a.closers {
		errs = append(errs, c.Close())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// Refused returns the names of all entries that Allowed does not name, as the
// archive spells them: what must not be sent to a server. Entries for folders
// are not among them, what macOS adds to a zip is.
func (a *Archive) Refused() []string { return a.refused }

// MediaNames returns the base names of all media files, sorted.
func (a *Archive) MediaNames() []string {
	names := make([]string, len(a.media))
	for i, e := range a.media {
		names[i] = e.base()
	}
	return names
}

// Media returns the base names of the media files of one tweet, sorted.
func (a *Archive) Media(tweetID string) []string {
	prefix := tweetID + "-"
	i, _ := a.findMedia(prefix)
	var names []string
	for ; i < len(a.media) && strings.HasPrefix(a.media[i].base(), prefix); i++ {
		names = append(names, a.media[i].base())
	}
	return names
}

// OpenMedia opens a media file by its base name and tells its size. A name that
// the archive lacks gives model.ErrNotFound, a file over the limit
// model.ErrInvalid.
func (a *Archive) OpenMedia(name string) (io.ReadCloser, int64, error) {
	i, ok := a.findMedia(name)
	if !ok {
		return nil, 0, fmt.Errorf("media file %q: %w", name, model.ErrNotFound)
	}
	e := a.media[i]
	if folder, ok := a.source.(folderSource); ok {
		size, err := folder.size(e)
		if err != nil {
			return nil, 0, fmt.Errorf("media file %q: %w", name, err)
		}
		e.size = size
	}
	if e.size > a.limits.media {
		return nil, 0, fmt.Errorf("media file %q has more than %d bytes: %w", name, a.limits.media, model.ErrInvalid)
	}
	rc, err := a.source.open(e)
	if err != nil {
		return nil, 0, fmt.Errorf("media file %q: %w", name, err)
	}
	return rc, e.size, nil
}

func (a *Archive) findMedia(name string) (int, bool) {
	return slices.BinarySearchFunc(a.media, name, func(e entry, name string) int {
		return strings.Compare(e.base(), name)
	})
}

// sortEntries takes over all entries of a source, whose raw names are set, keeps
// the allowed ones and puts them in order.
func (a *Archive) sortEntries(all []entry, what string) error {
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.raw
	}
	if len(all) == 1 && what == "folder" && oneMonth.MatchString(all[0].raw) { // chosen alone
		e := all[0]
		e.name = "data/" + months + e.raw
		a.files = []entry{e}
		return nil
	}
	root, others, ok := Root(names)
	if !ok {
		return noArchive(names, what)
	}
	slices.Sort(others)
	for _, o := range others {
		a.warnf("", "a second archive in the folder %q was not read", o)
	}
	seen := make(map[string]bool)
	a.media = all[:0]
	for _, e := range all {
		rest, inside := strings.CutPrefix(e.raw, root)
		switch {
		case !inside || !Allowed(rest):
			a.refused = append(a.refused, e.raw)
			a.noteRefused(rest)
			continue
		case seen[rest]:
			a.warnf(rest, "the archive holds this file twice; the first one is used")
			continue
		}
		e.name = rest
		if strings.HasSuffix(rest, ".js") {
			seen[rest] = true
			a.files = append(a.files, e)
			a.inRoot = a.inRoot || !strings.HasPrefix(rest, "data/")
		} else {
			a.media = append(a.media, e)
		}
	}
	byBase := func(x, y entry) int {
		return cmp.Or(strings.Compare(x.base(), y.base()), strings.Compare(x.name, y.name))
	}
	if !slices.IsSortedFunc(a.media, byBase) { // folders are
		slices.SortStableFunc(a.media, byBase)
	}
	a.media = slices.CompactFunc(a.media, func(x, y entry) bool { return x.base() == y.base() })
	return nil
}

func (a *Archive) noteRefused(name string) {
	if copied.MatchString(name) {
		a.warnf(name, "this looks like a copy of another file and was not read")
	}
}

func (a *Archive) warnf(file, format string, args ...any) {
	a.warnings = append(a.warnings, Warning{File: file, Message: fmt.Sprintf(format, args...)})
}

// csvOnly is a name in the earliest archives, whose files of months may be lost.
var csvOnly = regexp.MustCompile(`(?:^|/)(?:data/csv/[0-9]{4}_[0-9]{2}|tweets)\.csv$`)

// noArchive says why nothing in names belongs to an archive.
func noArchive(names []string, what string) error {
	if len(names) == 0 {
		return inputError("this " + what + " is empty")
	}
	for _, name := range names {
		switch {
		case csvOnly.MatchString(name):
			return inputError("this is a Twitter archive of 2012 or 2013 with its tweets as CSV alone, which cannot be read; please choose one that has the folder data/js, or ask X for a new one")
		case strings.HasSuffix(strings.ToLower(name), ".zip"):
			return inputError("this " + what + " holds no Twitter archive, but other zip files; please choose the inner one, " + fmt.Sprintf("%q", name))
		}
	}
	return inputError("this " + what + " holds no Twitter archive: there is no data/account.js, data/tweets.js or data/following.js in it")
}
