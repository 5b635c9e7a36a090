package directory_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
)

func TestParseSources(t *testing.T) {
	usual, err := directory.ParseSources(nil)
	if err != nil || !usual.Use(directory.SourceWikidata) || !usual.Use(directory.SourceList) || usual.Use(directory.SourceX) {
		t.Errorf("unless set: %v, %v; want all but X's API", usual, err)
	}
	some, err := directory.ParseSources([]string{"wikidata", " X "})
	if err != nil || !some.Use(directory.SourceWikidata) || !some.Use(directory.SourceX) || some.Use(directory.SourceSearch) {
		t.Errorf("wikidata and x: %v, %v", some, err)
	}
	if got := some.InUse(); !slices.Equal(got, []string{"wikidata", "x"}) {
		t.Errorf("in use are %v", got)
	}
	if got := usual.InUse(); len(got) != 7 || slices.Contains(got, "x") {
		t.Errorf("unless set, in use are %v", got)
	}
	if _, err := directory.ParseSources([]string{"wikipedia"}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("an unknown one: %v", err)
	}
}
