package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-migrate/skein/internal/avatar"
	"github.com/skein-migrate/skein/jobs"
)

type avatarInput struct {
	MovePath
	Person  string `path:"person" maxLength:"40"`
	Match   string `path:"match" maxLength:"40"`
	IfMatch string `header:"If-None-Match"`
}

type avatarOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	CSP          string `header:"Content-Security-Policy"`
	ETag         string `header:"ETag"`
	Body         []byte
}

// getAvatar shows the picture of a Match's profile. Where it comes from stands in
// the profile: the browser names no address and asks no stranger's server.
func (s *Server) getAvatar(ctx context.Context, in *avatarInput) (*avatarOutput, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	one, err := s.Store.Match(ctx, m.ID, in.Person, in.Match)
	if err != nil {
		return nil, err
	}
	picture, err := s.Worker.Avatar(ctx, one.Profile.Avatar)
	if errors.Is(err, jobs.ErrLater) {
		return nil, huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("This picture is not here yet."), http.Header{"Retry-After": {"5"}})
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(picture)
	out := &avatarOutput{
		Status: http.StatusOK, ContentType: avatar.TypeOf(picture), CacheControl: "private, max-age=86400",
		CSP: "default-src 'none'; sandbox", ETag: `"` + hex.EncodeToString(sum[:12]) + `"`, Body: picture,
	}
	if in.IfMatch == out.ETag {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}
