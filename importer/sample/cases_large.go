package sample

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// largeCases are made rather than kept: their point is their size.
var largeCases = map[int]struct {
	title string
	write func(ctx context.Context, w io.Writer, less int) error
}{
	9: {"Tweets in parts of 100 MiB, 672,588 followers.", func(ctx context.Context, w io.Writer, less int) error {
		_, err := Write(ctx, w, Options{Tweets: 70_000 / less, Following: 4883 / less, Followers: 672_588 / less, Seed: 9})
		return err
	}},
	10: {"Honest JSON that deflates more than 30 times.", writeDense},
	11: {"6,200 assets and more than 65,535 pictures.", writeMany},
}

// writeDense writes follows and likes that say the same over and over, as much
// as real files never do.
func writeDense(_ context.Context, w io.Writer, less int) error {
	zw := zip.NewWriter(w)
	for _, f := range [][2]string{{"account", ` { "account" : { "username" : "owner", "accountId" : "1001" } }`}, {"tweets", ""}} {
		e, err := zw.Create("data/" + f[0] + ".js")
		if err != nil {
			return err
		}
		fmt.Fprintf(e, "window.YTD.%s.part0 = [%s ]", f[0], f[1])
	}
	for _, f := range []struct{ name, item string }{
		{"following", "  {\n    \"following\" : {\n      \"accountId\" : \"%d\",\n      \"userLink\" : \"https://twitter.com/intent/user?user_id=%[1]d\"\n    }\n  }"},
		{"like", "  {\n    \"like\" : {\n      \"tweetId\" : \"%d\",\n      \"fullText\" : \"" + strings.Repeat("the same words ", 10) + "\",\n      \"expandedUrl\" : \"https://twitter.com/i/web/status/%[1]d\"\n    }\n  }"},
	} {
		e, err := zw.Create("data/" + f.name + ".js")
		if err != nil {
			return err
		}
		fmt.Fprintf(e, "window.YTD.%s.part0 = [\n", f.name)
		for i := range 80_000 / less {
			if i > 0 {
				fmt.Fprint(e, ",\n")
			}
			if _, err := fmt.Fprintf(e, f.item, 1000+i%3000); err != nil {
				return err
			}
		}
		fmt.Fprint(e, "\n]")
	}
	return zw.Close()
}

// writeMany writes more entries than 16 bits count.
func writeMany(ctx context.Context, w io.Writer, less int) error {
	zw := zip.NewWriter(w)
	add := func(name, content string) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e, err := zw.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return err
		}
		_, err = io.WriteString(e, content)
		return err
	}
	for i := range 6200 / less {
		if err := add(fmt.Sprintf("assets/images/twemoji/v/latest/svg/%x.svg", 0x1f000+i), "<svg/>"); err != nil {
			return err
		}
	}
	for i := range 66_000 / less {
		if err := add(fmt.Sprintf("data/tweets_media/%d-picture.jpg", 1_600_000_000_000_000_000+i), "jpeg"); err != nil {
			return err
		}
	}
	for _, f := range [][2]string{
		{"account", `{ "account" : { "username" : "owner", "accountId" : "1001" } }`},
		{"following", `{ "following" : { "accountId" : "12" } }`},
		{"tweets", `{ "tweet" : { "id_str" : "1600000000000000000", "full_text" : "hi https://t.co/a", "entities" : { "media" : [ { "type" : "photo", "media_url_https" : "https://pbs.twimg.com/media/picture.jpg" } ] } } }`},
	} {
		if err := add("data/"+f[0]+".js", "window.YTD."+f[0]+".part0 = [ "+f[1]+" ]"); err != nil {
			return err
		}
	}
	return zw.Close()
}

// zipZeros writes an entry of so many zero bytes, a whole number of MiB, without
// deflating each of them: the same block of deflated zeros does for all.
func zipZeros(ctx context.Context, zw *zip.Writer, name string, size uint64) error {
	var packed bytes.Buffer
	fw, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	var first, next []byte
	for range 2 { // the first block differs: there is nothing before it to refer to
		packed.Reset()
		if _, err := fw.Write(zeros); err != nil {
			return err
		}
		if err := fw.Flush(); err != nil {
			return err
		}
		first, next = next, bytes.Clone(packed.Bytes())
	}
	packed.Reset()
	if err := fw.Close(); err != nil {
		return err
	}
	last := packed.Bytes()
	blocks := int(size >> 20)
	sum := uint32(0)
	for range blocks {
		sum = crc32.Update(sum, crc32.IEEETable, zeros)
	}
	e, err := zw.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Deflate, CRC32: sum, UncompressedSize64: uint64(blocks) << 20,
		CompressedSize64: uint64(len(first) + (blocks-1)*len(next) + len(last)),
	})
	if err != nil {
		return err
	}
	for i := range blocks {
		b := next
		if i == 0 {
			b = first
		}
		if _, err := e.Write(b); err != nil {
			return err
		}
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	_, err = e.Write(last)
	return err
}
