package fediverse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// Media is a file to be uploaded.
type Media struct {
	Name string // a file name; only its last part is sent
	Type string // MIME; told from Name where it is none
	Alt  string // already cut at Capability.DescriptionLimit
	Size int64  // exactly what Open gives
	Open func() (io.ReadCloser, error)
}

// NotReadyError means that the server took the file as ID but is still working
// on it. Ask MediaReady later; attached before, it would be refused.
type NotReadyError struct {
	Host, ID string
	Err      error // why we stopped waiting; nil if it took too long
}

func (e *NotReadyError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s works on media %s: %v", e.Host, e.ID, e.Err)
	}
	return fmt.Sprintf("%s still works on media %s", e.Host, e.ID)
}

func (e *NotReadyError) Unwrap() error { return e.Err }

// slowest is the upload speed that a time limit allows for.
const slowest = 64 << 10 // bytes a second

// Upload sends m, streaming, and waits until the server has processed it. The
// id is set whenever the server gave one, also beside a NotReadyError. An upload
// that failed may be made again: one that nobody attaches is dropped in time.
func (s *Session) Upload(ctx context.Context, m Media) (id string, err error) {
	k, err := s.upload(ctx, "v2", m)
	if hasStatus(err, http.StatusNotFound) || hasStatus(err, http.StatusMethodNotAllowed) {
		k, err = s.upload(ctx, "v1", m)
	}
	if err != nil {
		return "", err
	}
	n, err := s.json(k)
	if err != nil {
		return "", err
	}
	if id = n.at("id").str(); !validID(id) {
		return "", s.bad("the answer is no media")
	}
	if k.status == http.StatusOK && n.at("url").str() != "" {
		return id, nil
	}
	return id, s.processed(ctx, id)
}

func (s *Session) upload(ctx context.Context, version string, m Media) (*call, error) {
	head, tail, contentType, err := envelope(m)
	if err != nil {
		return nil, local(s.host, err)
	}
	k := &call{family: FamilyMedia, limit: time.Minute + time.Duration(m.Size/slowest)*time.Second}
	err = s.do(ctx, k, func(ctx context.Context, c *client) error {
		file, err := m.Open()
		if err != nil {
			return fmt.Errorf("open %s: %w", path.Base(m.Name), err)
		}
		body := struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(head), io.LimitReader(file, m.Size), bytes.NewReader(tail)), file}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+s.host+"/api/"+version+"/media", body)
		if err != nil {
			return errors.Join(err, file.Close())
		}
		// Known, so that the server can refuse at once what is too large, and a
		// file that is shorter than it should be cannot pass for a whole one.
		req.ContentLength = int64(len(head)) + m.Size + int64(len(tail))
		req.Header.Set("Content-Type", contentType)
		return s.raw(c, req)
	})
	return k, err
}

// raw sends what go-mastodon has no words for, through the same chain.
func (s *Session) raw(c *client, req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// envelope returns what stands before and after the file in the form.
func envelope(m Media) (head, tail []byte, contentType string, err error) {
	if m.Size <= 0 || m.Open == nil {
		return nil, nil, "", fmt.Errorf("an empty file: %w", model.ErrInvalid)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if m.Alt != "" {
		if err := w.WriteField("description", m.Alt); err != nil {
			return nil, nil, "", err
		}
	}
	_, err = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", baseName(m.Name))},
		"Content-Type":        {mediaType(m)},
	})
	if err != nil {
		return nil, nil, "", err
	}
	at := b.Len()
	if err := w.Close(); err != nil {
		return nil, nil, "", err
	}
	return b.Bytes()[:at:at], b.Bytes()[at:], w.FormDataContentType(), nil
}

// baseName returns the last part of a file name, made plain: it comes from an
// archive.
func baseName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	if s == "." || s == "/" || s == ".." {
		return "file"
	}
	return cut(s, 200)
}

// types are those of archives and of the servers' usual lists; the system's own
// table differs from machine to machine.
var types = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".heic": "image/heic", ".avif": "image/avif", ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime",
	".webm": "video/webm", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
}

func mediaType(m Media) string {
	if t, _, err := mime.ParseMediaType(m.Type); err == nil && strings.Contains(t, "/") {
		return t
	}
	if t, ok := types[strings.ToLower(path.Ext(m.Name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// processed waits until the server has processed the file, asking ever less
// often; video takes minutes.
func (s *Session) processed(ctx context.Context, id string) error {
	late := time.After(s.c.o.MediaWait)
	for pause := s.c.o.MediaPoll; ; pause = min(pause*3/2, 10*s.c.o.MediaPoll) {
		select {
		case <-ctx.Done():
			return &NotReadyError{Host: s.host, ID: id, Err: ctx.Err()}
		case <-late:
			return &NotReadyError{Host: s.host, ID: id}
		case <-time.After(pause):
		}
		ready, err := s.MediaReady(ctx, id)
		var refused *StatusError
		switch {
		case ready:
			return nil
		case errors.As(err, &refused):
			return err
		case err != nil:
			return &NotReadyError{Host: s.host, ID: id, Err: err}
		}
	}
}

// MediaReady tells whether the server has processed an upload. A StatusError
// with 422 says that it cannot.
func (s *Session) MediaReady(ctx context.Context, id string) (bool, error) {
	if err := s.checkID(id); err != nil {
		return false, err
	}
	k := &call{}
	err := s.do(ctx, k, func(ctx context.Context, c *client) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.host+"/api/v1/media/"+id, nil)
		if err != nil {
			return err
		}
		return s.raw(c, req)
	})
	return err == nil && k.status == http.StatusOK, err
}
