package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// mediaTypes are the raster images that a browser shows without running
// anything. What an archive calls a picture may be anything.
var mediaTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

type mediaInput struct {
	MovePath
	File string `path:"file" maxLength:"200"`
}

// getMedia shows the Owner a picture of the Move's own tweets, by its name in
// the archive. Its type is what its first bytes say.
func (s *Server) getMedia(ctx context.Context, in *mediaInput) (*huma.StreamResponse, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	key := jobs.MediaKey(m.ID, in.File)
	if !files.ValidKey(key) { // a name that no archive can have brought
		return nil, model.ErrNotFound
	}
	f, err := s.Files.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0) // a short file is read whole
	kind := http.DetectContentType(head[:n])
	if !slices.Contains(mediaTypes, kind) {
		f.Close()
		return nil, huma.Error404NotFound("This is not a picture.")
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer f.Close()
		g := humagin.Unwrap(c)
		h := g.Writer.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cache-Control", "private, max-age=3600")
		http.ServeContent(g.Writer, g.Request, "", time.Time{}, f)
	}}, nil
}
