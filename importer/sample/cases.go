package sample

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"strings"

	"golang.org/x/tools/txtar"
)

// Cases is the number of nasty cases in part D of docs/archive-format.md.
const Cases = 40

//go:embed cases/*.txtar
var caseFiles embed.FS

// Case is one of the forty nasty cases, as one archive or two.
type Case struct {
	Number int
	Title  string
	Write  []func(ctx context.Context, w io.Writer) error
}

// NewCase returns the n-th case, from 1 on. What is made large on purpose is
// divided by less, for tests; 1 makes it as large as real ones.
func NewCase(n, less int) (Case, error) {
	if large, ok := largeCases[n]; ok {
		return Case{n, large.title, []func(context.Context, io.Writer) error{func(ctx context.Context, w io.Writer) error {
			return large.write(ctx, w, max(less, 1))
		}}}, nil
	}
	b, err := caseFiles.ReadFile(fmt.Sprintf("cases/%02d.txtar", n))
	if err != nil {
		return Case{}, fmt.Errorf("there is no case %d: they go from 1 to %d", n, Cases)
	}
	text := txtar.Parse(b)
	c := Case{Number: n, Title: strings.TrimSpace(string(text.Comment))}
	files := text.Files
	variant := func(change func([]txtar.File) []txtar.File, finish func([]byte) []byte) {
		c.Write = append(c.Write, func(ctx context.Context, w io.Writer) error {
			var out bytes.Buffer
			if err := zipFiles(ctx, &out, change(files), n == 31); err != nil {
				return err
			}
			_, err := w.Write(finish(out.Bytes()))
			return err
		})
	}
	asIs := func(b []byte) []byte { return b }
	same := func(files []txtar.File) []txtar.File { return files }
	switch n {
	case 1:
		variant(same, func(b []byte) []byte { return zip64(b, false) })
		variant(same, func(b []byte) []byte { return zip64(b, true) })
	case 2:
		variant(renamed("twitter-2023/", ""), asIs)
		variant(renamed("downloads/twitter-2023/", ""), asIs)
	case 14:
		variant(windows, asIs)
	case 40:
		variant(only("1/"), asIs)
		variant(only("2/"), asIs)
	default:
		variant(same, asIs)
	}
	return c, nil
}

// renamed puts a prefix before all names, after cutting another.
func renamed(add, cut string) func([]txtar.File) []txtar.File {
	return func(files []txtar.File) []txtar.File {
		out := make([]txtar.File, len(files))
		for i, f := range files {
			out[i] = txtar.File{Name: add + strings.TrimPrefix(f.Name, cut), Data: f.Data}
		}
		return out
	}
}

// only keeps the files below a folder, without it.
func only(folder string) func([]txtar.File) []txtar.File {
	return func(files []txtar.File) []txtar.File {
		var out []txtar.File
		for _, f := range files {
			if strings.HasPrefix(f.Name, folder) {
				out = append(out, f)
			}
		}
		return renamed("", folder)(out)
	}
}

// windows does to files what editors on Windows do.
func windows(files []txtar.File) []txtar.File {
	out := make([]txtar.File, len(files))
	for i, f := range files {
		data := bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
		out[i] = txtar.File{Name: f.Name, Data: append([]byte("\xef\xbb\xbf"), data...)}
	}
	return out
}

// zipFiles writes the files, without the newline that txtar wants at the end of
// each, and, if asked for, a video of more than 4 GB.
func zipFiles(ctx context.Context, w io.Writer, files []txtar.File, large bool) error {
	zw := zip.NewWriter(w)
	for _, f := range files {
		e, err := zw.Create(f.Name)
		if err != nil {
			return err
		}
		if _, err := e.Write(bytes.TrimSuffix(f.Data, []byte("\n"))); err != nil {
			return err
		}
	}
	if large {
		if err := zipZeros(ctx, zw, largeVideo, 4<<30+1<<20); err != nil {
			return err
		}
	}
	return zw.Close()
}

// largeVideo is the file of the third tweet of case 31.
const largeVideo = "data/tweets_media/1599992034096054273-large.mp4"
