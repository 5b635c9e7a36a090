package fedisim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
)

// pair starts a server of that program with ada, and another with bob (open),
// eve (locked) and mo (moved).
func pair(t testing.TB, software string) (*fedisim.Sim, *fedisim.Server, *fedisim.Server) {
	t.Helper()
	s, v := alone(t, software)
	far := s.AddServer(fedisim.Config{Host: "far.example"})
	far.AddAccount(fedisim.Account{User: "bob"})
	far.AddAccount(fedisim.Account{User: "eve", Locked: true})
	far.AddAccount(fedisim.Account{User: "mo", MovedTo: "bob@far.example"})
	return s, v, far
}

func TestFollowRemote(t *testing.T) {
	tests := []struct {
		software, whom      string
		following, asked    bool // in the answer
		thenFollows, thenOK bool // two seconds later
	}{
		{"mastodon", "bob", true, false, true, false},
		{"mastodon", "eve", false, true, false, true},
		{"gotosocial", "bob", false, true, true, false},
		{"gotosocial", "eve", false, true, false, true},
		{"snac", "eve", true, false, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.whom, func(t *testing.T) {
			s, v, far := pair(t, tt.software)
			u := as(t, v, "ada")
			id := u.id(tt.whom + "@far.example")
			got := u.post("/api/v1/accounts/"+id+"/follow", nil).object(t)
			if got["following"] != tt.following || got["requested"] != tt.asked {
				t.Errorf("at once: following %v, requested %v", got["following"], got["requested"])
			}
			s.Advance(2 * time.Second)
			then := u.get("/api/v1/accounts/relationships?id[]=" + id).list(t)[0]
			if then["following"] != tt.thenFollows || then["requested"] != tt.thenOK {
				t.Errorf("later: following %v, requested %v", then["following"], then["requested"])
			}
			if tt.whom == "eve" {
				if !far.Accept("eve", "ada@one.example") || far.Accept("eve", "ada@one.example") {
					t.Errorf("eve cannot accept exactly once")
				}
				if got := v.Following("ada"); !slices.Equal(got, []string{"eve@far.example"}) {
					t.Errorf("following %v after she accepted", got)
				}
			}
			u.post("/api/v1/accounts/"+id+"/unfollow", nil)
			if got := v.Follows("ada"); len(got) != 0 {
				t.Errorf("follows %v after unfollowing", got)
			}
		})
	}
}

func TestFollowRefused(t *testing.T) {
	tests := []struct {
		name, software, whom string
		want                 int
	}{
		{"oneself", "gotosocial", "ada@one.example", 406},
		{"oneself", "mastodon", "ada@one.example", 404},
		{"moved", "mastodon", "mo@far.example", 403},
		{"unknown", "mastodon", "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.software, func(t *testing.T) {
			_, v, _ := pair(t, tt.software)
			u := as(t, v, "ada")
			id := "123"
			if tt.whom != "" {
				id = u.id(tt.whom)
			}
			wantCode(t, "follow", u.post("/api/v1/accounts/"+id+"/follow", nil), tt.want)
			if got := v.Follows("ada"); len(got) != 0 {
				t.Errorf("follows %v", got)
			}
		})
	}
}

func TestFollowLimit(t *testing.T) {
	_, v := alone(t, "mastodon", func(c *fedisim.Config) { c.FollowLimit = 10 })
	v.AddAccount(fedisim.Account{User: "few", ExtraFollowing: 10, ExtraFollowers: 9})
	v.AddAccount(fedisim.Account{User: "many", ExtraFollowing: 10, ExtraFollowers: 20})
	few, many := as(t, v, "few"), as(t, v, "many")
	wantCode(t, "few followers", few.post("/api/v1/accounts/"+few.id("bob@one.example")+"/follow", nil), 422)
	wantCode(t, "many followers", many.post("/api/v1/accounts/"+many.id("bob@one.example")+"/follow", nil), 200)
}

