// Package avatar makes a small picture of ours out of a stranger's: it decides
// by the first bytes what it is, looks at the dimensions before it decodes, and
// encodes anew what it decoded, so that nothing of the stranger's file is passed
// on but how it looks. It is pure: bytes in, bytes out.
package avatar

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/skein-migrate/skein/internal/model"
)

const (
	// Side is the most pixels that an avatar has on each side.
	Side = 128
	// MaxBytes is the most that a stranger's picture may have.
	MaxBytes = 1 << 20

	maxPixels = 4 << 20 // decoded, four bytes each
	maxSide   = 8192
)

// The types that Small makes.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// A format is known by its first bytes, a ? standing for any.
type format struct {
	first  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// SVG, which is a program, and video have no place here. Of an animated GIF the
// first picture is read.
var formats = []format{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF8?a", gif.DecodeConfig, gif.Decode},
	{"RIFF????WEBPVP8", webp.DecodeConfig, webp.Decode},
}

func (f format) of(data []byte) bool {
	if len(data) < len(f.first) {
		return false
	}
	for i := range len(f.first) {
		if f.first[i] != '?' && f.first[i] != data[i] {
			return false
		}
	}
	return true
}

// Small returns the middle of a picture as a square of at most Side pixels, as
// JPEG or, where it is transparent, PNG. Whatever is no raster picture of a
// bearable size is ErrInvalid.
func Small(data []byte) (small []byte, err error) {
	defer func() { // decoders of others, at work on strangers' bytes
		if p := recover(); p != nil {
			small, err = nil, invalid("cannot be read: %v", p)
		}
	}()
	if len(data) > MaxBytes {
		return nil, invalid("has more than %d bytes", MaxBytes)
	}
	for _, f := range formats {
		if f.of(data) {
			return f.small(data)
		}
	}
	return nil, invalid("is of no known kind")
}

func (f format) small(data []byte) ([]byte, error) {
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, invalid("%w", err)
	}
	w, h := config.Width, config.Height
	if w < 1 || h < 1 || w > maxSide || h > maxSide || w*h > maxPixels {
		return nil, invalid("has %d × %d pixels", w, h)
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, invalid("%w", err)
	}
	if img.Bounds().Empty() {
		return nil, invalid("is empty")
	}
	return encode(shrink(img))
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("picture: %w", errors.Join(fmt.Errorf(format, args...), model.ErrInvalid))
}

// shrink cuts the largest square out of the middle and makes it smaller, never
// larger.
func shrink(img image.Image) *image.NRGBA {
	b := img.Bounds()
	n := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, n, n).Add(b.Min).Add(image.Pt((b.Dx()-n)/2, (b.Dy()-n)/2))
	side := min(n, Side)
	small := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(small, small.Bounds(), img, from, draw.Src, nil)
	return small
}

func encode(img *image.NRGBA) ([]byte, error) {
	var b bytes.Buffer
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 85})
	} else {
		err = png.Encode(&b, img)
	}
	return b.Bytes(), err
}

// TypeOf returns the type of what Small made.
func TypeOf(small []byte) string {
	if strings.HasPrefix(string(small), formats[0].first) {
		return PNG
	}
	return JPEG
}
