package avatar_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/avatar"
	"github.com/skein-migrate/skein/internal/model"
)

// picture is blue on the left and red on the right, clear where it is asked for.
func picture(w, h int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{B: 200, A: alpha}
			if x >= w/2 {
				c = color.NRGBA{R: 200, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encoded(t testing.TB, kind string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, img)
	case "jpeg":
		err = jpeg.Encode(&b, img, nil)
	case "gif":
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webpPicture is 16 × 16 pixels of one colour, lossless.
const webpPicture = "UklGRhwAAABXRUJQVlA4TA8AAAAvD8ADAAcQEf0PRET/AwA="

// pngOf claims dimensions that it does not hold.
func pngOf(w, h uint32) []byte {
	header := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(header[4:], w)
	binary.BigEndian.PutUint32(header[8:], h)
	header[12], header[13] = 8, 6
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

// webpOf is a small canvas with a large picture in it.
func webpOf(t testing.TB) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("UklGRhYAAABXRUJQVlA4WAoAAAAAAAAABwAABwAAVlA4TAUAAAAv////Dw==")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSmall(t *testing.T) {
	web, err := base64.StdEncoding.DecodeString(webpPicture)
	if err != nil {
		t.Fatal(err)
	}
	animation := &gif.GIF{Config: image.Config{Width: 300, Height: 200}}
	for range 3 {
		frame := image.NewPaletted(image.Rect(0, 0, 300, 200), color.Palette{color.Black, color.White})
		animation.Image, animation.Delay = append(animation.Image, frame), append(animation.Delay, 5)
	}
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, animation); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		data []byte
		kind string
		side int
	}{
		{"PNG", encoded(t, "png", picture(400, 400, 255)), avatar.JPEG, 128},
		{"PNG with holes", encoded(t, "png", picture(400, 400, 0)), avatar.PNG, 128},
		{"JPEG, wide", encoded(t, "jpeg", picture(600, 200, 255)), avatar.JPEG, 128},
		{"GIF, high", encoded(t, "gif", picture(100, 500, 255)), avatar.JPEG, 100},
		{"animated GIF", moving.Bytes(), avatar.JPEG, 128},
		{"WebP", web, avatar.JPEG, 16},
		{"one pixel", encoded(t, "png", picture(1, 1, 255)), avatar.JPEG, 1},
		{"as large as it may be", encoded(t, "png", image.NewGray(image.Rect(0, 0, 2048, 2048))), avatar.JPEG, 128},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			small, err := avatar.Small(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			config, format, err := image.DecodeConfig(bytes.NewReader(small))
			if err != nil || config.Width != tt.side || config.Height != tt.side {
				t.Errorf("%d × %d, %v; want a square of %d", config.Width, config.Height, err, tt.side)
			}
			if got := avatar.TypeOf(small); got != tt.kind || !strings.HasSuffix(tt.kind, format) {
				t.Errorf("%s (%s), want %s", got, format, tt.kind)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	whole := encoded(t, "png", picture(400, 400, 255))
	tests := map[string][]byte{
		"nothing":                      nil,
		"SVG":                          []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"SVG after a declaration":      []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`),
		"HTML":                         []byte("<!DOCTYPE html><html><body>Just a moment…</body></html>"),
		"HTML after the magic of PNG":  []byte("\x89PNG\r\n\x1a\n<html>"),
		"a BMP":                        []byte("BM\x00\x00"),
		"WebP in name only":            []byte("RIFF\x10\x00\x00\x00WEBPVP8X"),
		"a video":                      []byte("RIFF\x10\x00\x00\x00AVI LIST"),
		"truncated":                    whole[:len(whole)/2],
		"GIF without a picture":        []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"PNG of a billion pixels":      pngOf(30000, 30000),
		"PNG of 4 billion a side":      pngOf(1<<31-1, 1<<31-1),
		"PNG, long and thin":           pngOf(1, 1<<20),
		"a canvas with more inside it": webpOf(t),
		"too many bytes":               append(whole, make([]byte, avatar.MaxBytes)...),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			small, err := avatar.Small(data)
			if !errors.Is(err, model.ErrInvalid) || small != nil {
				t.Errorf("%d bytes, %v; want ErrInvalid", len(small), err)
			}
		})
	}
}

// Whatever comes in, a small picture comes out, or ErrInvalid.
func FuzzSmall(f *testing.F) {
	for _, kind := range []string{"png", "jpeg", "gif"} {
		f.Add(encoded(f, kind, picture(20, 20, 100)))
	}
	web, err := base64.StdEncoding.DecodeString(webpPicture)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(web)
	f.Add(webpOf(f))
	f.Add(pngOf(30000, 30000))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		small, err := avatar.Small(data)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) {
				t.Errorf("%v", err)
			}
			return
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(small))
		if err != nil || config.Width > avatar.Side || config.Width != config.Height || config.Width < 1 {
			t.Errorf("%d × %d, %v", config.Width, config.Height, err)
		}
	})
}