// The cursors of a following list lead through it; they are no account ids.
func TestFollowingPages(t *testing.T) {
	s, v := alone(t, "mastodon")
	var want []string
	for i := range 7 {
		name := "p" + string(rune('a'+i))
		v.AddAccount(fedisim.Account{User: name})
		s.MakeFollow("ada@one.example", name+"@one.example")
		want = append(want, name)
	}
	slices.Reverse(want)
	u := as(t, v, "ada")
	path := "/api/v1/accounts/" + u.id("ada@one.example") + "/following?limit=3"
	var got []string
	for path != "" {
		page := u.get(path)
		for _, a := range page.list(t) {
			got = append(got, a["username"].(string))
		}
		path = ""
		for link := range strings.SplitSeq(page.header.Get("Link"), ", ") {
			if url, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
				path = strings.TrimPrefix(url, "<https://one.example")
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("following %v; want %v", got, want)
	}
}

func TestBlockAndMute(t *testing.T) {
	s, v, _ := pair(t, "gotosocial")
	s.MakeFollow("ada@one.example", "bob@far.example")
	s.MakeFollow("bob@far.example", "ada@one.example")
	u := as(t, v, "ada")
	bob, eve := u.id("bob@far.example"), u.id("eve@far.example")
	for range 2 { // again changes nothing
		if r := u.post("/api/v1/accounts/"+bob+"/block", nil).object(t); r["blocking"] != true || r["following"] != false || r["followed_by"] != false {
			t.Errorf("after blocking: %v", r)
		}
		if r := u.post("/api/v1/accounts/"+eve+"/mute", nil).object(t); r["muting"] != true || r["muting_notifications"] != false {
			t.Errorf("after muting: %v", r)
		}
	}
	if b, m := v.Blocking("ada"), v.Muting("ada"); len(b) != 1 || len(m) != 1 || v.Count(fedisim.Blocked) != 1 || v.Count(fedisim.Muted) != 1 {
		t.Errorf("blocking %v, muting %v, effects %v", b, m, v.Effects())
	}
	u.post("/api/v1/accounts/"+bob+"/unblock", nil)
	u.post("/api/v1/accounts/"+eve+"/unmute", nil)
	if b, m := v.Blocking("ada"), v.Muting("ada"); len(b)+len(m) != 0 {
		t.Errorf("blocking %v, muting %v after undoing", b, m)
	}
	_, small := alone(t, "snac")
	wantCode(t, "mute on snac", as(t, small, "ada").post("/api/v1/accounts/x/mute", nil), 404)
}

func TestScopes(t *testing.T) {
	tests := []struct {
		software, scope string
		want            int
	}{
		{"mastodon", "follow", 200},
		{"mastodon", "write:follows", 200},
		{"mastodon", "write", 200},
		{"mastodon", "read write:statuses", 403},
		{"gotosocial", "follow", 403},
		{"gotosocial", "write:follows", 200},
		{"snac", "read", 200},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.scope, func(t *testing.T) {
			_, v := alone(t, tt.software)
			id := as(t, v, "ada").id("bob@one.example")
			got := as(t, v, "ada", strings.Fields(tt.scope)...).post("/api/v1/accounts/"+id+"/follow", nil)
			wantCode(t, "follow", got, tt.want)
		})
	}
}

func TestLists(t *testing.T) {
	tests := []struct {
		software                        string
		sameTitle, unfollowed, repeated int
	}{
		{"gotosocial", 409, 404, 422},
		{"mastodon", 200, 404, 422},
	}
	for _, tt := range tests {
		t.Run(tt.software, func(t *testing.T) {
			s, v, _ := pair(t, tt.software)
			s.MakeFollow("ada@one.example", "bob@one.example")
			u := as(t, v, "ada")
			bob, eve := u.id("bob@one.example"), u.id("eve@far.example")
			list := u.post("/api/v1/lists", form("title", "Friends")).text(t, "id")
			wantCode(t, "same title", u.post("/api/v1/lists", form("title", "Friends")), tt.sameTitle)
			add := "/api/v1/lists/" + list + "/accounts"
			wantCode(t, "not followed, the batch is dropped", u.post(add, form("account_ids[]", bob, "account_ids[]", eve)), tt.unfollowed)
			wantCode(t, "followed", u.post(add, form("account_ids[]", bob)), 200)
			wantCode(t, "twice", u.post(add, form("account_ids[]", bob)), tt.repeated)
			if n := v.Count(fedisim.ListAdded); n != 1 {
				t.Errorf("%d added; want 1", n)
			}
		})
	}
}

