package importer

import (
	"bytes"
	"strconv"

	//lint:ignore SA1019 its client is dead, its types are the format of archives
	"github.com/dghubble/go-twitter/twitter"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodeOptions read what archives hold: numbers as strings or as numbers, and
// whatever else stands where a text or number should be as the zero value.
var decodeOptions = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *string) error {
			text, err := scalar(d)
			*v = text
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *int) error {
			text, err := scalar(d)
			*v, _ = strconv.Atoi(text)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *int64) error {
			text, err := scalar(d)
			*v, _ = strconv.ParseInt(text, 10, 64)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *bool) error {
			text, err := scalar(d)
			*v = text == "true"
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *twitter.Indices) error { return pair(d, (*[2]int)(v)) }),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *[2]int) error { return pair(d, v) }),
	)),
)

// scalar reads a string, number or boolean as text; null, objects and arrays
// are read as "".
func scalar(d *jsontext.Decoder) (string, error) {
	switch d.PeekKind() {
	case '{', '[':
		return "", d.SkipValue()
	}
	token, err := d.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return "", err
	}
	return token.String(), nil
}

// pair reads the first two elements of an array.
func pair(d *jsontext.Decoder, v *[2]int) error {
	if d.PeekKind() != '[' {
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for i := 0; d.PeekKind() != ']'; i++ {
		text, err := scalar(d)
		if err != nil {
			return err
		}
		if i < len(v) {
			v[i], _ = strconv.Atoi(text)
		}
	}
	_, err := d.ReadToken()
	return err
}

// badItem is an item that cannot be read: a warning, never a failure.
type badItem struct{ err error }

func (e *badItem) Error() string { return e.err.Error() }
func (e *badItem) Unwrap() error { return e.err }

// decode reads one item into v. An item that is no JSON is tried once more with
// what people's editors do to it undone.
func decode(item []byte, v any) error {
	err := json.Unmarshal(item, v, decodeOptions)
	if err == nil {
		return nil
	}
	if relaxed := relax(item); !bytes.Equal(relaxed, item) {
		if json.Unmarshal(relaxed, v, decodeOptions) == nil {
			return nil
		}
	}
	return &badItem{err}
}

// relax quotes bare keys and drops trailing commas: owners who redact their
// archive run it through a JavaScript formatter, which leaves both.
func relax(item []byte) []byte {
	out := make([]byte, 0, len(item)+64)
	for i := 0; i < len(item); i++ {
		switch c := item[i]; {
		case c == '"':
			end := stringEnd(item, i)
			out = append(out, item[i:end]...)
			i = end - 1
		case c == ',':
			if next := nonSpace(item, i+1); next < len(item) && (item[next] == '}' || item[next] == ']') {
				continue
			}
			out = append(out, c)
		case isWord(c):
			end := i
			for end < len(item) && isWord(item[end]) {
				end++
			}
			if next := nonSpace(item, end); next < len(item) && item[next] == ':' {
				out = append(append(append(out, '"'), item[i:end]...), '"')
			} else {
				out = append(out, item[i:end]...)
			}
			i = end - 1
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringEnd returns the offset behind the string that starts at i.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func nonSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
