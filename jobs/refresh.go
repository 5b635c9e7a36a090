package jobs

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/store"
)

// How often what others publish is read anew.
const (
	wikidataEvery = 30 * 24 * time.Hour
	serversEvery  = 24 * time.Hour
	enriched      = 40 // servers of the list that are asked about themselves, most active first
)

// RefreshWikidata loads Wikidata's rows into the directory index if the last
// load is older than a month. One query for everybody: no question about a
// person ever leaves this service. Off without a contact.
func (w *Worker) RefreshWikidata(ctx context.Context, endpoint string) error {
	if w.Contact == "" {
		return nil
	}
	loaded, err := w.Store.DirectoryLoaded(ctx, directory.SourceWikidata)
	if err != nil || w.Now().Sub(loaded) < wikidataEvery {
		return err
	}
	rows, err := directory.FetchWikidata(ctx, w.Client, endpoint)
	if err != nil {
		return fmt.Errorf("wikidata: %w", err)
	}
	defer rows.Close()
	n, err := w.LoadWikidata(ctx, rows, "result.json")
	if err != nil {
		return err
	}
	w.Log.Info("wikidata loaded", "rows", n)
	return nil
}

// LoadWikidata puts the rows of a query result, SPARQL JSON or CSV by its name,
// in place of those that were there.
func (w *Worker) LoadWikidata(ctx context.Context, r io.Reader, name string) (int, error) {
	return w.Store.SwapDirectory(ctx, directory.SourceWikidata, directoryRows(directory.ReadWikidata(r, name)))
}

// directoryRows turns what a source read into rows of the index.
func directoryRows(rows iter.Seq2[directory.Row, error]) iter.Seq2[store.DirectoryRow, error] {
	return func(yield func(store.DirectoryRow, error) bool) {
		for row, err := range rows {
			kept := store.DirectoryRow{
				Source: row.Source, TwitterID: row.TwitterID, Handle: row.Handle, Address: row.Address, Text: row.Text, At: row.At,
			}
			if !yield(kept, err) {
				return
			}
		}
	}
}

// RefreshServers reads the public list of servers at listURL and asks the most
// active ones about themselves. Off without a contact.
func (w *Worker) RefreshServers(ctx context.Context, listURL string) error {
	if w.Contact == "" {
		return nil
	}
	servers, err := directory.Servers(ctx, w.Client, listURL)
	if err != nil {
		return fmt.Errorf("list of servers: %w", err)
	}
	if err := w.Store.ReplaceServers(ctx, directory.SourceServers, servers); err != nil {
		return err
	}
	for i, v := range servers {
		if i == enriched {
			break
		}
		richer, err := directory.Enrich(ctx, w.Client, v)
		if err != nil { // it stays as the list describes it
			w.Log.Debug("server not asked", "host", v.Host, "error", err)
			continue
		}
		if err := w.Store.SaveServer(ctx, richer); err != nil {
			return err
		}
	}
	w.Log.Info("servers loaded", "servers", len(servers))
	return nil
}
