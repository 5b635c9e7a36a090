package jobs

import (
	"context"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/store"
)

// SourceReport is what an operator may want to know of a source of evidence.
type SourceReport struct {
	Source              string
	On                  bool
	Why                 string // it is off, in words
	Rows                int    // in the index
	LoadedAt, NextAt    time.Time
	Asked, Gave, Failed int // over all Moves
	Hosts               *HostsReport
}

// HostsReport is how far the profile directories of servers are read.
type HostsReport struct {
	Known   int // hosts
	Read    int // at least once to the end
	Reading int
	Resting []RestingHost
}

// RestingHost is a host that is not asked for a while.
type RestingHost struct {
	Host, Why string
	Until     time.Time
}

// SourceReports tells of every source that can be switched, in the order of their
// names. It asks nobody.
func (w *Worker) SourceReports(ctx context.Context) ([]SourceReport, error) {
	states, err := w.directory().SourceStates(ctx)
	if err != nil {
		return nil, err
	}
	var reports []SourceReport
	for _, name := range directory.Names() {
		state := states[name]
		r := SourceReport{
			Source: name, On: true, Rows: state.Rows, LoadedAt: state.LoadedAt, Asked: state.Asked, Gave: state.Gave, Failed: state.Failed,
		}
		if err := w.reportSchedule(ctx, &r); err != nil {
			return nil, err
		}
		switch crawls := name == directory.SourceWikidata || name == directory.SourceDirectory; {
		case !w.Sources.Use(name):
			r.On, r.Why = false, "switched off by SKEIN_SOURCES"
			if w.Sources == nil {
				r.Why = "not switched on by SKEIN_SOURCES"
			}
		case crawls && w.Contact == "":
			r.On, r.Why = false, "no SKEIN_CONTACT"
		}
		if !r.On {
			r.NextAt = time.Time{}
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// reportSchedule adds what the source's own tables say.
func (w *Worker) reportSchedule(ctx context.Context, r *SourceReport) (err error) {
	switch r.Source {
	case directory.SourceWikidata:
		if !r.LoadedAt.IsZero() {
			r.NextAt = r.LoadedAt.Add(wikidataEvery)
		}
	case directory.SourceRegistry:
		r.Rows, r.LoadedAt, err = w.directory().RegistryState(ctx)
		if err == nil && !r.LoadedAt.IsZero() {
			r.NextAt = r.LoadedAt.Add(registryEvery)
		}
	case directory.SourceDirectory:
		var crawls []store.Crawl
		if crawls, err = w.directory().Crawls(ctx); err == nil {
			w.reportHosts(r, crawls)
		}
	}
	return err
}

func (w *Worker) reportHosts(r *SourceReport, crawls []store.Crawl) {
	r.Hosts = &HostsReport{Known: len(crawls)}
	now := w.Now()
	for _, c := range crawls {
		r.Rows += c.Rows
		if c.ReadAt.After(r.LoadedAt) {
			r.LoadedAt = c.ReadAt
		}
		if r.NextAt.IsZero() || c.DueAt.Before(r.NextAt) {
			r.NextAt = c.DueAt
		}
		if !c.ReadAt.IsZero() {
			r.Hosts.Read++
		}
		switch {
		case c.Error != "" && c.DueAt.After(now):
			r.Hosts.Resting = append(r.Hosts.Resting, RestingHost{Host: c.Host, Why: c.Error, Until: c.DueAt})
		case c.Phase != phaseRest:
			r.Hosts.Reading++
		}
	}
}
