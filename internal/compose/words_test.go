package compose_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/model"
)

func TestWords(t *testing.T) {
	w := compose.WordsOf(model.Tweet{
		Text:  "Q&amp;A on #Wahl2021: don't panic, @Ada! 明日は選挙です https://t.co/a",
		Links: []model.Link{{Short: "https://t.co/a", Expanded: "https://example.org/Cats/1"}},
	})
	for word, want := range map[string]bool{
		"wahl2021": true, "#WAHL2021": true, "wahl": false, "don't": true, "panic": true, "ada": true, "@ada": true, "選挙": true,
		"cats": true, "example.org": true, "": false, " ": false, "q&a": true, "on #wahl": true, "ani": false,
	} {
		if got := w.Any([]string{"nowhere", word}); got != want {
			t.Errorf("%q: %t, want %t", word, got, want)
		}
	}
	long := compose.WordsOf(model.Tweet{Text: "The beginning…", Note: &model.Note{Text: "The beginning and the end"}})
	if !long.Any([]string{"end"}) {
		t.Error("the long text was not looked at")
	}
}