// Who is not followed any more, or said no, is in no list either.
func TestListsAfterReject(t *testing.T) {
	s, v, far := pair(t, "gotosocial")
	s.MakeFollow("ada@one.example", "bob@far.example")
	u := as(t, v, "ada")
	bob := u.id("bob@far.example")
	list := u.post("/api/v1/lists", form("title", "Friends")).text(t, "id")
	wantCode(t, "add", u.post("/api/v1/lists/"+list+"/accounts", form("account_ids[]", bob)), 200)
	if !far.Reject("bob", "ada@one.example") || far.Reject("bob", "ada@one.example") {
		t.Error("a follow can be rejected once")
	}
	if r := u.get("/api/v1/accounts/relationships?id[]=" + bob).list(t); r[0]["following"] != false || r[0]["requested"] != false {
		t.Errorf("after the rejection: %v", r)
	}
	if got := v.Lists("ada")["Friends"]; len(got) != 0 {
		t.Errorf("in the list: %v", got)
	}
}

// An account that moved away or was suspended may do little or nothing.
func TestOwnAccountGone(t *testing.T) {
	moved := func(a *fedisim.Account) { a.MovedTo = "bob@far.example" }
	tests := []struct {
		name, software string
		change         func(*fedisim.Account)
		verify, post   int
	}{
		{"moved", "mastodon", moved, 403, 403},
		{"suspended", "mastodon", func(a *fedisim.Account) { a.Suspended = true }, 403, 403},
		{"moved", "gotosocial", moved, 200, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.software, func(t *testing.T) {
			_, v, _ := pair(t, tt.software)
			u := as(t, v, "ada")
			v.Change("ada", tt.change)
			wantCode(t, "verify", u.get("/api/v1/accounts/verify_credentials"), tt.verify)
			wantCode(t, "post", u.post("/api/v1/statuses", form("status", "hello")), tt.post)
			if n := len(v.Posts("ada")); n != 0 {
				t.Errorf("%d posts", n)
			}
		})
	}
}

func TestImport(t *testing.T) {
	tests := []struct {
		name, kind, data string
		code             int
		want             []string // followed, blocked or muted after a moment
	}{
		{"following", "following", "Account address,Show boosts\r\nbob@far.example,true\r\n@eve@far.example,false\r\n", 202, []string{"bob@far.example", "eve@far.example"}},
		{"headerless", "following", "bob@far.example\n", 202, []string{"bob@far.example"}},
		{"empty cell, URL, stranger", "following", "bob@far.example,\nhttps://far.example/@eve,true\nzed@far.example,true\n", 202, nil},
		{"unequal rows", "following", "a,b\nc\n", 400, nil},
		{"blocks", "blocks", "bob@far.example\n", 202, []string{"bob@far.example"}},
		{"blocks with two columns", "blocks", "bob@far.example,true\n", 202, nil},
		{"mutes", "mutes", "Account address,Hide notifications\nbob@far.example,true\n", 202, []string{"bob@far.example"}},
		{"lists", "lists", "x,bob@far.example\n", 400, nil},
		{"no mutes", "mutes", "", 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, v, _ := pair(t, "gotosocial")
			got := as(t, v, "ada", "write").upload("/api/v1/import", "data", "x.csv", []byte(tt.data), form("type", tt.kind, "mode", "merge"))
			if got.code != tt.code || (tt.code == 0) != (got.err != nil) {
				t.Errorf("answer %d %s, %v; want %d", got.code, got.body, got.err, tt.code)
			}
			if n := len(v.Effects()); n != 0 {
				t.Errorf("%d effects at once", n)
			}
			s.Advance(3 * time.Second)
			have := map[string][]string{"following": v.Follows("ada"), "blocks": v.Blocking("ada"), "mutes": v.Muting("ada")}[tt.kind]
			if !slices.Equal(have, tt.want) {
				t.Errorf("%v; want %v", have, tt.want)
			}
		})
	}
	s, v, _ := pair(t, "gotosocial")
	s.MakeFollow("ada@one.example", "eve@far.example")
	wantCode(t, "overwrite", as(t, v, "ada").upload("/api/v1/import", "data", "x.csv", []byte("bob@far.example\n"), form("type", "following", "mode", "overwrite")), 202)
	s.Advance(3 * time.Second)
	if got := v.Following("ada"); !slices.Equal(got, []string{"bob@far.example"}) {
		t.Errorf("following %v after overwriting", got)
	}
	wantCode(t, "without write", as(t, v, "ada", "write:follows").upload("/api/v1/import", "data", "x", nil, nil), 403)
}
