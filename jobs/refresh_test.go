package jobs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
)

const (
	sparqlHead = `{"head":{"vars":["item","x","xid","m","xEnd"]},"results":{"bindings":[`
	sparqlAda  = `{"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q1"},"x":{"type":"literal","value":"ada"},` +
		`"xid":{"type":"literal","value":"12"},"m":{"type":"literal","value":"ada@home.example"}}`
)

// Whatever goes wrong at Wikidata, what was read before stays, and it is tried
// again the next day; what went well is read once a month.
func TestRefreshWikidata(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{})
	query := f.sim.AddSPARQL("query.example", []byte(sparqlHead+sparqlAda+`]}}`))
	f.sim.AddSPARQL("empty.example", []byte(sparqlHead+`]}}`))
	f.reach()
	refresh := func(host string) error {
		return f.worker.RefreshWikidata(t.Context(), "https://"+host+"/sparql")
	}
	wantAda := func(after string) {
		t.Helper()
		found, err := f.store.Directory(t.Context(), []model.Person{{ID: "p", TwitterID: "12"}})
		f.check(err)
		if e := found["p"]; len(e) != 1 || e[0].Source != directory.SourceWikidata || e[0].Address.String() != "ada@home.example" {
			t.Errorf("after %s: %+v", after, e)
		}
	}
	f.check(refresh("query.example")) // off without a contact
	if n := f.sim.Requests()["query.example GET /sparql"]; n != 0 {
		t.Fatalf("asked %d times without a contact", n)
	}
	f.worker.Contact = "admin@skein.example"
	f.check(refresh("query.example"))
	wantAda("the first reading")
	f.check(refresh("query.example"))
	if n := f.sim.Requests()["query.example GET /sparql"]; n != 1 {
		t.Errorf("asked %d times in one month", n)
	}
	f.clock.jump(31 * 24 * time.Hour)
	for _, kind := range []string{
		fedisim.ServerError, fedisim.CutBefore, fedisim.CutAfter, fedisim.Malformed, fedisim.WrongAnswer, fedisim.TooMuch,
	} {
		query.Fault(fedisim.Fault{Kind: kind, Times: -1})
		if err := refresh("query.example"); err == nil {
			t.Errorf("%s: no error", kind)
		}
		query.ClearFaults()
		wantAda(kind)
	}
	if err := refresh("empty.example"); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("an answer without rows: %v", err)
	}
	wantAda("an answer without rows")
	loaded, err := f.store.DirectoryLoaded(t.Context(), directory.SourceWikidata)
	f.check(err)
	f.clock.jump(24 * time.Hour)
	query.Fault(fedisim.Fault{Kind: fedisim.Endless}) // behind all rows
	f.check(refresh("query.example"))
	if again, err := f.store.DirectoryLoaded(t.Context(), directory.SourceWikidata); err != nil || !again.After(loaded) {
		t.Errorf("loaded at %v, then at %v, %v", loaded, again, err)
	}
	wantAda("the next reading")
}
