package fedisim

import (
	"net/url"
	"testing"
)

// Whatever the body is, it is parsed or refused, and never lasts.
func FuzzParseBody(f *testing.F) {
	f.Add("application/json", `{"status":"x","media_ids":["1","2"],"poll":{"options":["a"]},"sensitive":true,"n":1.5}`)
	f.Add("application/x-www-form-urlencoded", "status=a%20b&media_ids[]=1&media_ids[]=2")
	f.Add("application/json", `[1]`)
	f.Add("text/plain", "x")
	f.Fuzz(func(t *testing.T, kind, body string) {
		form := url.Values{}
		err := parseBody(kind, []byte(body), form)
		if err == nil && kind == "text/plain" && len(form) > 0 {
			t.Errorf("parameters %v from plain text", form)
		}
	})
}

func FuzzParts(f *testing.F) {
	f.Add("hi @ada@one.example, see https://a.example/x_(y). #tag @bob! mail a@b.example")
	f.Add("@ada@one.example@two.example")
	f.Fuzz(func(t *testing.T, text string) {
		joined := ""
		for _, p := range parts(text) {
			joined += p.text
		}
		if joined != text {
			t.Errorf("%q was cut into %q", text, joined)
		}
	})
}

func TestMentionParts(t *testing.T) {
	tests := []struct{ text, user, host string }{
		{"hi @ada", "ada", ""},
		{"hi @ada@one.example.", "ada", "one.example"},
		{"(@ada)", "ada", ""},
		{"mail ada@one.example", "", ""},
		{"https://one.example/@ada", "", ""},
		{"@\u200bada", "", ""},
		{"@ ada", "", ""},
	}
	for _, tt := range tests {
		var user, host string
		for _, p := range parts(tt.text) {
			if p.kind == '@' {
				user, host = p.user, p.host
			}
		}
		if user != tt.user || host != tt.host {
			t.Errorf("%q mentions %q at %q; want %q at %q", tt.text, user, host, tt.user, tt.host)
		}
	}
}
