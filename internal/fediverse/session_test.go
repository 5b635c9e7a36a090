package fediverse_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// Only the account that was asked for may be followed, never a lookalike.
func TestResolve(t *testing.T) {
	tests := []struct{ name, asked, accounts, want string }{
		{"found", "bob@far.example", `{"id":"7","acct":"bob@far.example"}`, "7"},
		{"other case", "Bob@far.example", `{"id":"7","acct":"bob@FAR.example"}`, "7"},
		{"local", "bob@s.example", `{"id":"7","acct":"bob"}`, "7"},
		{"second", "bob@far.example", `{"id":"6","acct":"bobby@far.example"},{"id":"7","acct":"bob@far.example"}`, "7"},
		{"other script", "bob@xn--mller-kva.example", `{"id":"7","acct":"bob@müller.example"}`, "7"},
		{"lookalike", "bob@far.example", `{"id":"6","acct":"bob@far.example.org"}`, ""},
		{"local of that name", "bob@far.example", `{"id":"6","acct":"bob"}`, ""},
		{"nobody", "bob@far.example", ``, ""},
		{"an id that is a path", "bob@far.example", `{"id":"../7","acct":"bob@far.example"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			s.json("/api/v2/search", 200, `{"accounts":[`+tt.accounts+`]}`)
			got, err := newClient(s).As("s.example", "t", mastodon).Resolve(t.Context(), address(t, tt.asked))
			if got.ID != tt.want || errors.Is(err, model.ErrNotFound) != (tt.want == "") {
				t.Errorf("Resolve = %+v, %v; want id %q", got, err, tt.want)
			}
			q := s.seen[0].Form
			if q.Get("q") != "@"+tt.asked || q.Get("resolve") != "true" || q.Get("type") != "accounts" {
				t.Errorf("searched %v", q)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("POST /api/v1/accounts/7/follow", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "400")
		w.Header().Set("X-RateLimit-Remaining", "399")
		w.Header().Set("X-RateLimit-Reset", time.Now().Add(20*time.Hour).Format(time.RFC3339))
		fmt.Fprint(w, `{"id":"7","following":false,"requested":true}`)
	})
	s.json("/api/v1/accounts/relationships", 200, `[{"id":"8","following":true},{"id":"7","following":true,"muting":true}]`)
	s.json("POST /api/v1/accounts/7/mute", 200, `{"error":"?"}`)
	session := newClient(s).As("s.example", "t", mastodon)
	var said []string
	session.OnLimits = func(family string, l fediverse.Limits) {
		said = append(said, fmt.Sprintf("%s %d of %d", family, l.Remaining, l.Limit))
	}
	got, err := session.Follow(t.Context(), "7")
	if want := (fediverse.Relationship{Requested: true}); got != want || err != nil {
		t.Errorf("Follow = %+v, %v", got, err)
	}
	if want := []string{"follows 399 of 400"}; !slices.Equal(said, want) {
		t.Errorf("limits %q, want %q", said, want)
	}
	got, err = session.Relationship(t.Context(), "7")
	if want := (fediverse.Relationship{Following: true, Muting: true}); got != want || err != nil {
		t.Errorf("Relationship = %+v, %v", got, err)
	}
	if _, err = session.Mute(t.Context(), "7"); classOf(err) != "unknown" {
		t.Errorf("Mute = %v; want an unknown outcome", err)
	}
	if _, err = session.Follow(t.Context(), "../../7"); classOf(err) != "not sent: local" {
		t.Errorf("a path as an id: %v", err)
	}
}

func TestFollowingList(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/accounts/1/following", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("max_id") == "" {
			w.Header().Set("Link", `<https://elsewhere.example/x?limit=2&max_id=f55>; rel="next", <https://s.example/x?since_id=1>; rel="prev"`)
			fmt.Fprint(w, `[{"acct":"bob"},{"acct":"eve@far.example"}]`)
			return
		}
		fmt.Fprint(w, `[{"acct":"eve@far.example"},{"acct":"no address"},{"acct":"zoe@far.example"}]`)
	})
	session := newClient(s).As("s.example", "t", mastodon)
	session.Domain = "split.example"
	var got []string
	for a, err := range session.FollowingList(t.Context(), "1") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a.String())
	}
	if want := []string{"bob@split.example", "eve@far.example", "zoe@far.example"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if q := s.seen[1].Form.Get("max_id"); q != "f55" {
		t.Errorf("second page asked from %q", q)
	}
}

