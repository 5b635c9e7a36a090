package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// visitor is a browser with a session.
type visitor struct {
	base   string // where the service listens
	client *http.Client
	move   string
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{client: &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// begins makes a Move.
func (v *visitor) begins(t *testing.T) {
	t.Helper()
	var move struct{ ID string }
	v.api(t, http.MethodPost, "/moves", map[string]any{}, &move)
	v.move = move.ID
}

// upload speaks tus 1.0, in two chunks.
func (v *visitor) upload(t *testing.T, kind string, body []byte) {
	t.Helper()
	meta := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	req, _ := http.NewRequest(http.MethodPost, v.base+"/api/v1/uploads/", nil)
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", fmt.Sprint(len(body)))
	req.Header.Set("Upload-Metadata", "move "+meta(v.move)+",filename "+meta("twitter.zip")+",kind "+meta(kind))
	resp := v.do(t, req)
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("create upload: %s", resp.Status)
	}
	location, err := req.URL.Parse(resp.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	location.Scheme, location.Host = req.URL.Scheme, req.URL.Host
	half := len(body) / 2
	for _, chunk := range []struct{ from, to int }{{0, half}, {half, len(body)}} {
		req, _ := http.NewRequest(http.MethodPatch, location.String(), bytes.NewReader(body[chunk.from:chunk.to]))
		req.Header.Set("Tus-Resumable", "1.0.0")
		req.Header.Set("Upload-Offset", fmt.Sprint(chunk.from))
		req.Header.Set("Content-Type", "application/offset+octet-stream")
		if resp := v.do(t, req); resp.StatusCode != http.StatusNoContent {
			t.Fatalf("send chunk: %s", resp.Status)
		}
	}
}

// moveState is what is read of a Move.
type moveState struct {
	Handle   string
	Archives []struct {
		State, Error string
		Opened       []string
		Counts       map[string]int
		Warnings     []struct{ File, Message string }
	}
	Counts  map[string]int
	Matches map[string]int
	Runs    []runState
}

type runState struct {
	ID, Kind, State, Error string
	Progress               struct {
		Total, Done, Failed, Skipped, Unsure int
		Text                                 string
	}
}

func (v *visitor) state(t *testing.T) (m moveState) {
	t.Helper()
	v.api(t, http.MethodGet, "/moves/"+v.move, nil, &m)
	return m
}

// awaitRun waits until the latest Run of a kind is done.
func (v *visitor) awaitRun(t *testing.T, kind string) (last runState) {
	t.Helper()
	v.await(t, kind, func() bool {
		for _, r := range v.state(t).Runs {
			if r.Kind == kind {
				last = r
			}
		}
		switch last.State {
		case "done":
			return true
		case "failed", "cancelled", "paused":
			if kind != "read" { // one was refused on purpose
				t.Fatalf("%s run is %s: %s", kind, last.State, last.Error)
			}
		}
		return false
	})
	return last
}

// connect signs in at a simulated server as a browser would, and returns the
// Account's id.
func (v *visitor) connect(t *testing.T, host string) string {
	t.Helper()
	var begun struct {
		AuthorizeURL string `json:"authorize_url"`
	}
	v.api(t, http.MethodPost, "/accounts/connect", map[string]any{"move": v.move, "server": host, "features": []string{"follow", "posts"}}, &begun)
	resp := v.get(t, begun.AuthorizeURL)
	form, action := allowForm(t, resp)
	at, err := resp.Request.URL.Parse(action)
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	back := v.do(t, req).Header.Get("Location")
	if !strings.HasPrefix(back, publicURL+"/oauth/callback/") {
		t.Fatalf("the server sends us back to %q", back)
	}
	callback := v.base + strings.TrimPrefix(back, publicURL)
	resp = v.get(t, callback)
	if to := resp.Header.Get("Location"); !strings.Contains(to, "connected=1") {
		t.Fatalf("callback answers %s to %q", resp.Status, to)
	}
	if to := v.get(t, callback).Header.Get("Location"); strings.Contains(to, "connected=1") {
		t.Error("the same callback works twice")
	}
	var accounts struct {
		Accounts []struct{ ID, Address string }
	}
	v.api(t, http.MethodGet, "/accounts", nil, &accounts)
	if len(accounts.Accounts) != 1 {
		t.Fatalf("accounts = %+v", accounts)
	}
	return accounts.Accounts[0].ID
}

// allowForm finds the form with the button that allows.
func allowForm(t *testing.T, resp *http.Response) (fields url.Values, action string) {
	t.Helper()
	doc, err := html.Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *html.Node, name string) string {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val
			}
		}
		return ""
	}
	for n := range doc.Descendants() {
		if n.Data != "form" {
			continue
		}
		fields, allows := url.Values{}, false
		for c := range n.Descendants() {
			if c.Data == "input" {
				fields.Set(attr(c, "name"), attr(c, "value"))
			}
			if c.Data == "button" && attr(c, "value") == "allow" {
				fields.Set(attr(c, "name"), "allow")
				allows = true
			}
		}
		if allows {
			return fields, attr(n, "action")
		}
	}
	t.Fatal("no form that allows on the server's page")
	return nil, ""
}

func (v *visitor) api(t *testing.T, method, path string, in, out any) {
	t.Helper()
	v.call(t, method, v.base+"/api/v1"+path, in, out)
}

func (v *visitor) call(t *testing.T, method, url string, in, out any) {
	t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp := v.do(t, req)
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, url, resp.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, url, err, b)
		}
	}
}

func (v *visitor) get(t *testing.T, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.do(t, req)
}

func (v *visitor) do(t *testing.T, req *http.Request) *http.Response {
	t.Helper()
	resp, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (v *visitor) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come; state %+v", what, v.state(t))
		}
		time.Sleep(100 * time.Millisecond) // the page has an event stream; here the rows are looked at
	}
}

// zipOf makes a zip of names and contents in turn.
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		f, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
