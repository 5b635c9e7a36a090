package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// publicURL is what the service is told; the walk goes to where it listens.
const publicURL = "http://localhost:8080"

// The whole way, from an archive to confirmed follows and posts, in one process
// with everything embedded.
func TestWholeWayEmbedded(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	c := startChild(t, w.orders(partAPI|partWorker), map[string]string{"SKEIN_DATA": w.dir, "SKEIN_CONTACT": "admin@skein.example"})
	w.base = "http://" + c.address
	w.walk(t)
	c.stop(t)
}

// The same way on PostgreSQL and Redis, with the API in one process and two
// workers.
func TestWholeWaySplit(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	redis, _ := throwaway.Redis(t)
	settings := map[string]string{
		"SKEIN_DATA": w.dir, "SKEIN_FILES": filepath.Join(w.dir, "shared"), "SKEIN_CONTACT": "admin@skein.example",
		"SKEIN_DATABASE_URL": throwaway.Postgres(t), "SKEIN_REDIS_URL": redis,
		"SKEIN_SECRET_KEY": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
	}
	api := startChild(t, w.orders(partAPI), settings)
	workers := []*child{startChild(t, w.orders(partWorker), settings), startChild(t, w.orders(partWorker), settings)}
	w.base = "http://" + api.address
	w.walk(t)
	for _, c := range append(workers, api) {
		c.stop(t)
	}
}

// walk is somebody who moves, with the simulated fediverse of the demo.
type walk struct {
	dir     string
	sim     *fedisim.Sim
	world   fedisim.DemoWorld
	archive string
	*visitor
}

func newWalk(t *testing.T) *walk {
	t.Helper()
	w := &walk{dir: t.TempDir(), sim: fedisim.New(fedisim.Options{Seed: demoSeed}), visitor: newVisitor(t)}
	t.Cleanup(w.sim.Close)
	w.world = fedisim.Demo(w.sim)
	w.archive = filepath.Join(w.dir, "archive.zip")
	if err := writeDemoArchive(t.Context(), w.archive, w.world); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *walk) orders(p part) childOrders {
	return childOrders{
		Parts: p, Simulated: w.sim.Hosts(), Lease: 5 * time.Second, Rest: time.Second,
		ListURL: serverList(w.world), SPARQLURL: sparql(w.world),
	}
}

func (w *walk) walk(t *testing.T) {
	w.await(t, "the catalogue of servers", func() bool {
		var index struct{ Paths map[string]any }
		w.call(t, http.MethodGet, w.base+"/openapi.json", nil, &index)
		return len(index.Paths) > 0
	})
	w.begins(t)
	w.refusesMessages(t)
	w.upload(t, "archive", w.sift(t, func(name string) bool { return path.Ext(name) == ".js" }))
	w.awaitRun(t, "read")
	w.awaitRun(t, "find")
	w.people(t)
	w.servers(t)
	account := w.connect(t, w.world.Homes[0].Host)
	w.follow(t, account)
	w.posts(t, account)
	w.ends(t)
}

// refusesMessages brings an archive with an entry that nobody may upload.
func (w *walk) refusesMessages(t *testing.T) {
	t.Helper()
	w.upload(t, "archive", zipOf(t,
		"data/account.js", `window.YTD.account.part0 = [ ]`, "data/direct-messages.js", `window.YTD.direct_messages.part0 = [ ]`))
	w.await(t, "the refusal", func() bool {
		for _, a := range w.state(t).Archives {
			if a.State == "failed" && strings.Contains(a.Error, "direct-messages") {
				return true
			}
		}
		return false
	})
}

