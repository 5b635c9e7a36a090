package fediverse

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

// node is a value of strangers' JSON. Servers differ in types (a number as
// text, an object where others have a list), and one odd field must not make
// the rest unreadable, so a missing or odd value reads as the zero value.
type node struct{ v any }

// parseJSON reads one whole JSON object or array.
func parseJSON(host string, body []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return node{}, &AnswerError{host, "the answer is not JSON"}
	}
	if _, err := d.Token(); err != io.EOF {
		return node{}, &AnswerError{host, "the answer is not JSON"}
	}
	switch v.(type) {
	case map[string]any, []any:
		return node{v}, nil
	}
	return node{}, &AnswerError{host, "the answer is neither an object nor a list"}
}

func (n node) at(path ...string) node {
	for _, key := range path {
		m, _ := n.v.(map[string]any)
		n = node{m[key]}
	}
	return n
}

// has tells whether the object has key, be it null.
func (n node) has(key string) bool {
	m, _ := n.v.(map[string]any)
	_, ok := m[key]
	return ok
}

func (n node) isObject() bool { _, ok := n.v.(map[string]any); return ok }

func (n node) isList() bool { _, ok := n.v.([]any); return ok }

// list returns the elements; a single value counts as a list of one, as in
// ActivityStreams.
func (n node) list() []node {
	switch v := n.v.(type) {
	case nil:
		return nil
	case []any:
		nodes := make([]node, len(v))
		for i := range v {
			nodes[i] = node{v[i]}
		}
		return nodes
	}
	return []node{n}
}

func (n node) str() string {
	switch v := n.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (n node) strings() []string {
	var all []string
	for _, e := range n.list() {
		if s := e.str(); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// num returns a whole number of at least 0, also one written as text.
func (n node) num() int64 {
	s := strings.TrimSpace(n.str())
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return max(i, 0)
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f > 0 && f < 1<<53 {
		return int64(f)
	}
	return 0
}

func (n node) flag() bool { b, _ := n.v.(bool); return b }

func (n node) time() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, n.str()); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
