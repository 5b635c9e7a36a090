package directory

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

var errNoResult = fmt.Errorf("not the result of the query as JSON or CSV: %w", model.ErrInvalid)

// records streams a query's result; its first character tells JSON from CSV. A
// record that cannot be read comes empty.
func records(r io.Reader) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		in := bufio.NewReader(r)
		if head, _ := in.Peek(3); string(head) == "\ufeff" {
			_, _ = in.Discard(3)
		}
		first, err := firstByte(in)
		switch {
		case errors.Is(err, io.EOF):
			err = fmt.Errorf("empty: %w", model.ErrInvalid)
		case err != nil:
		case first == '{' || first == '[':
			err = jsonRecords(json.NewDecoder(in), yield)
		default:
			err = csvRecords(in, yield)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// errStopped says that the caller wants no more.
var errStopped = errors.New("stopped")

// firstByte returns the first byte that is no white space, and leaves it there.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, in.UnreadByte()
		}
	}
}

// jsonRecords reads {"results": {"bindings": [...]}} or the bare array.
func jsonRecords(d *json.Decoder, yield func(record, error) bool) error {
	if t, err := d.Token(); err != nil {
		return badJSON(err)
	} else if t == json.Delim('[') {
		return jsonArray(d, yield)
	}
	for _, name := range []string{"results", "bindings"} {
		if err := seek(d, name); err != nil {
			return err
		}
		t, err := d.Token()
		if err != nil {
			return badJSON(err)
		}
		if want := map[string]json.Delim{"results": '{', "bindings": '['}[name]; t != want {
			return errNoResult
		}
	}
	return jsonArray(d, yield)
}

// seek reads an object's members up to the value of name.
func seek(d *json.Decoder, name string) error {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return badJSON(err)
		}
		if key == name {
			return nil
		}
		var other json.RawMessage
		if err := d.Decode(&other); err != nil {
			return badJSON(err)
		}
	}
	return errNoResult
}

func jsonArray(d *json.Decoder, yield func(record, error) bool) error {
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return badJSON(err)
		}
		if !yield(jsonRecord(raw), nil) {
			return errStopped
		}
	}
	if _, err := d.Token(); err != nil { // the closing bracket: the answer is whole
		return badJSON(err)
	}
	return nil
}

// jsonRecord reads {"x": {"type": …, "value": "ada"}} or {"x": "ada"}.
func jsonRecord(raw json.RawMessage) record {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return record{}
	}
	r := record{}
	for name, value := range members {
		var text string
		var binding struct {
			Value string `json:"value"`
		}
		switch {
		case json.Unmarshal(value, &text) == nil:
			r[name] = text
		case json.Unmarshal(value, &binding) == nil:
			r[name] = binding.Value
		}
	}
	return r
}

func badJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("cut off or damaged JSON (%v): %w", err, model.ErrInvalid)
	}
	return err
}

// csvRecords reads a table whose first line names the columns.
func csvRecords(in io.Reader, yield func(record, error) bool) error {
	table := csv.NewReader(in)
	table.FieldsPerRecord, table.LazyQuotes, table.ReuseRecord = -1, true, true
	line, err := table.Read()
	if err != nil {
		return badCSV(err)
	}
	columns, known := make([]string, len(line)), map[string]bool{}
	for i, name := range line {
		columns[i] = strings.TrimPrefix(strings.TrimSpace(name), "?")
		known[columns[i]] = true
	}
	if !known["m"] || !known["x"] && !known["xid"] {
		return errNoResult
	}
	for {
		line, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		r := record{}
		if err = badCSV(err); err != nil && !errors.Is(err, model.ErrInvalid) {
			return err
		}
		if err == nil {
			for i, value := range line[:min(len(line), len(columns))] {
				r[columns[i]] = value
			}
		}
		if !yield(r, nil) {
			return errStopped
		}
	}
}

// badCSV tells a table that cannot be read from a source that failed.
func badCSV(err error) error {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%v: %w", err, model.ErrInvalid)
	}
	return err
}
