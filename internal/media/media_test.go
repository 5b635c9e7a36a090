package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/media"
)

// secret stands for what must not leave.
const secret = "52.5200N 13.4050E"

// picture is w × h, its left half red and its right one blue, or noise, which
// does not compress.
func picture(w, h int, noise bool) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 255, A: 255}
			if x >= w/2 {
				c = color.RGBA{B: 255, A: 255}
			}
			if noise {
				c = color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

func encoded(t testing.TB, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is a marker of JPEG with its body.
func segment(mark byte, body string) string {
	return string([]byte{0xff, mark, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// exif is a directory with the orientation and something secret.
func exif(order binary.AppendByteOrder, turn uint16) string {
	b := []byte("II*\x00\x08\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*\x00\x00\x00\x08")
	}
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint16(order.AppendUint32(b, 1), turn)
	return string(b) + "\x00\x00" + secret
}

// jpegWith has those segments behind its beginning, and something behind its end.
func jpegWith(t testing.TB, img image.Image, segments ...string) []byte {
	t.Helper()
	data := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, img, nil) })
	return []byte(string(data[:2]) + strings.Join(segments, "") + string(data[2:]) + secret)
}

func chunk(kind, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, kind+body...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body))))
}

func pngWith(t testing.TB, img image.Image, chunks ...string) []byte {
	t.Helper()
	data := string(encoded(t, func(w io.Writer) error { return png.Encode(w, img) }))
	at := strings.Index(data, "IDAT") - 4
	return []byte(data[:at] + strings.Join(chunks, "") + data[at:] + secret)
}

func box(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

func film() []byte {
	trak := box("trak", box("tkhd", "....")+box("udta", secret)+box("mdia", box("mdhd", "....")+box("meta", secret)))
	return []byte(box("ftyp", "isom\x00\x00\x02\x00isomiso2mp41") + box("moov", box("mvhd", "....")+trak+box("udta", box("\xa9xyz", secret))) +
		box("uuid", "0123456789abcdef"+secret) + box("mdat", strings.Repeat("film", 1000)))
}

func prepare(t testing.TB, data []byte, l media.Limits) (media.Ready, []byte) {
	t.Helper()
	r, err := media.Prepare(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r.Open())
	if err != nil || int64(len(out)) != r.Size {
		t.Fatalf("%d bytes of %d, %v", len(out), r.Size, err)
	}
	return r, out
}

func TestStrip(t *testing.T) {
	img := picture(40, 20, false)
	tests := map[string]struct {
		data []byte
		kind string
	}{
		"jpeg": {jpegWith(t, img, segment(0xe0, "JFIF\x00\x01\x01"), segment(0xe1, "Exif\x00\x00"+exif(binary.LittleEndian, 1)),
			segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret), segment(0xe2, "MPF\x00"+secret), segment(0xed, "Photoshop 3.0\x00"+secret), segment(0xfe, secret)), media.JPEG},
		"png":  {pngWith(t, img, chunk("tEXt", "Location\x00"+secret), chunk("eXIf", exif(binary.BigEndian, 1)), chunk("iTXt", secret), chunk("tIME", secret[:7]), chunk("zzZz", secret)), media.PNG},
		"film": {film(), media.MP4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(tt.data, []byte(secret)) {
				t.Fatal("there is no secret in it")
			}
			r, out := prepare(t, tt.data, media.Limits{})
			if r.Type != tt.kind || r.Changed {
				t.Errorf("%+v, want %s unchanged", r, tt.kind)
			}
			if bytes.Contains(out, []byte(secret)) {
				t.Error("it still tells")
			}
			if tt.kind != media.MP4 {
				got, _, err := image.Decode(bytes.NewReader(out))
				want, _, _ := image.Decode(bytes.NewReader(tt.data))
				if err != nil || got.Bounds() != want.Bounds() || got.At(3, 3) != want.At(3, 3) {
					t.Errorf("the picture has changed: %v", err)
				}
			} else if len(out) != len(tt.data) || !bytes.HasSuffix(out, []byte("filmfilm")) || bytes.Count(out, []byte("free")) != 4 {
				t.Errorf("the film has changed: %d bytes of %d", len(out), len(tt.data))
			}
			if _, again := prepare(t, out, media.Limits{}); !bytes.Equal(again, out) {
				t.Error("preparing again gives something else")
			}
		})
	}
}

// A colour profile stays.
func TestStripKeepsColours(t *testing.T) {
	data := jpegWith(t, picture(8, 8, false), segment(0xe2, "ICC_PROFILE\x00\x01\x01profile"))
	if _, out := prepare(t, data, media.Limits{}); !bytes.Contains(out, []byte("ICC_PROFILE\x00\x01\x01profile")) {
		t.Error("the colour profile is gone")
	}
}

