package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

type migrateCommand struct{}

// Run opens the database, which migrates it.
func (migrateCommand) Run(ctx context.Context) error {
	c, log, err := readConfig()
	if err != nil {
		return err
	}
	keys, err := loadKeys(c)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: filepath.Join(c.Data, "skein.db"), Keys: keys})
	if err != nil {
		return err
	}
	log.Info("the database is up to date")
	return s.Close()
}

type healthCommand struct{}

// Run asks /readyz of the service that listens where SKEIN_LISTEN says.
func (healthCommand) Run(ctx context.Context) error {
	c, _, err := readConfig()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("SKEIN_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no service answers on %s", c.Listen)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, err := io.ReadAll(io.LimitReader(resp.Body, 500))
		if why, ok := strings.CutPrefix(string(b), "not ready: "); ok && err == nil {
			return fmt.Errorf("the service is not ready: %s", why)
		}
		return fmt.Errorf("the service is not ready (%d)", resp.StatusCode)
	}
	return nil
}

type directoryCommand struct {
	Wikidata wikidataCommand `cmd:"" help:"Load the result of Wikidata's query, SPARQL JSON or CSV, from a file or URL."`
	Sources  sourcesCommand  `cmd:"" help:"Show each source of evidence: whether it is on, what it holds, when it is read next."`
}

type wikidataCommand struct {
	Source string `arg:"" help:"A file, or an https URL." placeholder:"FILE|URL"`
}

// Run loads the rows into the index of the data directory.
func (w wikidataCommand) Run(ctx context.Context) (err error) {
	c, log, err := readConfig()
	if err != nil {
		return err
	}
	a, err := open(ctx, c, log, extras{})
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, a.close()) }()
	in, err := a.openSource(ctx, w.Source)
	if err != nil {
		return err
	}
	defer in.Close()
	n, err := a.worker.LoadWikidata(ctx, in, w.Source)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d rows of Wikidata are in the directory index now.\n", n)
	return nil
}

// wikidataLimit is the most that is read of a query result.
const wikidataLimit = 512 << 20

func (a *app) openSource(ctx context.Context, source string) (io.ReadCloser, error) {
	if len(source) > 8 && source[:8] == "https://" {
		return a.client.GetStream(ctx, source, "application/sparql-results+json, text/csv;q=0.9", wikidataLimit)
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", source, err)
	}
	return f, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