func TestFollowingListThatStands(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/accounts/1/following", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<https://s.example/x?max_id=5>; rel="next"`)
		fmt.Fprint(w, `[{"acct":"bob"}]`)
	})
	var last error
	for _, err := range newClient(s).As("s.example", "t", mastodon).FollowingList(t.Context(), "1") {
		last = err
	}
	if !errors.Is(last, fediverse.ErrEndless) {
		t.Errorf("a list without an end: %v", last)
	}
}

// All members are counted on all pages, also those whose address says nothing to us.
func TestListMembers(t *testing.T) {
	tests := []struct {
		name  string
		pages []string // what each answers; all but the last name the next
		want  int
	}{
		{"nobody", []string{`[]`}, 0},
		{"odd names", []string{`[{"acct":"an odd name"},{"acct":"bob"},{"id":"5"}]`}, 3},
		{"pages", []string{`[{"acct":"bob"}]`, `[{"acct":"eve"}]`, `[{"acct":"zoe@far.example"}]`}, 3},
		{"an empty page before", []string{`[]`, `[{"acct":"an odd name"}]`}, 1},
	}
	for _, tt := range tests {
		s := newServer(t, "s.example")
		s.mux.HandleFunc("/api/v1/lists/9/accounts", func(w http.ResponseWriter, r *http.Request) {
			at, _ := strconv.Atoi(r.FormValue("max_id"))
			if at+1 < len(tt.pages) {
				w.Header().Set("Link", fmt.Sprintf(`<https://s.example/x?max_id=%d>; rel="next"`, at+1))
			}
			fmt.Fprint(w, tt.pages[at])
		})
		readable := 0
		for _, name := range []string{"bob", "eve", "zoe"} {
			readable += strings.Count(strings.Join(tt.pages, ""), name)
		}
		members, all, err := newClient(s).As("s.example", "t", mastodon).ListMembers(t.Context(), "9")
		if err != nil || all != tt.want || len(members) != readable {
			t.Errorf("%s: %v of %d, %v; want %d of %d", tt.name, members, all, err, readable, tt.want)
		}
	}
}

// Members that do not come to an end are an error of their own.
func TestListMembersThatStand(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/lists/9/accounts", func(w http.ResponseWriter, r *http.Request) {
		at, _ := strconv.Atoi(r.FormValue("max_id"))
		w.Header().Set("Link", fmt.Sprintf(`<https://s.example/x?max_id=%d>; rel="next"`, at+1))
		fmt.Fprint(w, `[]`)
	})
	if _, _, err := newClient(s).As("s.example", "t", mastodon).ListMembers(t.Context(), "9"); !errors.Is(err, fediverse.ErrEndless) {
		t.Errorf("members without an end: %v", err)
	}
}

