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

// readJSON reads an array of handles, ids or objects, an object that holds one
// (the answers of X's API do), objects one after the other, or following.js.
func (b *listBuilder) readJSON(text []byte) error {
	start := bytes.IndexAny(text, "[{")
	if start < 0 {
		return badList(errNoJSON)
	}
	d := jsontext.NewDecoder(bytes.NewReader(text[start:]), decodeOptions)
	for n := 1; ; n++ {
		if n == 1 && d.PeekKind() == '[' {
			return b.readArray(d, 0)
		}
		v, err := d.ReadValue()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && n > 1:
			b.warn.add(b.file, "what follows row %d cannot be read", n-1)
			return nil
		case err != nil:
			return badList(err)
		}
		if err := b.addValue(v, n, 0); err != nil {
			return err
		}
	}
}

func badList(err error) error { return inputError("this list cannot be read: " + plain(err)) }

// readArray reads the items of the array that d stands before.
func (b *listBuilder) readArray(d *jsontext.Decoder, depth int) error {
	if _, err := d.ReadToken(); err != nil {
		return badList(err)
	}
	for n := 1; d.PeekKind() != ']'; n++ {
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return badList(err)
		}
		if err := b.addValue(v, n, depth); err != nil {
			return err
		}
	}
	return nil
}

// deepestList is how many wrappers an account may stand in.
const deepestList = 4

// addValue takes one item: a text or number is an account, an object one with
// fields or the wrapper of one.
func (b *listBuilder) addValue(v jsontext.Value, n, depth int) error {
	switch v.Kind() {
	case '"', '0':
		var text string
		if err := json.Unmarshal(v, &text, decodeOptions); err != nil {
			return badList(err)
		}
		id, name := cell(text, strings.HasPrefix(text, "@"))
		if id == "" && name == "" {
			return b.readLines([]byte(text)) // a line of text
		}
		return b.add(account{id: id, handle: name}, n)
	case '{':
		return b.addObject(v, n, depth)
	case '[':
		if depth > 0 && depth < deepestList {
			return b.readArray(jsontext.NewDecoder(bytes.NewReader(v), decodeOptions), depth+1)
		}
	}
	b.warn.add(b.file, "row %d names no Twitter account", n)
	b.rows++
	return nil
}

func (b *listBuilder) addObject(v jsontext.Value, n, depth int) error {
	var fields map[string]jsontext.Value
	if err := decode(v, &fields); err != nil {
		return badList(err) // it was read as JSON before
	}
	var a account
	for _, key := range sortedKeys(fields) {
		f := fieldOf(key)
		for _, text := range texts(fields[key]) {
			if f != noField && text != "" {
				a.set(f, text)
			}
		}
	}
	if a.id != "" || a.handle != "" || depth >= deepestList {
		return b.add(a, n)
	}
	// {"following": {…}}, {"data": […]}
	for _, key := range sortedKeys(fields) {
		if inner := fields[key]; inner.Kind() == '{' || inner.Kind() == '[' {
			if err := b.addValue(inner, n, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// texts returns the text of a value, or the texts in an array.
func texts(v jsontext.Value) []string {
	var list []string
	if v.Kind() == '[' {
		_ = json.Unmarshal(v, &list, decodeOptions) // no texts: nothing to take
		return list
	}
	var text string
	_ = json.Unmarshal(v, &text, decodeOptions) // likewise
	return []string{text}
}

func sortedKeys(m map[string]jsontext.Value) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
