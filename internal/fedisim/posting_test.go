package fedisim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/skein-migrate/skein/internal/fedisim"
)

func TestSameKeyTwice(t *testing.T) {
	tests := []struct {
		software string
		wait     time.Duration
		want     int
	}{
		{"mastodon", 59 * time.Minute, 1},
		{"mastodon", 61 * time.Minute, 2},
		{"pleroma", 61 * time.Minute, 1},
		{"gotosocial", 0, 2},
		{"snac", 0, 2},
		{"somethingelse", 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.wait.String(), func(t *testing.T) {
			s, v := alone(t, tt.software)
			u := as(t, v, "ada")
			first := u.post("/api/v1/statuses", form("status", "hello"), "Idempotency-Key", "k")
			s.Advance(tt.wait)
			second := u.post("/api/v1/statuses", form("status", "hello"), "Idempotency-Key", "k")
			wantCode(t, "second", second, 200)
			if got := len(v.Posts("ada")); got != tt.want || v.Count(fedisim.PostCreated) != tt.want {
				t.Errorf("%d posts; want %d", got, tt.want)
			}
			if same := first.text(t, "id") == second.text(t, "id"); same != (tt.want == 1) {
				t.Errorf("the same id twice: %v", same)
			}
			u2 := as(t, v, "bob")
			wantCode(t, "same key of another account", u2.post("/api/v1/statuses", form("status", "mine"), "Idempotency-Key", "k"), 200)
			if len(v.Posts("bob")) != 1 {
				t.Errorf("the key of another account was taken for bob's")
			}
		})
	}
}

// A date in the past is quiet on GoToSocial only; elsewhere every follower
// sees the post.
func TestPastDate(t *testing.T) {
	past := time.Date(2012, 5, 6, 7, 8, 9, 123e6, time.UTC)
	tests := []struct {
		software  string
		want      time.Time
		delivered int
	}{
		{"gotosocial", past, 0},
		{"snac", past.Truncate(time.Second), 2},
		{"mastodon", noon, 2},
		{"pleroma", noon, 2},
		{"somethingelse", noon, 2},
	}
	for _, tt := range tests {
		t.Run(tt.software, func(t *testing.T) {
			s, v := alone(t, tt.software)
			other := s.AddServer(fedisim.Config{Host: "two.example"})
			other.AddAccount(fedisim.Account{User: "eve"})
			s.MakeFollow("bob@one.example", "ada@one.example")
			s.MakeFollow("eve@two.example", "ada@one.example")
			got := as(t, v, "ada").post("/api/v1/statuses", form("status", "old", "visibility", "unlisted", "scheduled_at", past.Format(time.RFC3339Nano)))
			wantCode(t, "post", got, 200)
			at, err := time.Parse(time.RFC3339, got.text(t, "created_at"))
			if err != nil || !at.Equal(tt.want) {
				t.Errorf("created_at %v, %v; want %v", at, err, tt.want)
			}
			e := v.Effects()[0]
			if e.Kind != fedisim.PostCreated || e.Delivered != tt.delivered || other.Delivered("eve") != tt.delivered/2 {
				t.Errorf("effect %+v, at eve %d; want %d delivered", e, other.Delivered("eve"), tt.delivered)
			}
		})
	}
}

func TestBackdateRefused(t *testing.T) {
	tests := []struct {
		name string
		form []string
		want int
	}{
		{"day only", []string{"scheduled_at", "2011-03-04"}, 400},
		{"epoch", []string{"scheduled_at", "1970-01-01T00:00:00Z"}, 406},
		{"soon", []string{"scheduled_at", noon.Add(4 * time.Minute).Format(time.RFC3339)}, 422},
		{"later", []string{"scheduled_at", noon.Add(6 * time.Minute).Format(time.RFC3339)}, 200},
		{"local name", []string{"scheduled_at", "2012-01-01T00:00:00Z", "status", "hi @bob"}, 403},
		{"own name", []string{"scheduled_at", "2012-01-01T00:00:00Z", "status", "hi @ada"}, 200},
		{"unknown name", []string{"scheduled_at", "2012-01-01T00:00:00Z", "status", "hi @zed@nowhere.example"}, 200},
		{"unknown parent", []string{"in_reply_to_id", "01HZZZZZZZZZZZZZZZZZZZZZZZ"}, 404},
		{"poll", []string{"scheduled_at", "2012-01-01T00:00:00Z", "poll[options][]", "a"}, 403},
		{"empty", []string{"status", ""}, 400},
		{"bad visibility", []string{"visibility", "loud"}, 422},
		{"bad language", []string{"language", "!"}, 400},
		{"too long", []string{"status", strings.Repeat("é", 5001)}, 400},
		{"long enough", []string{"status", strings.Repeat("é", 5000)}, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, v := alone(t, "gotosocial")
			f := form(tt.form...)
			if !f.Has("status") {
				f.Set("status", "text")
			}
			wantCode(t, "post", as(t, v, "ada").post("/api/v1/statuses", f), tt.want)
			asked := 0
			for _, e := range v.Effects() {
				if e.Kind == fedisim.LookedUp && e.Target == "nowhere.example" {
					asked++
				}
			}
			if asked != strings.Count(f.Get("status"), "nowhere") {
				t.Errorf("the host of a stranger was asked %d times", asked)
			}
		})
	}
	_, off := alone(t, "gotosocial", func(c *fedisim.Config) { c.BackdatingOff = true })
	wantCode(t, "switched off", as(t, off, "ada").post("/api/v1/statuses", form("status", "x", "scheduled_at", "2012-01-01T00:00:00Z")), 403)
}

