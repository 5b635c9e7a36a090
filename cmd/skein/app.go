package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xapi"
	"github.com/skein-migrate/skein/jobs"
)

// extras are what only the demo and tests hand in; none of it is a setting.
type extras struct {
	simulated map[string]string // the simulator's hosts, the only ones reached on loopback
	budget    fediverse.Budget  // in place of the polite one
	lease     time.Duration
	rest      time.Duration
	reconcile time.Duration // how often what is due is queued again; 20 s if 0
	listURL   string        // the public list of servers
	sparqlURL string        // Wikidata
	demo      *api.Demo
	ready     func(address string) // told where the service listens
}

// Where others publish what we read.
const (
	serverListURL = "https://api.joinmastodon.org/servers"
	wikidataURL   = "https://query.wikidata.org/sparql"
)

// app is the service, wired up.
type app struct {
	config config.Config
	extras extras
	log    *slog.Logger
	store  *store.Store
	files  *files.Store
	queue  *queue.Queue
	client *fediverse.Client
	worker *jobs.Worker
}

// readConfig reads the settings and says which ones it does not know.
func readConfig() (config.Config, *slog.Logger, error) {
	c, err := config.Read(os.Environ())
	if err != nil {
		return c, nil, err
	}
	log := newLogger(c.Log)
	if len(c.Unknown) > 0 {
		log.Warn("these variables are no settings of Skein", "names", c.Unknown)
	}
	return c, log, nil
}

func newLogger(format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	return slog.New(tint.NewTextHandler(os.Stderr, &tint.Options{
		TimeFormat: time.TimeOnly, NoColor: !term.IsTerminal(int(os.Stderr.Fd())),
	}))
}

// open wires the service up. Whoever gets an app closes it.
func open(ctx context.Context, c config.Config, log *slog.Logger, x extras) (_ *app, err error) {
	a := &app{config: c, extras: x, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	keys, err := loadKeys(c)
	if err != nil {
		return nil, err
	}
	a.store, err = store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: filepath.Join(c.Data, "skein.db"), Keys: keys})
	if err != nil {
		return nil, err
	}
	if a.files, err = files.Open(c.Files); err != nil {
		return nil, err
	}
	if err := a.checkFiles(ctx); err != nil {
		return nil, err
	}
	a.queue, err = queue.Open(queue.Options{RedisURL: c.RedisURL.Reveal(), Logger: log, Workers: c.Workers})
	if err != nil {
		return nil, err
	}
	budget := x.budget
	if budget == nil {
		budget = a.queue.Polite()
	}
	a.client = fediverse.New(fediverse.Options{
		UserAgent: userAgent(c), Website: c.PublicURL, Simulated: x.simulated, Budget: budget,
	})
	sources, err := directory.ParseSources(c.Sources)
	if err != nil {
		return nil, fmt.Errorf("SKEIN_SOURCES: %w", err)
	}
	a.worker = &jobs.Worker{
		Store: a.store, Files: a.files, Queue: a.queue, Client: a.client, Log: log, Now: time.Now,
		InstallSecret: keys.Derive("idempotency keys"), Lease: x.lease, Rest: x.rest, Reserve: c.Reserve,
		ListRows: c.ListRows, Keep: c.Keep, Sources: sources, Contact: c.Contact, CallbackURL: c.PublicURL + api.CallbackPath,
		Writes: a.queue.Writes(c.WritesPerSecond).Wait, WritesPerSecond: c.WritesPerSecond, XDaily: c.XDaily,
	}
	a.worker.X, err = openX(c)
	return a, err
}

// openX returns the client for X's API, nil unless an operator has keys for it and
// confirmed the right to use them so.
func openX(c config.Config) (*xapi.Client, error) {
	if c.XRights != "confirmed" || !c.XToken.IsSet() && !c.XSecret.IsSet() {
		return nil, nil
	}
	return xapi.New(xapi.Options{
		API: c.XAPI, Token: c.XToken.Reveal(), ClientID: c.XClientID, ClientSecret: c.XSecret.Reveal(),
		RedirectURI: c.PublicURL + api.XCallbackPath, UserAgent: userAgent(c),
	})
}

// loadKeys returns the keys that secrets are kept under: those of the settings,
// or those made once in the data directory.
func loadKeys(c config.Config) (*secret.Keyring, error) {
	if c.SecretKey.IsSet() {
		return secret.ParseKeys(c.SecretKey.Reveal())
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	return secret.LoadOrCreate(filepath.Join(c.Data, "secret.key"))
}

// checkFiles makes sure that all processes on one database see the same files:
// the marker in the files has to be the one that the database knows.
func (a *app) checkFiles(ctx context.Context) error {
	marker, err := a.files.Marker(true)
	if err != nil {
		return err
	}
	kept, err := a.store.Setting(ctx, "files", marker)
	if err != nil {
		return err
	}
	if kept != marker {
		return fmt.Errorf("SKEIN_FILES (%s) is not the directory that the other processes on this database use; give all of them the same one", a.config.Files)
	}
	return nil
}

func (a *app) close() error {
	var errs []error
	if a.queue != nil {
		errs = append(errs, a.queue.Close())
	}
	if a.files != nil {
		errs = append(errs, a.files.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

func userAgent(c config.Config) string {
	contact := c.Contact
	if contact == "" {
		contact = c.PublicURL
	}
	return "Skein/" + version + " (+" + contact + ")"
}
