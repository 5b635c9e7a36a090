package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// sourceMetrics tells Prometheus of the sources of evidence, as the database has
// them at that moment. It names no hosts and no people.
type sourceMetrics struct{ s *Server }

var (
	sourceAsked = prometheus.NewDesc("skein_source_requests_total", "Requests to a source of evidence, over all Moves.", []string{"source"}, nil)
	sourceGave  = prometheus.NewDesc("skein_source_finds_total", "What a source of evidence gave, over all Moves.", []string{"source"}, nil)
	sourceFails = prometheus.NewDesc("skein_source_failures_total", "Failed requests to a source of evidence, over all Moves.", []string{"source"}, nil)
	sourceRows  = prometheus.NewDesc("skein_source_rows", "Rows of a source of evidence in the index.", []string{"source"}, nil)
	crawlHosts  = prometheus.NewDesc("skein_directory_servers", "Servers by how far their profile directory is read.", []string{"state"}, nil)
)

// Describe implements prometheus.Collector.
func (sourceMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sourceAsked, sourceGave, sourceFails, sourceRows, crawlHosts} {
		to <- d
	}
}

// Collect implements prometheus.Collector. A database that does not answer leaves
// these out; the rest of the metrics is needed then.
func (m sourceMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	reports, err := m.s.Worker.SourceReports(ctx)
	if err != nil {
		m.s.Log.Warn("sources not measured", "error", err)
		return
	}
	send := func(d *prometheus.Desc, kind prometheus.ValueType, n int, label string) {
		to <- prometheus.MustNewConstMetric(d, kind, float64(n), label)
	}
	for _, r := range reports {
		send(sourceAsked, prometheus.CounterValue, r.Asked, r.Source)
		send(sourceGave, prometheus.CounterValue, r.Gave, r.Source)
		send(sourceFails, prometheus.CounterValue, r.Failed, r.Source)
		send(sourceRows, prometheus.GaugeValue, r.Rows, r.Source)
		if h := r.Hosts; h != nil {
			for state, n := range map[string]int{"known": h.Known, "read": h.Read, "reading": h.Reading, "resting": len(h.Resting)} {
				send(crawlHosts, prometheus.GaugeValue, n, state)
			}
		}
	}
}
