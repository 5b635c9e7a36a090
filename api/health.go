package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const demoArchive = "/demo/archive.zip"

// About says what this installation is.
type About struct {
	Version     string  `json:"version"`
	Demo        bool    `json:"demo"`
	PublicURL   string  `json:"public_url"`
	DemoArchive *string `json:"demo_archive"`
	DemoServer  *string `json:"demo_server"`

	Sources  []string `json:"sources" doc:"Where evidence may come from, besides the archive and fediverse profiles"`
	ListRows int      `json:"list_rows" doc:"How many people lists and X pages may bring into one Move"`
}

func (s *Server) about(context.Context, *none) (*body[About], error) {
	v := About{Version: s.Version, PublicURL: s.PublicURL, Sources: list(s.Worker.SourcesInUse()), ListRows: s.Worker.ListRows}
	if s.Demo != nil {
		archive := demoArchive
		v.Demo, v.DemoArchive, v.DemoServer = true, &archive, &s.Demo.Server
	}
	return reply(v), nil
}

func (s *Server) healthz(c *gin.Context) {
	c.String(http.StatusOK, "alive\n")
}

// readyz answers 200 when both the database and the queue do.
func (s *Server) readyz(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(c.Request.Context(), 3*time.Second)
	defer cancel()
	var down []string
	if err := s.Store.Ping(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		down = append(down, "the database does not answer")
	}
	if err := s.Ping(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		down = append(down, "the queue does not answer")
	}
	if len(down) > 0 {
		c.String(http.StatusServiceUnavailable, "not ready: %s\n", strings.Join(down, "; "))
		return
	}
	c.String(http.StatusOK, "ready\n")
}

func (s *Server) databaseAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.Store.Ping(ctx) == nil
}

// queueHealth remembers for a few seconds whether the queue answers.
type queueHealth struct {
	mu   sync.Mutex
	down bool
	at   time.Time
}

func (s *Server) queueDown(ctx context.Context) bool {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if now := s.Now(); now.Sub(s.queue.at) > 5*time.Second {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		s.queue.down, s.queue.at = s.Ping(ctx) != nil, now
	}
	return s.queue.down
}

var durations = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name: "skein_http_request_duration_seconds", Help: "How long requests took, by route.",
	Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30},
}, []string{"method", "route", "status"})

// metrics serves what Prometheus reads: Go, the process, requests by route, the
// sources of evidence. It names no people. The reverse proxy keeps it from the
// public.
func (s *Server) metrics() gin.HandlerFunc {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), durations, sourceMetrics{s})
	return gin.WrapH(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}

// measure notes how long requests took. Streams of events are left out: they
// last as long as a page is open.
func (s *Server) measure() gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		c.Next()
		route := c.FullPath()
		if strings.HasSuffix(route, "/events") {
			return
		}
		if route == "" {
			route = "app"
		}
		durations.WithLabelValues(method(c.Request.Method), route, strconv.Itoa(c.Writer.Status())).Observe(time.Since(began).Seconds())
	}
}

// method keeps a stranger from making up values of the label.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
