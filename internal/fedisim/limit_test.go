package fedisim_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
)

func TestLimitOfPosts(t *testing.T) {
	s, v := alone(t, "mastodon", func(c *fedisim.Config) {
		c.Limits = map[string]fedisim.Limit{"statuses": {Max: 3, Per: 3 * time.Hour}}
	})
	u := as(t, v, "ada")
	for i := range 3 {
		got := u.post("/api/v1/statuses", form("status", "x"))
		wantCode(t, "post", got, 200)
		if left := got.header.Get("X-RateLimit-Remaining"); left != []string{"2", "1", "0"}[i] {
			t.Errorf("remaining %s after post %d", left, i+1)
		}
		if reset := got.header.Get("X-RateLimit-Reset"); reset != "2026-03-14T15:00:00.000000Z" {
			t.Errorf("reset %s; want the end of the window since the epoch", reset)
		}
	}
	got := u.post("/api/v1/statuses", form("status", "x"))
	wantCode(t, "fourth", got, 429)
	if got.header.Get("X-RateLimit-Remaining") != "0" || got.header.Get("Retry-After") != "" || got.text(t, "error") == "" {
		t.Errorf("429 with %v %s", got.header, got.body)
	}
	if v.Count(fedisim.TooMany) != 1 || len(v.Posts("ada")) != 3 {
		t.Errorf("%d posts, %d refusals logged", len(v.Posts("ada")), v.Count(fedisim.TooMany))
	}
	s.Advance(2 * time.Hour)
	wantCode(t, "next window", u.post("/api/v1/statuses", form("status", "x")), 200)
}

func TestLimitOfRequests(t *testing.T) {
	tests := []struct {
		name, software, limit string
		max                   int
		request               func(user) answer
	}{
		{"per token", "mastodon", "token", 300, func(u user) answer { return u.get("/api/v1/accounts/verify_credentials") }},
		{"paging", "mastodon", "paging", 300, func(u user) answer { return u.get("/api/v1/accounts/1/statuses?max_id=5") }},
		{"uploads", "mastodon", "media", 30, func(u user) answer { return u.post("/api/v2/media", nil) }},
		{"deletes", "mastodon", "deletes", 30, func(u user) answer { return u.send("DELETE", "/api/v1/statuses/1", "", nil) }},
		{"apps", "mastodon", "apps", 5, func(u user) answer {
			return u.post("/api/v1/apps", form("client_name", "x", "redirect_uris", "http://localhost/cb"))
		}},
		{"address", "gotosocial", "client", 300, func(u user) answer { return u.get("/api/v1/instance") }},
		{"address, federation", "gotosocial", "federation", 300, func(u user) answer { return u.get("/.well-known/nodeinfo") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, v := alone(t, tt.software)
			u := as(t, v, "ada")
			if tt.limit == "paging" { // and not the shorter window of the token
				v.SetLimit("token", fedisim.Limit{})
			}
			for i := range tt.max {
				if got := tt.request(u); got.code == 429 {
					t.Fatalf("429 at request %d of %d", i+1, tt.max)
				}
			}
			got := tt.request(u)
			wantCode(t, "one more", got, 429)
			if e := v.Effects(); e[len(e)-1].Detail != tt.limit {
				t.Errorf("limit %q; want %q", e[len(e)-1].Detail, tt.limit)
			}
		})
	}
}

// GoToSocial's windows begin with the first request, and its API, its OAuth
// and its sign-in share one.
func TestWindowOfGoToSocial(t *testing.T) {
	s, v := alone(t, "gotosocial", func(c *fedisim.Config) {
		c.Limits = map[string]fedisim.Limit{"client": {Max: 6, Per: 5 * time.Minute}}
	})
	u := as(t, v, "ada")
	for range 3 {
		wantCode(t, "API", u.get("/api/v1/instance"), 200)
		wantCode(t, "OAuth", u.post("/oauth/token", nil), 400)
	}
	got := u.get("/api/v1/instance")
	wantCode(t, "seventh", got, 429)
	if got.text(t, "error") != "rate limit reached" || got.header.Get("X-RateLimit-Reset") != "2026-03-14T13:06:00.000Z" {
		t.Errorf("429 with %v %s", got.header, got.body)
	}
	s.Advance(5*time.Minute - time.Second)
	wantCode(t, "just before", u.get("/api/v1/instance"), 429)
	s.Advance(time.Second)
	wantCode(t, "after", u.get("/api/v1/instance"), 200)
}

func TestLimitOfFollows(t *testing.T) {
	s, v := alone(t, "mastodon", func(c *fedisim.Config) {
		c.Limits = map[string]fedisim.Limit{"follows": {Max: 1, Per: 24 * time.Hour}}
	})
	v.AddAccount(fedisim.Account{User: "eve"})
	u := as(t, v, "ada")
	bob, eve := u.id("bob@one.example"), u.id("eve@one.example")
	wantCode(t, "first", u.post("/api/v1/accounts/"+bob+"/follow", nil), 200)
	wantCode(t, "again, free", u.post("/api/v1/accounts/"+bob+"/follow", nil), 200)
	wantCode(t, "second", u.post("/api/v1/accounts/"+eve+"/follow", nil), 429)
	s.Advance(11 * time.Hour) // after midnight UTC
	wantCode(t, "next day", u.post("/api/v1/accounts/"+eve+"/follow", nil), 200)
	if v.Count(fedisim.Followed) != 2 || v.Count(fedisim.FollowRepeated) != 1 {
		t.Errorf("effects %+v", v.Effects())
	}
}
