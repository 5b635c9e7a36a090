package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tus/tusd/v2/pkg/filelocker"
	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog" // tusd's; what matters is logged here

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

const (
	uploadFolder = "uploads"
	maxUpload    = 12 << 30
	uploadLife   = 24 * time.Hour // of one that nobody goes on with
)

// uploads takes files by the tus protocol. Who owns an upload is in the metadata
// that we write; every request is held against it, since tusd asks nobody.
type uploads struct {
	s      *Server
	dir    string
	tus    http.Handler
	locker filelocker.FileLocker
}

func (s *Server) newUploads() (*uploads, error) {
	dir, err := s.Files.Dir(uploadFolder)
	if err != nil {
		return nil, err
	}
	u := &uploads{s: s, dir: dir, locker: filelocker.FileLocker{
		Path: dir, HolderPollInterval: 500 * time.Millisecond, AcquirerPollInterval: 500 * time.Millisecond,
	}}
	disk := filestore.New(dir)
	disk.DirModePerm, disk.FileModePerm = 0o700, 0o600
	composer := handler.NewStoreComposer()
	composer.UseCore(disk)
	composer.UseTerminater(disk)
	composer.UseLocker(u.locker)
	u.tus, err = handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: prefix + "/uploads/", MaxSize: maxUpload,
		DisableDownload: true, DisableConcatenation: true, Cors: &handler.CorsConfig{Disable: true},
		Logger:                    slog.New(slog.NewTextHandler(io.Discard, nil)),
		PreUploadCreateCallback:   u.create,
		PreFinishResponseCallback: u.finish,
	})
	return u, err
}

// ServeHTTP expects the path without its prefix: an upload's id, or nothing.
func (u *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Header.Del("X-HTTP-Method-Override") // the method is what was checked
	tw := &tusWriter{ResponseWriter: w, r: r, s: u.s}
	defer tw.end()
	if r.Method != http.MethodOptions {
		if err := u.authorize(tw, r); err != nil || tw.status != 0 {
			if err != nil {
				tw.fail(u.s.handle(r.Context(), "upload", err))
			}
			return
		}
	}
	u.tus.ServeHTTP(tw, r)
}

// authorize lets through who may do this. It answers itself where tusd would
// not know what to say.
func (u *uploads) authorize(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	owner, err := u.s.ownerFrom(ctx)
	if err != nil {
		return err
	}
	if r.ContentLength > 0 {
		if err := u.s.Files.Room(r.ContentLength); err != nil {
			return err
		}
	}
	id := r.URL.Path
	if id == "" {
		return nil
	}
	info, err := u.info(ctx, id)
	if err != nil {
		return err
	}
	if info.MetaData["owner"] != owner {
		return model.ErrNotFound
	}
	if _, err := u.s.Store.OwnMove(ctx, owner, info.MetaData["move"]); err != nil {
		return err
	}
	switch r.Method {
	case http.MethodHead:
		return u.head(ctx, w, info)
	case http.MethodDelete:
		if taken, err := u.taken(ctx, info); err != nil || taken {
			return errors.Join(err, errTaken)
		}
	}
	return nil
}

// uploadID is a ULID: nothing else in the folder can be named by it.
var uploadID = regexp.MustCompile(`^[0-9A-Z]{26}$`)

func (u *uploads) info(ctx context.Context, id string) (handler.FileInfo, error) {
	var info handler.FileInfo
	if !uploadID.MatchString(id) {
		return info, model.ErrNotFound
	}
	f, err := u.s.Files.Open(ctx, uploadFolder+"/"+id+".info")
	if err != nil {
		return info, err
	}
	defer f.Close()
	return info, json.NewDecoder(f).Decode(&info)
}

