package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// Entries of small archives.
const (
	ownerFile     = `window.YTD.account.part0 = [{"account":{"accountId":"1","username":"alex"}}]`
	followingFile = `window.YTD.following.part0 = [{"following":{"accountId":"12"}}]`
	tweetsFile    = `window.YTD.tweets.part0 = [{"tweet":{"id_str":"1600000000000000001","full_text":"hi"}}]`
)

func goodArchive(t testing.TB) []byte {
	return zipOf(t, "data/account.js", ownerFile, "data/following.js", followingFile, "data/tweets.js", tweetsFile)
}

// badArchive is a file that cannot be read and a part of the sentence about it.
type badArchive struct {
	name    string
	content []byte
	want    string
}

func badArchives(t testing.TB) []badArchive {
	good := goodArchive(t)
	encrypted := bytes.Clone(good)
	for _, header := range []struct {
		mark string
		flag int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		for from := 0; ; {
			at := bytes.Index(encrypted[from:], []byte(header.mark))
			if at < 0 {
				break
			}
			encrypted[from+at+header.flag] |= 1
			from += at + 4
		}
	}
	return []badArchive{
		{"no zip", []byte("I am no zip"), "is not a zip file"},
		{"a zip of something else", zipOf(t, "word/document.xml", "x"), "holds no Twitter archive"},
		{"encrypted", encrypted, "is protected by a password"},
		{"cut off", good[:len(good)/2], "is cut off or damaged"},
		{"an empty zip", zipOf(t), "is empty"},
		{"a zip in a zip", zipOf(t, "twitter.zip", string(good)), "choose the inner one"},
	}
}

// Whatever cannot be read is one line on stderr and nothing on stdout.
func TestBadInputOfVerbs(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	dir := t.TempDir()
	for _, bad := range append(badArchives(t), badArchive{"an empty file", nil, "this file is empty"}) {
		file := writeFile(t, dir, "archive.zip", bad.content)
		for _, verb := range [][]string{{"inspect"}, {"find", "--offline"}, {"posts"}} {
			t.Run(verb[0]+" "+bad.name, func(t *testing.T) {
				wantFailure(t, bad.want, append(verb, file, "--json")...)
			})
		}
	}
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"a missing file", "there is no such file or folder", []string{"find", filepath.Join(dir, "none.zip"), "--json"}},
		{"an empty folder", "this folder is empty", []string{"inspect", t.TempDir(), "--json"}},
		{"a list of nobody", "no Twitter account was found", []string{"find", "--offline", writeFile(t, dir, "list.csv", []byte("name,notes\nsome body,hi\n")), "--json"}},
		{"an empty list", "no Twitter account was found", []string{"find", "--offline", writeFile(t, dir, "list.txt", nil), "--json"}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantFailure(t, tt.want, tt.args...) })
	}
}

// An archive in which something is missing is read, and the verb says what.
func TestLittleInputOfVerbs(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	dir := t.TempDir()
	withoutFollowing := writeFile(t, dir, "a.zip", zipOf(t, "data/account.js", ownerFile, "data/tweets.js", tweetsFile))
	nothing := writeFile(t, dir, "b.zip", zipOf(t,
		"data/account.js", ownerFile, "data/following.js", "window.YTD.following.part0 = [ ]", "data/tweets.js", "window.YTD.tweets.part0 = [ ]"))
	unknown := writeFile(t, dir, "list.txt", []byte("@unknown_to_all\n"))
	for _, tt := range []struct {
		name, want string
		lines      int // on stdout
		args       []string
	}{
		{"find without following", "nobody to find", 0, []string{"find", "--offline", withoutFollowing, "--json"}},
		{"posts without following", "data/following.js", 1, []string{"posts", withoutFollowing, "--json"}},
		{"find in an archive of nobody", "There is nobody to find", 0, []string{"find", "--offline", nothing, "--json"}},
		{"posts of an archive without tweets", "There is nothing to post", 0, []string{"posts", nothing, "--json"}},
		{"somebody unknown", "None of these 1 people", 1, []string{"find", "--offline", unknown, "--json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := capture(t, func() int { return run(t.Context(), tt.args) })
			if code != 0 || !oneLineWith(stderr, tt.want) || strings.Count(stdout, "\n") != tt.lines {
				t.Errorf("exit %d, stdout %q, stderr %q; want 0, %d lines and one line with %q", code, stdout, stderr, tt.lines, tt.want)
			}
		})
	}
}