// sift keeps the entries that may be uploaded, as the page does.
func (w *walk) sift(t *testing.T, keep func(string) bool) []byte {
	t.Helper()
	in, err := zip.OpenReader(w.archive)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		if importer.Allowed(f.Name) && keep(f.Name) {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (w *walk) people(t *testing.T) {
	t.Helper()
	m := w.state(t)
	if m.Handle != w.world.OwnerHandle {
		t.Errorf("handle = %q", m.Handle)
	}
	if m.Matches["chosen"] == 0 || m.Matches["unresolved"] == 0 {
		t.Errorf("matches = %v; want some chosen and some unresolved", m.Matches)
	}
	var page struct {
		People []struct {
			ID      string
			Matches []struct {
				ID, Address, Grade string
				Chosen             bool
				Evidence           []struct{ Source, Text string }
			}
		}
		Total int
	}
	w.api(t, http.MethodGet, "/moves/"+w.move+"/people?limit=200", nil, &page)
	for _, p := range page.People {
		for _, match := range p.Matches {
			if match.Chosen && match.Grade != "proven" && match.Grade != "stated" {
				t.Errorf("%s is chosen and only %s", match.Address, match.Grade)
			}
			if len(match.Evidence) == 0 {
				t.Errorf("%s without evidence", match.Address)
			}
		}
	}
	for _, p := range page.People {
		if len(p.Matches) > 0 && p.Matches[0].Chosen {
			decision := "/moves/" + w.move + "/people/" + p.ID + "/matches/" + p.Matches[0].ID + "/decision"
			w.api(t, http.MethodPut, decision, map[string]any{"decision": "no"}, nil)
			if got := w.state(t).Matches["chosen"]; got != m.Matches["chosen"]-1 {
				t.Errorf("after a no %d are chosen, want %d", got, m.Matches["chosen"]-1)
			}
			return
		}
	}
}

func (w *walk) servers(t *testing.T) {
	t.Helper()
	w.await(t, "servers", func() bool {
		var list struct {
			Servers []struct {
				Host    string
				Reasons []struct{ Text string }
			}
		}
		w.api(t, http.MethodGet, "/moves/"+w.move+"/servers", nil, &list)
		for _, s := range list.Servers {
			if len(s.Reasons) == 0 {
				t.Errorf("%s is ranked without a reason", s.Host)
			}
		}
		return len(list.Servers) > 3
	})
}

func (w *walk) follow(t *testing.T, account string) {
	t.Helper()
	var plan struct{ Steps int }
	w.api(t, http.MethodGet, "/moves/"+w.move+"/plans/follow?account="+account, nil, &plan)
	if plan.Steps == 0 {
		t.Fatal("nobody to follow")
	}
	w.api(t, http.MethodPost, "/moves/"+w.move+"/runs", map[string]any{"kind": "follow", "account": account}, nil)
	run := w.awaitRun(t, "follow")
	home := w.sim.Server(w.world.Homes[0].Host)
	if got := home.Count(fedisim.Followed) + home.Count(fedisim.FollowRequested); got != run.Progress.Done || got == 0 {
		t.Errorf("the server saw %d follows, the run says %d", got, run.Progress.Done)
	}
	if n := home.Count(fedisim.FollowRepeated); n != 0 {
		t.Errorf("%d follows were asked for twice", n)
	}
	resp := w.get(t, w.base+"/api/v1/moves/"+w.move+"/exports/following_accounts.csv")
	rows, err := csv.NewReader(resp.Body).ReadAll()
	if err != nil || len(rows) != plan.Steps+1 || strings.Join(rows[0], ",") != "Account address,Show boosts,Notify on new posts,Languages" {
		t.Errorf("csv has %d rows for %d follows, header %q, %v", len(rows), plan.Steps, rows[0], err)
	}
}

var liveMention = regexp.MustCompile(`(?i)(^|[^/\w])@[a-z0-9_]`)

func (w *walk) posts(t *testing.T, account string) {
	t.Helper()
	w.upload(t, "media", w.sift(t, func(name string) bool { return path.Ext(name) != ".js" }))
	w.awaitRun(t, "read")
	w.api(t, http.MethodPatch, "/moves/"+w.move, map[string]any{"used_circle": "no", "was_private": "no"}, nil)
	var plan struct {
		Statuses int
		Quiet    bool
		Sample   []struct{ Text string }
	}
	w.api(t, http.MethodPost, "/moves/"+w.move+"/posts-plan", map[string]any{"account": account}, &plan)
	if plan.Statuses == 0 || !plan.Quiet || len(plan.Sample) == 0 {
		t.Fatalf("posts plan = %+v", plan)
	}
	w.api(t, http.MethodPost, "/moves/"+w.move+"/runs", map[string]any{"kind": "posts", "account": account, "options": map[string]any{}}, nil)
	run := w.awaitRun(t, "posts")
	home := w.sim.Server(w.world.Homes[0].Host)
	if got := home.Count(fedisim.PostCreated); got != plan.Statuses || run.Progress.Done != got || run.Progress.Unsure != 0 {
		t.Errorf("the server saw %d posts of %d; progress %+v", got, plan.Statuses, run.Progress)
	}
	if home.Count(fedisim.MediaUploaded) == 0 {
		t.Error("no picture came with the posts")
	}
	for _, e := range home.Effects() {
		switch e.Kind {
		case fedisim.TooMany, fedisim.Mentioned:
			t.Errorf("%s: %+v", e.Kind, e)
		case fedisim.LookedUp:
			if e.Detail == "mention" {
				t.Errorf("%s was asked about somebody whom a post names", e.Target)
			}
		case fedisim.PostCreated:
			if e.Delivered != 0 {
				t.Errorf("a post of %v reached %d feeds", e.CreatedAt, e.Delivered)
			}
			if e.CreatedAt.After(time.Now().AddDate(0, -6, 0)) {
				t.Errorf("a post has the date %v, not that of its tweet", e.CreatedAt)
			}
			if liveMention.MatchString(e.Text) {
				t.Errorf("a mention is live in %q", e.Text)
			}
		}
	}
}

// ends deletes the Move; nothing of it stays.
func (w *walk) ends(t *testing.T) {
	t.Helper()
	w.api(t, http.MethodDelete, "/moves/"+w.move, nil, nil)
	req, _ := http.NewRequest(http.MethodGet, w.base+"/api/v1/moves/"+w.move, nil)
	if resp := w.do(t, req); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a deleted move answers %s", resp.Status)
	}
	if n := w.sim.Server(w.world.Homes[0].Host).Count(fedisim.TokenRevoked); n != 1 {
		t.Errorf("%d tokens revoked, want 1", n)
	}
	var left []string
	_ = filepath.WalkDir(w.dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(name, w.move) {
			left = append(left, name)
		}
		return nil
	})
	if len(left) > 0 {
		slices.Sort(left)
		t.Errorf("files of a deleted move: %q", left)
	}
}
