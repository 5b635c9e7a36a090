package jobs

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

// A list that is longer than what is kept of one server, or has no end, is over at
// that point, and the operator is told.
func TestCrawlIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 13, 0, 0, 0, time.UTC)
	for name, state := range map[string]store.Crawl{
		"rows": {Rows: mostRows}, "places": {Place: mostPlaces},
	} {
		state.Phase, state.BeganAt, state.NextID = phaseFull, now.Add(-time.Hour), "9"
		c := &crawl{w: &Worker{Now: func() time.Time { return now }}, CrawlLease: &store.CrawlLease{Crawl: state}}
		if err := c.readPage(t.Context()); err != nil { // there is no client: nobody is asked
			t.Fatal(err)
		}
		if c.Phase != phaseRest || !c.DueAt.Equal(now.Add(newEvery)) || !c.FullAt.Equal(state.BeganAt) || c.NewestID != "9" || c.Error == "" {
			t.Errorf("%s: %+v", name, c.Crawl)
		}
	}
}
