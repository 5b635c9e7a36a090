package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// hole is a place of a video where something else is read.
type hole struct {
	at   int64
	with []byte
}

// prepareVideo leaves a video as it is, but for the boxes that hold what it says
// about place and camera: they are read as free space, filled with nothing, so
// that all other places in the file stay right.
func prepareVideo(f File, size int64, l Limits) (Ready, error) {
	switch {
	case !l.takes(MP4):
		return Ready{}, ErrKind
	case l.Video > 0 && size > l.Video:
		return Ready{}, ErrLarge
	}
	holes, err := findHoles(f, size)
	if err != nil {
		return Ready{}, err
	}
	return Ready{Type: MP4, Size: size, open: func() io.Reader {
		return &filled{in: io.NewSectionReader(f, 0, size), holes: holes}
	}}, nil
}

const (
	maxBoxes = 10_000
	maxHole  = 1 << 20 // a larger box holds more than words: a picture, say
)

var nothing = make([]byte, maxHole)

// findHoles looks for boxes with metadata (ISO/IEC 14496-12): udta and meta, and
// uuid, in which XMP stands, at the top, in moov and in its tracks.
func findHoles(f io.ReaderAt, size int64) ([]hole, error) {
	var holes []hole
	boxes := 0
	var walk func(from, to int64, depth int) error
	walk = func(from, to int64, depth int) error {
		for at := from; at+8 <= to; {
			if boxes++; boxes > maxBoxes {
				return ErrBroken
			}
			head := make([]byte, 16)
			if n, err := f.ReadAt(head, at); n < 8 {
				return fmt.Errorf("read file: %w", errors.Join(err, io.ErrUnexpectedEOF))
			}
			length, inner := int64(binary.BigEndian.Uint32(head)), int64(8)
			switch length {
			case 0: // to the end
				length = to - at
			case 1:
				length, inner = int64(min(binary.BigEndian.Uint64(head[8:]), 1<<62)), 16
			}
			if length < inner || length > to-at {
				if at == from && depth == 0 {
					return ErrBroken
				}
				return nil // cut off: programs show what there is
			}
			switch kind := string(head[4:8]); kind {
			case "moov", "trak", "mdia":
				if err := walk(at+inner, at+length, depth+1); err != nil {
					return err
				}
			case "udta", "meta", "uuid":
				holes = append(holes, hole{at + 4, []byte("free")}, hole{at + inner, nothing[:min(length-inner, maxHole)]})
			}
			at += length
		}
		return nil
	}
	return holes, walk(0, size, 0)
}

// filled reads a video with other bytes in its holes.
type filled struct {
	in    io.Reader
	at    int64
	holes []hole
}

// Read implements io.Reader.
func (r *filled) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	for _, h := range r.holes {
		from, to := max(h.at, r.at), min(h.at+int64(len(h.with)), r.at+int64(n))
		if from < to {
			copy(p[from-r.at:to-r.at], h.with[from-h.at:])
		}
	}
	r.at += int64(n)
	return n, err
}