func TestUpright(t *testing.T) {
	for turn := uint16(2); turn <= 8; turn++ {
		data := jpegWith(t, picture(40, 20, false), segment(0xe1, "Exif\x00\x00"+exif(binary.BigEndian, turn)))
		r, out := prepare(t, data, media.Limits{})
		img, _, err := image.Decode(bytes.NewReader(out))
		if err != nil || !r.Changed {
			t.Fatalf("turn %d: %v, changed %t", turn, err, r.Changed)
		}
		b := img.Bounds()
		if tall := b.Dy() > b.Dx(); tall != (turn >= 5) {
			t.Errorf("turn %d: %v", turn, b)
		}
		// The red half: left, right, right, left, top, top, bottom, bottom.
		at := map[uint16]image.Point{2: {35, 10}, 3: {35, 10}, 4: {5, 10}, 5: {10, 5}, 6: {10, 5}, 7: {10, 35}, 8: {10, 35}}[turn]
		if r, _, b, _ := img.At(at.X, at.Y).RGBA(); r < 0xc000 || b > 0x4000 {
			t.Errorf("turn %d: %v is not red", turn, at)
		}
	}
}

func TestShrink(t *testing.T) {
	half := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range half.Pix {
		half.Pix[i] = uint8(r.Uint32())
	}
	noise := encoded(t, func(w io.Writer) error { return png.Encode(w, picture(600, 400, true)) })
	tests := []struct {
		name  string
		data  []byte
		l     media.Limits
		kind  string
		err   error
		small bool
	}{
		{"too many bytes", noise, media.Limits{Image: 50_000}, media.JPEG, nil, true},
		{"too many pixels", noise, media.Limits{Pixels: 10_000}, media.JPEG, nil, true},
		{"partly transparent", encoded(t, func(w io.Writer) error { return png.Encode(w, half) }), media.Limits{Image: 50_000}, media.PNG, nil, true},
		{"a kind that is not taken", noise, media.Limits{Types: []string{media.JPEG}}, media.JPEG, nil, false},
		{"JPEG not taken", jpegWith(t, picture(40, 20, false)), media.Limits{Types: []string{media.PNG, media.WebP}}, media.PNG, nil, false},
		{"no pictures taken", noise, media.Limits{Types: []string{media.MP4}}, "", media.ErrKind, false},
		{"no limit can be met", noise, media.Limits{Image: 10}, "", media.ErrLarge, false},
		{"film too large", film(), media.Limits{Video: 100}, "", media.ErrLarge, false},
		{"no films taken", film(), media.Limits{Types: []string{media.PNG}}, "", media.ErrKind, false},
		{"text", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), media.Limits{}, "", media.ErrBroken, false},
		{"nothing", nil, media.Limits{}, "", media.ErrBroken, false},
		{"cut off in its head", noise[:20], media.Limits{}, "", media.ErrBroken, false},
		{"a film that is none", []byte("\x00\x00\x00\x01ftypisom\x7f\xff\xff\xff\xff\xff\xff\xff"), media.Limits{}, "", media.ErrBroken, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ready, err := media.Prepare(bytes.NewReader(tt.data), int64(len(tt.data)), tt.l)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			out, err := io.ReadAll(ready.Open())
			if err != nil || ready.Type != tt.kind || media.Sniff(out) != tt.kind || !ready.Changed {
				t.Fatalf("%+v, %v; want %s", ready, err, tt.kind)
			}
			c, _, err := image.DecodeConfig(bytes.NewReader(out))
			if err != nil || tt.l.Image > 0 && int64(len(out)) > tt.l.Image || tt.l.Pixels > 0 && int64(c.Width*c.Height) > tt.l.Pixels {
				t.Errorf("%d bytes, %d × %d, %v", len(out), c.Width, c.Height, err)
			}
		})
	}
}

// A picture that says it is huge is not decoded.
func TestBomb(t *testing.T) {
	data := pngWith(t, picture(8, 8, false))
	binary.BigEndian.PutUint32(data[16:], 60_000)
	binary.BigEndian.PutUint32(data[20:], 60_000)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	if _, err := media.Prepare(bytes.NewReader(data), int64(len(data)), media.Limits{Pixels: 1 << 20}); !errors.Is(err, media.ErrLarge) {
		t.Errorf("error %v, want that it is too large", err)
	}
}

// Whatever the bytes: no panic, and what comes out holds no more than went in
// and is of the kind that is said.
func FuzzPrepare(f *testing.F) {
	img := picture(16, 8, true)
	f.Add(jpegWith(f, img, segment(0xe1, "Exif\x00\x00"+exif(binary.LittleEndian, 6))), int64(0), int64(0))
	f.Add(pngWith(f, img, chunk("tEXt", secret)), int64(500), int64(50))
	f.Add(film(), int64(0), int64(0))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x07\x00\x00\x07\x00\x00EXIF\x02\x00\x00\x00ab"), int64(0), int64(0))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, limit, pixels int64) {
		if len(data) > 1<<16 {
			return
		}
		r, err := media.Prepare(bytes.NewReader(data), int64(len(data)), media.Limits{Image: limit, Pixels: pixels})
		if err != nil {
			return
		}
		out, err := io.ReadAll(r.Open())
		if err != nil || int64(len(out)) != r.Size || media.Sniff(out) != r.Type {
			t.Errorf("%+v: %d bytes of kind %s, %v", r, len(out), media.Sniff(out), err)
		}
	})
}
