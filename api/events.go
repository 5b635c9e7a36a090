package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/skein-migrate/skein/jobs"
)

const (
	heartbeat = 15 * time.Second
	mostOften = 250 * time.Millisecond // between two looks at the Runs
	moveOften = 2 * time.Second        // between two looks at the whole Move, which costs more
	retryIn   = 3 * time.Second        // for a browser whose stream was cut
	patience  = 30 * time.Second       // with a browser that takes nothing
)

// eventStream describes the events, which huma's own sse cannot send as we need
// them: it sets write deadlines and has no heartbeat.
func eventStream(api huma.API) func(*huma.Operation) {
	schemas := api.OpenAPI().Components.Schemas
	return func(op *huma.Operation) {
		answers(op, &huma.Schema{
			Type:        huma.TypeString,
			Description: "Events run and move, with the object as data. The latest state comes first.",
			Extensions: map[string]any{"x-events": map[string]any{
				"run":  schemas.Schema(reflect.TypeFor[Run](), true, "Run"),
				"move": schemas.Schema(reflect.TypeFor[Move](), true, "Move"),
			}},
		}, "text/event-stream")
	}
}

// moveEvents sends the Move and its Runs, and from then on what changes, until
// the browser goes or the Move is deleted.
func (s *Server) moveEvents(ctx context.Context, in *MovePath) (*huma.StreamResponse, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if !s.streams.open(m.OwnerID) {
		return nil, huma.Error429TooManyRequests("Too many windows show this Move. Close one of them.")
	}
	ctx, cancel := context.WithCancel(ctx)
	changes, err := s.Subscribe(ctx, jobs.Topic(m.ID)) // before the first look, so that nothing is missed
	if err != nil {
		cancel()
		s.streams.close(m.OwnerID)
		s.Log.Warn("changes not heard", "error", err)
		return nil, huma.Error503ServiceUnavailable(noQueue)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer s.streams.close(m.OwnerID)
		defer cancel()
		g := humagin.Unwrap(c)
		h := g.Writer.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no")
		g.Writer.WriteHeaderNow()
		// gin's writer does not flush through the session's, the controller does.
		under := g.Writer.(interface{ Unwrap() http.ResponseWriter }).Unwrap()
		e := &events{s: s, owner: m.OwnerID, move: m.ID, w: under, flush: http.NewResponseController(under), id: s.Now().UnixMilli(), runs: map[string][]byte{}}
		if err := e.follow(ctx, changes); err != nil && ctx.Err() == nil && !notFound(err) && !errors.Is(err, errGone) {
			s.Log.Error("events ended", "move", m.ID, "error", err)
		}
	}}, nil
}

// streams counts the open streams of each Owner.
type streams struct {
	mu    sync.Mutex
	count map[string]int
}

const mostStreams = 30

func (o *streams) open(owner string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[owner] >= mostStreams {
		return false
	}
	if o.count == nil {
		o.count = map[string]int{}
	}
	o.count[owner]++
	return true
}

func (o *streams) close(owner string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[owner]--; o.count[owner] <= 0 {
		delete(o.count, owner)
	}
}

// errGone means that nobody listens any more.
var errGone = errors.New("the browser has gone")

// events is one open stream.
type events struct {
	s     *Server
	owner string
	move  string
	w     http.ResponseWriter
	flush *http.ResponseController
	id    int64
	runs  map[string][]byte // as they were sent last
	last  []byte            // the Move without its Runs, as it was sent last
}

func (e *events) follow(ctx context.Context, changes <-chan string) error {
	e.patient()
	if _, err := fmt.Fprintf(e.w, "retry: %d\n\n", retryIn.Milliseconds()); err != nil {
		return errGone
	}
	if err := e.send(ctx, true); err != nil {
		return err
	}
	moveAt := time.Now()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		whole := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, ok := <-changes:
			if !ok {
				return nil
			}
			whole = time.Since(moveAt) >= moveOften
		case <-beat.C: // what is published may get lost: look now and then
			whole = true
			e.patient()
			if _, err := fmt.Fprint(e.w, ": still here\n\n"); err != nil {
				return errGone
			}
		}
		if err := e.send(ctx, whole); err != nil {
			return err
		}
		if whole {
			moveAt = time.Now()
		}
		if err := e.rest(ctx); err != nil {
			return err
		}
	}
}

// rest keeps the pace. What is published meanwhile waits in the channel.
func (e *events) rest(ctx context.Context) error {
	t := time.NewTimer(mostOften)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// patient sets by when the browser has to have taken what is written next: one
// that has stopped reading must not hold a stream for ever. Not every connection
// has such a limit.
func (e *events) patient() { _ = e.flush.SetWriteDeadline(time.Now().Add(patience)) }

// send sends the Runs that have changed, and the Move if it is looked at, or if
// a Run began or ended: then its counts are new.
func (e *events) send(ctx context.Context, whole bool) error {
	m, err := e.s.Store.OwnMove(ctx, e.owner, e.move)
	if err != nil {
		return err
	}
	runs, err := e.s.runs(ctx, e.move)
	if err != nil {
		return err
	}
	e.patient()
	for _, r := range runs {
		before, seen := e.runs[r.ID]
		now, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if bytes.Equal(before, now) {
			continue
		}
		e.runs[r.ID] = now
		whole = whole || !seen || r.FinishedAt != nil
		if err := e.event("run", now); err != nil {
			return err
		}
	}
	if whole {
		v, err := e.s.moveBody(ctx, m)
		if err != nil {
			return err
		}
		if err := e.moveEvent(v); err != nil {
			return err
		}
	}
	if err := e.flush.Flush(); err != nil {
		return errGone
	}
	return nil
}

func (e *events) moveEvent(v Move) error {
	runs := v.Runs
	v.Runs = nil
	bare, err := json.Marshal(v)
	if err != nil || bytes.Equal(bare, e.last) {
		return err
	}
	e.last, v.Runs = bare, runs
	full, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return e.event("move", full)
}

func (e *events) event(name string, data []byte) error {
	e.id++
	if _, err := fmt.Fprintf(e.w, "id: %d\nevent: %s\ndata: %s\n\n", e.id, name, data); err != nil {
		return errGone
	}
	return nil
}