// A server that is down, says no or is none of the fediverse leaves its people
// unchecked, and find says so.
func TestFindWithoutServers(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	o := oddServers(t)
	hosts := []string{"away.example", "down.example", "no.example", "page.example"}
	list := &strings.Builder{}
	for i, host := range hosts {
		fmt.Fprintf(list, "@person%d is @ada@%s\n", i, host)
	}
	file := writeFile(t, t.TempDir(), "list.txt", []byte(list.String()))
	code, stdout, stderr := capture(t, func() int {
		if err := (findCommand{Input: file, JSON: true, Grade: "stated"}).find(t.Context(), extras{simulated: o.hosts, budget: fediverse.Free{}}); err != nil {
			t.Error(err)
		}
		return 0
	})
	if code != 0 || strings.Count(stdout, "\n") != 4 || strings.Count(stdout, `"exists":"yes"`) != 1 {
		t.Errorf("stdout %s; want four people, one of whom exists", stdout)
	}
	if !oneLineWith(stderr, "Accounts on down.example, no.example, page.example could not be checked") {
		t.Errorf("stderr %q", stderr)
	}
}

// A database or a Redis that is down, and a service that is not ready.
func TestVerbsWithoutServices(t *testing.T) {
	t.Setenv("SKEIN_DATA", t.TempDir())
	t.Setenv("SKEIN_FILES", t.TempDir())
	t.Setenv("SKEIN_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
	t.Setenv("SKEIN_REDIS_URL", "redis://127.0.0.1:1/0")
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Setenv("SKEIN_DATABASE_URL", "postgres://skein:password@127.0.0.1:1/skein")
		for _, verb := range []string{"api", "worker", "migrate"} {
			wantFailure(t, "the database does not answer (SKEIN_DATABASE_URL): dial tcp 127.0.0.1:1", verb)
		}
		wantFailure(t, "the database does not answer", "find", "--offline", writeFile(t, t.TempDir(), "a.zip", goodArchive(t)), "--json")
	})
	t.Run("Redis", func(t *testing.T) {
		t.Setenv("SKEIN_DATABASE_URL", throwaway.Postgres(t))
		wantFailure(t, "the queue (Redis) cannot be reached: dial tcp 127.0.0.1:1", "worker")
	})
	t.Run("health", func(t *testing.T) {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "not ready: the database does not answer", http.StatusServiceUnavailable)
		}))
		defer service.Close()
		t.Setenv("SKEIN_DATABASE_URL", "postgres://127.0.0.1:1/skein")
		t.Setenv("SKEIN_LISTEN", strings.TrimPrefix(service.URL, "http://"))
		wantFailure(t, "the service is not ready: the database does not answer", "health")
	})
}

// wantFailure runs a verb that has to fail with one line on stderr that holds
// want, and nothing on stdout.
func wantFailure(t *testing.T, want string, args ...string) {
	t.Helper()
	code, stdout, stderr := capture(t, func() int { return run(t.Context(), args) })
	if code != 1 || stdout != "" || !oneLineWith(stderr, "skein: ") || !strings.Contains(stderr, want) {
		t.Errorf("skein %v: exit %d, stdout %q, stderr %q; want 1, nothing and one line with %q", args, code, stdout, stderr, want)
	}
	if strings.Contains(stderr, "password@") || strings.HasSuffix(strings.TrimSpace(stderr), ": invalid") {
		t.Errorf("skein %v: %q says too much", args, stderr)
	}
}

func oneLineWith(text, want string) bool {
	return strings.Contains(text, want) && strings.Count(text, "\n") == 1 && strings.HasSuffix(text, "\n")
}

// capture returns what do prints. The tests that use it are not parallel.
func capture(t *testing.T, do func() int) (code int, stdout, stderr string) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "stdout")
	if err != nil {
		t.Fatal(err)
	}
	problems, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	realOut, realErr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = out, problems
	defer func() { os.Stdout, os.Stderr = realOut, realErr }()
	code = do()
	return code, contents(t, out), contents(t, problems)
}

func contents(t *testing.T, f *os.File) string {
	t.Helper()
	defer f.Close()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writeFile(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// odd is a fediverse with servers that do not do what they should.
type odd struct {
	sim   *fedisim.Sim
	away  *fedisim.Server
	hosts map[string]string
}

// oddServers has away.example, where all is well, down.example, no.example,
// which says no to everything, broken.example, and page.example, which is a
// website and nothing more.
func oddServers(t testing.TB) odd {
	t.Helper()
	o := odd{sim: fedisim.New(fedisim.Options{Seed: 1})}
	t.Cleanup(o.sim.Close)
	for _, host := range []string{"away.example", "down.example", "no.example", "broken.example"} {
		v := o.sim.AddServer(fedisim.Config{Host: host, NoLimits: true})
		v.AddAccount(fedisim.Account{User: "ada"})
	}
	o.away = o.sim.Server("away.example")
	o.sim.Server("down.example").SetDown(true)
	o.sim.Server("no.example").Fault(fedisim.Fault{Kind: fedisim.ServerError, Status: http.StatusForbidden, Times: -1})
	o.sim.Server("broken.example").Fault(fedisim.Fault{Kind: fedisim.ServerError, Times: -1})
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>A shop</title>")
	}))
	t.Cleanup(page.Close)
	o.hosts = o.sim.Hosts()
	o.hosts["page.example"] = strings.TrimPrefix(page.URL, "http://")
	return o
}
