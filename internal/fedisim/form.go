package fedisim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
)

const (
	maxBody  = 4 * mib  // of a request without files, and of one form value
	keepFile = mib      // files up to this size are kept in memory
	keepAll  = 64 * mib // of all servers together
)

// errBadForm is a request body that cannot be understood.
var errBadForm = errors.New("cannot read the request's parameters")

// upload is a file of a multipart form, read to its end.
type upload struct {
	name, declared string
	size           int64
	sum            string
	head           []byte // enough of it to tell the type
	kept           []byte // all of it, if it is small
}

// readForm reads query and body, whatever the body's type: form, multipart or
// JSON. Files are read to the end, but only small ones kept.
func readForm(r *http.Request) (url.Values, map[string]*upload, error) {
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errBadForm, err)
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		files, err := readMultipart(multipart.NewReader(r.Body, params["boundary"]), form)
		return form, files, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, nil, err
	}
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("%w: too long", errBadForm)
	}
	return form, nil, parseBody(kind, body, form)
}

// parseBody adds the parameters in a form or JSON body to form. Arrays in JSON
// get the names that they have in a form: media_ids[].
func parseBody(kind string, body []byte, form url.Values) error {
	if kind == "application/json" && len(body) > 0 {
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			return fmt.Errorf("%w: %w", errBadForm, err)
		}
		for name, value := range fields {
			addJSON(form, name, value)
		}
		return nil
	}
	if kind != "application/x-www-form-urlencoded" {
		return nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errBadForm, err)
	}
	for name, list := range values {
		form[name] = append(form[name], list...)
	}
	return nil
}

func addJSON(form url.Values, name string, value any) {
	switch value := value.(type) {
	case string:
		form.Add(name, value)
	case bool:
		form.Add(name, strconv.FormatBool(value))
	case float64:
		form.Add(name, strconv.FormatFloat(value, 'f', -1, 64))
	case []any:
		for _, item := range value {
			addJSON(form, name+"[]", item)
		}
	case map[string]any:
		for key, item := range value {
			addJSON(form, name+"["+key+"]", item)
		}
	}
}

func readMultipart(mr *multipart.Reader, form url.Values) (map[string]*upload, error) {
	files := map[string]*upload{}
	for {
		part, err := mr.NextPart()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			if files[part.FormName()], err = readFile(part); err != nil {
				return nil, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxBody))
		if err != nil {
			return nil, err
		}
		form.Add(part.FormName(), string(value))
	}
}

func readFile(part *multipart.Part) (*upload, error) {
	f := &upload{name: part.FileName(), declared: part.Header.Get("Content-Type")}
	hash := sha256.New()
	buf := make([]byte, 64*1024)
	for {
		n, err := part.Read(buf)
		hash.Write(buf[:n])
		f.size += int64(n)
		if room := 512 - len(f.head); room > 0 {
			f.head = append(f.head, buf[:min(n, room)]...)
		}
		if f.size <= keepFile {
			f.kept = append(f.kept, buf[:n]...)
		} else {
			f.kept = nil
		}
		if err == io.EOF {
			f.sum = hex.EncodeToString(hash.Sum(nil))
			return f, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// list returns the values of an array parameter, named with [] or without.
func (c *call) list(name string) []string {
	return append(append([]string(nil), c.form[name+"[]"]...), c.form[name]...)
}

func (c *call) flag(name string) bool {
	switch c.form.Get(name) {
	case "", "0", "f", "F", "false", "FALSE", "off", "OFF":
		return false
	}
	return true
}

// number returns a parameter as a number between 1 and most, or the default.
func (c *call) number(name string, value, most int) int {
	if n, err := strconv.Atoi(c.form.Get(name)); err == nil && n > 0 {
		value = n
	}
	return min(value, most)
}
