package main

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
)

// startOdd starts the whole service in one process among odd servers, and
// begins a Move.
func startOdd(t *testing.T, o odd) *visitor {
	t.Helper()
	v := newVisitor(t)
	c := startChild(t, childOrders{Parts: partAPI | partWorker, Simulated: o.hosts}, map[string]string{"SKEIN_DATA": t.TempDir()})
	v.base = "http://" + c.address
	v.begins(t)
	return v
}

// An upload that cannot be read fails with one sentence and changes nothing of
// what was read before.
func TestBadUploads(t *testing.T) {
	t.Parallel()
	o := oddServers(t)
	v := startOdd(t, o)
	list, addresses := settle(o.away, 2)
	v.upload(t, "archive", goodArchive(t))
	v.brings(t, list, len(addresses))
	before := v.state(t)
	for i, bad := range badArchives(t) {
		v.upload(t, "archive", bad.content)
		v.await(t, "the failure of "+bad.name, func() bool { return len(v.state(t).Archives) == i+3 && v.state(t).Archives[i+2].State == "failed" })
		if got := v.state(t).Archives[i+2].Error; !strings.Contains(got, bad.want) || !strings.HasSuffix(got, ".") || strings.Contains(got, "\n") {
			t.Errorf("%s: %q; want a sentence with %q", bad.name, got, bad.want)
		}
	}
	v.emptyUpload(t)
	v.refuseList(t)
	after := v.state(t)
	if after.Counts["people"] != before.Counts["people"] || after.Counts["tweets"] != 1 || after.Matches["chosen"] != len(addresses) || after.Handle != "alex" {
		t.Errorf("the move was %+v and is %+v", before, after)
	}

	v.upload(t, "archive", zipOf(t, "data/account.js", ownerFile, "data/tweets.js", strings.ReplaceAll(tweetsFile, "0001", "0002")))
	v.await(t, "the archive without following", func() bool {
		a := v.state(t).Archives
		last := a[len(a)-1]
		return last.State == "complete" && len(last.Warnings) == 1 && strings.Contains(last.Warnings[0].Message, "nobody to find")
	})
	if n := v.state(t).Counts["tweets"]; n != 2 {
		t.Errorf("%d tweets, want those of both archives", n)
	}
}

func (v *visitor) emptyUpload(t *testing.T) {
	t.Helper()
	req, _ := http.NewRequest(http.MethodPost, v.base+"/api/v1/uploads/", nil)
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", "0")
	req.Header.Set("Upload-Metadata", "move "+base64.StdEncoding.EncodeToString([]byte(v.move))+",kind "+base64.StdEncoding.EncodeToString([]byte("archive")))
	v.wantProblem(t, v.do(t, req), http.StatusUnprocessableEntity, "This file is empty.")
}

