package importer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/model"
)

// gate counts the bytes that are read of a zip once it is closed.
type gate struct {
	r      io.ReaderAt
	closed atomic.Bool
	after  atomic.Int64
}

func (g *gate) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	if g.closed.Load() {
		g.after.Add(int64(n))
	}
	return n, err
}

// When the context ends nothing more is handed over, at whatever point of the
// reading, and hardly anything more is read: the chunk that was under way.
func TestReadStops(t *testing.T) {
	b, _ := writeSample(t, sample.Options{Tweets: 1500, Following: 1200, Followers: 6000, Likes: 100, Seed: 5})
	points := map[string]func(stop func()) importer.Sink{
		"owner": func(stop func()) importer.Sink {
			return importer.Sink{Owner: func(importer.Owner) error { stop(); return nil }}
		},
		"progress": func(stop func()) importer.Sink { return importer.Sink{Progress: func(int64, int64) { stop() }} },
		"tweets": func(stop func()) importer.Sink {
			return importer.Sink{Tweets: func(string, []model.Tweet) error { stop(); return nil }}
		},
		"people": func(stop func()) importer.Sink {
			return importer.Sink{People: func([]model.Person) error { stop(); return nil }}
		},
	}
	for name, sink := range points {
		t.Run(name, func(t *testing.T) {
			g := &gate{r: bytes.NewReader(b)}
			a, err := importer.OpenReader(g, int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			_, err = a.Read(ctx, sink(func() { calls++; g.closed.Store(true); cancel() }))
			if !errors.Is(err, context.Canceled) || calls != 1 {
				t.Errorf("%d calls, %v", calls, err)
			}
			if g.after.Load() > 64<<10 {
				t.Errorf("%d bytes were read after the end", g.after.Load())
			}
		})
	}
	full := errors.New("shelf is full")
	if _, err := openBytes(t, b).Read(t.Context(), importer.Sink{People: func([]model.Person) error { return full }}); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// Whatever a zip calls its entries, links among them, only names of archives are read.
func TestHostileNames(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add := func(name, content string, mode fs.FileMode) {
		h := &zip.FileHeader{Name: name, Method: zip.Store}
		h.SetMode(mode)
		e, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, content); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range minimal[:2] {
		add(f.name, f.content, 0o600)
	}
	add("data/tweets.js", "/etc/passwd", fs.ModeSymlink|0o777)
	add("data/tweets_media/1-a.jpg", "/etc/passwd", fs.ModeSymlink|0o777)
	bad := []string{"/data/mute.js", "../data/mute.js", "data/../mute.js", `data\mute.js`, `C:\data\mute.js`, "data/mute.js\x00.txt", "DATA/MUTE.JS", "data/./mute.js"}
	for _, name := range bad {
		add(name, `[{"muting":{"accountId":"5"}}]`, 0o600)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a := openBytes(t, b.Bytes())
	got := readAll(t, a)
	if d := got.Summary.Counts; d.Tweets != 0 || d.Muting != 0 || d.Following != 1 || len(a.MediaNames()) != 0 {
		t.Errorf("%+v, media %v", d, a.MediaNames())
	}
	if !hasWarning(got.Summary, "data/tweets.js", "not followed") || !hasWarning(got.Summary, "data/tweets_media/1-a.jpg", "not followed") {
		t.Errorf("warnings: %v", got.Summary.Warnings)
	}
	for _, name := range bad {
		if !slices.Contains(a.Refused(), name) {
			t.Errorf("%q was not refused", name)
		}
	}
}

// Top folders may have names in any encoding, marked as UTF-8 or not.
func TestFolderNamesInAnyEncoding(t *testing.T) {
	for _, h := range []zip.FileHeader{{Name: "Überfolder/"}, {Name: "\x9aber/", NonUTF8: true}, {Name: "日本/"}} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, f := range minimal {
			e, err := w.CreateHeader(&zip.FileHeader{Name: h.Name + f.name, NonUTF8: h.NonUTF8})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(e, f.content); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, openBytes(t, b.Bytes())); got.Summary.Counts.Tweets != 1 {
			t.Errorf("%q: %+v", h.Name, got.Summary.Counts)
		}
	}
}
