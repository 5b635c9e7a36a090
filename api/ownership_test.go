package api_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// marker stands in everything that the Owner has. It must never be seen by
// anybody else.
const marker = "Zebrafinch"

// possessions are the ids of one of everything, by the names of the parameters.
type possessions map[string]string

// furnish gives the browser's Owner one of everything.
func furnish(t testing.TB, b *browser) possessions {
	t.Helper()
	s, ctx := b.site, t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := b.begin().ID
	move, err := s.Store.Move(ctx, id)
	must(err)
	must(s.Store.NameMove(ctx, id, "4711", marker, marker))
	must(s.Store.AnswerMove(ctx, id, "no", "no"))
	must(s.Store.SavePeople(ctx, id, []model.Person{{
		TwitterID: "12", Handle: model.Handle{Name: marker}, Name: marker, Relations: []model.Relation{model.Following},
	}}))
	people, _, err := s.Store.PeoplePage(ctx, id, store.PeopleFilter{Grade: -1, Limit: 1})
	must(err)
	address := model.Address{User: marker, Host: "tusk.example"}
	must(s.Store.SaveMatches(ctx, id, people[0].ID, []match.Match{{
		Address: address, Grade: match.Stated, Profile: model.Profile{Address: address, Existence: model.Exists, Note: marker, Avatar: "https://tusk.example/avatars/" + marker + ".png"},
	}}))
	matches, err := s.Store.Matches(ctx, people[0].ID)
	must(err)
	account, err := s.Store.SaveAccount(ctx, model.Account{
		OwnerID: move.OwnerID, Address: model.Address{User: "ada" + marker, Host: "tusk.example"}, RemoteID: "1",
		Software: "mastodon", Version: "4.5.0", Scopes: []string{"read", "write"},
	}, marker)
	must(err)
	if move, err = s.Store.Move(ctx, id); err == nil {
		_, err = s.Store.Agree(ctx, move, account, store.Consent{Inside: true})
	}
	must(err)
	entries, err := s.Store.Entries(ctx, move.OwnerID)
	must(err)
	run, err := s.Store.AddRun(ctx, store.Run{MoveID: id, Kind: "posts", AccountID: account.ID})
	must(err)
	lease, err := s.Store.Lease(ctx, run.ID, time.Minute)
	must(err)
	status := compose.Status{TweetIDs: []string{"1"}, Part: 1, Parts: 1, Text: marker}
	must(lease.AddSteps(ctx, account.Address.Key(), []plan.Step{{
		ID: store.NewID(), RunID: run.ID, MoveID: id, AccountID: account.ID, Seq: 1, Kind: plan.KindPost, TweetID: "1", Part: 1,
		Status: &status, State: ledger.StatePlanned,
	}}))
	step, _, err := lease.NextStep(ctx)
	must(err)
	must(lease.SetSent(ctx, step, 1, store.Sent{At: time.UnixMilli(1500000000000)}))
	step.State = ledger.StateSent
	must(lease.Finish(ctx, step, store.Outcome{
		State: ledger.StateUnsure, Reason: marker, ResultID: "9", ResultURL: "https://tusk.example/@ada/9",
		Found: store.Found{Text: "<b>" + marker, At: time.UnixMilli(1500000000000)},
	}))
	_, err = lease.Release(ctx, store.Next{State: store.RunPaused})
	must(err)
	const gif = "GIF89a\x01\x00\x01\x00\x00\x00\x00;" + marker
	must(s.Files.Put(ctx, "moves/"+id+"/media/1-"+marker+".gif", strings.NewReader(gif), int64(len(gif))))
	at := b.upload(id, "archive", marker+".zip", 1000).want(http.StatusCreated).header.Get("Location")
	return possessions{
		"move": id, "person": people[0].ID, "match": matches[0].ID, "account": account.ID, "run": run.ID, "step": step.ID, "entry": entries[0].ID,
		"file": "1-" + marker + ".gif", "upload": at[strings.LastIndexByte(at, '/')+1:],
	}
}

// upload begins an upload by tus.
func (b *browser) upload(move, kind, name string, size int) answer {
	b.t.Helper()
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return b.send(http.MethodPost, "/api/v1/uploads/", nil, http.Header{
		"Tus-Resumable": {"1.0.0"}, "Upload-Length": {fmt.Sprint(size)},
		"Upload-Metadata": {"move " + code(move) + ",filename " + code(name) + ",kind " + code(kind)},
	})
}

// request is a call of one operation with everything that it asks for.
type request struct {
	id, method, path string
	body             any
	header           http.Header
}

