package compose_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/compose"
)

func TestRelink(t *testing.T) {
	const a, b = "https://x.com/owner/status/1", "https://x.com/owner/status/12"
	s := compose.Status{Text: a + " and " + b + "!", OwnLinks: []compose.OwnLink{
		{TweetID: "1", Start: 0, End: len(a)}, {TweetID: "12", Start: len(a) + 5, End: len(a) + 5 + len(b)},
	}}
	tests := []struct {
		name   string
		posted map[string]string
		want   string
	}{
		{"none posted", nil, s.Text},
		{"both", map[string]string{"1": "https://e.example/1", "12": "https://e.example/2"}, "https://e.example/1 and https://e.example/2!"},
		{"the second", map[string]string{"12": "https://e.example/2"}, a + " and https://e.example/2!"},
	}
	for _, tt := range tests {
		if got := s.Relink(func(id string) string { return tt.posted[id] }); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	s.OwnLinks = []compose.OwnLink{{TweetID: "1", Start: 5, End: 4000}, {TweetID: "1", Start: 9, End: 3}}
	if got := s.Relink(func(string) string { return "x" }); got != s.Text {
		t.Errorf("places that are none: %q", got)
	}
}

func TestQuoted(t *testing.T) {
	const link = "https://x.com/owner/status/1"
	with := func(text string, start int, media ...compose.Media) compose.Status {
		return compose.Status{Text: text, Media: media, OwnLinks: []compose.OwnLink{{TweetID: "1", Start: start, End: start + len(link)}}}
	}
	tests := []struct {
		name     string
		status   compose.Status
		id, rest string
	}{
		{"behind the text", with("Still true "+link, 11), "1", "Still true"},
		{"in the text", with("So "+link+" it is", 3), "", "So " + link + " it is"},
		{"alone", with(link, 0), "", link},
		{"with a picture", with("See "+link, 4, compose.Media{File: "1-a.jpg"}), "", "See " + link},
		{"none", compose.Status{Text: "Hello"}, "", "Hello"},
	}
	for _, tt := range tests {
		id, rest := tt.status.Quoted()
		if id != tt.id || rest.Text != tt.rest || id != "" && len(rest.OwnLinks) != 0 {
			t.Errorf("%s: quotes %q, %+v; want %q, %q", tt.name, id, rest, tt.id, tt.rest)
		}
	}
}
