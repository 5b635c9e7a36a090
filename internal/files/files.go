// Package files keeps uploads and media in one directory, which all processes
// of an installation share. It keeps bytes under keys and does not look into
// them; what a key stands for is a row in the database. Keys are made by us,
// such as moves/01J…/media/1234-photo.jpg, and no key leaves the directory,
// whatever a stranger's archive calls its entries.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// ErrFull means that the disk has no room for what was to be put.
var ErrFull = errors.New("no room left on the disk")

const (
	dirMode  = 0o700
	fileMode = 0o600
	spare    = 64 << 20 // left free, so that a full disk does not stop the database beside the files
)

// Store is the directory. It is safe for several goroutines and processes.
type Store struct {
	root *os.Root // refuses symbolic links that lead out
	dir  string
}

// Open makes the directory where there is none.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Store{root: root, dir: dir}, nil
}

// Close ends the use of the Store; files that are open stay so.
func (s *Store) Close() error { return s.root.Close() }

// ValidKey tells whether key may name a file: parts between slashes of letters,
// digits, "-", "_" and ".", not beginning with a dot, at most 8 of 200 bytes.
func ValidKey(key string) bool {
	parts := strings.Split(key, "/")
	if len(parts) > 8 {
		return false
	}
	for _, part := range parts {
		if part == "" || len(part) > 200 || part[0] == '.' {
			return false
		}
		for i := range len(part) {
			c := part[i]
			if c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		}
	}
	return true
}

func checkKey(key string) error {
	if !ValidKey(key) {
		return fmt.Errorf("file key %.80q: %w", key, model.ErrInvalid)
	}
	return nil
}

// File is an open file: a reader, and an io.ReaderAt for a range of it.
type File struct {
	*os.File
	size int64
}

// Size returns the size that the file had when it was opened.
func (f *File) Size() int64 { return f.size }

// Open opens the file under key, or returns model.ErrNotFound. A file that is
// deleted or put anew meanwhile goes on to be read as it was.
func (s *Store) Open(_ context.Context, key string) (*File, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := s.root.Open(key)
	if err != nil {
		return nil, keyError(key, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(keyError(key, err), f.Close())
	}
	return &File{f, info.Size()}, nil
}

// Size returns how many bytes are under key, or model.ErrNotFound.
func (s *Store) Size(_ context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	info, err := s.root.Lstat(key)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return 0, keyError(key, err)
	}
	return info.Size(), nil
}

// Delete removes the file under key. That there is none is no error.
func (s *Store) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return keyError(key, err)
	}
	return nil
}

// DeleteAll removes every file whose key begins with folder and a slash, as
// moves/01J… for all of a Move, and half-written ones too. That there is none
// is no error. The caller sees to it that nobody still puts files there.
func (s *Store) DeleteAll(_ context.Context, folder string) error {
	if err := checkKey(folder); err != nil {
		return err
	}
	if err := s.root.RemoveAll(folder); err != nil {
		return keyError(folder, err)
	}
	return nil
}

// Entry is a file in a listing.
type Entry struct {
	Key  string
	Size int64
}

// List returns the files under folder, sorted by key; files on their way are
// left out. A folder that is not there has none.
func (s *Store) List(ctx context.Context, folder string) ([]Entry, error) {
	if err := checkKey(folder); err != nil {
		return nil, err
	}
	var entries []Entry
	err := fs.WalkDir(s.root.FS(), folder, func(key string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted meanwhile
			return nil
		case err != nil:
			return err
		case !d.Type().IsRegular() || path.Base(key)[0] == '.':
			return ctx.Err()
		}
		info, err := d.Info()
		if err == nil {
			entries = append(entries, Entry{key, info.Size()})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list files under %s: %w", folder, err)
	}
	return entries, nil
}

// Dir makes a folder and returns its path in the file system, for a library
// that keeps its own files there (tusd). Their keys are folder/name.
func (s *Store) Dir(folder string) (string, error) {
	if err := checkKey(folder); err != nil {
		return "", err
	}
	if err := s.root.MkdirAll(folder, dirMode); err != nil {
		return "", keyError(folder, err)
	}
	return filepath.Join(s.dir, filepath.FromSlash(folder)), nil
}

func keyError(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("file %s: %w", key, model.ErrNotFound)
	}
	return fmt.Errorf("file %s: %w", key, err)
}

// contextReader ends a long copy when ctx ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
