package files_test

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/model"
)

func open(t testing.TB, dir string) *files.Store {
	t.Helper()
	s, err := files.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *files.Store, key, text string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
}

func content(t testing.TB, s *files.Store, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPutAndOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "open")
	s := open(t, dir)
	put(t, s, "moves/1/media/1-a.jpg", "first")
	put(t, s, "moves/1/media/1-a.jpg", "second")
	put(t, s, "empty", "")
	if got := content(t, s, "moves/1/media/1-a.jpg"); got != "second" {
		t.Errorf("got %q", got)
	}
	f, err := s.Open(t.Context(), "moves/1/media/1-a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	part := make([]byte, 3)
	if _, err := f.ReadAt(part, 2); err != nil || string(part) != "con" {
		t.Errorf("ReadAt = %q, %v", part, err)
	}
	if n, err := s.Size(t.Context(), "empty"); n != 0 || err != nil {
		t.Errorf("Size = %d, %v", n, err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNotThere(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "moves/1/a", "a")
	for _, key := range []string{"moves/2/a", "moves/1", "moves/1/a/b"} {
		if f, err := s.Open(t.Context(), key); err == nil {
			f.Close()
			t.Errorf("Open(%s) gave a file", key)
		} else if key != "moves/1/a/b" && !errors.Is(err, model.ErrNotFound) {
			t.Errorf("Open(%s) = %v, want ErrNotFound", key, err)
		}
	}
	if _, err := s.Size(t.Context(), "moves/1"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Size of a folder: %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), "moves/2/a"); err != nil {
		t.Errorf("Delete of nothing: %v", err)
	}
	if err := s.DeleteAll(t.Context(), "moves/2"); err != nil {
		t.Errorf("DeleteAll of nothing: %v", err)
	}
}

func TestPutAllOrNothing(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a/b", "old")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		r    io.Reader
		size int64
		want error
	}{
		{"too few", t.Context(), strings.NewReader("new"), 4, model.ErrInvalid},
		{"too many", t.Context(), strings.NewReader("new"), 2, model.ErrInvalid},
		{"negative", t.Context(), strings.NewReader("new"), -1, files.ErrFull},
		{"broken", t.Context(), iotest.ErrReader(io.ErrUnexpectedEOF), 3, io.ErrUnexpectedEOF},
		{"cancelled", cancelled, strings.NewReader("new"), 3, context.Canceled},
		{"no room", t.Context(), strings.NewReader("new"), math.MaxInt64, files.ErrFull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := s.Put(tt.ctx, "a/b", tt.r, tt.size); !errors.Is(err, tt.want) {
				t.Errorf("Put = %v, want %v", err, tt.want)
			}
			if got := content(t, s, "a/b"); got != "old" {
				t.Errorf("now there is %q", got)
			}
		})
	}
	if left, err := os.ReadDir(filepath.Join(root(t, s), "a")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// root finds the directory of s by making a folder in it.
func root(t testing.TB, s *files.Store) string {
	t.Helper()
	dir, err := s.Dir("x")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(dir)
}

func TestKeysStayInside(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "f"), []byte("private"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir())
	if err := os.Symlink(outside, filepath.Join(root(t, s), "link")); err != nil {
		t.Fatal(err)
	}
	keys := []string{
		"", ".", "..", "/", "a/", "/a", "a//b", "../f", "a/../../f", "a/./b", `..\f`, `a\b`, "a\x00b", "C:f", ".hidden", "a/.hidden",
		"a b", "é", "a\n", strings.Repeat("a", 201), strings.Repeat("a/", 8) + "a",
	}
	for _, key := range keys {
		if files.ValidKey(key) {
			t.Errorf("ValidKey(%q)", key)
		}
		errs := []error{s.Put(t.Context(), key, strings.NewReader("x"), 1), s.Delete(t.Context(), key), s.DeleteAll(t.Context(), key)}
		_, err := s.Open(t.Context(), key)
		errs = append(errs, err)
		_, err = s.Size(t.Context(), key)
		errs = append(errs, err)
		_, err = s.List(t.Context(), key)
		errs = append(errs, err)
		_, err = s.Dir(key)
		errs = append(errs, err)
		for i, err := range errs {
			if !errors.Is(err, model.ErrInvalid) {
				t.Errorf("call %d with %q: %v, want ErrInvalid", i, key, err)
			}
		}
	}
	if f, err := s.Open(t.Context(), "link/f"); err == nil {
		f.Close()
		t.Error("a link led out")
	}
	if err := s.Put(t.Context(), "link/g", strings.NewReader("x"), 1); err == nil {
		t.Error("a link let a file out")
	}
	if err := s.DeleteAll(t.Context(), "link"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(outside, "f")); err != nil {
		t.Errorf("deleting a link deleted what it led to: %v", err)
	}
}

func TestListAndDeleteAll(t *testing.T) {
	s := open(t, t.TempDir())
	for _, key := range []string{"moves/1/media/b", "moves/1/media/a", "moves/1/c", "moves/10/a"} {
		put(t, s, key, key)
	}
	if err := os.WriteFile(filepath.Join(root(t, s), "moves/1/.put-x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := s.List(t.Context(), "moves/1")
	want := []files.Entry{{Key: "moves/1/c", Size: 9}, {Key: "moves/1/media/a", Size: 15}, {Key: "moves/1/media/b", Size: 15}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("List, %v (-want +got):\n%s", err, diff)
	}
	if got, err := s.List(t.Context(), "moves/2"); len(got) != 0 || err != nil {
		t.Errorf("List of nothing = %v, %v", got, err)
	}
	if err := s.DeleteAll(t.Context(), "moves/1"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.List(t.Context(), "moves"); len(got) != 1 || err != nil || got[0].Key != "moves/10/a" {
		t.Errorf("left are %v, %v; want moves/10/a only", got, err)
	}
	if err := s.Delete(t.Context(), "moves/10/a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "moves/10/a"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("after Delete: %v, want ErrNotFound", err)
	}
}

func TestMarker(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir).Marker(false); !errors.Is(err, model.ErrNotFound) {
		t.Fatalf("before: %v, want ErrNotFound", err)
	}
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids { // each as a process of its own
		s := open(t, dir)
		wg.Go(func() {
			id, err := s.Marker(true)
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("markers differ: %q", ids)
		}
	}
	if again, err := open(t, dir).Marker(false); err != nil || again != ids[0] {
		t.Errorf("later: %q, %v", again, err)
	}
	if other, err := open(t, t.TempDir()).Marker(true); err != nil || other == ids[0] {
		t.Errorf("another directory: %q, %v", other, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A key that is taken names a file inside the directory and nothing else.
func FuzzValidKey(f *testing.F) {
	for _, s := range []string{"moves/1/media/2-a.jpg", "../a", "a/../b", "a//b", "", ".", "a\\b", "C:\\a", "a/b/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if files.ValidKey(key) && (!filepath.IsLocal(filepath.FromSlash(key)) || filepath.ToSlash(filepath.Clean(filepath.FromSlash(key))) != key) {
			t.Errorf("%q was taken", key)
		}
	})
}
