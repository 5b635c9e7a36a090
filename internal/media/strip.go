package media

import (
	"bytes"
	"encoding/binary"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// strip returns a picture without what it says about where, when and with what
// it was taken, and how it has to be turned to stand upright (EXIF's
// orientation, 1 to 8; 0 if it does not say). The pixels stay as they are.
func strip(data []byte, kind string) (clean []byte, turn int, err error) {
	switch kind {
	case JPEG:
		return stripJPEG(data)
	case PNG:
		return stripPNG(data)
	case WebP:
		return stripWebP(data)
	}
	return data, 0, nil // GIF holds no such thing
}

// The markers of JPEG that matter here (ITU T.81, table B.1).
const (
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markAPP1 = 0xe1
	markAPP2 = 0xe2
	markAPPE = 0xee // Adobe's: how colours are stored
	markAPPF = 0xef
	markCOM  = 0xfe
)

// stripJPEG keeps what is needed to show the picture: tables, frames, scans,
// JFIF, Adobe's and the colour profile. What stands behind the picture, such as
// a second one or a film, goes as well.
func stripJPEG(data []byte) (clean []byte, turn int, err error) {
	out := append(make([]byte, 0, len(data)), data[:2]...)
	at := 2
	for {
		for at < len(data) && data[at] == 0xff { // any number of them may stand before a marker
			at++
		}
		if at >= len(data) || data[at-1] != 0xff {
			return nil, 0, ErrBroken
		}
		mark := data[at]
		at++
		if mark == markEOI {
			return append(out, 0xff, markEOI), turn, nil
		}
		if mark >= 0xd0 && mark <= markSOI || mark == 0x01 { // they stand alone
			out = append(out, 0xff, mark)
			continue
		}
		if at+2 > len(data) {
			return nil, 0, ErrBroken
		}
		end := at + int(binary.BigEndian.Uint16(data[at:]))
		if end < at+2 || end > len(data) {
			return nil, 0, ErrBroken
		}
		body := data[at+2 : end]
		if mark == markAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && turn == 0 {
			turn = orientation(body[6:])
		}
		if keepSegment(mark, body) {
			out = append(append(out, 0xff, mark), data[at:end]...)
		}
		at = end
		if mark == markSOS {
			end := scanEnd(data, at)
			out = append(out, data[at:end]...)
			if end == len(data) { // cut off: programs show what there is
				return append(out, 0xff, markEOI), turn, nil
			}
			at = end
		}
	}
}

func keepSegment(mark byte, body []byte) bool {
	switch {
	case mark == markAPP2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case mark == markAPP0, mark == markAPPE:
		return true
	}
	return mark != markCOM && (mark < markAPP0 || mark > markAPPF)
}

// scanEnd returns where the marker behind a scan's data begins.
func scanEnd(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if data[at] == 0xff && data[at+1] != 0 && data[at+1] != 0xff && (data[at+1] < 0xd0 || data[at+1] > 0xd7) {
			return at
		}
	}
	return len(data)
}

// orientation reads the tag 0x0112 of EXIF's first directory.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	n := int64(order.Uint16(tiff[at:]))
	for i := range n {
		field := at + 2 + i*12
		if field+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[field:]) == 0x0112 {
			if v := int(order.Uint16(tiff[field+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}

// chunksOfPNG are those that a picture needs, colours and motion among them.
var chunksOfPNG = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true, "cICP": true,
	"sBIT": true, "bKGD": true, "acTL": true, "fcTL": true, "fdAT": true,
}

func stripPNG(data []byte) (clean []byte, turn int, err error) {
	out := append(make([]byte, 0, len(data)), pngMagic...)
	for at := len(pngMagic); at+12 <= len(data); {
		size := int64(binary.BigEndian.Uint32(data[at:]))
		end := int64(at) + 12 + size
		if end > int64(len(data)) {
			return nil, 0, ErrBroken
		}
		kind := string(data[at+4 : at+8])
		switch {
		case kind == "IEND":
			return append(out, data[at:end]...), turn, nil
		case kind == "eXIf":
			turn = orientation(data[at+8 : end-4])
		case chunksOfPNG[kind]:
			out = append(out, data[at:end]...)
		}
		at = int(end)
	}
	return nil, 0, ErrBroken
}

// stripWebP drops the chunks EXIF and XMP of an extended file, and what says
// that they are there (https://developers.google.com/speed/webp/docs/riff_container).
func stripWebP(data []byte) (clean []byte, turn int, err error) {
	out := append(make([]byte, 0, len(data)), data[:min(len(data), 12)]...)
	for at := 12; at+8 <= len(data); {
		size := int64(binary.LittleEndian.Uint32(data[at+4:]))
		end := int64(at) + 8 + size
		if end > int64(len(data)) {
			return nil, 0, ErrBroken
		}
		padded := min(end+size%2, int64(len(data)))
		switch kind := string(data[at : at+4]); kind {
		case "EXIF":
			turn = orientation(bytes.TrimPrefix(data[at+8:end], []byte("Exif\x00\x00")))
		case "XMP ":
		default:
			from := len(out)
			out = append(out, data[at:padded]...)
			if kind == "VP8X" && size > 0 {
				out[from+8] &^= 0b1100 // EXIF and XMP
			}
		}
		at = int(padded)
	}
	if len(out) < 20 {
		return nil, 0, ErrBroken
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, turn, nil
}
