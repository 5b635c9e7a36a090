package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// registryPath is where the public registry is served: outside huma and without
// a session, so that every answer may be kept by anybody.
const registryPath = prefix + "/registry"

const (
	registryLook   = time.Minute         // how often it is looked whether something changed
	registryAnew   = time.Hour           // how often a file is made anew all the same
	registryOldest = 30 * 24 * time.Hour // a question of before gets the whole file
	// A row that was written just before the newest one may be seen just after it.
	// So changes overlap by this.
	registryOverlap = 10 * time.Minute
	mostChanges     = 64 // kept at a time, one for each hour that changes are asked from
)

// registryFiles are the answers, made when somebody asks, once for everybody.
type registryFiles struct {
	mu      sync.Mutex
	whole   *registryFile
	changes map[time.Time]*registryFile // by the hour that they are asked from
	changed time.Time                   // as of when they are
	looked  time.Time
	made    time.Time
}

// registry answers GET /registry with the public registry, or with what changed
// in it since an earlier answer.
func (s *Server) registry(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if !s.Worker.RegistryOn() {
		problem(c.Writer, http.StatusNotFound, "This installation has no registry.")
		return
	}
	file, err := s.registryFile(c.Request.Context(), c.Query("since"))
	if err != nil {
		status, detail := problemOf(s.handle(c.Request.Context(), "registry", err))
		problem(c.Writer, status, detail)
		return
	}
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Vary", "Accept-Encoding")
	file.serve(c.Writer, c.Request)
}

// registryFile returns the whole registry, or the changes since a time that an
// earlier answer gave, rounded down to the hour: whoever asks gets the same file
// as everybody who asks for that hour.
func (s *Server) registryFile(ctx context.Context, since string) (*registryFile, error) {
	now := s.Now()
	from, err := time.Parse(time.RFC3339, since)
	if from = from.Add(-registryOverlap).UTC().Truncate(time.Hour); err != nil || now.Sub(from) > registryOldest || from.After(now) {
		from = time.Time{}
	}
	f := &s.registered
	f.mu.Lock()
	defer f.mu.Unlock()
	// Others wait for what is made: it is not given up with the one who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Minute)
	defer cancel()
	if err := s.lookAtRegistry(ctx, now); err != nil {
		return nil, err
	}
	if file := f.changes[from]; file != nil {
		return file, nil
	}
	if from.IsZero() && f.whole != nil {
		return f.whole, nil
	}
	file, err := s.makeRegistry(ctx, f.changed, from)
	switch {
	case err != nil:
		return nil, err
	case from.IsZero():
		f.whole = file
	case len(f.changes) == mostChanges:
		clear(f.changes)
		fallthrough
	default:
		f.changes[from] = file
	}
	return file, nil
}

// lookAtRegistry forgets the files if something changed, once a minute.
func (s *Server) lookAtRegistry(ctx context.Context, now time.Time) error {
	f := &s.registered
	if now.Sub(f.looked) < registryLook {
		return nil
	}
	changed, err := s.Store.RegistryChanged(ctx)
	if err != nil {
		return err
	}
	if changed.IsZero() {
		changed = time.UnixMilli(0)
	}
	if !changed.Equal(f.changed) || now.Sub(f.made) >= registryAnew {
		f.whole, f.changes, f.changed, f.made = nil, map[time.Time]*registryFile{}, changed, now
	}
	f.looked = now
	return nil
}
