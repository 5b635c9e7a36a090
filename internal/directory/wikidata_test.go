package directory_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

var day = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

func read(r io.Reader) (w directory.Wikidata, rows []directory.Row, err error) {
	w.At = day
	for row, e := range w.Read(r, "result") {
		if e != nil {
			return w, rows, e
		}
		rows = append(rows, row)
	}
	return w, rows, nil
}

const full = `{"head":{"vars":["item","x","xid","m","xEnd"]},"results":{"bindings":[
 {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q42"},"x":{"type":"literal","value":"ada"},"xid":{"type":"literal","value":"12"},"m":{"type":"literal","value":"Ada@mastodon.social"}},
 {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q43"},"x":{"type":"literal","value":"bob"},"m":{"type":"literal","value":"@bob@bücher.example"}},
 {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q44"},"x":{"type":"literal","value":"eve"},"xid":{"type":"literal","value":"14"},"m":{"type":"literal","value":"eve@mas.to"},"xEnd":{"type":"literal","value":"2022-11-18T00:00:00Z"}},
 {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q45"},"x":{"type":"literal","value":"old"},"m":{"type":"literal","value":"old@mas.to"},"xEnd":{"type":"bnode","value":"t123"}},
 {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q46"},"xid":{"type":"literal","value":"15"},"m":{"type":"literal","value":"dan@mas.to"}},
 {"x":{"type":"literal","value":"no address"}}, 7, {"m":{"type":"bnode","value":"http://www.wikidata.org/.well-known/genid/1"},"x":{"value":"x"}},
 {"x":{"value":"zoe"},"xid":{"value":"not a number"},"m":{"value":"zoe@mas.to"}}
]}}`

