package importer

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// isJSON tells whether text is JSON or a file of an archive.
func isJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && (text[0] == '[' || text[0] == '{') || bytes.HasPrefix(text, []byte("window.YTD"))
}

// jsonList collects the objects of a list that are rows, as a table whose
// columns are their keys.
type jsonList struct {
	b       *listBuilder
	keys    map[string]int
	grid    grid
	samples []string // of texts that are no part of an object
}

// readJSON reads an array of handles, ids or objects, an object that holds one
// (the answers of X's API do), objects one after the other, or following.js.
func (b *listBuilder) readJSON(text []byte) error {
	start := bytes.IndexAny(text, "[{")
	if start < 0 {
		return badList(errNoJSON)
	}
	l := &jsonList{b: b, keys: map[string]int{}, grid: grid{header: true}}
	if err := l.read(jsontext.NewDecoder(bytes.NewReader(text[start:]), decodeOptions)); err != nil {
		return err
	}
	if len(l.grid.rows) == 0 {
		b.table = lineTable(l.samples)
		return nil
	}
	b.table.Kind, b.table.Header = KindJSON, true
	b.take(l.grid)
	return nil
}

func (l *jsonList) read(d *jsontext.Decoder) error {
	if d.PeekKind() == '[' {
		return l.array(d, 0)
	}
	for n := 1; ; n++ {
		v, err := d.ReadValue()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && n > 1:
			l.b.warn.add(l.b.file, "what follows row %d cannot be read", n-1)
			return nil
		case err != nil:
			return badList(err)
		}
		if err := l.value(v, n, 0, true); err != nil {
			return err
		}
	}
}

func badList(err error) error { return inputError("this list cannot be read: " + plain(err)) }

// array reads the items of the array that d stands before.
func (l *jsonList) array(d *jsontext.Decoder, depth int) error {
	if _, err := d.ReadToken(); err != nil {
		return badList(err)
	}
	for n := 1; d.PeekKind() != ']'; n++ {
		if n > l.b.limit { // empty ones too
			return l.b.tooMany()
		}
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return badList(err)
		}
		if err := l.value(v, n, depth, true); err != nil {
			return err
		}
	}
	return nil
}

// deepestList is how many wrappers an account may stand in.
const deepestList = 4

// value takes one value: a text or number is an account, an object a row or the
// wrapper of one. Item tells that it stands in a list and not under a key.
func (l *jsonList) value(v jsontext.Value, n, depth int, item bool) error {
	switch v.Kind() {
	case '"', '0':
		return l.scalar(v, n)
	case '{':
		return l.object(v, n, depth, item)
	case '[':
		if depth > 0 && depth < deepestList {
			return l.array(jsontext.NewDecoder(bytes.NewReader(v), decodeOptions), depth+1)
		}
	}
	l.b.warn.add(l.b.file, "row %d names no Twitter account", n)
	return l.b.count()
}

func (l *jsonList) scalar(v jsontext.Value, n int) error {
	var text string
	if err := json.Unmarshal(v, &text, decodeOptions); err != nil {
		return badList(err)
	}
	if len(l.samples) < mostSamples {
		l.samples = append(l.samples, text)
	}
	id, name := cell(text, strings.HasPrefix(text, "@"))
	if id == "" && name == "" {
		return l.b.readLines([]byte(text)) // a line of text
	}
	if err := l.b.count(); err != nil {
		return err
	}
	l.b.add(account{id: id, handle: name}, n)
	return nil
}

// object takes an object as a row if a key of it names an account, or if it
// stands in a list and holds nothing but texts. Else it is a wrapper, such as
// {"following": {…}} and {"data": […]}.
func (l *jsonList) object(v jsontext.Value, n, depth int, item bool) error {
	var keys []string
	fields := map[string]jsontext.Value{}
	d := jsontext.NewDecoder(bytes.NewReader(v), decodeOptions)
	err := members(d, func(key string) error {
		value, err := d.ReadValue()
		if _, twice := fields[key]; !twice {
			keys = append(keys, key)
		}
		fields[key] = slices.Clone(value)
		return err
	})
	if err != nil {
		return badList(err) // it was read as JSON before
	}
	named, leaf := false, true
	for _, key := range keys {
		text, plain := texts(fields[key])
		leaf = leaf && plain
		named = named || titles[normal(key)].isAccount() && text != ""
	}
	if named || leaf && item || depth >= deepestList {
		return l.row(keys, fields, n)
	}
	for _, key := range keys {
		if inner := fields[key]; inner.Kind() == '{' || inner.Kind() == '[' {
			if err := l.value(inner, n, depth+1, false); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *jsonList) row(keys []string, fields map[string]jsontext.Value, n int) error {
	cells := make([]string, len(l.keys), len(l.keys)+1)
	for _, key := range keys {
		text, plain := texts(fields[key])
		at, known := l.keys[key]
		if !known && plain && len(l.keys) < mostColumns {
			at, known = len(l.keys), true
			l.keys[key] = at
			l.grid.titles = append(l.grid.titles, key)
		}
		for known && len(cells) <= at {
			cells = append(cells, "")
		}
		if known {
			cells[at] = text
		}
	}
	return l.grid.add(l.b, cells, n)
}

// texts returns the text of a value, or the texts in an array, one a line. Plain
// tells that there is nothing else in it.
func texts(v jsontext.Value) (text string, plain bool) {
	switch v.Kind() {
	case '{':
		return "", false
	case '[':
		var parts []jsontext.Value
		if json.Unmarshal(v, &parts, decodeOptions) != nil {
			return "", false
		}
		var list []string
		for _, part := range parts {
			if kind := part.Kind(); kind == '{' || kind == '[' {
				return "", false
			}
			if text, _ := texts(part); text != "" {
				list = append(list, text)
			}
		}
		return strings.Join(list, "\n"), true
	}
	_ = json.Unmarshal(v, &text, decodeOptions) // it was read as JSON before
	return text, true
}
