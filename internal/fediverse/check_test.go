package fediverse_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

const adaREST = `{"id":"1","username":"ada","acct":"ada","display_name":"Ada\nL.","locked":true,"bot":false,"discoverable":true,
	"note":"<p>Maths. <a href=\"https://twitter.com/ada\">Twitter</a></p>","url":"https://s.example/@ada","avatar":"https://s.example/a.png",
	"last_status_at":"2026-01-05","fields":[{"name":"X","value":"<a href=\"https://x.com/ada\">me</a>","verified_at":"2025-01-01T00:00:00.000Z"}],
	"moved":{"acct":"ada@new.example"}}`

const adaActor = `{"id":"https://s.example/users/ada","type":"Service","preferredUsername":"ada","name":"Ada","summary":"<p>Actor</p>",
	"url":[{"type":"Link","href":"https://s.example/@ada"}],"icon":{"url":"https://s.example/a.png"},"discoverable":true,
	"attachment":[{"type":"PropertyValue","name":"Web","value":"https://ada.example"},{"type":"Note","name":"no"}],"movedTo":"https://new.example/users/ada"}`

func TestCheckProfile(t *testing.T) {
	ada := map[string][2]string{"acct:ada@s.example": {"acct:Ada@s.example", "https://s.example/users/ada"}}
	tests := []struct {
		name  string
		serve func(*server)
		want  model.Profile
	}{
		{"by REST", func(s *server) { s.json("/api/v1/accounts/lookup", 200, adaREST) }, model.Profile{
			Existence: model.Exists, DisplayName: "Ada L.", Note: "Maths. Twitter (https://twitter.com/ada)", URL: "https://s.example/@ada", Avatar: "https://s.example/a.png",
			Locked: true, Discoverable: true, MovedTo: model.Address{User: "ada", Host: "new.example"},
			Fields: []model.ProfileField{{Name: "X", Value: "me (https://x.com/ada)", Verified: true}},
		}},
		{"by actor, where REST is missing", func(s *server) { s.json("/users/ada", 200, adaActor) }, model.Profile{
			Existence: model.Exists, DisplayName: "Ada", Note: "Actor", URL: "https://s.example/@ada", Avatar: "https://s.example/a.png", Bot: true, Discoverable: true,
			MovedTo: model.Address{User: "ada", Host: "new.example"}, Fields: []model.ProfileField{{Name: "Web", Value: "https://ada.example"}},
		}},
		{"secure mode", func(s *server) {
			s.json("/api/v1/accounts/lookup", 401, `{"error":"x"}`)
			s.json("/users/ada", 401, `{"error":"x"}`)
		}, model.Profile{Existence: model.Exists, URL: "https://s.example/users/ada"}},
		{"suspended", func(s *server) { s.json("/api/v1/accounts/lookup", 410, `{}`) }, model.Profile{Existence: model.Gone, Suspended: true, URL: "https://s.example/users/ada"}},
		{"gone at the actor", func(s *server) { s.json("/users/ada", 410, `{}`) }, model.Profile{Existence: model.Gone, Suspended: true, URL: "https://s.example/users/ada"}},
		{"REST answers with another", func(s *server) {
			s.json("/api/v1/accounts/lookup", 200, `{"acct":"bob","display_name":"Bob"}`)
			s.json("/users/ada", 403, `{}`)
		}, model.Profile{Existence: model.Exists, URL: "https://s.example/users/ada"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, moved := newServer(t, "s.example"), newServer(t, "new.example")
			s.finger(ada)
			moved.finger(map[string][2]string{"https://new.example/users/ada": {"acct:ada@new.example", "https://new.example/users/ada"}})
			tt.serve(s)
			got, err := newClient(s, moved).Check(t.Context(), address(t, "ada@s.example"))
			tt.want.Address = model.Address{User: "Ada", Host: "s.example"}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(model.Profile{}, "FetchedAt", "LastStatusAt")); diff != "" || err != nil {
				t.Errorf("%v, %s", err, diff)
			}
		})
	}
}