// requests returns one for each operation of the description, about what of is
// owned. An operation that takes a body and has none here fails the test: a new
// route needs a line.
func requests(t testing.TB, b *browser, of possessions) []request {
	t.Helper()
	bodies := map[string]any{
		"recover": map[string]any{"key": "x"}, "signIn": map[string]any{"server": "tusk.example"},
		"optOut": map[string]any{"server": "tusk.example"}, "optIn": map[string]any{"server": "tusk.example"}, "createMove": nil, "makeRecoveryKey": nil, "seePeople": nil,
		"answerMove": map[string]any{"used_circle": "no"}, "addList": map[string]any{"name": "x", "text": "@someone"},
		"previewList": map[string]any{"name": "x", "text": "@someone"},
		"addMatch":    map[string]any{"address": "ada@tusk.example"}, "decideMatch": map[string]any{"decision": "yes"},
		"decideAll":       map[string]any{"grade": "claimed", "decision": "yes"},
		"connect":         map[string]any{"move": of["move"], "server": "tusk.example", "features": []string{"follow"}},
		"startRun":        map[string]any{"kind": "follow", "account": of["account"]},
		"postsPlan":       map[string]any{"account": of["account"]},
		"listPictures":    map[string]any{"account": of["account"]},
		"saveEntry":       map[string]any{"inside": true, "everybody": false, "hide": []string{"66"}},
		"setTwitterLists": map[string]any{"lists": []any{}}, "describePicture": map[string]any{"alt": "x"},
		"bringAltTexts": map[string]any{"text": "file,alt\n1.jpg,x"},
		"pauseRun":      nil, "resumeRun": nil, "cancelRun": nil, "settleStep": map[string]any{"posted": false},
	}
	type parameter struct {
		Name, In string
		Required bool
		Schema   struct{ Enum []any }
	}
	doc := read[struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []parameter
			RequestBody *struct{} `json:"requestBody"`
		}
	}](b.get("/openapi.json").want(200))
	var all []request
	for path, methods := range doc.Paths {
		for method, op := range methods {
			r := request{id: op.OperationID, method: strings.ToUpper(method), path: path, header: http.Header{"Content-Type": {"application/json"}}}
			query := "?"
			for _, p := range op.Parameters {
				value := of[p.Name]
				if r.id == "getExport" && p.Name == "file" {
					value = "following_accounts.csv"
				}
				if r.id == "runPlan" && p.Name == "kind" {
					value = "follow"
				}
				if r.id == "oauthCallback" && p.Name == "host" {
					value = "home.example" // nobody's own
				}
				switch {
				case p.In == "path" && value == "":
					t.Fatalf("%s: no %s to put into %s", r.id, p.Name, path)
				case p.In == "path":
					r.path = strings.ReplaceAll(r.path, "{"+p.Name+"}", value)
				case p.In == "query" && value != "":
					query += p.Name + "=" + value + "&"
				}
			}
			if strings.Contains(r.path, "{") {
				t.Fatalf("%s: a parameter of %s is not described", r.id, path)
			}
			if len(query) > 1 {
				r.path += query
			}
			if op.RequestBody != nil {
				if _, ok := bodies[r.id]; !ok {
					t.Fatalf("%s takes a body: write one here", r.id)
				}
				r.body = bodies[r.id]
			}
			switch r.id {
			case "createUpload", "headUpload", "deleteUpload":
				r.header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Length": {"9"}, "Upload-Metadata": {"move " + base64.StdEncoding.EncodeToString([]byte(of["move"])) + ",kind YXJjaGl2ZQ=="}}
			case "patchUpload":
				r.header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}, "Content-Type": {"application/offset+octet-stream"}}
				r.body = marker
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b request) int { return strings.Compare(a.id, b.id) })
	return all
}

func (b *browser) call(r request) answer {
	b.t.Helper()
	if text, ok := r.body.(string); ok {
		return b.send(r.method, r.path, strings.NewReader(text), r.header.Clone())
	}
	if r.body == nil {
		var none io.Reader
		return b.send(r.method, r.path, none, r.header.Clone())
	}
	return b.do(r.method, r.path, r.body)
}

// Every route that names something of an Owner answers anybody else as if it
// did not exist, and no route tells anything of it.
func TestNobodySeesAnothersThings(t *testing.T) {
	s := newSite(t)
	owner := s.browser(t)
	of := furnish(t, owner)
	other := s.browser(t)
	other.begin()
	other.client.Timeout = 5 * time.Second
	for _, r := range requests(t, owner, of) {
		for name, b := range map[string]*browser{"another Owner": other, "nobody": s.browser(t)} {
			named := false
			for _, id := range of {
				named = named || strings.Contains(r.path, id)
			}
			named = named || r.id == "connect" || r.id == "createUpload"
			a := b.call(r)
			switch {
			case strings.Contains(a.body, marker), strings.Contains(fmt.Sprint(a.header), marker):
				t.Errorf("%s as %s tells: %s", r.id, name, a.body)
			case named && a.status != http.StatusNotFound && a.status != http.StatusForbidden && a.status != http.StatusUnauthorized:
				t.Errorf("%s as %s: got %d, want 404, 403 or 401: %s", r.id, name, a.status, a.body)
			}
			if r.id == "signOut" && name == "another Owner" {
				other.begin()
			}
		}
	}
	// All of it is still there, so that the answers above were about it.
	for _, r := range requests(t, owner, of) {
		if r.id == "moveEvents" || r.method != http.MethodGet && r.method != http.MethodHead || r.id == "oauthCallback" || r.id == "xCallback" {
			continue
		}
		if a := owner.call(r); a.status != http.StatusOK {
			t.Errorf("%s as its Owner: got %d: %s", r.id, a.status, a.body)
		}
	}
	if v := read[api.Move](owner.get("/api/v1/moves/" + of["move"])); v.UsedCircle != "no" || len(v.Runs) != 1 || v.Runs[0].Progress.Unsure != 1 || len(v.Accounts) != 1 {
		t.Errorf("somebody else changed the Move: %+v", v)
	}
	if v := read[api.RegistryEntries](owner.get("/api/v1/moves/" + of["move"] + "/registry")).Entries; len(v) != 1 || v[0].ID != of["entry"] || v[0].Hidden != 0 {
		t.Errorf("somebody else changed the registry: %+v", v)
	}
}
