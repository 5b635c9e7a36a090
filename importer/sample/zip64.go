package sample

import (
	"bytes"
	"encoding/binary"
)

// zip64 rewrites the directory of a small zip with Zip64 records, as X writes
// them always: with sizes and offsets in the records and 0xffffffff in their old
// places, or, if orphan, in the old places as well.
func zip64(b []byte, orphan bool) []byte {
	le := binary.LittleEndian
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	from, count := int(le.Uint32(b[end+16:])), le.Uint16(b[end+10:])
	out := bytes.Clone(b[:from])
	for at := from; at < end; {
		name, extra, comment := int(le.Uint16(b[at+28:])), int(le.Uint16(b[at+30:])), int(le.Uint16(b[at+32:]))
		head := bytes.Clone(b[at : at+46])
		field := []byte{1, 0, 24, 0}
		field = le.AppendUint64(field, uint64(le.Uint32(head[24:])))
		field = le.AppendUint64(field, uint64(le.Uint32(head[20:])))
		field = le.AppendUint64(field, uint64(le.Uint32(head[42:])))
		if orphan {
			field = nil
		} else {
			for _, place := range []int{20, 24, 42} {
				le.PutUint32(head[place:], 0xffffffff)
			}
		}
		le.PutUint16(head[30:], uint16(extra+len(field)))
		out = append(out, head...)
		out = append(out, b[at+46:at+46+name+extra]...)
		out = append(out, field...)
		out = append(out, b[at+46+name+extra:at+46+name+extra+comment]...)
		at += 46 + name + extra + comment
	}
	to := len(out)
	out = append(out, "PK\x06\x06"...)
	out = le.AppendUint64(out, 44)
	out = le.AppendUint16(out, 45)
	out = le.AppendUint16(out, 45)
	out = le.AppendUint64(out, 0) // this disk, and that of the directory
	out = le.AppendUint64(out, uint64(count))
	out = le.AppendUint64(out, uint64(count))
	out = le.AppendUint64(out, uint64(to-from))
	out = le.AppendUint64(out, uint64(from))
	out = append(out, "PK\x06\x07\x00\x00\x00\x00"...)
	out = le.AppendUint64(out, uint64(to))
	out = le.AppendUint32(out, 1)
	last := bytes.Clone(b[end : end+22])
	if orphan {
		le.PutUint32(last[12:], uint32(to-from))
	} else {
		le.PutUint16(last[8:], 0xffff)
		le.PutUint16(last[10:], 0xffff)
		le.PutUint32(last[12:], 0xffffffff)
		le.PutUint32(last[16:], 0xffffffff)
	}
	le.PutUint16(last[20:], 0)
	return append(out, last...)
}
