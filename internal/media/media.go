// Package media makes pictures and videos of an archive fit to be uploaded: it
// tells what a file really is, takes out what it says about place, time and
// camera, and makes pictures smaller that are too large for a server. What fits
// already keeps its pixels. Files are strangers': sizes are checked before
// anything is decoded.
package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/skein-migrate/skein/internal/model"
)

// File is what is read. It is closed by whoever opened it.
type File interface {
	io.Reader
	io.ReaderAt
}

// Limits are what a server takes. Zero values are not known.
type Limits struct {
	Types  []string // MIME; empty: all that we know
	Image  int64    // bytes
	Video  int64
	Pixels int64 // of a picture
}

// Ready is a file as it may be uploaded.
type Ready struct {
	Type    string // MIME, by what is in the file
	Size    int64
	Changed bool // pixels were changed: turned, made smaller, or written in another format

	open func() io.Reader
}

// Open returns the bytes from the beginning; of a video, the File has to be open
// still.
func (r Ready) Open() io.Reader { return r.open() }

// Why a file cannot be uploaded; each wraps model.ErrInvalid.
var (
	ErrBroken = fmt.Errorf("the file is damaged: %w", model.ErrInvalid)
	ErrKind   = fmt.Errorf("the server does not take files of this kind: %w", model.ErrInvalid)
	ErrLarge  = fmt.Errorf("the file is larger than the server takes: %w", model.ErrInvalid)
)

// The caps on what is read into memory and decoded. Twitter keeps photos of up
// to 4096 × 4096 and a few megabytes.
const (
	maxImage  = 64 << 20
	maxPixels = 34 << 20
)

// The kinds of file that archives hold, or that servers take.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	GIF  = "image/gif"
	WebP = "image/webp"
	MP4  = "video/mp4"
)

// Sniff tells what a file is by how it begins, "" if it is nothing that we know.
// 32 bytes are enough.
func Sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte(pngMagic)):
		return PNG
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP
	case len(head) >= 12 && string(head[4:8]) == "ftyp" && string(head[8:12]) != "heic" && string(head[8:12]) != "avif":
		return MP4
	}
	return ""
}

// Prepare makes a file of that size ready for a server. Preparing again gives
// the same bytes. The error is ErrBroken, ErrKind, ErrLarge or one of reading.
func Prepare(f File, size int64, l Limits) (Ready, error) {
	head := make([]byte, min(size, 32))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Ready{}, fmt.Errorf("read file: %w", err)
	}
	switch kind := Sniff(head); kind {
	case "":
		return Ready{}, ErrBroken
	case MP4:
		return prepareVideo(f, size, l)
	default:
		return prepareImage(f, size, kind, l)
	}
}

// takes tells whether the server takes files of that kind.
func (l Limits) takes(kind string) bool { return len(l.Types) == 0 || slices.Contains(l.Types, kind) }

func prepareImage(f File, size int64, kind string, l Limits) (Ready, error) {
	if size > maxImage {
		return Ready{}, ErrLarge
	}
	data := make([]byte, size)
	if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return Ready{}, fmt.Errorf("read file: %w", err)
	}
	config, err := decodeConfig(data)
	if err != nil {
		return Ready{}, ErrBroken
	}
	clean, turn, err := strip(data, kind)
	if err != nil {
		return Ready{}, err
	}
	pixels := int64(config.Width) * int64(config.Height)
	fits := (l.Image <= 0 || int64(len(clean)) <= l.Image) && (l.Pixels <= 0 || pixels <= l.Pixels)
	if fits && l.takes(kind) && turn <= 1 {
		return ready(clean, kind, false), nil
	}
	if pixels > maxPixels || kind == GIF { // a moving picture would stand still
		if l.takes(kind) {
			return Ready{}, ErrLarge
		}
		return Ready{}, ErrKind
	}
	out, kind, err := shrink(data, turn, l)
	if err != nil {
		return Ready{}, err
	}
	return ready(out, kind, true), nil
}

func ready(data []byte, kind string, changed bool) Ready {
	return Ready{Type: kind, Size: int64(len(data)), Changed: changed, open: func() io.Reader { return bytes.NewReader(data) }}
}
