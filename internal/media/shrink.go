package media

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // read only
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // read only
)

func decodeConfig(data []byte) (image.Config, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	return c, err
}

// decoding lets one picture at a time be decoded in this process: each may take
// a hundred megabytes.
var decoding = make(chan struct{}, 1)

// shrink decodes a picture, sets it upright, and writes it so that it fits: as
// JPEG, or as PNG where it is partly transparent.
func shrink(data []byte, turn int, l Limits) (out []byte, kind string, err error) {
	decoding <- struct{}{}
	defer func() { <-decoding }()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", ErrBroken
	}
	img = upright(img, turn)
	if b := img.Bounds(); l.Pixels > 0 && int64(b.Dx())*int64(b.Dy()) > l.Pixels {
		img = scaled(img, math.Sqrt(float64(l.Pixels)/(float64(b.Dx())*float64(b.Dy()))))
	}
	kind = JPEG
	if !opaque(img) && l.takes(PNG) || !l.takes(JPEG) {
		kind = PNG
	}
	if !l.takes(kind) {
		return nil, "", ErrKind
	}
	for range 12 {
		for _, quality := range qualities(kind) {
			if out, err = encode(img, kind, quality); err != nil {
				return nil, "", err
			}
			if l.Image <= 0 || int64(len(out)) <= l.Image {
				return out, kind, nil
			}
		}
		img = scaled(img, 0.75)
		if b := img.Bounds(); b.Dx() < 16 || b.Dy() < 16 {
			break
		}
	}
	return nil, "", ErrLarge
}

func qualities(kind string) []int {
	if kind == PNG {
		return []int{0}
	}
	return []int{90, 80, 70}
}

func encode(img image.Image, kind string, quality int) ([]byte, error) {
	var b bytes.Buffer
	if kind == PNG {
		encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
		err := encoder.Encode(&b, img)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, flat(img), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// flat lays a picture that is partly transparent on white, as pages do.
func flat(img image.Image) image.Image {
	if opaque(img) {
		return img
	}
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Over)
	return out
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func scaled(img image.Image, factor float64) image.Image {
	b := img.Bounds()
	w, h := max(1, int(float64(b.Dx())*factor)), max(1, int(float64(b.Dy())*factor))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// upright turns and mirrors a picture as EXIF's orientation says.
func upright(img image.Image, turn int) image.Image {
	if turn <= 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := [...]image.Point{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y}, 5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x}}[turn]
			out.Set(to.X, to.Y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}
