package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Put keeps exactly size bytes of r under key, in place of what was there. It
// is all or nothing, and survives a power cut once it has returned. Fewer or
// more bytes are model.ErrInvalid; a disk without room is ErrFull, found out
// before the first byte is read.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.Room(size); err != nil {
		return fmt.Errorf("file %s: %w", key, err)
	}
	if err := s.root.MkdirAll(path.Dir(key), dirMode); err != nil {
		return keyError(key, err)
	}
	tmp, err := s.temporary(path.Dir(key), contextReader{ctx, r}, size)
	if err != nil {
		return keyError(key, err)
	}
	if err := s.root.Rename(tmp, key); err != nil {
		return errors.Join(keyError(key, err), s.root.Remove(tmp))
	}
	return s.syncDir(path.Dir(key))
}

// temporary writes r to a new file in folder. Its name begins with a dot, which
// no key does; one that a crash leaves behind goes with its folder.
func (s *Store) temporary(folder string, r io.Reader, size int64) (name string, err error) {
	name = path.Join(folder, ".put-"+rand.Text())
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return "", err
	}
	n, err := io.Copy(f, io.LimitReader(r, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("it should have %d bytes and has %s: %w", size, amount(n, size), model.ErrInvalid)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, s.root.Remove(name))
	}
	return name, nil
}

func amount(n, size int64) string {
	if n > size {
		return "more"
	}
	return fmt.Sprint(n)
}

// syncDir makes new names in folder, and folder itself, survive a power cut.
func (s *Store) syncDir(folder string) error {
	if runtime.GOOS == "windows" { // cannot do it, and need not: NTFS keeps a journal of names
		return nil
	}
	for {
		d, err := s.root.Open(folder)
		if err != nil {
			return fmt.Errorf("sync %s: %w", folder, err)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return fmt.Errorf("sync %s: %w", folder, err)
		}
		if folder == "." {
			return nil
		}
		folder = path.Dir(folder)
	}
}

// Room returns ErrFull if size more bytes would fill the disk. It is a look
// and no promise: others write too.
func (s *Store) Room(size int64) error {
	free, err := freeBytes(s.dir)
	if err != nil {
		return fmt.Errorf("free disk space: %w", err)
	}
	if size < 0 || size > free-spare {
		return ErrFull
	}
	return nil
}

const marker = "marker.txt"

// Marker returns the random text of the marker file in the directory. Whoever
// keeps a copy in the database can tell whether this is the directory that the
// other processes see. Without create, no file is model.ErrNotFound; with it,
// one is made, and of several processes that make it at once all get the same.
func (s *Store) Marker(create bool) (string, error) {
	text, err := s.root.ReadFile(marker)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err := s.makeMarker(); err != nil {
			return "", fmt.Errorf("make marker file in %s: %w", s.dir, err)
		}
		text, err = s.root.ReadFile(marker)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("marker file in %s: %w", s.dir, model.ErrNotFound)
	}
	if err != nil {
		return "", fmt.Errorf("marker file: %w", err)
	}
	id := strings.TrimSpace(string(text))
	if len(id) < 26 || len(id) > 100 {
		return "", fmt.Errorf("marker file in %s is damaged: %w", s.dir, model.ErrInvalid)
	}
	return id, nil
}

// makeMarker links the file into place, which fails where there is one: a
// rename would replace another process's.
func (s *Store) makeMarker() error {
	text := rand.Text() + "\n"
	tmp, err := s.temporary(".", strings.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	err = s.root.Link(tmp, marker)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, s.root.Remove(tmp), s.syncDir("."))
}
