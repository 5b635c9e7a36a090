package directory

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// WikidataQuery asks for all items with a Mastodon address (P4033) that is not
// outdated and an X user name (P2002). The numeric id (P6552) stands mostly as a
// qualifier of the name; as a statement of its own it is taken too. Wikidata is
// CC0.
const WikidataQuery = `SELECT ?item ?x ?xid ?m ?xEnd WHERE {
  ?item p:P4033 ?ms . ?ms ps:P4033 ?m ; wikibase:rank ?mr . FILTER(?mr != wikibase:DeprecatedRank)
  FILTER NOT EXISTS { ?ms pq:P582 ?mEnd }
  {
    ?item p:P2002 ?xs . ?xs ps:P2002 ?x ; wikibase:rank ?xr . FILTER(?xr != wikibase:DeprecatedRank)
    OPTIONAL { ?xs pq:P6552 ?xid } OPTIONAL { ?xs pq:P582 ?xEnd }
  } UNION {
    ?item p:P6552 ?is . ?is ps:P6552 ?xid ; wikibase:rank ?ir . FILTER(?ir != wikibase:DeprecatedRank)
    FILTER NOT EXISTS { ?is pq:P582 ?iEnd }
  }
}`

const (
	wikidataLimit = 256 << 20
	wikidataTime  = 5 * time.Minute
)

// FetchWikidata asks the SPARQL endpoint, such as
// https://query.wikidata.org/sparql. The service wants to know whom to write to:
// the client's User-Agent has to name a contact. The answer is to be read by
// ReadWikidata within five minutes, and closed.
func FetchWikidata(ctx context.Context, c *fediverse.Client, endpoint string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, wikidataTime)
	query := url.Values{"query": {WikidataQuery}, "format": {"json"}}
	body, err := c.GetStream(ctx, endpoint+"?"+query.Encode(), "application/sparql-results+json", wikidataLimit)
	if err != nil {
		cancel()
		return nil, err
	}
	return &canceling{body, cancel}, nil
}

type canceling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c *canceling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}

// ReadWikidata streams the rows of a result of WikidataQuery: SPARQL result
// JSON, the query page's short JSON, or CSV. Rows that cannot be read are left
// out. The last pair has an error that wraps ErrInvalid if the whole is not such
// a result, or if more rows were left out than read. Name is for the errors.
func ReadWikidata(r io.Reader, name string) iter.Seq2[Row, error] {
	return (&Wikidata{At: time.Now().UTC()}).Read(r, name)
}

// Wikidata reads one result and counts. The counts are whole after Read.
type Wikidata struct {
	At      time.Time // the date of the rows
	Rows    int       // rows read
	Ended   int       // left out: the name was given up and no numeric id is known
	Skipped int       // left out: not readable
}

// Read is ReadWikidata with counts.
func (w *Wikidata) Read(r io.Reader, name string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for record, err := range records(r) {
			if err != nil {
				yield(Row{}, fmt.Errorf("%s: %w", name, err))
				return
			}
			row, ok := w.row(record)
			if ok && !yield(row, nil) {
				return
			}
		}
		if w.Rows+w.Ended <= w.Skipped {
			yield(Row{}, fmt.Errorf("%s: %d rows of Wikidata's result could be read, %d could not: %w", name, w.Rows+w.Ended, w.Skipped, model.ErrInvalid))
		}
	}
}

// record is one row of the result by the names of its columns.
type record map[string]string

// row reads a record and counts it. A Twitter name that was given up may belong
// to somebody else by now: it is left out, the numeric id still holds.
func (w *Wikidata) row(r record) (Row, bool) {
	row := Row{Source: SourceWikidata, At: w.At}
	var err error
	if row.Address, err = address.Parse(r["m"]); err != nil {
		w.Skipped++
		return Row{}, false
	}
	if row.TwitterID, err = model.ParseTwitterID(strings.TrimSpace(r["xid"])); err != nil && r["xid"] != "" {
		w.Skipped++
		return Row{}, false
	}
	handle, err := model.ParseHandle(r["x"])
	if err != nil && row.TwitterID == "" {
		w.Skipped++
		return Row{}, false
	}
	if end := r["xEnd"]; end != "" {
		row.EndedAt, _ = time.Parse(time.RFC3339, end) // also a year alone, or "unknown": ended all the same
		if row.TwitterID == "" {
			w.Ended++
			return Row{}, false
		}
	} else {
		row.Handle = handle
	}
	row.Text = wikidataText(r["item"], handle, row.TwitterID, row.Address)
	w.Rows++
	return row, true
}

func wikidataText(item, handle, id string, a model.Address) string {
	said := "Wikidata"
	if q := item[strings.LastIndexByte(item, '/')+1:]; len(q) > 1 && len(q) < 20 && q[0] == 'Q' && strings.Trim(q[1:], "0123456789") == "" {
		said += " " + q
	}
	said += ": "
	if handle != "" {
		said += "X user name " + handle + ", "
	}
	if id != "" {
		said += "X numeric id " + id + ", "
	}
	return said + "Mastodon address " + a.String()
}
