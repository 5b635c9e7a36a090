package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AltText is what somebody wrote of a picture or video. Key names it: its file
// in the archive, the last part of its address at Twitter, or the id of its
// tweet, perhaps with "/2" for the second one.
type AltText struct {
	Key  string
	Text string
}

// The caps on a file of alt texts.
const (
	maxAltFile  = 32 << 20
	maxAltTexts = 200_000
	maxAltText  = 5_000 // runes; servers take fewer
)

// The names by which other tools call the two columns.
var (
	altKeys  = []string{"file", "filename", "media", "media_key", "image", "path", "url", "tweet_id", "status_id", "id", "key"}
	altTexts = []string{"alt", "alt_text", "alttext", "ext_alt_text", "description", "caption", "text"}
)

// ReadAltTexts reads a file of alt texts: JSON, an object of keys and texts or a
// list of objects, or a table (CSV, TSV) whose first line names the columns, or
// whose first two columns are key and text. What cannot be read at all, or is too
// large, is model.ErrInvalid; rows without key or text are left out.
func ReadAltTexts(r io.Reader) ([]AltText, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxAltFile+1))
	if err != nil {
		return nil, fmt.Errorf("read alt texts: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var all []AltText
	switch head := bytes.TrimLeft(data, " \t\r\n"); {
	case len(data) > maxAltFile:
		return nil, inputError(fmt.Sprintf("this file of alt texts has more than %d MB, which is the most that is read", maxAltFile>>20))
	case len(head) == 0:
		return nil, inputError("this file of alt texts is empty")
	case head[0] == '{' || head[0] == '[':
		all, err = altJSON(head)
	default:
		all, err = altTable(data)
	}
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, inputError("no alt text was found in this file; it wants pairs of a picture's file or tweet id, and the words for it, as CSV or JSON")
	case len(all) > maxAltTexts:
		return nil, inputError(fmt.Sprintf("this file has more than %d alt texts, which is the most that is read", maxAltTexts))
	}
	return all, nil
}

func altJSON(data []byte) ([]AltText, error) {
	var all []AltText
	if data[0] == '{' {
		var pairs map[string]jsontext.Value
		if err := json.Unmarshal(data, &pairs, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
			return nil, inputError("this file of alt texts is no JSON: " + plain(err))
		}
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			all = addAlt(all, key, altValue(pairs[key]))
		}
		return all, nil
	}
	var rows []map[string]jsontext.Value
	if err := json.Unmarshal(data, &rows, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, inputError("this file of alt texts is no list of objects: " + plain(err))
	}
	for _, row := range rows {
		all = addAlt(all, altField(row, altKeys), altField(row, altTexts))
	}
	return all, nil
}

func altField(row map[string]jsontext.Value, names []string) string {
	for _, name := range names {
		for key, v := range row {
			if strings.EqualFold(key, name) {
				if s := altValue(v); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// altValue returns a string or number, or the alt text of an object.
func altValue(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		var s string
		if json.Unmarshal(v, &s, jsontext.AllowInvalidUTF8(true)) != nil {
			return ""
		}
		return s
	case '0':
		return v.String()
	case '{':
		var inside map[string]jsontext.Value
		if json.Unmarshal(v, &inside, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) != nil {
			return ""
		}
		for _, name := range altTexts {
			if in := inside[name]; in.Kind() == '"' {
				return altValue(in)
			}
		}
	}
	return ""
}

func altTable(data []byte) ([]AltText, error) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	table := csv.NewReader(bytes.NewReader(bytes.ToValidUTF8(data, []byte("\uFFFD"))))
	table.FieldsPerRecord, table.LazyQuotes = -1, true
	if i := bytes.IndexAny(line, "\t;,"); i >= 0 { // no key holds any of them
		table.Comma = rune(line[i])
	}
	var all []AltText
	key, text := 0, 1
	for first := true; ; first = false {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			var syntax *csv.ParseError
			if errors.As(err, &syntax) {
				return nil, inputError(fmt.Sprintf("line %d of this file of alt texts cannot be read: %v", syntax.Line, syntax.Err))
			}
			return nil, fmt.Errorf("read alt texts: %w", err)
		}
		if first {
			k, t := column(row, altKeys), column(row, altTexts)
			if k >= 0 && t >= 0 && k != t {
				key, text = k, t
				continue
			}
		}
		if key < len(row) && text < len(row) {
			all = addAlt(all, row[key], row[text])
		}
	}
}

// column returns where the first of the names stands in a line of titles, or -1.
func column(titles, names []string) int {
	for _, name := range names {
		for i, title := range titles {
			if strings.EqualFold(strings.TrimSpace(title), name) {
				return i
			}
		}
	}
	return -1
}

func addAlt(all []AltText, key, text string) []AltText {
	key, text = clean(key, 1000, false), clean(text, maxAltText, true)
	if i := strings.LastIndexByte(key, '/'); i >= 0 && !isNumber(key[:i]) { // a path or an address, not "id/2"
		key = key[i+1:]
	}
	key, _, _ = strings.Cut(key, "?")
	if key == "" || text == "" || len(key) > 200 {
		return all
	}
	return append(all, AltText{Key: key, Text: text})
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