// Posts of one millisecond are found with made-up ids, as a client does that
// looks for what became of a request.
func TestWindowOfAMillisecond(t *testing.T) {
	_, v := alone(t, "gotosocial")
	u := as(t, v, "ada")
	at := time.Date(2013, 1, 2, 3, 4, 5, 678e6, time.UTC)
	for i := range 3 {
		u.post("/api/v1/statuses", form("status", fmt.Sprint(i), "scheduled_at", at.Add(time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano)))
	}
	low := ulid.MustNew(uint64(at.UnixMilli()+1), nil).String()[:10]
	got := u.get("/api/v1/accounts/" + u.id("ada@one.example") + "/statuses?min_id=" + low + strings.Repeat("0", 16) + "&max_id=" + low + strings.Repeat("Z", 16)).list(t)
	if len(got) != 1 || got[0]["text"] != "1" {
		t.Errorf("in the window: %v; want the second post alone", got)
	}
}

func TestLength(t *testing.T) {
	link := "https://example.org/" + strings.Repeat("a", 100)
	family := "👨‍👩‍👧‍👦"
	tests := []struct {
		name, software, text string
		want                 int
	}{
		{"500 letters", "mastodon", strings.Repeat("ü", 500), 200},
		{"501 letters", "mastodon", strings.Repeat("ü", 501), 422},
		{"a link is 23", "mastodon", strings.Repeat("x", 476) + " " + link, 200},
		{"a family is one", "mastodon", strings.Repeat(family, 500), 200},
		{"a host is free", "mastodon", strings.Repeat("x", 493) + " @bobby@a-long-host.example", 200},
		{"a link is its length", "gotosocial", strings.Repeat("x", 4976) + " " + link, 400},
		{"a family is seven", "gotosocial", strings.Repeat(family, 715), 400},
		{"snac takes all", "snac", strings.Repeat("x", 200000), 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, v := alone(t, tt.software)
			wantCode(t, "post", as(t, v, "ada").post("/api/v1/statuses", form("status", tt.text)), tt.want)
		})
	}
}

func TestThreadsAndDeleting(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "pleroma", "snac"} {
		t.Run(software, func(t *testing.T) {
			_, v := alone(t, software)
			u := user{t, v, v.TokenOf("Skein", "ada")}
			parent := u.post("/api/v1/statuses", form("status", "one\ntwo", "visibility", "public")).text(t, "id")
			child := u.post("/api/v1/statuses", form("status", "three", "in_reply_to_id", parent))
			if got := child.text(t, "in_reply_to_id"); got != parent {
				t.Errorf("parent %q; want %q", got, parent)
			}
			_, hasApp := child.object(t)["application"]
			if want := software == "mastodon" || software == "gotosocial"; hasApp != want {
				t.Errorf("application shown: %v; want %v", hasApp, want)
			}
			wantCode(t, "another's", as(t, v, "bob").send("DELETE", "/api/v1/statuses/"+parent, "", nil), 404)
			gone := u.send("DELETE", "/api/v1/statuses/"+parent, "", nil)
			if gone.text(t, "text") != "one\ntwo" {
				t.Errorf("deleted: %s; want its source", gone.body)
			}
			wantCode(t, "again", u.send("DELETE", "/api/v1/statuses/"+parent, "", nil), 404)
			if posts := v.Posts("ada"); len(posts) != 1 || posts[0].Text != "three" || posts[0].Application != "Skein" {
				t.Errorf("posts %+v; want the child alone", posts)
			}
		})
	}
}

func TestScheduledPost(t *testing.T) {
	s, v := alone(t, "mastodon")
	u := as(t, v, "ada")
	wantCode(t, "too soon", u.post("/api/v1/statuses", form("status", "x", "scheduled_at", noon.Add(time.Minute).Format(time.RFC3339))), 422)
	got := u.post("/api/v1/statuses", form("status", "later", "scheduled_at", noon.Add(time.Hour).Format(time.RFC3339)))
	if _, is := got.object(t)["created_at"]; is || got.text(t, "scheduled_at") == "" {
		t.Errorf("answer %s; want a scheduled status", got.body)
	}
	if n := len(v.Posts("ada")); n != 0 {
		t.Errorf("%d posts before the time", n)
	}
	s.Advance(time.Hour)
	if n := len(v.Posts("ada")); n != 1 {
		t.Errorf("%d posts after the time; want 1", n)
	}
}

func TestStatusPages(t *testing.T) {
	_, v := alone(t, "mastodon")
	u := as(t, v, "ada")
	var ids []string
	for i := range 50 {
		ids = append(ids, u.post("/api/v1/statuses", form("status", fmt.Sprint(i), "visibility", "private")).text(t, "id"))
	}
	path := "/api/v1/accounts/" + u.id("ada@one.example") + "/statuses"
	first := u.get(path + "?limit=80").list(t)
	if len(first) != 40 || first[0]["id"] != ids[49] {
		t.Errorf("first page: %d from %v; want 40 from %s", len(first), first[0]["id"], ids[49])
	}
	if since := u.get(path + "?limit=5&since_id=" + ids[9]).list(t); since[0]["id"] != ids[49] {
		t.Errorf("since_id begins with %v; want the newest", since[0]["content"])
	}
	if next := u.get(path + "?limit=5&min_id=" + ids[9]).list(t); next[4]["id"] != ids[10] || next[0]["id"] != ids[14] {
		t.Errorf("min_id gives %v to %v; want the next five", next[4]["content"], next[0]["content"])
	}
	if got := stranger(t, v).get(path).list(t); len(got) != 0 {
		t.Errorf("a stranger sees %d posts for followers", len(got))
	}
}

func TestPixelfedWantsAPicture(t *testing.T) {
	_, v := alone(t, "pixelfed")
	wantCode(t, "text alone", as(t, v, "ada").post("/api/v1/statuses", form("status", "x")), 422)
}
