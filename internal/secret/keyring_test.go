package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
)

var (
	oldKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	newKey = hex.EncodeToString(bytes.Repeat([]byte{2}, 32))
)

func keyring(t testing.TB, text string) *secret.Keyring {
	t.Helper()
	k, err := secret.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestParseKeys(t *testing.T) {
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"base64", oldKey, true},
		{"base64, unpadded", strings.TrimRight(oldKey, "="), true},
		{"base64, URL alphabet", strings.NewReplacer("+", "-", "/", "_").Replace(oldKey), true},
		{"hex", newKey, true},
		{"two with a space", newKey + ", " + oldKey, true},
		{"line end", newKey + "\n", true},
		{"empty", "", false},
		{"short", base64.StdEncoding.EncodeToString(make([]byte, 31)), false},
		{"long", base64.StdEncoding.EncodeToString(make([]byte, 33)), false},
		{"pass phrase", "correct horse battery staple", false},
		{"second missing", newKey + ",", false},
		{"the same twice", oldKey + "," + strings.TrimRight(oldKey, "="), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := secret.ParseKeys(tt.in)
			if tt.ok != (err == nil) || err != nil && !errors.Is(err, model.ErrInvalid) {
				t.Fatalf("ParseKeys = %v, want ok %v", err, tt.ok)
			}
			if err != nil && len(tt.in) > 4 && strings.Contains(err.Error(), tt.in) {
				t.Errorf("error %q shows the text", err)
			}
		})
	}
}

func TestEncryptAndDecrypt(t *testing.T) {
	k := keyring(t, newKey)
	for _, plain := range []string{"", "token", strings.Repeat("x", 10000)} {
		sealed := k.Encrypt("accounts/1/token", []byte(plain))
		got, err := k.Decrypt("accounts/1/token", sealed)
		if err != nil || string(got) != plain {
			t.Errorf("got %q, %v; want %q", got, err, plain)
		}
		if plain != "" && bytes.Contains(sealed, []byte(plain)) {
			t.Error("the text stands in the clear")
		}
		if bytes.Equal(sealed, k.Encrypt("accounts/1/token", []byte(plain))) {
			t.Error("encrypting twice gave the same bytes")
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	k := keyring(t, newKey)
	sealed := k.Encrypt("accounts/1", []byte("token"))
	if _, err := k.Decrypt("accounts/2", sealed); err == nil {
		t.Error("a secret was read in another row")
	}
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if _, err := k.Decrypt("accounts/1", damaged); err == nil {
			t.Errorf("byte %d changed and nobody noticed", i)
		}
	}
	for n := range sealed {
		if _, err := k.Decrypt("accounts/1", sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes and nobody noticed", n)
		}
	}
	if _, err := keyring(t, oldKey).Decrypt("accounts/1", sealed); err == nil || !strings.Contains(err.Error(), "SKEIN_SECRET_KEY") {
		t.Errorf("with another key: %v; want an error that names the setting", err)
	}
}

func TestRotate(t *testing.T) {
	before, during, after := keyring(t, oldKey), keyring(t, newKey+","+oldKey), keyring(t, newKey)
	sealed := before.Encrypt("r", []byte("token"))
	plain, err := during.Decrypt("r", sealed)
	if err != nil || string(plain) != "token" {
		t.Fatalf("old secret with both keys: %q, %v", plain, err)
	}
	if before.Stale(sealed) || !during.Stale(sealed) || !during.Stale(nil) {
		t.Error("Stale does not follow the first key")
	}
	again := during.Encrypt("r", plain)
	if during.Stale(again) {
		t.Error("newly encrypted and already stale")
	}
	if plain, err := after.Decrypt("r", again); err != nil || string(plain) != "token" {
		t.Errorf("new secret with the new key alone: %q, %v", plain, err)
	}
	if !bytes.Equal(before.Derive("p"), during.Derive("p")) {
		t.Error("a new key in front changed what is derived")
	}
	if bytes.Equal(before.Derive("p"), before.Derive("q")) || len(before.Derive("p")) != 32 {
		t.Error("purposes are not kept apart")
	}
}

func TestKeyringIsHidden(t *testing.T) {
	k := keyring(t, newKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{k, *k, struct{ inner *secret.Keyring }{k}} {
			printed := strings.ToLower(fmt.Sprintf(verb, v))
			for _, shown := range []string{"02020202", "2 2 2 2", "0x2, 0x2", "\x02\x02"} {
				if strings.Contains(printed, shown) {
					t.Errorf("%s shows the key: %s", verb, printed)
				}
			}
		}
	}
}

func TestLoadOrCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "secret.key")
	var wg sync.WaitGroup
	rings := make([]*secret.Keyring, 8) // all start at once, as processes on one directory may
	for i := range rings {
		wg.Go(func() {
			k, err := secret.LoadOrCreate(path)
			if err != nil {
				t.Error(err)
			}
			rings[i] = k
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := rings[0].Encrypt("r", []byte("token"))
	for i, k := range rings {
		if _, err := k.Decrypt("r", sealed); err != nil {
			t.Errorf("process %d has another key: %v", i, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLoadTightensMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(path, []byte(newKey), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.LoadOrCreate(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "cut": oldKey[:20], "huge": strings.Repeat("a", 1<<20)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret.key")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := secret.LoadOrCreate(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v; want one that names the file", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != content {
				t.Error("the file was changed")
			}
		})
	}
}

// Whatever a stranger puts into a row, Decrypt refuses it.
func FuzzDecrypt(f *testing.F) {
	k := keyring(f, newKey)
	sealed := k.Encrypt("other row", []byte("token"))
	f.Add([]byte{})
	f.Add(sealed)
	f.Add(sealed[:5])
	f.Add(append(bytes.Clone(sealed), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := k.Decrypt("row", b); err == nil {
			t.Errorf("%x was read as %q", b, plain)
		}
	})
}
