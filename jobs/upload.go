package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/media"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// upload sends the media of step ahead. Uploading twice does no harm: what is
// not attached is not seen by anybody. A file that cannot be used, or that the
// server refuses, is left out, and left says so; if nothing else is in the post,
// the Step is skipped.
func (p *poster) upload(ctx context.Context, step *store.Step) (ids []string, left string, next store.Next, ok bool, err error) {
	var reasons []string
	for _, m := range step.Status.Media {
		if until := p.until(familyMedia); !until.IsZero() {
			return nil, "", p.waitFor(until), false, nil
		}
		id, err := p.uploadOne(ctx, step, m)
		if err == nil {
			ids = append(ids, id)
			continue
		}
		var busy *fediverse.NotReadyError
		switch {
		case errors.Is(err, errNotHere):
			return nil, "", next, false, pause("Pictures or videos of your posts are not here any more. Choose your archive again to bring them, then resume.")
		case errors.As(err, &busy) && ctx.Err() == nil:
			return nil, "", p.waitFor(p.w.Now().Add(time.Minute)), false, nil
		case errors.Is(err, media.ErrBroken), errors.Is(err, media.ErrKind), errors.Is(err, media.ErrLarge):
			reasons = append(reasons, strings.TrimSuffix(err.Error(), ": "+model.ErrInvalid.Error()))
			continue
		case p.hopeless(ctx, step, err):
			reasons = append(reasons, "the server fails on its picture or video")
			continue
		}
		if next, ok, err := p.reading(ctx, familyMedia, err); err != nil || !ok {
			return nil, "", next, false, err
		}
		reasons = append(reasons, "the server refused its picture or video")
	}
	if len(reasons) == 0 {
		return ids, "", next, true, nil
	}
	if len(ids) == 0 && step.Status.Text == "" {
		return nil, "", next, true, p.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: "refused", Reason: reasons[0]})
	}
	return ids, fmt.Sprintf("posted without %d of %d files: %s", len(reasons), len(step.Status.Media), reasons[0]), next, true, nil
}

// upload is a file of a Step that the server has, though it may still be at work
// on it.
type upload struct {
	id    string
	ready bool
	at    time.Time
}

// uploadLife is how long a file that nobody attached is believed to be there;
// servers keep them for hours.
const uploadLife = time.Hour

func uploadKey(step *store.Step, file string) string { return step.ID + " " + file }

func (p *poster) forgetUploads(step *store.Step) {
	for _, m := range step.Status.Media {
		p.w.uploads.Delete(uploadKey(step, m.File))
	}
}

// errNotHere is a file that has to be brought again.
var errNotHere = errors.New("the file is not here")

// uploadOne uploads a file unless an earlier try has. One that the server was
// still working on is asked after. That is remembered in memory only: to upload it
// again does no harm.
func (p *poster) uploadOne(ctx context.Context, step *store.Step, m compose.Media) (string, error) {
	name := uploadKey(step, m.File)
	if v, ok := p.w.uploads.Load(name); ok {
		before := v.(upload)
		if before.ready && p.w.Now().Sub(before.at) < uploadLife {
			return before.id, nil
		}
		ready, err := p.session.MediaReady(ctx, before.id)
		switch {
		case err == nil && !ready:
			return "", &fediverse.NotReadyError{Host: p.account.Server, ID: before.id}
		case err == nil:
			p.w.uploads.Store(name, upload{before.id, true, p.w.Now()})
			return before.id, nil
		case errors.Is(err, model.ErrNotFound): // dropped meanwhile
			p.w.uploads.Delete(name)
		default:
			return "", err
		}
	}
	id, err := p.uploadFile(ctx, step, m)
	var busy *fediverse.NotReadyError
	switch {
	case errors.As(err, &busy):
		p.w.uploads.Store(name, upload{id: busy.ID})
	case err == nil:
		p.w.uploads.Store(name, upload{id, true, p.w.Now()})
	}
	return id, err
}

// uploadFile makes one file ready for the server and uploads it.
func (p *poster) uploadFile(ctx context.Context, step *store.Step, m compose.Media) (string, error) {
	file, err := p.w.Files.Open(ctx, MediaKey(step.MoveID, m.File))
	if errors.Is(err, model.ErrNotFound) {
		return "", errNotHere
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	ready, err := media.Prepare(file, file.Size(), media.Limits{
		Types: p.cap.MimeTypes, Image: p.cap.ImageSizeLimit, Video: p.cap.VideoSizeLimit, Pixels: p.cap.ImagePixels,
	})
	if err != nil {
		return "", err
	}
	if err := p.turn(ctx); err != nil {
		return "", err
	}
	return p.session.Upload(ctx, fediverse.Media{
		Name: strings.TrimSuffix(m.File, path.Ext(m.File)) + extensions[ready.Type], Type: ready.Type, Alt: m.Alt, Size: ready.Size,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(ready.Open()), nil },
	})
}

// extensions are those of the names under which files are uploaded.
var extensions = map[string]string{media.JPEG: ".jpg", media.PNG: ".png", media.GIF: ".gif", media.WebP: ".webp", media.MP4: ".mp4"}