// refuseList brings a list of nobody.
func (v *visitor) refuseList(t *testing.T) {
	t.Helper()
	body := strings.NewReader(`{"text":"name,notes\nsome body,hi\n"}`)
	req, err := http.NewRequest(http.MethodPost, v.base+"/api/v1/moves/"+v.move+"/lists", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	v.wantProblem(t, v.do(t, req), http.StatusUnprocessableEntity, "No Twitter account was found in this list; it wants a handle, such as @ada, a profile link or a numeric id in each row.")
}

// 0 people found is said in the Run's own words.
func TestNobodyFound(t *testing.T) {
	t.Parallel()
	v := startOdd(t, oddServers(t))
	for _, tt := range []struct {
		text string
		add  func()
	}{
		{"there is nobody to look for", func() { v.upload(t, "archive", zipOf(t, "data/account.js", ownerFile, "data/tweets.js", tweetsFile)) }},
		{"nobody was found yet", func() { v.upload(t, "archive", goodArchive(t)) }},
	} {
		tt.add()
		v.await(t, tt.text, func() bool {
			for _, r := range v.state(t).Runs {
				if r.Kind == "find" && r.State == "done" && r.Progress.Text == tt.text {
					return true
				}
			}
			return false
		})
	}
}

// Who wants to connect at a server that does not play along is told why.
func TestConnectAtOddServers(t *testing.T) {
	t.Parallel()
	o := oddServers(t)
	closed := o.sim.AddServer(fedisim.Config{Host: "closed.example", NoLimits: true})
	closed.Fault(fedisim.Fault{Method: http.MethodPost, Path: "/api/v1/apps", Kind: fedisim.ServerError, Status: http.StatusForbidden, Times: -1})
	o.hosts["closed.example"] = o.sim.Hosts()["closed.example"]
	v := startOdd(t, o)
	for _, tt := range []struct {
		server string
		status int
		detail string
	}{
		{"down.example", http.StatusBadGateway, "down.example does not answer just now. Try again in a few minutes."},
		{"broken.example", http.StatusBadGateway, "broken.example does not answer just now. Try again in a few minutes."},
		{"no.example", http.StatusBadGateway, "no.example refused (403)."},
		{"closed.example", http.StatusBadGateway, "closed.example refused (403)."},
		{"page.example", http.StatusUnprocessableEntity, "page.example does not answer like a server of the fediverse. Check the name."},
		{"no server", http.StatusUnprocessableEntity, "A server's name looks like server.example."},
		{"localhost", http.StatusUnprocessableEntity, "A server's name looks like server.example."},
	} {
		body := `{"move":"` + v.move + `","server":"` + tt.server + `","features":["follow"]}`
		req, _ := http.NewRequest(http.MethodPost, v.base+"/api/v1/accounts/connect", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		v.wantProblem(t, v.do(t, req), tt.status, tt.detail)
	}
	o.sim.Server("down.example").SetDown(false) // it is back, and nothing stands in the way
	v.connect(t, "down.example")
}

// A token that is revoked while people are followed pauses the Run. Connected
// again, it goes on where it was.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	o := oddServers(t)
	v := startOdd(t, o)
	list, addresses := settle(o.sim.Server("down.example"), 6)
	o.sim.Server("down.example").SetDown(false)
	v.brings(t, list, len(addresses))
	account := v.connect(t, "away.example")
	var once sync.Once
	o.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.EffectDone && p.Route == "POST /api/v1/accounts/{id}/follow" && p.N == 3 {
			once.Do(func() { o.away.RevokeTokens("ada") })
		}
	})
	var run runState
	v.api(t, http.MethodPost, "/moves/"+v.move+"/runs", map[string]any{"kind": "follow", "account": account}, &run)
	path := "/moves/" + v.move + "/runs/" + run.ID
	v.await(t, "the pause", func() bool {
		v.api(t, http.MethodGet, path, nil, &run)
		return run.State == "paused"
	})
	if want := "away.example no longer accepts our access. Connect your account again, then resume here; nothing already done is lost."; run.Error != want || run.Progress.Done != 3 {
		t.Errorf("run = %+v; want 3 done and %q", run, want)
	}
	req, _ := http.NewRequest(http.MethodPost, v.base+"/api/v1/moves/"+v.move+"/posts-plan", strings.NewReader(`{"account":"`+account+`"}`))
	req.Header.Set("Content-Type", "application/json")
	v.wantProblem(t, v.do(t, req), http.StatusConflict, "This account no longer accepts our access. Connect it again; nothing already done is lost.")

	if again := v.connect(t, "away.example"); again != account {
		t.Errorf("connected again it is account %s, was %s", again, account)
	}
	v.api(t, http.MethodPost, path+"/resume", map[string]any{}, nil)
	if run := v.awaitRun(t, "follow"); run.Progress.Done != len(addresses) || run.Error != "" {
		t.Errorf("run = %+v; want %d done", run, len(addresses))
	}
	var got []string
	for _, e := range o.away.Effects() {
		if e.Kind == fedisim.Followed || e.Kind == fedisim.FollowRequested || e.Kind == fedisim.FollowRepeated {
			got = append(got, e.Target)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, addresses) {
		t.Errorf("the server saw %q, want %q", got, addresses)
	}
}
