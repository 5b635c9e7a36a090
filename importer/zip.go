package importer

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// OpenReader opens a zip of size bytes. What cannot be used gives one clear
// sentence that wraps model.ErrInvalid. r must stay readable until the Archive
// is no longer used.
func OpenReader(r io.ReaderAt, size int64) (*Archive, error) {
	return openZip(r, size, defaultLimits)
}

func openZip(r io.ReaderAt, size int64, lim limits) (*Archive, error) {
	guard := &directoryGuard{r: r, left: lim.entries + directorySlack}
	zr, err := zip.NewReader(guard, size)
	guard.left = 0
	if err != nil {
		return nil, zipError(r, size, err, lim)
	}
	if len(zr.File) > lim.entries {
		return nil, tooManyEntries(lim)
	}
	a := &Archive{limits: lim}
	all := make([]entry, 0, len(zr.File))
	for i, f := range zr.File {
		if f.Mode().IsDir() || strings.HasSuffix(f.Name, "/") {
			continue
		}
		all = append(all, entry{raw: f.Name, size: int64(min(f.UncompressedSize64, 1<<62)), packed: int64(min(f.CompressedSize64, 1<<62)), index: i})
	}
	if err := a.sortEntries(all, "zip"); err != nil {
		return nil, err
	}
	return a, a.keepReadable(zr)
}

// keepReadable drops the entries that cannot be read at all, with a warning,
// and forgets the zip's other entries.
func (a *Archive) keepReadable(zr *zip.Reader) error {
	src := make(zipSource, 0, len(a.files)+len(a.media))
	keep := func(list []entry) ([]entry, error) {
		kept := list[:0]
		for _, e := range list {
			f := zr.File[e.index]
			switch {
			case f.Flags&(1|1<<6|1<<13) != 0 || f.Method == methodAES:
				return nil, inputError("this zip is protected by a password; please unpack it with the password and choose the folder, or zip it again without one")
			case f.Mode()&fs.ModeSymlink != 0:
				a.warnf(e.name, "this is a link and was not followed")
				continue
			case f.Method != zip.Store && f.Method != zip.Deflate:
				a.warnf(e.name, "this file is packed by a method (%d) that cannot be read", f.Method)
				continue
			}
			e.index = len(src)
			src = append(src, f)
			kept = append(kept, e)
		}
		return kept, nil
	}
	var err error
	if a.files, err = keep(a.files); err != nil {
		return err
	}
	a.media, err = keep(a.media)
	a.source = src
	return err
}

const methodAES = 99

// zipSource holds the kept entries of a zip.
type zipSource []*zip.File

func (s zipSource) open(e entry) (io.ReadCloser, error) { return s[e.index].Open() }

// directoryGuard counts directory headers while zip.NewReader reads them, which
// would otherwise take whatever number of entries a zip has.
type directoryGuard struct {
	r    io.ReaderAt
	left int // 0 when the directory has been read
	tail []byte
}

// directorySlack is for headers that are read twice: the search for the end of
// the directory reads up to 66 kB before it.
const directorySlack = 3000

var (
	errTooMany      = errors.New("too many entries")
	directoryHeader = []byte("PK\x01\x02")
)

func (g *directoryGuard) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	if g.left == 0 {
		return n, err
	}
	g.left -= bytes.Count(p[:n], directoryHeader)
	g.left -= bytes.Count(append(g.tail, p[:min(n, 3)]...), directoryHeader)
	g.tail = append(g.tail[:0], p[max(0, n-3):n]...)
	if g.left <= 0 {
		g.left = 1 // stays on guard
		return 0, errTooMany
	}
	return n, err
}

func tooManyEntries(lim limits) error {
	return inputError(fmt.Sprintf("this zip has more than %d entries, which is the most that is read", lim.entries))
}

// zipError turns what archive/zip says into a sentence.
func zipError(r io.ReaderAt, size int64, err error, lim limits) error {
	head := make([]byte, min(size, 512))
	n, readErr := r.ReadAt(head, 0)
	head = head[:n]
	switch {
	case errors.Is(err, errTooMany):
		return tooManyEntries(lim)
	case size == 0:
		return inputError("this file is empty")
	case readErr != nil && !errors.Is(readErr, io.EOF):
		return fmt.Errorf("read zip: %w", readErr)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return inputError("this zip is cut off or damaged: its table of contents cannot be read; please copy or download it again")
	case bytes.HasPrefix(head, []byte("PK")):
		return inputError("this zip is damaged, or only one part of several")
	case bytes.Contains(head, []byte("window.YTD")):
		return inputError("this is a single file of a Twitter archive; please keep its name, such as tweets.js, or choose the whole zip")
	}
	return inputError("this is not a zip file; please choose the zip that X gave you, or the folder it was unpacked to")
}