func TestWikidataJSON(t *testing.T) {
	a := func(user, host string) model.Address { return model.Address{User: user, Host: host} }
	want := []directory.Row{
		{Source: "wikidata", TwitterID: "12", Handle: "ada", Address: a("Ada", "mastodon.social"), At: day, Text: "Wikidata Q42: X user name ada, X numeric id 12, Mastodon address Ada@mastodon.social"},
		{Source: "wikidata", Handle: "bob", Address: a("bob", "xn--bcher-kva.example"), At: day, Text: "Wikidata Q43: X user name bob, Mastodon address bob@xn--bcher-kva.example"},
		{Source: "wikidata", TwitterID: "14", Address: a("eve", "mas.to"), At: day, EndedAt: time.Date(2022, 11, 18, 0, 0, 0, 0, time.UTC), Text: "Wikidata Q44: X user name eve, X numeric id 14, Mastodon address eve@mas.to"},
		{Source: "wikidata", TwitterID: "15", Address: a("dan", "mas.to"), At: day, Text: "Wikidata Q46: X numeric id 15, Mastodon address dan@mas.to"},
	}
	w, rows, err := read(iotest.OneByteReader(strings.NewReader("\ufeff\n" + full)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if w.Rows != 4 || w.Ended != 1 || w.Skipped != 4 {
		t.Errorf("counted %d rows, %d ended, %d skipped; want 4, 1, 4", w.Rows, w.Ended, w.Skipped)
	}
}

func TestWikidataForms(t *testing.T) {
	tests := []struct {
		name, in string
		want     string // addresses
		ended    int
		bad      bool
	}{
		{name: "short JSON of the query page", in: `[{"item":"http://www.wikidata.org/entity/Q1","x":"ada","xid":"12","m":"ada@mas.to"},{"x":"bob","m":"bob@mas.to"}]`, want: "ada@mas.to bob@mas.to"},
		{name: "CSV", in: "item,x,xid,m,xEnd\r\nhttp://www.wikidata.org/entity/Q1,ada,12,ada@mas.to,\r\nhttp://www.wikidata.org/entity/Q2,bob,,bob@mas.to,2022-01-01T00:00:00Z\r\n", want: "ada@mas.to", ended: 1},
		{name: "CSV in another order, short rows, a damaged quote", in: "m,?x\nada@mas.to,ada\nbob@mas.to\n\"zoe@mas.to,zoe\n", want: "ada@mas.to", bad: true},
		{name: "JSON with more than the query asks", in: `{"head":{},"results":{"distinct":false,"bindings":[{"x":{"value":"ada"},"m":{"value":"ada@mas.to"},"n":{"value":{"a":1}}}]},"warnings":[]}`, want: "ada@mas.to"},
		{name: "empty", in: "", bad: true},
		{name: "white space", in: " \n ", bad: true},
		{name: "no rows", in: `{"head":{},"results":{"bindings":[]}}`, bad: true},
		{name: "cut off", in: full[:strings.Index(full, "eve@")], want: "Ada@mastodon.social bob@xn--bcher-kva.example", bad: true},
		{name: "no bindings", in: `{"head":{},"results":{}}`, bad: true},
		{name: "bindings are no list", in: `{"results":{"bindings":{}}}`, bad: true},
		{name: "results are no object", in: `{"results":[]}`, bad: true},
		{name: "an error page", in: "<html><body>Service unavailable</body></html>", bad: true},
		{name: "a table of something else", in: "name,age\nada,7\n", bad: true},
		{name: "mostly unreadable", in: "x,m\nada,ada@mas.to\nbob,\neve,\n", want: "ada@mas.to", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, rows, err := read(strings.NewReader(tt.in))
			var got []string
			for _, r := range rows {
				got = append(got, r.Address.String())
			}
			if s := strings.Join(got, " "); s != tt.want || w.Ended != tt.ended {
				t.Errorf("got %q, %d ended; want %q, %d", s, w.Ended, tt.want, tt.ended)
			}
			if errors.Is(err, model.ErrInvalid) != tt.bad {
				t.Errorf("error %v, want an invalid one: %v", err, tt.bad)
			}
		})
	}
}

// A source that breaks off is not taken for a short result.
func TestWikidataBroken(t *testing.T) {
	broken := errors.New("connection lost")
	for _, start := range []string{full[:700], "x,m\nada,ada@mas.to\n", ""} {
		_, _, err := read(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %.10q: %v", start, err)
		}
	}
}

func TestWikidataStops(t *testing.T) {
	for range directory.ReadWikidata(strings.NewReader(full), "result") {
		break
	}
	for range directory.ReadWikidata(strings.NewReader("x,m\nada,ada@mas.to\nbob,bob@mas.to\n"), "result") {
		break
	}
}

func TestFetchWikidata(t *testing.T) {
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	sim.AddSPARQL("query.example", []byte(full))
	c := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}, UserAgent: "Skein test (test@skein.example)"})
	body, err := directory.FetchWikidata(t.Context(), c, "https://query.example/sparql")
	if err != nil {
		t.Fatal(err)
	}
	w, rows, err := read(body)
	if err != nil || len(rows) != 4 || w.Rows != 4 {
		t.Errorf("got %d rows, %v", len(rows), err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	if _, err := directory.FetchWikidata(t.Context(), c, "https://query.example/nothing"); err == nil {
		t.Error("no error for an endpoint that is not there")
	}
}

func FuzzReadWikidata(f *testing.F) {
	f.Add(full)
	f.Add("item,x,xid,m,xEnd\nhttp://www.wikidata.org/entity/Q1,ada,12,ada@mas.to,\n")
	f.Add(`[{"x":"ada","m":"ada@mas.to"}]`)
	f.Add(`{"results":{"bindings":[{"x":{"value":`)
	f.Fuzz(func(t *testing.T, s string) {
		_, rows, _ := read(strings.NewReader(s))
		for _, r := range rows {
			if r.Address == (model.Address{}) || r.TwitterID == "" && r.Handle == "" || r.Handle != "" && !r.EndedAt.IsZero() {
				t.Errorf("%q gave %+v", s, r)
			}
		}
	})
}