func TestPost(t *testing.T) {
	at := time.Date(2012, 2, 3, 4, 5, 6, 7_890_000, time.UTC)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		can  fediverse.Capability
		at   time.Time
		want string // scheduled_at that is sent
		sent bool
	}{
		{"live", mastodon, time.Time{}, "", true},
		{"back-dated", gotosocial, at, "2012-02-03T04:05:06.007Z", true},
		{"back-dated, other zone", gotosocial, at.In(time.FixedZone("", 3600)), "2012-02-03T04:05:06.007Z", true},
		{"GoToSocial, live", gotosocial, time.Time{}, "", true},
		{"never to Mastodon", mastodon, at, "", false},
		{"never to snac", snac, at, "", false},
		{"never to Mastodon, whatever is claimed", fediverse.Capability{Software: "mastodon", Backdates: true}, at, "", false},
		{"not of the past", gotosocial, now.Add(time.Hour), "", false},
		{"before 1970", gotosocial, time.Unix(0, 0), "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			s.json("POST /api/v1/statuses", 200, `{"id":"01ARYZ","url":"https://s.example/@ada/1","content":"<p>a<br>b</p>","created_at":"2012-02-03T04:05:06.007Z",
				"in_reply_to_id":"9","application":{"name":"Skein"},"media_attachments":[{"id":"5"}],"visibility":"public"}`)
			o := options(s)
			o.Now = func() time.Time { return now }
			got, err := fediverse.New(o).As("s.example", "t", tt.can).Post(t.Context(), fediverse.Post{
				Text: "a\nb", InReplyTo: "9", MediaIDs: []string{"5"}, Visibility: "public", SpoilerText: "cw", Language: "en", Sensitive: true, Key: "key", At: tt.at,
			})
			if !tt.sent {
				if classOf(err) != "not sent: local" || !errors.Is(err, model.ErrInvalid) || len(s.seen) != 0 {
					t.Errorf("Post = %v after %d requests; want nothing sent", err, len(s.seen))
				}
				return
			}
			want := fediverse.Status{
				ID: "01ARYZ", URL: "https://s.example/@ada/1", Text: "a\nb", ParentID: "9", Application: "Skein",
				MediaCount: 1, CreatedAt: time.Date(2012, 2, 3, 4, 5, 6, 7_000_000, time.UTC), Visibility: "public",
			}
			if got != want || err != nil {
				t.Errorf("Post = %+v, %v", got, err)
			}
			r := s.seen[0]
			if r.PostForm.Get("scheduled_at") != tt.want || r.PostForm.Has("scheduled_at") != (tt.want != "") || r.Header.Get("Idempotency-Key") != "key" ||
				r.PostForm.Get("status") != "a\nb" || r.PostForm.Get("visibility") != "public" || r.PostForm.Get("media_ids[]") != "5" || r.PostForm.Get("sensitive") != "true" {
				t.Errorf("sent %v, key %q", r.PostForm, r.Header.Get("Idempotency-Key"))
			}
		})
	}
}

func TestSnacToken(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("POST /api/v1/statuses", 422, "")
	c := newClient(s)
	if _, err := c.As("s.example", "t", snac).Post(t.Context(), hello); !errors.Is(err, model.ErrDenied) {
		t.Errorf("snac: %v; want ErrDenied", err)
	}
	if _, err := c.As("s.example", "t", mastodon).Post(t.Context(), hello); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("Mastodon: %v; want ErrInvalid", err)
	}
}

// timeline serves statuses with falling ids, as Mastodon does; boosts are every tenth.
func timeline(s *server, total int, honoursMaxID, dropBoosts bool) {
	s.mux.HandleFunc("/api/v1/accounts/1/statuses", func(w http.ResponseWriter, r *http.Request) {
		top := total + 1
		if m, err := strconv.Atoi(r.FormValue("max_id")); err == nil && honoursMaxID {
			top = m
		}
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		var page []string
		for id := top - 1; id > 0 && len(page) < limit; id-- {
			switch boost := id%10 == 0; {
			case boost && dropBoosts:
			case boost:
				page = append(page, fmt.Sprintf(`{"id":"%d","reblog":{"id":"99"}}`, id))
			default:
				page = append(page, fmt.Sprintf(`{"id":"%d","content":"<p>%d</p>"}`, id, id))
			}
		}
		fmt.Fprint(w, "[", strings.Join(page, ","), "]")
	})
}

func TestStatusesSince(t *testing.T) {
	tests := []struct {
		name              string
		total             int
		honours, drop     bool
		since             string
		first, last       string
		count             int
		complete, nothing bool
	}{
		{"within the first page", 1000, true, true, "991", "999", "992", 8, true, false},
		{"over pages", 1000, true, true, "900", "999", "901", 90, true, false},
		{"since a boost", 1000, true, true, "950", "999", "951", 45, true, false},
		{"boosts not left out by the server", 1000, true, false, "900", "999", "901", 90, true, false},
		{"since one that was deleted", 45, true, true, "10", "45", "11", 32, true, false},
		{"nothing new", 999, true, true, "999", "", "", 0, true, true},
		{"to the very first", 95, true, true, "", "95", "1", 86, true, false},
		{"too many", 5000, true, true, "1", "4999", "", 432, false, false},
		{"a list that does not go on", 1000, false, true, "900", "999", "957", 39, false, false},
		{"no status at all", 0, true, true, "", "", "", 0, true, true},
		{"an id of another kind", 95, true, true, "abc", "95", "1", 86, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			timeline(s, tt.total, tt.honours, tt.drop)
			got, complete, err := newClient(s).As("s.example", "t", mastodon).StatusesSince(t.Context(), "1", tt.since)
			if err != nil || complete != tt.complete || (len(got) == 0) != tt.nothing {
				t.Fatalf("%d statuses, complete %t, %v", len(got), complete, err)
			}
			if tt.nothing {
				return
			}
			if !tt.honours || tt.name == "too many" {
				if got[0].ID != tt.first {
					t.Errorf("first %s, %d of them", got[0].ID, len(got))
				}
				return
			}
			if got[0].ID != tt.first || got[len(got)-1].ID != tt.last || len(got) != tt.count {
				t.Errorf("%d statuses from %s to %s; want %d from %s to %s", len(got), got[0].ID, got[len(got)-1].ID, tt.count, tt.first, tt.last)
			}
		})
	}
}

func TestStatusesSinceDoubles(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/accounts/1/statuses", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("max_id") == "" {
			fmt.Fprint(w, `[{"id":"5"},{"id":"4"},{"id":"4"},{"id":"5"}]`)
			return
		}
		fmt.Fprint(w, `[{"id":"3"}]`)
	})
	session := newClient(s).As("s.example", "t", mastodon)
	got, complete, err := session.StatusesSince(t.Context(), "1", "3")
	if len(got) != 2 || !complete || err != nil {
		t.Errorf("StatusesSince = %v, %t, %v", got, complete, err)
	}
	if id, err := session.NewestStatus(t.Context(), "1"); id != "5" || err != nil {
		t.Errorf("NewestStatus = %q, %v", id, err)
	}
}

// What was made in the minute before the noted status may have been made after
// it: ids are random within a millisecond, and a server's clock may step back.
func TestStatusesSinceClock(t *testing.T) {
	at := time.Date(2026, 3, 14, 13, 0, 0, 0, time.UTC)
	goose := func(d time.Duration, end string) string {
		var id ulid.ULID
		if err := id.SetTime(uint64(at.Add(d).UnixMilli())); err != nil {
			t.Fatal(err)
		}
		return id.String()[:10] + end
	}
	tusk := func(d time.Duration, end string) string {
		n, err := strconv.Atoi(end)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(at.Add(d).UnixMilli()<<16 + int64(n))
	}
	tests := []struct {
		name     string
		id       func(time.Duration, string) string
		low, mid string
	}{
		{"gotosocial", goose, "0000000000000001", "ZZZZZZZZZZZZZZZZ"},
		{"mastodon", tusk, "1", "65000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noted := tt.id(0, tt.mid)
			pages := map[string][]string{
				"":    {tt.id(time.Second, tt.low), noted},
				noted: {tt.id(0, tt.low), tt.id(-50*time.Second, tt.mid), tt.id(-2*time.Minute, tt.mid), tt.id(-2*time.Minute, tt.low)},
			}
			s := newServer(t, "s.example")
			s.mux.HandleFunc("/api/v1/accounts/1/statuses", func(w http.ResponseWriter, r *http.Request) {
				var all []map[string]string
				for _, id := range pages[r.FormValue("max_id")] {
					all = append(all, map[string]string{"id": id})
				}
				if err := json.NewEncoder(w).Encode(all); err != nil {
					t.Error(err)
				}
			})
			statuses, complete, err := newClient(s).As("s.example", "t", mastodon).StatusesSince(t.Context(), "1", noted)
			var got []string
			for _, st := range statuses {
				got = append(got, st.ID)
			}
			want := []string{pages[""][0], pages[noted][0], pages[noted][1]}
			if !slices.Equal(got, want) || !complete || err != nil {
				t.Errorf("%q, complete %t, %v; want %q", got, complete, err, want)
			}
		})
	}
}

// snac's ids begin with a second and go on at random: their order says nothing.
func TestStatusesSinceSnac(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/accounts/1/statuses", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `[{"id":"1700000001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},{"id":"1700000001ffffffffffffffffffffffffffffffff"}]`)
	})
	got, complete, err := newClient(s).As("s.example", "t", snac).StatusesSince(t.Context(), "1", "1700000001ffffffffffffffffffffffffffffffff")
	if len(got) != 1 || !complete || err != nil {
		t.Errorf("StatusesSince = %v, %t, %v", got, complete, err)
	}
}

