package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/throwaway"
	"github.com/skein-migrate/skein/jobs"
)

// site is a running Skein on a real database, with a small fediverse.
type site struct {
	*api.Server
	url   string
	sim   *fedisim.Sim
	tusk  *fedisim.Server
	log   *bytes.Buffer
	queue *queue.Queue
}

// newDatabase makes an empty database at path.
func newDatabase(path string) error {
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		return err
	}
	return s.Close()
}

// newSite starts one; change may alter the Server before it serves.
func newSite(t testing.TB, change ...func(*api.Server)) *site {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "key"))
	must(err)
	path := filepath.Join(dir, "skein.db")
	throwaway.SQLite(t, path, newDatabase)
	db, err := store.Open(t.Context(), store.Options{Path: path, Keys: keys})
	must(err)
	disk, err := files.Open(filepath.Join(dir, "files"))
	must(err)
	log := slog.New(slog.DiscardHandler)
	q, err := queue.Open(queue.Options{Logger: log, Workers: 2})
	must(err)
	sim := fedisim.New(fedisim.Options{Seed: 1})
	tusk := sim.AddServer(fedisim.Config{Host: "tusk.example"})
	tusk.AddAccount(fedisim.Account{User: "ada", DisplayName: "Ada", SignIn: true})
	client := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}, Timeout: 5 * time.Second})

	front := httptest.NewUnstartedServer(nil)
	url := "http://" + front.Listener.Addr().String()
	s := &site{url: url, sim: sim, tusk: tusk, queue: q, log: &bytes.Buffer{}}
	s.Server = &api.Server{
		Store: db, Files: disk, Client: client, PublicURL: url, Version: "test", Now: time.Now,
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Subscribe: q.Subscribe, Ping: q.Ping,
		Worker: &jobs.Worker{
			Store: db, Files: disk, Queue: q, Client: client, Log: log, Now: time.Now, InstallSecret: keys.Derive("test"),
			Lease: 5 * time.Second, ListRows: 1000, Keep: 24 * time.Hour, CallbackURL: url + api.CallbackPath,
		},
	}
	for _, c := range change {
		c(s.Server)
	}
	handler, err := s.Handler()
	must(err)
	front.Config.Handler = handler
	front.Start()
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		sim.Close()
		_ = q.Close()
		_ = db.Close()
		_ = disk.Close()
		if t.Failed() {
			t.Log(s.log)
		}
	})
	return s
}

// work lets a worker do what is queued until the test ends.
func (s *site) work(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- s.queue.Serve(ctx, map[string]queue.Handler{jobs.TaskRun: s.Worker.Advance})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// browser is somebody's browser: it keeps cookies and follows no redirects.
type browser struct {
	t      testing.TB
	site   *site
	client *http.Client
}

func (s *site) browser(t testing.TB) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, s, &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// do sends JSON, if there is any, as a page of the same site does.
func (b *browser) do(method, path string, body any) answer {
	b.t.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	return b.send(method, path, r, http.Header{"Content-Type": {"application/json"}, "Sec-Fetch-Site": {"same-origin"}})
}

func (b *browser) send(method, path string, body io.Reader, header http.Header) answer {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.site.url + path
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header = header
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{b.t, resp.StatusCode, resp.Header, string(text)}
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, body any) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, body)
}

// cookie returns the session's token.
func (b *browser) cookie() string {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, b.site.url+"/api", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(req.URL) {
		if c.Name == "skein" {
			return c.Value
		}
	}
	return ""
}

// begin makes a Move, and with it an Owner.
func (b *browser) begin() api.Move {
	b.t.Helper()
	return read[api.Move](b.post("/api/v1/moves", map[string]any{}).want(http.StatusOK))
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// detail returns the sentence of a problem.
func (a answer) detail() string {
	a.t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Fatalf("a problem came as %q: %s", got, a.body)
	}
	return read[struct {
		Detail string `json:"detail"`
	}](a).Detail
}

func read[T any](a answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	return v
}
