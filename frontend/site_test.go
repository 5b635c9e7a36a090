package frontend

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":                    {Data: []byte("<!doctype html>page")},
		"index.html.br":                 {Data: []byte("brotli page")},
		"index.html.gz":                 {Data: []byte("gzip page")},
		"robots.txt":                    {Data: []byte("robots")},
		"_app/immutable/entry/a.1f.js":  {Data: []byte("script")},
		"_app/immutable/entry/a.1f.css": {Data: []byte("style")},
	}
}

func get(t *testing.T, h http.Handler, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServe(t *testing.T) {
	tests := []struct {
		name, method, path, encoding string
		status                       int
		body, cache, contentEncoding string
		contentType                  string
	}{
		{"start page", "GET", "/", "", 200, "<!doctype html>page", "no-cache", "", "text/html; charset=utf-8"},
		{"a route of the app", "GET", "/m/01J/people", "", 200, "<!doctype html>page", "no-cache", "", "text/html; charset=utf-8"},
		{"brotli first", "GET", "/", "gzip, deflate, br", 200, "brotli page", "no-cache", "br", "text/html; charset=utf-8"},
		{"gzip where brotli is refused", "GET", "/", "br;q=0, gzip;q=0.5", 200, "gzip page", "no-cache", "gzip", "text/html; charset=utf-8"},
		{"hashed file", "GET", "/_app/immutable/entry/a.1f.js", "br", 200, "script", "public, max-age=31536000, immutable", "", "text/javascript; charset=utf-8"},
		{"hashed file of an older build", "GET", "/_app/immutable/entry/b.2e.js", "", 404, "404 page not found\n", "", "", "text/plain; charset=utf-8"},
		{"plain file", "GET", "/robots.txt", "", 200, "robots", "no-cache", "", "text/plain; charset=utf-8"},
		{"climbing out", "GET", "/../../etc/passwd", "", 200, "<!doctype html>page", "no-cache", "", "text/html; charset=utf-8"},
		{"head", "HEAD", "/robots.txt", "", 200, "", "no-cache", "", "text/plain; charset=utf-8"},
		{"post", "POST", "/", "", 405, "method not allowed\n", "", "", "text/plain; charset=utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := get(t, newSite(built()), tt.method, tt.path, tt.encoding)
			if res.StatusCode != tt.status {
				t.Errorf("status %d, want %d", res.StatusCode, tt.status)
			}
			if got := body(t, res); got != tt.body {
				t.Errorf("body %q, want %q", got, tt.body)
			}
			for header, want := range map[string]string{
				"Cache-Control":    tt.cache,
				"Content-Encoding": tt.contentEncoding,
				"Content-Type":     tt.contentType,
			} {
				if got := res.Header.Get(header); got != want {
					t.Errorf("%s %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	res := get(t, newSite(built()), "GET", "/", "")
	for header, want := range map[string]string{
		"Content-Security-Policy": "frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "same-origin",
	} {
		if got := res.Header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s %q, want %q in it", header, got, want)
		}
	}
}

func TestNotBuilt(t *testing.T) {
	res := get(t, newSite(fstest.MapFS{"robots.txt": {Data: []byte("robots")}}), "GET", "/", "br")
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", res.StatusCode)
	}
	if got := body(t, res); got != notBuilt {
		t.Errorf("body %q, want %q", got, notBuilt)
	}
}

// A web build empties build and copies static into it, so the file that is
// tracked in build has to be the one in static, else a build leaves git dirty.
func TestPlaceholder(t *testing.T) {
	want, err := os.ReadFile("static/robots.txt")
	if err != nil {
		t.Fatal(err)
	}
	if res := get(t, Handler(), "GET", "/robots.txt", ""); body(t, res) != string(want) {
		t.Error("build/robots.txt differs from static/robots.txt")
	}
}
