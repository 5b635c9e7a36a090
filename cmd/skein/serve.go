package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/jobs"
)

// What a process does.
type part int

const (
	partAPI part = 1 << iota
	partWorker
)

type serveCommand struct{}

func (serveCommand) Run(ctx context.Context) error {
	c, log, err := readConfig()
	if err != nil {
		return err
	}
	return serve(ctx, c, log, partAPI|partWorker, extras{})
}

type apiCommand struct{}

func (apiCommand) Run(ctx context.Context) error { return runPart(ctx, partAPI) }

type workerCommand struct{}

func (workerCommand) Run(ctx context.Context) error { return runPart(ctx, partWorker) }

func runPart(ctx context.Context, p part) error {
	c, log, err := readConfig()
	if err != nil {
		return err
	}
	if c.Embedded() {
		return errors.New("api and worker need SKEIN_DATABASE_URL and SKEIN_REDIS_URL; on one machine use skein serve")
	}
	return serve(ctx, c, log, p, extras{})
}

// serve runs the parts until ctx ends. Then requests and slices are told to stop
// what they wait for, and have a few seconds to keep what they know.
func serve(ctx context.Context, c config.Config, log *slog.Logger, parts part, x extras) (err error) {
	a, err := open(ctx, c, log, x)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	group, ctx := errgroup.WithContext(ctx)
	if parts&partAPI != 0 {
		group.Go(func() error { return a.serveHTTP(ctx) })
	}
	if parts&partWorker != 0 {
		group.Go(func() error {
			return a.queue.Serve(ctx, map[string]queue.Handler{jobs.TaskRun: a.worker.Advance})
		})
		a.schedule(ctx, group)
	}
	group.Go(func() error {
		a.queue.Reconcile(ctx, cmp.Or(a.extras.reconcile, 20*time.Second), a.worker.Due)
		return nil
	})
	return group.Wait()
}

// schedule runs what is done now and then, by one process at a time.
func (a *app) schedule(ctx context.Context, group *errgroup.Group) {
	list, sparql := serverListURL, wikidataURL
	if a.extras.listURL != "" {
		list, sparql = a.extras.listURL, a.extras.sparqlURL
	}
	every := func(name string, d time.Duration, do func(context.Context) error) {
		group.Go(func() error {
			a.queue.Every(ctx, name, d, do)
			return nil
		})
	}
	every("servers", 24*time.Hour, func(ctx context.Context) error {
		if err := a.worker.RefreshServers(ctx, list); err != nil {
			return err
		}
		return a.worker.CrawlDirectories(ctx) // the first time there is something to read only now
	})
	every("directories", time.Minute, a.worker.CrawlDirectories)
	every("wikidata", 24*time.Hour, func(ctx context.Context) error { return a.worker.RefreshWikidata(ctx, sparql) })
	every("look again", time.Hour, a.worker.LookAgain)
	every("requests", 10*time.Minute, func(ctx context.Context) error {
		_, err := a.worker.TrackRequests(ctx)
		return err
	})
	every("registries", time.Hour, func(ctx context.Context) error { return a.worker.ReadRegistries(ctx, a.config.Registries) })
	every("expire", time.Hour, a.worker.ExpireMoves)
	every("remove", time.Minute, a.worker.RemoveEnded)
	every("avatars", time.Hour, a.worker.SweepAvatars)
}

func (a *app) serveHTTP(ctx context.Context) error {
	s := &api.Server{
		Store: a.store, Files: a.files, Worker: a.worker, Client: a.client, Log: a.log, PublicURL: a.config.PublicURL,
		Demo: a.extras.demo, X: a.worker.X, Version: version, Now: time.Now, Subscribe: a.queue.Subscribe, Ping: a.queue.Ping,
	}
	handler, err := s.Handler()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (SKEIN_LISTEN): %w", a.config.Listen, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	server.BaseContext = func(net.Listener) context.Context { return ctx } // event streams end with the process
	go a.queue.Every(ctx, "uploads", time.Hour, s.SweepUploads)
	a.log.Info("skein is ready", "open", a.config.PublicURL, "listen", listener.Addr().String(), "version", version)
	if a.extras.ready != nil {
		a.extras.ready(listener.Addr().String())
	}
	drained := make(chan struct{})
	stay := context.AfterFunc(ctx, func() {
		defer close(drained)
		shut, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(shut); err != nil {
			_ = server.Close()
		}
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stay()
		return fmt.Errorf("serve: %w", err)
	}
	<-drained // Serve returns when the shutdown begins: requests still use the database
	return nil
}
