package api

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/model"
)

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{
		"tusk.example":               "tusk.example",
		"  Tusk.Example. ":           "tusk.example",
		"https://tusk.example/@ada":  "tusk.example",
		"HTTP://tusk.example":        "tusk.example",
		"tusk.example/about":         "tusk.example",
		"@ada@tusk.example":          "tusk.example",
		"acct:ada@tusk.example":      "tusk.example",
		"bücher.example":             "xn--bcher-kva.example",
		"https://evil.example@x.com": "x.com", // as a browser reads it
		"localhost":                  "",
		"127.0.0.1":                  "",
		"[::1]":                      "",
		"tusk.example:8080":          "",
		"tusk example":               "",
		"":                           "",
	} {
		if got, err := parseServer(in); got != want || (err == nil) != (want != "") {
			t.Errorf("parseServer(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

// Whatever is typed, only a name of the public kind comes out.
func FuzzParseServer(f *testing.F) {
	f.Add("https://tusk.example/@ada")
	f.Add("@ada@bücher.example")
	f.Add("http://[::1]:80/@x@y")
	f.Fuzz(func(t *testing.T, s string) {
		host, err := parseServer(s)
		if err == nil && !model.ValidHost(host) {
			t.Errorf("%q became the host %q", s, host)
		}
	})
}

// Whatever a file is called, its name is one short line without a path.
func FuzzFileName(f *testing.F) {
	f.Add(`C:\fakepath\twitter.zip`)
	f.Add("../../etc/passwd\x00")
	f.Add("a\u202ezip.exe")
	f.Fuzz(func(t *testing.T, s string) {
		name := fileName(s, "archive.zip")
		if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 120 || strings.ContainsAny(name, "/\\\n\r\x00\u202e") {
			t.Errorf("%q became %q", s, name)
		}
	})
}
