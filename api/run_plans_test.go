package api_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// finished starts a Run and returns it when it is done.
func (b *browser) finished(path string, start map[string]any) api.Run {
	b.t.Helper()
	r := read[api.Run](b.post(path+"/runs", start).want(200))
	return read[api.Run](b.until(path+"/runs/"+r.ID, func(a answer) bool { return read[api.Run](a).State == "done" }))
}

// Blocks, mutes and follows are carried over, told in a table, and taken back.
func TestBlocksMutesAndBack(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow", "blocks")
	for _, user := range []string{"person00", "person01", "person02"} {
		s.tusk.AddAccount(fedisim.Account{User: user})
	}
	populate(t, s, move.ID, match.Stated, match.Stated, match.Stated, match.None, match.None) // the second and fourth are blocked
	err := s.Store.SavePeople(t.Context(), move.ID, []model.Person{{Handle: model.Handle{Name: "person02"}, Relations: []model.Relation{model.Muting}}})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/moves/" + move.ID
	want := map[string]int{"blocks": 1, "mutes": 1, "follow": 2}
	for kind, n := range want {
		p := read[api.RunPlan](b.get(path + "/plans/" + kind + "?account=" + account.ID).want(200))
		if p.Steps != n || p.Estimate.Seconds == 0 || p.Import {
			t.Errorf("plan of %s: %+v", kind, p)
		}
	}
	s.work(t)
	made := map[string]api.Run{}
	for _, kind := range []string{"blocks", "mutes", "follow"} {
		made[kind] = b.finished(path, map[string]any{"kind": kind, "account": account.ID})
		if v := made[kind].Progress; v.Done != want[kind] || v.Total != want[kind] {
			t.Errorf("%s: %+v", kind, v)
		}
	}
	log := b.get(path + "/runs/" + made["follow"].ID + "/log").want(200)
	if !strings.Contains(log.header.Get("Content-Disposition"), "follow_log.csv") {
		t.Errorf("header: %v", log.header)
	}
	rows, err := csv.NewReader(strings.NewReader(log.body)).ReadAll()
	if err != nil || len(rows) != 6 { // titles, two who are followed, three who are not
		t.Fatalf("%v: %q", err, log.body)
	}
	for i, want := range []string{
		"follow|https://x.com/person02|person02@tusk.example|confirmed|followed||", "follow|https://x.com/person00|person00@tusk.example|confirmed|followed||",
		"follow|https://x.com/person01||left out||you block them on Twitter||", "follow|https://x.com/person03||left out||no account chosen||",
		"follow|https://x.com/person04||left out||no account chosen||",
	} {
		if row := strings.Join(rows[i+1], "|"); !strings.HasPrefix(row, want) {
			t.Errorf("got %s, want %s", row, want)
		}
	}
	for _, kind := range []string{"blocks", "mutes", "follow"} {
		run := made[kind].ID
		if p := read[api.RunPlan](b.get(path + "/plans/undo?run=" + run).want(200)); p.Steps != want[kind] || p.Estimate.Seconds == 0 {
			t.Errorf("plan to take %s back: %+v", kind, p)
		}
		back := b.finished(path, map[string]any{"kind": "undo", "undo": map[string]any{"run": run}})
		if back.Account != account.ID || back.Progress.Done != want[kind] || back.Options["run"] != run {
			t.Errorf("taking %s back: %+v", kind, back)
		}
		if v := read[api.Run](b.get(path + "/runs/" + run)); v.Progress.Undone != want[kind] {
			t.Errorf("%s after that: %+v", kind, v.Progress)
		}
		b.get(path + "/plans/undo?run=" + back.ID).want(http.StatusConflict)
	}
}

// What the Owner did not allow, what the server cannot do, and what is not there
// to be taken back is refused before anything begins.
func TestRunsThatNeedMore(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow")
	path := "/api/v1/moves/" + move.ID + "/runs"
	for _, kind := range []string{"blocks", "mutes", "lists"} {
		if d := b.post(path, map[string]any{"kind": kind, "account": account.ID}).want(http.StatusConflict).detail(); !strings.Contains(d, "did not allow") {
			t.Errorf("%s: %s", kind, d)
		}
	}
	follow := map[string]any{"kind": "follow", "account": account.ID, "follow": map[string]any{"import": true}}
	if d := b.post(path, follow).want(http.StatusUnprocessableEntity).detail(); !strings.Contains(d, "takes no file") {
		t.Errorf("import: %s", d)
	}
	b.post(path, map[string]any{"kind": "undo"}).want(http.StatusNotFound)
	b.post(path, map[string]any{"kind": "undo", "undo": map[string]any{"run": "nothing"}}).want(http.StatusNotFound)
	run := read[api.Run](b.post(path, map[string]any{"kind": "follow", "account": account.ID}).want(200))
	if d := b.post(path, map[string]any{"kind": "undo", "undo": map[string]any{"run": run.ID}}).want(http.StatusConflict).detail(); !strings.Contains(d, "Cancel this first") {
		t.Errorf("under way: %s", d)
	}
}

func TestTwitterLists(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "follow", "lists")
	path := "/api/v1/moves/" + move.ID
	err := s.Store.SaveLists(t.Context(), move.ID, []model.TwitterList{
		{Kind: "created", URL: "https://twitter.com/ada/lists/birds", Name: "birds"},
		{Kind: "subscribed", URL: "https://twitter.com/bob/lists/fish", Name: "fish"},
	})
	if err != nil {
		t.Fatal(err)
	}
	lists := read[api.TwitterLists](b.get(path + "/twitter-lists").want(200)).Lists
	if len(lists) != 1 || lists[0].Title != "birds" || lists[0].Members == nil {
		t.Fatalf("lists: %+v", lists)
	}
	set := func(lists ...map[string]any) answer {
		return b.do(http.MethodPut, path+"/twitter-lists", map[string]any{"lists": lists})
	}
	set(map[string]any{"title": " ", "members": []string{"x"}}).want(http.StatusUnprocessableEntity)
	set(map[string]any{"title": "x", "members": []string{strings.Repeat("x", 501)}}).want(http.StatusUnprocessableEntity)
	s.tusk.AddAccount(fedisim.Account{User: "person00"})
	populate(t, s, move.ID, match.Stated)
	lists = read[api.TwitterLists](set(
		map[string]any{"title": "birds", "members": []string{"@person00", " @person00", "@nobody"}}, map[string]any{"title": "new", "members": []string{}},
	).want(200)).Lists
	if len(lists) != 1 || len(lists[0].Members) != 2 {
		t.Errorf("after setting them: %+v", lists)
	}
	p := read[api.RunPlan](b.get(path + "/plans/lists?account=" + account.ID).want(200))
	if p.Steps != 2 || len(p.LeftOut) != 1 || p.LeftOut[0].Count != 1 {
		t.Errorf("plan: %+v", p)
	} else if who := p.LeftOut[0].People; len(who) != 1 || who[0] != (api.LeftPerson{Name: "@nobody", List: "birds"}) {
		t.Errorf("left out: %+v", who)
	}
	s.work(t)
	b.finished(path, map[string]any{"kind": "follow", "account": account.ID})
	r := b.finished(path, map[string]any{"kind": "lists", "account": account.ID})
	if r.Progress.Done != 2 {
		t.Errorf("done: %+v", r.Progress)
	}
	if p := read[api.RunPlan](b.get(path + "/plans/undo?run=" + r.ID).want(200)); p.Steps != 2 || p.Lists != 1 {
		t.Errorf("taking it back is planned as %+v, want a list and a member", p)
	}
}
