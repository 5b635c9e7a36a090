package sample

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
)

// images are the pictures that all photos are made of, smallest first. A photo
// is one of them and, up to the size it should have, a comment of noise, so
// that any program decodes it and drawing costs nothing.
type images struct{ jpegs, pngs [][]byte }

// pictures draws them, once per process.
var pictures = sync.OnceValue(func() *images {
	out := &images{}
	for i, width := range []int{32, 120, 240, 480} {
		picture := image.NewNRGBA(image.Rect(0, 0, width, width*3/4))
		for y := range width * 3 / 4 {
			for x := range width {
				picture.SetNRGBA(x, y, color.NRGBA{uint8(60*i + x), uint8(x*y/64 + 90), uint8(255 - y), 255})
			}
		}
		var j, p bytes.Buffer
		// Neither fails on an image in memory.
		_ = jpeg.Encode(&j, picture, &jpeg.Options{Quality: 70})
		_ = png.Encode(&p, picture)
		out.jpegs = append(out.jpegs, j.Bytes())
		out.pngs = append(out.pngs, p.Bytes())
	}
	return out
})

// writeMedia writes the media of all tweets, stored, as they do not deflate.
func (g *generator) writeMedia() error {
	for i := range g.o.Tweets {
		t := g.tweet(g.inFile(i))
		for k, m := range t.media {
			size := int64(0)
			if g.weights > 0 {
				size = int64(float64(g.o.MediaBytes) * m.weight / g.weights)
			}
			w, err := g.create(g.gen.dir+g.gen.tweetFile+"_media/"+m.file(t.id), zip.Store)
			if err != nil {
				return err
			}
			if err := g.writeFile(w, m, size, g.rng(forPicture, t.n*4+k+100)); err != nil {
				return err
			}
			g.tell(size >> 14)
		}
	}
	return nil
}

func (g *generator) writeFile(w io.Writer, m attachment, size int64, r *rand.Rand) error {
	f := filler{w: w, r: r}
	switch {
	case m.kind != "photo":
		f.mp4(size)
	case strings.HasSuffix(m.base, ".png"):
		f.png(largest(pictures().pngs, size), size)
	default:
		f.jpeg(largest(pictures().jpegs, size), size)
	}
	return f.err
}

// largest returns the largest picture that is no larger than size, else the
// smallest.
func largest(pictures [][]byte, size int64) []byte {
	best := pictures[0]
	for _, p := range pictures[1:] {
		if int64(len(p)) <= size {
			best = p
		}
	}
	return best
}

// filler writes files of a wished size.
type filler struct {
	w   io.Writer
	r   *rand.Rand
	buf [64 << 10]byte
	err error
}

func (f *filler) write(b []byte) {
	if f.err == nil {
		_, f.err = f.w.Write(b)
	}
}

func (f *filler) noise(n int) []byte {
	b := f.buf[:n]
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], f.r.Uint64())
	}
	return b
}

// blocks calls write for the lengths that fill missing bytes, in blocks that
// have so many bytes around their content.
func (f *filler) blocks(missing int64, around int, write func(n int)) {
	for missing > int64(around) && f.err == nil {
		n := int(min(missing-int64(around), 60_000))
		write(n)
		missing -= int64(n + around)
	}
}

// jpeg puts comments behind the start marker.
func (f *filler) jpeg(picture []byte, size int64) {
	f.write(picture[:2])
	f.blocks(size-int64(len(picture)), 4, func(n int) {
		f.write([]byte{0xff, 0xfe, byte((n + 2) >> 8), byte(n + 2)})
		f.write(f.noise(n))
	})
	f.write(picture[2:])
}

// png puts private chunks behind the header.
func (f *filler) png(picture []byte, size int64) {
	const header = 8 + 25
	f.write(picture[:header])
	f.blocks(size-int64(len(picture)), 12, func(n int) {
		head := binary.BigEndian.AppendUint32(nil, uint32(n))
		head = append(head, "skNn"...)
		body := f.noise(n)
		sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, body)
		f.write(head)
		f.write(body)
		f.write(binary.BigEndian.AppendUint32(nil, sum))
	})
	f.write(picture[header:])
}

// mp4 writes the boxes of a video without a track, and data.
func (f *filler) mp4(size int64) {
	f.write([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"))
	movie := make([]byte, 108)
	binary.BigEndian.PutUint32(movie, 108)
	copy(movie[4:], "mvhd")
	binary.BigEndian.PutUint32(movie[20:], 1000)    // time scale
	binary.BigEndian.PutUint32(movie[24:], 12_345)  // duration
	binary.BigEndian.PutUint32(movie[28:], 1<<16)   // rate
	binary.BigEndian.PutUint32(movie[104:], 0x0001) // next track
	f.write(append(binary.BigEndian.AppendUint32(nil, 116), "moov"...))
	f.write(movie)
	f.blocks(max(size-140, 64), 8, func(n int) {
		f.write(append(binary.BigEndian.AppendUint32(nil, uint32(n+8)), "mdat"...))
		f.write(f.noise(n))
	})
}
