package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/secret"
)

func TestRecoveryKey(t *testing.T) {
	form := regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$`)
	seen := map[string]bool{}
	for range 200 {
		k := secret.NewRecoveryKey()
		text := k.Text()
		if !form.MatchString(text) || seen[text] {
			t.Fatalf("%q has a wrong form or came twice", text)
		}
		seen[text] = true
		typed := []string{
			text,
			strings.ToLower(text),
			strings.ReplaceAll(text, "-", ""),
			" " + strings.ReplaceAll(text, "-", " – ") + "\n",
			strings.NewReplacer("0", "o", "1", "l").Replace(text),
			strings.NewReplacer("0", "O", "1", "I").Replace(text),
		}
		for _, in := range typed {
			got, err := secret.ParseRecoveryKey(in)
			if err != nil {
				t.Fatalf("%q: %v", in, err)
			}
			if got.Hash() != k.Hash() || got.Text() != text {
				t.Fatalf("%q was read as %q", in, got.Text())
			}
		}
	}
}

// One wrong letter is nearly always noticed as a typing error: 12 bits of sum.
func TestRecoveryKeyMistyped(t *testing.T) {
	text := strings.ReplaceAll(secret.NewRecoveryKey().Text(), "-", "")
	unnoticed := 0
	for i := range text {
		for _, r := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			if rune(text[i]) == r {
				continue
			}
			if _, err := secret.ParseRecoveryKey(text[:i] + string(r) + text[i+1:]); err == nil {
				unnoticed++
			}
		}
	}
	if unnoticed > 10 { // 868 attempts, one in 4096 expected to pass
		t.Errorf("%d of 868 wrong keys passed", unnoticed)
	}
}

func TestParseRecoveryKeyRefuses(t *testing.T) {
	text := secret.NewRecoveryKey().Text()
	for _, in := range []string{"", "-", text[:len(text)-1], text + "0", "U" + text[1:], "é" + text[1:], strings.Repeat("0", 1<<16), "\xff" + text} {
		_, err := secret.ParseRecoveryKey(in)
		if !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%.40q: %v, want ErrInvalid", in, err)
		}
		if err != nil && len(in) > 10 && strings.Contains(err.Error(), in) {
			t.Errorf("error %q repeats the key", err)
		}
	}
}

func TestRecoveryKeyIsHidden(t *testing.T) {
	k := secret.NewRecoveryKey()
	j, err := json.Marshal(map[string]any{"key": k})
	if err != nil || string(j) != `{"key":"(hidden)"}` {
		t.Errorf("JSON %s, %v", j, err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, k); got != "(hidden)" {
			t.Errorf("%s = %q", verb, got)
		}
		// Sixteen bytes would print with fifteen spaces.
		a, b := fmt.Sprintf(verb, struct{ inner secret.RecoveryKey }{k}), fmt.Sprintf(verb, k.Text())
		if strings.Contains(a, strings.Trim(b, `"`)) || strings.Count(a, " ") > 8 {
			t.Errorf("%s from within a field: %q", verb, a)
		}
	}
}

func TestToken(t *testing.T) {
	a, b := secret.Token(), secret.Token()
	if len(a) != 43 || a == b {
		t.Errorf("tokens %q, %q", a, b)
	}
	if h := secret.HashToken(a); len(h) != 64 || h == secret.HashToken(b) || h != secret.HashToken(a) {
		t.Error("hashes of tokens are wrong")
	}
}

// A key that is read is printed as text that is read as the same key.
func FuzzParseRecoveryKey(f *testing.F) {
	text := secret.NewRecoveryKey().Text()
	f.Add(text)
	f.Add(strings.ToLower(text))
	f.Add(strings.Repeat("0", 28))
	f.Add("oOiIlL-uU \u2013")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := secret.ParseRecoveryKey(s)
		if err != nil {
			return
		}
		again, err := secret.ParseRecoveryKey(k.Text())
		if err != nil || again.Hash() != k.Hash() {
			t.Errorf("%q gave %q, which was read as another key: %v", s, k.Text(), err)
		}
	})
}
