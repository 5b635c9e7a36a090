package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/jobs"
)

type sourcesCommand struct {
	JSON bool `name:"json" help:"Print a JSON line for each source."`
}

// Run shows what the database of the service, which may be running, says of the
// sources. It asks nobody.
func (c sourcesCommand) Run(ctx context.Context) error {
	settings, _, err := readConfig()
	if err != nil {
		return err
	}
	reports, err := sourceReports(ctx, settings)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	if c.JSON {
		err = printSourcesJSON(out, reports)
	} else {
		err = printSources(out, reports, time.Now())
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func sourceReports(ctx context.Context, c config.Config) (_ []jobs.SourceReport, err error) {
	sources, err := directory.ParseSources(c.Sources)
	if err != nil {
		return nil, fmt.Errorf("SKEIN_SOURCES: %w", err)
	}
	s, err := openDirectory(ctx, c)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("there is no database in %s yet; start the service first", c.Data)
	}
	defer func() { err = firstError(err, s.Close()) }()
	w := &jobs.Worker{Store: s, Now: time.Now, Sources: sources, Contact: c.Contact}
	return w.SourceReports(ctx)
}

// sourceLine is one JSON line.
type sourceLine struct {
	Source   string     `json:"source"`
	On       bool       `json:"on"`
	Why      string     `json:"why,omitempty"`
	Rows     int        `json:"rows"`
	LoadedAt time.Time  `json:"loaded_at,omitzero"`
	NextAt   time.Time  `json:"next_at,omitzero"`
	Asked    int        `json:"asked"`
	Gave     int        `json:"gave"`
	Failed   int        `json:"failed"`
	Hosts    *hostsLine `json:"hosts,omitempty"`
}

type hostsLine struct {
	Known   int           `json:"known"`
	Read    int           `json:"read"`
	Reading int           `json:"reading"`
	Resting []restingLine `json:"resting"`
}

type restingLine struct {
	Host  string    `json:"host"`
	Why   string    `json:"why"`
	Until time.Time `json:"until"`
}

func printSourcesJSON(w io.Writer, reports []jobs.SourceReport) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, r := range reports {
		line := sourceLine{
			Source: r.Source, On: r.On, Why: r.Why, Rows: r.Rows, LoadedAt: r.LoadedAt, NextAt: r.NextAt, Asked: r.Asked, Gave: r.Gave, Failed: r.Failed,
		}
		if h := r.Hosts; h != nil {
			line.Hosts = &hostsLine{Known: h.Known, Read: h.Read, Reading: h.Reading, Resting: make([]restingLine, 0, len(h.Resting))}
			for _, v := range h.Resting {
				line.Hosts.Resting = append(line.Hosts.Resting, restingLine(v))
			}
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// shownHosts is how many resting hosts the table names.
const shownHosts = 20

func printSources(out io.Writer, reports []jobs.SourceReport, now time.Time) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\ton\trows\tloaded\tnext\tasked\tgave\tfailed")
	for _, r := range reports {
		on := "yes"
		if !r.On {
			on = "no: " + r.Why
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%d\t%d\t%d\n", r.Source, on, r.Rows, moment(r.LoadedAt), nextMoment(r.NextAt, now), r.Asked, r.Gave, r.Failed)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range reports {
		if r.Hosts != nil && r.Hosts.Known > 0 {
			printHosts(out, *r.Hosts)
		}
	}
	return nil
}

func printHosts(out io.Writer, h jobs.HostsReport) {
	fmt.Fprintf(out, "\nprofile directories: %d servers, %d read, %d being read, %d resting\n", h.Known, h.Read, h.Reading, len(h.Resting))
	for i, v := range h.Resting {
		if i == shownHosts {
			fmt.Fprintf(out, "  … and %d more; --json names all\n", len(h.Resting)-i)
			return
		}
		fmt.Fprintf(out, "  %s %s; until %s\n", v.Host, v.Why, moment(v.Until))
	}
}

// moment is a time for people, "-" where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// nextMoment is when something comes next: "now" if that is over.
func nextMoment(t, now time.Time) string {
	if !t.IsZero() && !t.After(now) {
		return "now"
	}
	return moment(t)
}