// head answers for an upload that is complete. Its last answer was lost, or the
// process died before it handed the file on: then that is done now. A file that
// was read already is gone, which is no reason to send it again.
func (u *uploads) head(ctx context.Context, w http.ResponseWriter, info handler.FileInfo) error {
	size, err := u.s.Files.Size(ctx, uploadFolder+"/"+info.ID)
	if err != nil && !notFound(err) || err == nil && size != info.Size {
		return err
	}
	taken, takenErr := u.taken(ctx, info)
	switch {
	case takenErr != nil:
		return takenErr
	case !taken && err != nil:
		return err
	case !taken:
		lock, err := u.locker.NewLock(info.ID)
		if err != nil {
			return err
		}
		if err := lock.Lock(ctx, func() {}); err != nil {
			return err
		}
		defer func() { _ = lock.Unlock() }()
		if err := u.take(ctx, info); err != nil {
			return err
		}
	}
	offset := []string{strconv.FormatInt(info.Size, 10)}
	h := w.Header()
	h["Upload-Offset"], h["Upload-Length"], h["Tus-Resumable"] = offset, offset, []string{"1.0.0"}
	w.WriteHeader(http.StatusOK)
	return nil
}

// create decides on a new upload, and writes down whose it is.
func (u *uploads) create(event handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	ctx, said := event.Context, event.Upload.MetaData
	fail := func(err error) (handler.HTTPResponse, handler.FileInfoChanges, error) {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, u.refusal(ctx, err)
	}
	move, err := u.s.move(ctx, said["move"])
	if err != nil {
		return fail(err)
	}
	if kind := said["kind"]; kind != "archive" && kind != "media" {
		return fail(errUploadKind)
	}
	if event.Upload.Size == 0 {
		return fail(errEmptyFile)
	}
	if err := u.s.Files.Room(event.Upload.Size); err != nil {
		return fail(err)
	}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: store.NewID(), MetaData: handler.MetaData{
		"owner": move.OwnerID, "move": move.ID, "kind": said["kind"], "filename": fileName(said["filename"], "archive.zip"),
	}}, nil
}

// finish hands a complete upload on. It runs under the upload's lock.
func (u *uploads) finish(event handler.HookEvent) (handler.HTTPResponse, error) {
	if err := u.take(event.Context, event.Upload); err != nil {
		return handler.HTTPResponse{}, u.refusal(event.Context, err)
	}
	return handler.HTTPResponse{}, nil
}

// take starts the Run that reads an upload, once.
func (u *uploads) take(ctx context.Context, info handler.FileInfo) error {
	taken, err := u.taken(ctx, info)
	if err != nil || taken {
		return err
	}
	meta := info.MetaData
	_, err = u.s.Worker.TakeUpload(ctx, meta["move"], meta["kind"], meta["filename"], uploadFolder+"/"+info.ID)
	return err
}

func (u *uploads) taken(ctx context.Context, info handler.FileInfo) (bool, error) {
	archives, err := u.s.Store.Archives(ctx, info.MetaData["move"])
	for _, a := range archives {
		if a.FileKey == uploadFolder+"/"+info.ID {
			return true, nil
		}
	}
	return false, err
}

// refusal puts an error into the form that tusd answers with.
func (u *uploads) refusal(ctx context.Context, err error) error {
	status, detail := problemOf(u.s.handle(ctx, "upload", err))
	return handler.Error{ErrorCode: "ERR_REFUSED", Message: detail, HTTPResponse: handler.HTTPResponse{
		StatusCode: status, Body: string(problemJSON(status, detail)),
		Header: handler.HTTPHeader{"Content-Type": "application/problem+json"},
	}}
}

// fileName makes what a browser called a file fit to be shown.
func fileName(name, otherwise string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name))
	if name == "" || name == "." || name == "/" {
		return otherwise
	}
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:120])
	}
	return name
}

var (
	errUploadKind = newProblem(http.StatusUnprocessableEntity, "An upload is an archive or the media of one.")
	errTaken      = newProblem(http.StatusConflict, "This file is here and is being read.")
	errEmptyFile  = newProblem(http.StatusUnprocessableEntity, "This file is empty.")
)
