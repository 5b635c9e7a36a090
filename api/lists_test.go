package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/directory"
)

// Columns are shown before a list is used, can be corrected, and are then used.
func TestListPreview(t *testing.T) {
	s := newSite(t)
	s.work(t)
	b := s.browser(t)
	path := "/api/v1/moves/" + b.begin().ID
	list := map[string]any{"name": "friends.csv", "text": "Kto;O sobie\nada;@ada@tusk.example\ngrace;\n"}
	got := read[api.ListPreview](b.post(path+"/lists/preview", list).want(200))
	want := api.ListPreview{Kind: "table", Separator: ";", Header: true, Rows: 2, People: 0, Columns: []api.ListColumn{
		{Title: "Kto", Role: "none", Samples: []string{"ada", "grace"}},
		{Title: "O sobie", Role: "bio", Samples: []string{"@ada@tusk.example", ""}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := b.post(path+"/lists", list).want(http.StatusUnprocessableEntity).detail(); !strings.Contains(d, "no Twitter account") && !strings.Contains(d, "No Twitter account") {
		t.Errorf("it says %q", d)
	}
	list["titles"] = "no"
	if got = read[api.ListPreview](b.post(path+"/lists/preview", list).want(200)); got.Header || got.Rows != 3 || got.Columns[0].Samples[0] != "Kto" {
		t.Errorf("without titles: %+v", got)
	}
	list["titles"] = "yes"
	list["columns"] = []string{"handle", "bio"}
	if got = read[api.ListPreview](b.post(path+"/lists/preview", list).want(200)); got.People != 2 || got.Columns[0].Role != "handle" {
		t.Errorf("corrected: %+v", got)
	}
	if m := read[api.Move](b.get(path)); len(m.Archives) != 0 || m.Counts.People != 0 {
		t.Errorf("a preview left %+v", m)
	}
	b.post(path+"/lists", list).want(200)
	b.until(path, func(a answer) bool { return read[api.Move](a).Counts.Named == 2 })
}

// What the page has read of X pages comes as people.
func TestPagesAsPeople(t *testing.T) {
	s := newSite(t)
	s.work(t)
	b := s.browser(t)
	path := "/api/v1/moves/" + b.begin().ID
	people := []api.ListRow{
		{ID: "12", Handle: "ada", Name: "Ada", Bio: "I am @ada@tusk.example", URLs: []string{"https://ada.example"}},
		{ID: "13", Handle: "grace", Relation: "following,follower"},
		{Handle: "troll", Relation: "blocking"},
	}
	b.post(path+"/lists", map[string]any{"source": "pages", "name": "x.com.har", "people": people}).want(200)
	b.until(path, func(a answer) bool { return read[api.Move](a).Matches.Stated == 1 })
	m := read[api.Move](b.get(path))
	if c := m.Counts; c.People != 3 || c.Following != 2 || c.Follower != 1 || c.Blocking != 1 {
		t.Errorf("counts: %+v", c)
	}
	if a := m.Archives[0]; a.Kind != "pages" || a.FileName != "x.com.har" || a.Counts["following"] != 2 || a.State != "complete" {
		t.Errorf("archive: %+v", a)
	}
	found := read[api.People](b.get(path + "/people?grade=stated")).People
	if e := found[0].Matches[0].Evidence[0]; e.Source != "pages" || e.At == nil || found[0].TwitterID != "12" {
		t.Errorf("evidence: %+v", e)
	}
}

func TestListsRefused(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	path := "/api/v1/moves/" + b.begin().ID + "/lists"
	rows := func(n int) json.RawMessage {
		return json.RawMessage("[" + strings.Repeat("{},", n-1) + "{}]")
	}
	b.post(path, map[string]any{"people": rows(3)}).want(http.StatusUnprocessableEntity)
	for name, tt := range map[string]struct {
		body   any
		status int
		says   string
	}{
		"nothing":              {map[string]any{}, 422, "empty"},
		"both":                 {map[string]any{"text": "@ada", "people": rows(1)}, 422, "not both"},
		"no array":             {map[string]any{"people": map[string]any{"id": "1"}}, 422, "array"},
		"pages as text":        {map[string]any{"source": "pages", "text": `{"log":{"entries":[]}}`}, 422, "from the browser"},
		"another source":       {map[string]any{"source": "x", "text": "@ada"}, 422, "comes from"},
		"titles, perhaps":      {map[string]any{"text": "@ada", "titles": "maybe"}, 422, "yes or no"},
		"a column of nothing":  {map[string]any{"text": "@ada", "columns": []string{"secret"}}, 422, "secret"},
		"many rows":            {map[string]any{"people": rows(50_000)}, 422, "1000 rows"},
		"many rows of pages":   {map[string]any{"source": "pages", "people": rows(50_000)}, 422, "1000 rows"},
		"a million lines":      {map[string]any{"text": strings.Repeat("@someone\n", 1_000_000)}, 422, "1000 rows"},
		"too large":            {map[string]any{"text": strings.Repeat("x", 25<<20)}, 413, "1000 people"},
		"text that is no text": {map[string]any{"text": 5}, 422, ""},
	} {
		for _, at := range []string{path, path + "/preview"} {
			a := b.post(at, tt.body)
			if a.status != tt.status || !strings.Contains(a.detail(), tt.says) {
				t.Errorf("%s: got %d %s, want %d and %q", name, a.status, a.detail(), tt.status, tt.says)
			}
		}
	}
	b.send(http.MethodPost, path, strings.NewReader(`{"text":`), http.Header{"Content-Type": {"application/json"}}).want(http.StatusUnprocessableEntity)
	// One without a stated length is cut off all the same.
	endless := struct{ *bytes.Reader }{bytes.NewReader(bytes.Repeat([]byte("x"), 25<<20))}
	b.send(http.MethodPost, path, readerOnly{endless}, http.Header{"Content-Type": {"application/json"}}).want(http.StatusRequestEntityTooLarge)
	if a := b.get("/api/v1/moves"); len(read[api.Moves](a).Moves[0].Archives) != 0 {
		t.Errorf("something was kept: %s", a.body)
	}
	for i := range 40 {
		if a := b.post(path+"/preview", map[string]any{"text": "@ada"}); a.status == http.StatusTooManyRequests {
			return
		} else if i == 39 {
			t.Errorf("lists are read without end: %d", a.status)
		}
	}
}

// readerOnly hides how long something is.
type readerOnly struct {
	r interface{ Read([]byte) (int, error) }
}

func (r readerOnly) Read(b []byte) (int, error) { return r.r.Read(b) }

// Which sources are on is told, and what is off is refused in a sentence.
func TestSourcesAreTold(t *testing.T) {
	about := func(s *site) api.About { return read[api.About](s.browser(t).get("/api/v1/about").want(200)) }
	usual := about(newSite(t))
	if !slices.Contains(usual.Sources, "list") || !slices.Contains(usual.Sources, "pages") || slices.Contains(usual.Sources, "x") || usual.ListRows != 1000 {
		t.Errorf("unless set: %+v", usual)
	}
	s := newSite(t, func(s *api.Server) {
		var err error
		if s.Worker.Sources, err = directory.ParseSources([]string{"wikidata", "list"}); err != nil {
			t.Fatal(err)
		}
	})
	if got := about(s).Sources; !slices.Equal(got, []string{"list", "wikidata"}) {
		t.Errorf("set: %v", got)
	}
	b := s.browser(t)
	path := "/api/v1/moves/" + b.begin().ID + "/lists"
	b.post(path+"/preview", map[string]any{"text": "@ada"}).want(200)
	a := b.post(path, map[string]any{"source": "pages", "people": []api.ListRow{{Handle: "ada"}}})
	if d := a.want(http.StatusForbidden).detail(); !strings.Contains(d, "X pages") {
		t.Errorf("it says %q", d)
	}
	off := newSite(t, func(s *api.Server) { s.Worker.ListRows = 0 })
	if got := about(off).Sources; slices.Contains(got, "list") || slices.Contains(got, "pages") {
		t.Errorf("without rows: %v", got)
	}
	b = off.browser(t)
	b.post("/api/v1/moves/"+b.begin().ID+"/lists", map[string]any{"text": "@ada"}).want(http.StatusForbidden).detail()
}