func TestCheckExistence(t *testing.T) {
	const self = "https://s.example/users/ada"
	tests := []struct {
		name     string
		serve    func(s, web *server)
		want     model.Existence
		address  string // ada@s.example if empty
		problem  string
		wantHost string
	}{
		{name: "404", serve: func(*server, *server) {}, want: model.Gone},
		{name: "410", serve: func(s, _ *server) { s.json("/.well-known/webfinger", 410, "") }, want: model.Gone},
		{name: "500", serve: func(s, _ *server) { s.json("/.well-known/webfinger", 500, "") }, problem: "500"},
		{name: "HTML", serve: func(s, _ *server) { s.json("/.well-known/webfinger", 200, "<html>") }, problem: "not JSON"},
		{name: "huge", serve: func(s, _ *server) {
			s.json("/.well-known/webfinger", 200, `{"subject":"`+strings.Repeat("x", 2<<20)+`"}`)
		}, problem: "larger than"},
		{name: "loop", serve: func(s, _ *server) {
			s.mux.Handle("/.well-known/webfinger", http.RedirectHandler("/.well-known/webfinger", http.StatusFound))
		}, problem: "too many redirects"},
		{name: "another account", serve: func(s, _ *server) {
			s.json("/.well-known/webfinger", 200, jrd("acct:bob@s.example", "https://s.example/users/bob"))
		}, problem: "another account"},
		{name: "plain link", serve: func(s, _ *server) {
			s.json("/.well-known/webfinger", 200, jrd("acct:ada@s.example", "http://s.example/users/ada"))
		}, problem: "not allowed"},
		{name: "private link", serve: func(s, _ *server) {
			s.json("/.well-known/webfinger", 200, jrd("acct:ada@s.example", "https://127.0.0.1/users/ada"))
		}, problem: "not allowed"},
		{name: "no link", serve: func(s, _ *server) {
			s.json("/.well-known/webfinger", 200, `{"subject":"acct:ada@s.example"}`)
		}, problem: "no fediverse account"},
		{name: "no subject", serve: func(s, _ *server) { s.json("/.well-known/webfinger", 200, `{"links":7}`) }, problem: "names no account"},
		{name: "alias of an account elsewhere", serve: func(s, web *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@web.example", "https://web.example/users/ada"}})
			web.finger(map[string][2]string{"acct:ada@web.example": {"acct:ada@web.example", "https://web.example/users/ada"}})
		}, want: model.Exists, wantHost: "web.example"},
		{name: "alias that the other does not know", serve: func(s, _ *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@web.example", "https://web.example/users/ada"}})
		}, want: model.Gone},
		{name: "alias with another actor", serve: func(s, web *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@web.example", self}})
			web.finger(map[string][2]string{"acct:ada@web.example": {"acct:ada@web.example", "https://web.example/users/ada"}})
		}, problem: "another account"},
		{name: "split domain", serve: func(s, web *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
			web.finger(map[string][2]string{"acct:ada@web.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
		}, want: model.Exists},
		{name: "split domain by redirect", serve: func(s, web *server) {
			s.mux.Handle("/.well-known/webfinger", http.RedirectHandler("https://web.example/.well-known/webfinger?resource=acct:ada@s.example", http.StatusMovedPermanently))
			web.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
		}, want: model.Exists},
		{name: "split domain by host-meta", serve: func(s, web *server) {
			s.json("/.well-known/host-meta", 200, `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="https://web.example/.well-known/webfinger?resource={uri}"/></XRD>`)
			web.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
		}, want: model.Exists},
		{name: "host-meta leads to a private place", serve: func(s, _ *server) {
			s.json("/.well-known/host-meta", 200, `<XRD><Link rel="lrdd" template="https://10.0.0.1/?resource={uri}"/></XRD>`)
		}, want: model.Gone},
		{name: "somebody else's actor passed off", serve: func(s, web *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
			web.finger(map[string][2]string{"acct:ada@web.example": {"acct:ada@web.example", "https://web.example/users/ada"}})
		}, problem: "does not know the account"},
		{name: "somebody else's actor that is not there", serve: func(s, _ *server) {
			s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://web.example/users/ada"}})
		}, problem: "does not know the account"},
		{name: "no such host", address: "ada@nowhere.example", serve: func(*server, *server) {}, problem: "was not asked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, web := newServer(t, "s.example"), newServer(t, "web.example")
			tt.serve(s, web)
			o := options(s, web)
			o.Resolver = fediverse.ResolverOf(nil)
			asked := tt.address
			if asked == "" {
				asked = "ada@s.example"
			}
			for _, v := range []*server{s, web} { // secure mode: the profile is not the question here
				v.json("/users/ada", 401, "")
			}
			got, err := fediverse.New(o).Check(t.Context(), address(t, asked))
			if got.Existence != tt.want || (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("existence %q, %v; want %q, %q", got.Existence, err, tt.want, tt.problem)
			}
			if tt.wantHost != "" && got.Address.Host != tt.wantHost {
				t.Errorf("address %v; want host %s", got.Address, tt.wantHost)
			}
		})
	}
}

// A profile that cannot be read now is no reason to doubt the account.
func TestCheckProfileUnreadable(t *testing.T) {
	s := newServer(t, "s.example")
	s.finger(map[string][2]string{"acct:ada@s.example": {"acct:ada@s.example", "https://s.example/users/ada"}})
	s.mux.HandleFunc("/api/v1/accounts/lookup", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	c := newClient(s)
	got, err := c.Check(t.Context(), address(t, "ada@s.example"))
	var limited *fediverse.RateLimitError
	if got.Existence != model.Exists || !errors.As(err, &limited) {
		t.Fatalf("Check = %q, %v", got.Existence, err)
	}
	before := len(s.seen)
	_, err = c.Check(t.Context(), address(t, "bob@s.example"))
	if !errors.As(err, &limited) || len(s.seen) != before {
		t.Errorf("after a 429 the host was asked again: %v", err)
	}
}

func TestNodeInfoAndInstance(t *testing.T) {
	s := newServer(t, "s.example")
	s.json("/.well-known/nodeinfo", 200, `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://s.example/nodeinfo/2.0"},
		{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://s.example/nodeinfo/2.1"},{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.2","href":"https://10.0.0.1/"}]}`)
	s.json("/nodeinfo/2.1", 200, `{"software":{"name":"Mastodon","version":"4.5.0"},"openRegistrations":true,"usage":{"users":{"total":"120","activeMonth":7.0}}}`)
	s.json("/api/v1/instance", 200, `{"uri":"S.example","title":"S","version":"4.5.0","short_description":"<p>Hi</p>","registrations":true,"approval_required":true,
		"languages":["en","de"],"stats":{"user_count":120},"rules":[{"id":"1","text":"Be kind"}],
		"configuration":{"statuses":{"max_characters":1000,"max_media_attachments":4,"characters_reserved_per_url":23},"media_attachments":{"image_size_limit":10,"supported_mime_types":["image/png"]}}}`)
	c := newClient(s)
	info, err := c.NodeInfo(t.Context(), "s.example")
	if want := (fediverse.NodeInfo{Software: "mastodon", Version: "4.5.0", OpenRegistrations: true, Users: 120, ActiveMonth: 7}); info != want || err != nil {
		t.Errorf("NodeInfo = %+v, %v", info, err)
	}
	got, err := c.Instance(t.Context(), "s.example")
	want := fediverse.Instance{
		Domain: "s.example", Title: "S", Description: "Hi", Version: "4.5.0", Languages: []string{"en", "de"}, Users: 120, SignUp: model.SignUpApproval,
		Rules: []string{"Be kind"}, MaxCharacters: 1000, URLLength: 23, MaxMedia: 4, ImageSizeLimit: 10, MimeTypes: []string{"image/png"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Instance: %v %s", err, diff)
	}
	s.json("/api/v2/instance", 200, `{"domain":"s.example","title":"S2","version":"4.5.0","usage":{"users":{"active_month":5}},"registrations":{"enabled":false},
		"api_versions":{"mastodon":7},"configuration":{"statuses":{"max_characters":500},"media_attachments":{"description_limit":1500}}}`)
	got, err = c.Instance(t.Context(), "s.example")
	want = fediverse.Instance{Domain: "s.example", Title: "S2", Version: "4.5.0", ActiveMonth: 5, API: 7, SignUp: model.SignUpClosed, MaxCharacters: 500, DescriptionLimit: 1500}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Instance: %v %s", err, diff)
	}
	can, err := c.Capability(t.Context(), "s.example")
	if err != nil || !can.HonoursKeys || can.Quiet || can.Backdates || can.MaxCharacters != 500 {
		t.Errorf("Capability = %+v, %v", can, err)
	}
}

func TestNoFediverseServer(t *testing.T) {
	s := newServer(t, "s.example")
	_, err := newClient(s).Capability(t.Context(), "s.example")
	if !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Capability = %v; want ErrNotFound", err)
	}
	s.json("/.well-known/nodeinfo", 200, `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://s.example/n"}]}`)
	s.json("/n", 200, `{"software":{"name":"lemmy","version":"1"}}`)
	can, err := newClient(s).Capability(t.Context(), "s.example")
	if err != nil || can.Posts || can.Follows || len(can.Words) == 0 {
		t.Errorf("Capability = %+v, %v", can, err)
	}
}

func TestCapabilityOf(t *testing.T) {
	tests := []struct {
		software, version       string
		posts, backdates, quiet bool
		keys, pkce, points      bool
		urlLength               int
	}{
		{"mastodon", "4.5.0", true, false, false, true, true, false, 25},
		{"mastodon", "4.3.0-rc1+glitch", true, false, false, true, true, false, 25},
		{"mastodon", "4.2.10", true, false, false, true, false, false, 25},
		{"hometown", "4.2.10+hometown-1.1.1", true, false, false, true, false, false, 25},
		{"gotosocial", "0.20.0-rc1+git-1a2b", true, true, true, false, false, true, 0},
		{"gotosocial", "0.18.0", true, true, true, false, false, true, 0},
		{"GoToSocial", "0.18.3", true, true, true, false, false, true, 0},
		{"gotosocial", "0.17.4", true, false, false, false, false, true, 0},
		{"gotosocial", "", true, false, false, false, false, true, 0},
		{"gotosocial", "unknown", true, false, false, false, false, true, 0},
		{"gotosocial", "1.0", true, true, true, false, false, true, 0},
		{"snac", "2.94", true, false, false, false, false, true, 0},
		{"akkoma", "3.10.4", true, false, false, true, false, false, 0},
		{"pleroma", "2.7.0", true, false, false, true, false, false, 0},
		{"pixelfed", "0.12.3", true, false, false, false, false, true, 25},
		{"sharkey", "2025.1", false, false, false, false, false, false, 0},
		{"brandnew", "9.9", true, false, false, false, false, true, 25},
		{"", "", true, false, false, false, false, true, 25},
	}
	for _, tt := range tests {
		t.Run(tt.software+" "+tt.version, func(t *testing.T) {
			c := fediverse.CapabilityOf(fediverse.NodeInfo{Software: tt.software, Version: tt.version}, fediverse.Instance{URLLength: 25})
			got := fmt.Sprint(c.Posts, c.Backdates, c.Quiet, c.HonoursKeys, c.PKCE, c.CountCodePoints, c.URLLength)
			want := fmt.Sprint(tt.posts, tt.backdates, tt.quiet, tt.keys, tt.pkce, tt.points, tt.urlLength)
			if got != want {
				t.Errorf("posts, backdates, quiet, keys, pkce, points, url = %s; want %s", got, want)
			}
			if len(c.Words) == 0 || c.Posts && (c.MaxCharacters != 500 || c.MaxMedia != 4) {
				t.Errorf("%+v", c)
			}
		})
	}
}
