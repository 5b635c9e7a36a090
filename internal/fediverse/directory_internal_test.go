package fediverse

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// What is taken from a list of accounts lives on the host that gave it, has an id
// that may stand in a URL, and texts that fit.
func FuzzAccounts(f *testing.F) {
	f.Add([]byte(`[{"id":"1","acct":"ada","display_name":"A","note":"<p>x</p>","fields":[{"name":"X","value":"@ada"}],"discoverable":true}]`))
	f.Add([]byte(`[{"id":1,"acct":"ada@other.example"},{"id":"2","acct":"bob","moved":{"acct":"c@d.example"}},null,7,[],{"id":{}}]`))
	f.Add([]byte(`[{"id":"3","acct":"Ada@s.example","noindex":true,"indexable":false}] x`))
	f.Add([]byte(`{"id":"1"}`))
	f.Add([]byte(`[`))
	c := New(Options{Now: func() time.Time { return time.Unix(1, 0) }})
	f.Fuzz(func(t *testing.T, body []byte) {
		n := 0
		err := eachOf("s.example", body, func(account node) bool {
			n++
			r, ok := c.resident("s.example", account)
			if !ok {
				return n < 80
			}
			if r.Address.Host != "s.example" || !validID(r.ID) || r.Profile.Address != r.Address {
				t.Errorf("took %+v", r)
			}
			for _, text := range []string{r.Profile.DisplayName, r.Profile.Note} {
				if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNote || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
					t.Errorf("text %q", text)
				}
			}
			return n < 80
		})
		if n > 80 || err != nil && n == 0 && strings.HasPrefix(string(body), "[]") {
			t.Errorf("%d accounts, %v", n, err)
		}
	})
}
