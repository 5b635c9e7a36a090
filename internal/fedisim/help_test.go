package fedisim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
)

// noon is where the tests' clock stands: in the middle of every window.
var noon = time.Date(2026, 3, 14, 13, 1, 0, 0, time.UTC)

func newSim(t testing.TB) *fedisim.Sim {
	t.Helper()
	s := fedisim.New(fedisim.Options{Start: noon, Seed: 1})
	t.Cleanup(s.Close)
	return s
}

// answer is what came back, the body also as JSON where it is an object.
type answer struct {
	code   int
	header http.Header
	body   string
	err    error
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("answer %d %q: %v", a.code, a.body, err)
	}
	return m
}

func (a answer) list(t testing.TB) []map[string]any {
	t.Helper()
	var l []map[string]any
	if err := json.Unmarshal([]byte(a.body), &l); err != nil {
		t.Fatalf("answer %d %q: %v", a.code, a.body, err)
	}
	return l
}

func (a answer) text(t testing.TB, key string) string {
	t.Helper()
	s, _ := a.object(t)[key].(string)
	return s
}

// user sends requests to a server as somebody, or as nobody.
type user struct {
	t     testing.TB
	v     *fedisim.Server
	token string
}

func as(t testing.TB, v *fedisim.Server, name string, scopes ...string) user {
	t.Helper()
	return user{t, v, v.Token(name, scopes...)}
}

func stranger(t testing.TB, v *fedisim.Server) user { return user{t: t, v: v} }

var plainClient = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true}, // a cut connection must not be tried again
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (u user) send(method, path, contentType string, body io.Reader, headers ...string) answer {
	u.t.Helper()
	req, err := http.NewRequest(method, u.v.URL()+path, body)
	if err != nil {
		u.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if u.token != "" {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := plainClient.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(got), err}
}

func (u user) get(path string, headers ...string) answer {
	u.t.Helper()
	return u.send("GET", path, "", nil, headers...)
}

func (u user) post(path string, form url.Values, headers ...string) answer {
	u.t.Helper()
	return u.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), headers...)
}

func (u user) upload(path, field, name string, content []byte, form url.Values) answer {
	u.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for key := range form {
		if err := w.WriteField(key, form.Get(key)); err != nil {
			u.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		u.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		u.t.Fatal(err)
	}
	w.Close()
	return u.send("POST", path, w.FormDataContentType(), &b)
}

// id looks a local or remote account up by the server's own search.
func (u user) id(address string) string {
	u.t.Helper()
	found := u.get("/api/v2/search?resolve=true&type=accounts&q=" + url.QueryEscape("@"+address))
	list, _ := found.object(u.t)["accounts"].([]any)
	if len(list) != 1 {
		u.t.Fatalf("search for %s: %d %s", address, found.code, found.body)
	}
	return list[0].(map[string]any)["id"].(string)
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func wantCode(t testing.TB, what string, a answer, code int) {
	t.Helper()
	if a.err != nil || a.code != code {
		t.Errorf("%s: %d %s (%v); want %d", what, a.code, a.body, a.err, code)
	}
}

// alone starts one server of that program with ada and bob on it.
func alone(t testing.TB, software string, more ...func(*fedisim.Config)) (*fedisim.Sim, *fedisim.Server) {
	t.Helper()
	s := newSim(t)
	cfg := fedisim.Config{Host: "one.example", Software: software}
	for _, change := range more {
		change(&cfg)
	}
	v := s.AddServer(cfg)
	v.AddAccount(fedisim.Account{User: "ada"})
	v.AddAccount(fedisim.Account{User: "bob"})
	return s, v
}
