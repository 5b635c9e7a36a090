package jobs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// Alt texts that the Owner brings go out with the pictures; keys that belong to
// none are counted.
func TestAltTexts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	one, two, rt := tweet(1, "one"), tweet(2, "two"), tweet(3, "RT @ada: look")
	one.Favorites = 5
	a, b, c := picture(&one, "abc"), picture(&two, "def"), picture(&two, "ghi")
	picture(&rt, "other")
	for _, tw := range []*model.Tweet{&one, &two} {
		for i := range tw.Media {
			tw.Media[i].Alt = ""
		}
	}
	f.tweets(one, two, rt)
	f.bring(a, b, c)
	got, err := f.worker.BringAltTexts(t.Context(), f.move.ID, strings.NewReader(
		`{"abc.png": "The first", "`+two.ID+`/2": "The third", "`+c+`": "Once more", "999": "nothing", "`+two.ID+`/9": "x"}`))
	f.check(err)
	if got.Known != 2 || got.Unknown != 2 {
		t.Errorf("brought %+v, want 2 known and 2 unknown", got)
	}
	page, total, described, err := f.worker.PicturesMostSeen(t.Context(), f.move.ID, 0, 2)
	f.check(err)
	if total != 3 || described != 2 || len(page) != 2 || page[0].File != b || page[1].File != a || page[1].Alt != "The first" {
		t.Errorf("pictures %+v; %d of %d described", page, described, total)
	}
	f.check(f.store.SaveAltText(t.Context(), f.move.ID, b, "The second"))
	f.done(f.start(jobs.KindPosts, fast).ID)
	var alts []string
	for _, p := range f.home.Posts("alex") {
		for _, m := range p.Media {
			alts = append(alts, m.Alt)
		}
	}
	if s := strings.Join(alts, ", "); !strings.HasPrefix(s, "The first, The second, ") || len(alts) != 3 {
		t.Errorf("posted with %q", s)
	}
	if _, err := f.worker.BringAltTexts(t.Context(), f.move.ID, strings.NewReader("what?")); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a file of something else: %v", err)
	}
}
