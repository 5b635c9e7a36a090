package sample

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
)

// dataType is one entry of the manifest.
type dataType struct {
	key, mediaDirectory string
	files               []dataFile
}

type dataFile struct {
	name, global string
	count        int
}

// arrayFile writes one .js file of items, in parts: X begins a new one after
// the item that reaches 100 MiB.
type arrayFile struct {
	g     *generator
	name  string // as in "note-tweet"
	w     io.Writer
	size  int
	files []dataFile
	json  printer
}

const partSize = 100 << 20

func (g *generator) array(name string) *arrayFile { return &arrayFile{g: g, name: name} }

// item adds what fill writes as one item.
func (f *arrayFile) item(fill func(p *printer)) error {
	if f.w == nil || f.size >= partSize {
		if err := f.begin(); err != nil {
			return err
		}
	}
	last := &f.files[len(f.files)-1]
	f.json.reset(1)
	f.json.raw(",\n")
	if last.count == 0 {
		f.json.reset(1)
		f.json.raw("[\n")
	}
	f.json.raw("  ")
	f.json.open('{')
	fill(&f.json)
	f.json.close('}')
	last.count++
	f.size += len(f.json.buf)
	_, err := f.w.Write(f.json.buf)
	return err
}

func (f *arrayFile) begin() error {
	if err := f.end(); err != nil {
		return err
	}
	n, suffix := len(f.files), ""
	if n > 0 {
		suffix = fmt.Sprintf("-part%d", n)
	}
	file := dataFile{
		name:   f.g.gen.dir + f.name + suffix + ".js",
		global: fmt.Sprintf("YTD.%s.part%d", strings.ReplaceAll(f.name, "-", "_"), n),
	}
	w, err := f.g.create(file.name, zip.Deflate)
	if err != nil {
		return err
	}
	f.w, f.size = w, 0
	f.files = append(f.files, file)
	_, err = io.WriteString(w, "window."+file.global+" = ")
	return err
}

func (f *arrayFile) end() error {
	if f.w == nil {
		return nil
	}
	_, err := io.WriteString(f.w, "\n]")
	return err
}

// close ends the file, writes an empty one if there was no item, and lists it
// in the manifest.
func (f *arrayFile) close(key, mediaDirectory string) error {
	if f.w == nil {
		if err := f.begin(); err != nil {
			return err
		}
		if _, err := io.WriteString(f.w, "[ ]"); err != nil {
			return err
		}
	} else if err := f.end(); err != nil {
		return err
	}
	f.g.types = append(f.g.types, dataType{key, mediaDirectory, f.files})
	return nil
}