func TestStatusesAt(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/api/v1/accounts/1/statuses", 200, `[{"id":"01ARYZ6S41AAAAAAAAAAAAAAAA","text":"a","content":"<p>x</p>"},{"id":"01ARYZ6S42AAAAAAAAAAAAAAAA"}]`)
	c := newClient(s)
	at := time.UnixMilli(1469918176385) // the ULID specification's example: 01ARYZ6S41
	got, err := c.As("s.example", "t", gotosocial).StatusesAt(t.Context(), "1", at)
	if err != nil || len(got) != 1 || got[0].Text != "a" {
		t.Errorf("StatusesAt = %+v, %v", got, err)
	}
	if q := s.seen[0].Form; q.Get("min_id") != "01ARYZ6S410000000000000000" || q.Get("max_id") != "01ARYZ6S41ZZZZZZZZZZZZZZZZ" {
		t.Errorf("asked for %v", q)
	}
	if _, err := c.As("s.example", "t", mastodon).StatusesAt(t.Context(), "1", at); classOf(err) != "not sent: local" {
		t.Errorf("on Mastodon: %v", err)
	}
}

func file(content []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
}

func TestUpload(t *testing.T) {
	content := bytes.Repeat([]byte("x"), 300_000)
	tests := []struct {
		name   string
		v2     int
		answer string
		polls  []int
		want   string // class of the error
		id     string
	}{
		{"at once", 200, `{"id":"5","url":"https://s.example/5"}`, nil, "made", "5"},
		{"processed", 202, `{"id":"5","url":null}`, []int{206, 206, 200}, "made", "5"},
		{"200, but no address yet", 200, `{"id":"5","url":null}`, []int{200}, "made", "5"},
		{"cannot be processed", 202, `{"id":"5"}`, []int{206, 422}, "refused 422", "5"},
		{"limit while waiting", 202, `{"id":"5"}`, []int{429}, "rate limit 1m0s", "5"},
		{"broken while waiting", 202, `{"id":"5"}`, []int{500}, "unknown", "5"},
		{"old server", 404, "", nil, "made", "6"},
		{"too large", 413, `<html>`, nil, "refused 413", ""},
		{"no id", 200, `{}`, nil, "unknown", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, "s.example")
			check := func(r *http.Request) {
				if r.ContentLength < int64(len(content)) {
					t.Errorf("Content-Length = %d", r.ContentLength)
				}
				f, h, err := r.FormFile("file")
				if err != nil {
					t.Error(err)
					return
				}
				got, _ := io.ReadAll(f)
				if !bytes.Equal(got, content) || h.Filename != `1-a_b.jpg` || h.Header.Get("Content-Type") != "image/jpeg" || r.FormValue("description") != "alt \"text\"\nx" {
					t.Errorf("got %d bytes as %q (%s), %q", len(got), h.Filename, h.Header.Get("Content-Type"), r.FormValue("description"))
				}
			}
			s.mux.HandleFunc("POST /api/v2/media", func(w http.ResponseWriter, r *http.Request) {
				check(r)
				w.WriteHeader(tt.v2)
				fmt.Fprint(w, tt.answer)
			})
			s.mux.HandleFunc("POST /api/v1/media", func(w http.ResponseWriter, r *http.Request) {
				check(r)
				fmt.Fprint(w, `{"id":"6","url":"https://s.example/6"}`)
			})
			polls := tt.polls
			s.mux.HandleFunc("GET /api/v1/media/5", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(polls[0])
				polls = polls[1:]
				fmt.Fprint(w, `{}`)
			})
			id, err := newClient(s).As("s.example", "t", mastodon).Upload(t.Context(), fediverse.Media{
				Name: `/data/moves/7/1-a"b.jpg`, Type: "photo", Alt: "alt \"text\"\nx", Size: int64(len(content)), Open: file(content),
			})
			if id != tt.id || classOf(err) != tt.want || len(polls) != 0 {
				t.Errorf("Upload = %q, %v, %d looks left; want %q, %s", id, err, len(polls), tt.id, tt.want)
			}
			var waiting *fediverse.NotReadyError
			if strings.Contains(tt.name, "while waiting") != errors.As(err, &waiting) {
				t.Errorf("Upload = %v", err)
			}
		})
	}
}

