package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

type event struct{ id, name, data string }

func (b *browser) stream(move string) *http.Response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.site.url+"/api/v1/moves/"+move+"/events", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("the stream answers %d", resp.StatusCode)
	}
	return resp
}

// listen opens the stream of a Move. next waits for an event of that
// name, or for any.
func (b *browser) listen(move string) (header http.Header, next func(name string) event) {
	b.t.Helper()
	resp := b.stream(move)
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return resp.Header, func(name string) event {
		b.t.Helper()
		var e event
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name == name || name == "" && e.name != "" {
					return e
				}
				e = event{}
			}
		}
		b.t.Fatalf("the stream ended before %s came: %v", name, lines.Err())
		return e
	}
}

func TestEvents(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	of := furnish(t, b)
	header, next := b.listen(of["move"])
	if got := header.Get("Content-Type"); got != "text/event-stream" || header.Get("X-Accel-Buffering") != "no" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers of the stream: %v", header)
	}
	var run api.Run
	if err := json.Unmarshal([]byte(next("run").data), &run); err != nil || run.ID != of["run"] || run.State != "paused" {
		t.Errorf("the latest state comes first: %+v, %v", run, err)
	}
	first := next("move")

	wake, err := s.Store.Wish(t.Context(), of["run"], store.WishCancel)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Worker.Wake(t.Context(), of["run"], wake, s.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.queue.Publish(t.Context(), jobs.Topic(of["move"]), of["move"]); err != nil {
		t.Fatal(err)
	}
	second := next("run")
	if err := json.Unmarshal([]byte(second.data), &run); err != nil || run.Wish != "cancel" {
		t.Errorf("after a wish: %s, %v", second.data, err)
	}
	if second.id <= first.id {
		t.Errorf("ids go from %s to %s", first.id, second.id)
	}
}

// The stream of a Move that is deleted ends.
func TestEventsEndWithTheMove(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	resp := b.stream(move.ID)
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "event: move") {
	}
	b.do(http.MethodDelete, "/api/v1/moves/"+move.ID, nil).want(http.StatusNoContent)
	if err := s.queue.Publish(t.Context(), jobs.Topic(move.ID), ""); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream broke: %v", err)
	}
	b.get("/api/v1/moves/" + move.ID).want(http.StatusNotFound)
}

// A browser that takes nothing more holds its stream for a while, not for ever.
func TestStalledStream(t *testing.T) {
	limits := make(chan time.Time, 100)
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	handler, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/moves/"+move.ID+"/events", nil)
	req.Header.Set("Cookie", "skein="+b.cookie())
	done := make(chan struct{})
	go func() {
		defer close(done)
		handler.ServeHTTP(&limited{httptest.NewRecorder(), limits}, req)
	}()
	if limit := <-limits; limit.IsZero() || time.Until(limit) > time.Minute {
		t.Errorf("what is written may take until %v", limit)
	}
	cancel()
	<-done
}

// limited tells by when what is written has to be taken.
type limited struct {
	*httptest.ResponseRecorder
	limits chan<- time.Time
}

func (l *limited) SetWriteDeadline(at time.Time) error {
	l.limits <- at
	return nil
}
