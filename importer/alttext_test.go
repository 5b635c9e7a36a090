package importer_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

func TestReadAltTexts(t *testing.T) {
	cat := importer.AltText{Key: "12-abc.jpg", Text: "A cat, asleep"}
	second := importer.AltText{Key: "13/2", Text: "Second\nof two"}
	tests := []struct {
		name, in string
		want     []importer.AltText
		bad      string
	}{
		{name: "object", in: `{"12-abc.jpg": "A cat, asleep", "13/2": "Second\nof two", "14": "", "": "x"}`, want: []importer.AltText{cat, second}},
		{name: "object of objects", in: `{"12-abc.jpg": {"alt_text": " A cat, asleep "}, "15": [1]}`, want: []importer.AltText{cat}},
		{name: "list", in: `[{"file": "data/tweets_media/12-abc.jpg", "description": "A cat, asleep"}, {"tweet_id": 13, "alt": "x"}]`, want: []importer.AltText{cat, {Key: "13", Text: "x"}}},
		{name: "address", in: `[{"url": "https://pbs.twimg.com/media/abc.jpg?name=orig", "text": "x"}]`, want: []importer.AltText{{Key: "abc.jpg", Text: "x"}}},
		{name: "table with titles", in: "Alt,n,File\n\"A cat, asleep\",1,12-abc.jpg\n", want: []importer.AltText{cat}},
		{name: "table without titles", in: "\ufeff12-abc.jpg\tA cat, asleep\r\n13/2\t\"Second\nof two\"\r\n", want: []importer.AltText{cat, second}},
		{name: "control characters", in: `{"12-\u0000abc.jpg": "A\u0000 cat,\u001b\u0007 asleep\u0085"}`, want: []importer.AltText{cat}},
		{name: "semicolons", in: "12-abc.jpg;A cat, asleep\nalone\n;x\n", want: []importer.AltText{cat}},
		{name: "empty", in: " \n", bad: "is empty"},
		{name: "no pairs", in: "just some words\n", bad: "no alt text was found"},
		{name: "cut JSON", in: `{"12": "A`, bad: "is no JSON"},
		{name: "list of words", in: `["a"]`, bad: "no list of objects"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := importer.ReadAltTexts(strings.NewReader(tt.in))
			if tt.bad != "" {
				if !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), tt.bad) {
					t.Errorf("error %v, want one with %q", err, tt.bad)
				}
				return
			}
			slices.SortFunc(got, func(a, b importer.AltText) int { return cmp.Compare(a.Key, b.Key) })
			if diff := gocmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v, %s", err, diff)
			}
		})
	}
}

// Whatever the bytes: pairs of a key and a text, or one clear sentence.
func FuzzReadAltTexts(f *testing.F) {
	f.Add([]byte(`{"12-abc.jpg": "A cat"}`))
	f.Add([]byte("file,alt\n12-abc.jpg,\"A \"\"cat\"\"\"\n"))
	f.Add([]byte("[{\"id\": 1e400, \"alt\": {}}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := importer.ReadAltTexts(strings.NewReader(string(data)))
		if err != nil && !errors.Is(err, model.ErrInvalid) || err == nil && len(all) == 0 {
			t.Errorf("%d pairs, %v", len(all), err)
		}
		for _, a := range all {
			if a.Key == "" || a.Text == "" || strings.ContainsAny(a.Key+a.Text, "\x00\x1b") {
				t.Errorf("half a pair: %+v", a)
			}
		}
	})
}