func TestUploadBadFile(t *testing.T) {
	s := newServer(t, "s.example")
	s.mux.HandleFunc("POST /api/v2/media", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			t.Error("a short file passed for a whole one")
		}
	})
	session := newClient(s).As("s.example", "t", mastodon)
	missing := errors.New("no such file")
	tests := []struct {
		name  string
		media fediverse.Media
		want  string
	}{
		{"missing", fediverse.Media{Name: "a.jpg", Size: 5, Open: func() (io.ReadCloser, error) { return nil, missing }}, "not sent: local"},
		{"empty", fediverse.Media{Name: "a.jpg", Open: file(nil)}, "not sent: local"},
		{"shorter than it should be", fediverse.Media{Name: "a.jpg", Size: 500_000, Open: file(make([]byte, 100_000))}, "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := session.Upload(t.Context(), tt.media)
			if classOf(err) != tt.want || tt.name == "missing" && !errors.Is(err, missing) {
				t.Errorf("Upload = %v; want %s", err, tt.want)
			}
		})
	}
}

// A wait for the server ends with the caller's context and after MediaWait.
func TestUploadWaits(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("POST /api/v2/media", 202, `{"id":"5"}`)
	ctx, cancel := context.WithCancel(t.Context())
	s.mux.HandleFunc("GET /api/v1/media/5", func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusPartialContent)
	})
	media := fediverse.Media{Name: "a.mp4", Size: 3, Open: file([]byte("abc"))}
	var waiting *fediverse.NotReadyError
	_, err := newClient(s).As("s.example", "t", mastodon).Upload(ctx, media)
	if !errors.As(err, &waiting) || !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %v", err)
	}
	o := options(s)
	o.MediaWait = 20 * time.Millisecond
	id, err := fediverse.New(o).As("s.example", "t", mastodon).Upload(t.Context(), media)
	if !errors.As(err, &waiting) || id != "5" {
		t.Errorf("after MediaWait: %q, %v", id, err)
	}
}
