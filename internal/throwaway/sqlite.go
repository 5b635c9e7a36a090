package throwaway

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var sqlite struct {
	once sync.Once
	data []byte
	err  error
}

// SQLite puts a new database at path, as create leaves one. That is done once in
// a test binary, and copied: bringing a database up to date takes half a second
// under the race detector, which is most of what a small test takes.
func SQLite(t testing.TB, path string, create func(path string) error) {
	t.Helper()
	sqlite.once.Do(func() {
		dir, err := os.MkdirTemp("", "skein-throwaway-")
		if err != nil {
			sqlite.err = err
			return
		}
		defer os.RemoveAll(dir)
		first := filepath.Join(dir, "skein.db")
		if sqlite.err = create(first); sqlite.err == nil {
			sqlite.data, sqlite.err = os.ReadFile(first)
		}
	})
	if sqlite.err != nil {
		t.Fatal(sqlite.err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, sqlite.data, 0o600); err != nil {
		t.Fatal(err)
	}
}
