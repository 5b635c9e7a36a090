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
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

const registryTerms = "Everybody listed agreed that anyone may look them up here, and may withdraw at any time. " +
	"Use it to find people who moved. Fetch it again within a day and drop what is gone. No advertising, no profiling, no writing to people in bulk."

// registryFile is an answer, compressed.
type registryFile struct {
	gz   []byte
	size int64
	etag string // without quotes
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
