package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/internal/store"
)

// registryPath is where the public registry is served: outside huma and without
// a session, so that every answer may be kept by anybody.
const registryPath = prefix + "/registry"

const (
	registryTerms = "Everybody listed agreed that anyone may look them up here, and may withdraw at any time. " +
		"Use it to find people who moved. Fetch it again within a day and drop what is gone. No advertising, no profiling, no writing to people in bulk."
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

// registryFile is an answer, compressed.
type registryFile struct {
	gz   []byte
	size int64
	etag string // without quotes
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
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

// registryLine is an entry as the file holds it. docs/registry.md describes it.
type registryLine struct {
	ID        string    `json:"id"`
	TwitterID string    `json:"twitter_id"`
	Handle    string    `json:"handle"`
	Address   string    `json:"address"`
	Proof     string    `json:"proof"`
	At        time.Time `json:"at"`
}

// makeRegistry streams the registry into a compressed file. The same registry
// gives the same bytes, in whatever process.
func (s *Server) makeRegistry(ctx context.Context, changed, since time.Time) (*registryFile, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	hash := sha256.New()
	w := &counting{w: io.MultiWriter(zip, hash)}
	entries, delta := s.Store.PublicEntries(ctx), ""
	if !since.IsZero() {
		entries, delta = s.Store.PublicChanges(ctx, since), `"since":`+quote(timestamp(since))+",\n"
	}
	fmt.Fprintf(w, "{\"format\":\"skein-registry\",\"version\":1,\"as_of\":%s,\n%s\"registry\":%s,\n\"terms\":%s,\n\"entries\":[",
		quote(timestamp(changed)), delta, quote(s.PublicURL+registryPath), quote(registryTerms))
	gone, err := writeEntries(w, entries)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(w, "\n]")
	if !since.IsZero() {
		fmt.Fprintf(w, ",\n\"withdrawn\":[%s]", strings.Join(gone, ","))
	}
	fmt.Fprint(w, "}\n")
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return &registryFile{gz: out.Bytes(), size: w.n, etag: hex.EncodeToString(hash.Sum(nil)[:16])}, nil
}

// writeEntries writes a line for each entry and returns the ids of those that
// are gone, as JSON.
func writeEntries(w io.Writer, entries iter.Seq2[store.PublicEntry, error]) (gone []string, err error) {
	comma := ""
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		if e.Withdrawn {
			gone = append(gone, quote(e.ID))
			continue
		}
		line, err := json.Marshal(registryLine{e.ID, e.TwitterID, e.Handle, e.Address.String(), e.Proof, e.At})
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", comma, line); err != nil {
			return nil, err
		}
		comma = ","
	}
	return gone, nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// serve answers with the file as it is kept, or uncompressed on its way to whoever
// takes it no other way. The two are different bytes, so they have different tags.
func (f *registryFile) serve(w http.ResponseWriter, r *http.Request) {
	h, zipped := w.Header(), acceptsGzip(r.Header.Get("Accept-Encoding"))
	etag := `"` + f.etag + `"`
	if zipped {
		etag = `"` + f.etag + `-gzip"`
	}
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	if zipped {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", fmt.Sprint(len(f.gz)))
		_, _ = w.Write(f.gz)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.gz))
	if err != nil {
		panic(err) // we wrote it
	}
	h.Set("Content-Length", fmt.Sprint(f.size))
	_, _ = io.Copy(w, plain)
}

// acceptsGzip reads Accept-Encoding (RFC 9110 12.5.3) as far as it matters here.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(quality), "q="), "0.")
			return strings.TrimSpace(quality) == "" || q != ""
		}
	}
	return false
}

// matches tells whether one of the tags of If-None-Match is etag.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}
