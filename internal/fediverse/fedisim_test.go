package fediverse_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net/http"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// simulate starts a server of the software with ada, and far.example with bob.
func simulate(t *testing.T, software string) (*fedisim.Server, *fediverse.Client) {
	t.Helper()
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	v := sim.AddServer(fedisim.Config{Host: "home.example", Software: software})
	v.AddAccount(fedisim.Account{User: "ada", DisplayName: "Ada"})
	far := sim.AddServer(fedisim.Config{Host: "far.example", Software: "mastodon"})
	far.AddAccount(fedisim.Account{User: "bob", DisplayName: "Bob", Note: "On Twitter: https://twitter.com/bob"})
	return v, fediverse.New(fediverse.Options{
		Simulated: sim.Hosts(), Budget: fediverse.Free{}, MediaPoll: 10 * time.Millisecond,
	})
}

func picture(t *testing.T) fediverse.Media {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	return fediverse.Media{Name: "1-a.png", Type: "photo", Alt: "nothing", Size: int64(b.Len()), Open: file(b.Bytes())}
}

// The whole way of an Account on the servers that we know by heart.
func TestWalk(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "snac", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			v, c := simulate(t, software)
			ctx := t.Context()
			must := func(what string, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			bob, err := c.Check(ctx, address(t, "bob@far.example"))
			must("check", err)
			if bob.Existence != model.Exists || bob.DisplayName != "Bob" {
				t.Errorf("bob is %+v", bob)
			}
			if p, err := c.Check(ctx, address(t, "nobody@far.example")); p.Existence != model.Gone || err != nil {
				t.Errorf("nobody is %q, %v", p.Existence, err)
			}
			can, err := c.Capability(ctx, "home.example")
			must("capability", err)
			if can.Software != software || can.Backdates != (software == "gotosocial") {
				t.Errorf("capability %+v", can)
			}
			app, err := c.Register(ctx, "home.example", "http://localhost:8080/oauth/callback", fediverse.Scopes("follow", "posts"))
			must("register", err)
			page, err := http.Get(c.BrowserURL(app.Authorize("state", fediverse.NewVerifier(), fediverse.Scopes("follow"))))
			must("authorize page", err)
			page.Body.Close()
			if page.StatusCode != http.StatusOK {
				t.Errorf("authorize page: %s", page.Status)
			}
			token := v.Token("ada")
			self, err := c.Self(ctx, "home.example", token)
			must("self", err)
			if self.Address.String() != "ada@home.example" {
				t.Errorf("self %+v", self)
			}
			if _, err := c.Self(ctx, "home.example", "wrong"); !errors.Is(err, model.ErrDenied) {
				t.Errorf("a wrong token: %v", err)
			}
			s := c.As("home.example", token, can)

			remote, err := s.Resolve(ctx, bob.Address)
			must("resolve", err)
			if _, err := s.Resolve(ctx, address(t, "nobody@far.example")); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("resolve nobody: %v", err)
			}
			rel, err := s.Follow(ctx, remote.ID)
			must("follow", err)
			if !rel.Following && !rel.Requested {
				t.Errorf("follow answers %+v", rel)
			}
			if _, err = s.Relationship(ctx, remote.ID); err != nil {
				t.Errorf("relationship: %v", err)
			}

			before, err := s.NewestStatus(ctx, self.ID)
			must("newest", err)
			media, err := s.Upload(ctx, picture(t))
			must("upload", err)
			post := fediverse.Post{Text: "hello <b>\n\nhttps://a.example/?a=1&b=2", MediaIDs: []string{media}, Visibility: "unlisted", Key: "1", Language: "en"}
			first, err := s.Post(ctx, post)
			must("post", err)
			second, err := s.Post(ctx, fediverse.Post{Text: "reply", InReplyTo: first.ID, Visibility: "unlisted", Key: "2"})
			must("reply", err)
			if first.Text != post.Text || first.MediaCount != 1 || second.ParentID != first.ID {
				t.Errorf("posted %+v and %+v", first, second)
			}
			found, complete, err := s.StatusesSince(ctx, self.ID, before)
			must("since", err)
			if len(found) != 2 || !complete {
				t.Errorf("since %q: %d, complete %t", before, len(found), complete)
			}
			must("delete", s.Delete(ctx, second.ID))
			if n := v.Count(fedisim.PostCreated); n != 2 {
				t.Errorf("%d posts were made", n)
			}
		})
	}
}

// An answer that got lost after the effect: Mastodon recognises the key, and on
// GoToSocial the window of the post's millisecond shows what happened.
func TestAnswerLost(t *testing.T) {
	for _, kind := range []string{fedisim.CutAfter, fedisim.ErrorAfter, fedisim.WrongAnswer} {
		for _, software := range []string{"mastodon", "gotosocial"} {
			t.Run(kind+" "+software, func(t *testing.T) {
				v, c := simulate(t, software)
				token := v.Token("ada")
				can, err := c.Capability(t.Context(), "home.example")
				if err != nil {
					t.Fatal(err)
				}
				self, err := c.Self(t.Context(), "home.example", token)
				if err != nil {
					t.Fatal(err)
				}
				s := c.As("home.example", token, can)
				post := fediverse.Post{Text: "once", Visibility: "public", Key: "k"}
				if can.Backdates {
					post.At = time.Date(2012, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
				}
				v.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", Kind: kind})
				if _, err := s.Post(t.Context(), post); classOf(err) != "unknown" {
					t.Fatalf("Post = %v; want an unknown outcome", err)
				}
				if can.Backdates {
					seen, err := s.StatusesAt(t.Context(), self.ID, post.At)
					if err != nil || len(seen) != 1 || seen[0].Text != "once" || !seen[0].CreatedAt.Equal(post.At) {
						t.Errorf("StatusesAt = %+v, %v", seen, err)
					}
					if seen, err := s.StatusesAt(t.Context(), self.ID, post.At.Add(time.Millisecond)); len(seen) != 0 || err != nil {
						t.Errorf("a millisecond later: %+v, %v", seen, err)
					}
				} else if _, err := s.Post(t.Context(), post); err != nil {
					t.Errorf("again: %v", err)
				}
				if n := v.Count(fedisim.PostCreated); n != 1 {
					t.Errorf("%d posts were made", n)
				}
			})
		}
	}
}

// Failures before the effect, as the simulator makes them.
func TestNothingDone(t *testing.T) {
	tests := []struct{ kind, want string }{
		{fedisim.TooMuch, "rate limit"}, {fedisim.CutBefore, "unknown"}, {fedisim.ServerError, "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			v, c := simulate(t, "mastodon")
			v.Fault(fedisim.Fault{Method: "POST", Path: "/api/v1/statuses", Kind: tt.kind})
			_, err := c.As("home.example", v.Token("ada"), mastodon).Post(t.Context(), hello)
			if got := classOf(err); len(got) < len(tt.want) || got[:len(tt.want)] != tt.want || v.Count(fedisim.PostCreated) != 0 {
				t.Errorf("%s (%v), %d posts", got, err, v.Count(fedisim.PostCreated))
			}
		})
	}
}
