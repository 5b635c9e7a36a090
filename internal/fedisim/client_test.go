package fedisim_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/mattn/go-mastodon"
	"github.com/skein-migrate/skein/internal/fedisim"
)

// A client that others wrote walks through OAuth, posts, follows and pages
// under the servers' public https names.
func TestIndependentClient(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial", "pleroma"} {
		t.Run(software, func(t *testing.T) {
			s, v, _ := pair(t, software)
			transport := &http.Transport{DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				host, _, _ := net.SplitHostPort(addr)
				var d net.Dialer
				return d.DialContext(ctx, network, s.Hosts()[host])
			}}
			t.Cleanup(transport.CloseIdleConnections)
			c := mastodon.NewClient(&mastodon.Config{Server: "https://one.example", AccessToken: v.Token("ada")})
			c.Transport = transport
			ctx := t.Context()
			self, err := c.GetAccountCurrentUser(ctx)
			if err != nil || self.Username != "ada" {
				t.Fatalf("self %+v, %v", self, err)
			}
			var parent mastodon.ID
			for i := range 3 {
				toot, err := c.PostStatus(ctx, &mastodon.Toot{Status: fmt.Sprint("part ", i), InReplyToID: parent, Visibility: "public"})
				if err != nil {
					t.Fatal(err)
				}
				parent = toot.ID
				s.Advance(time.Millisecond) // within one, GoToSocial orders at random
			}
			got, err := c.GetAccountStatuses(ctx, self.ID, &mastodon.Pagination{Limit: 2})
			if err != nil || len(got) != 2 || got[0].ID != parent {
				t.Errorf("statuses %v, %v", got, err)
			}
			found, err := c.Search(ctx, "@bob@far.example", true)
			if err != nil || len(found.Accounts) != 1 {
				t.Fatalf("search %+v, %v", found, err)
			}
			if _, err := c.AccountFollow(ctx, found.Accounts[0].ID); err != nil {
				t.Error(err)
			}
			if err := c.DeleteStatus(ctx, parent); err != nil {
				t.Error(err)
			}
			if v.Count(fedisim.PostCreated) != 3 || len(v.Posts("ada")) != 2 || len(v.Follows("ada")) != 1 {
				t.Errorf("effects %v", v.Effects())
			}
		})
	}
}

func BenchmarkPost(b *testing.B) {
	s := fedisim.New(fedisim.Options{Start: noon})
	b.Cleanup(s.Close)
	v := s.AddServer(fedisim.Config{Host: "one.example", NoLimits: true})
	v.AddAccount(fedisim.Account{User: "ada"})
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	c := mastodon.NewClient(&mastodon.Config{Server: v.URL(), AccessToken: v.Token("ada")})
	c.Transport = transport
	for b.Loop() {
		if _, err := c.PostStatus(b.Context(), &mastodon.Toot{Status: "x"}); err != nil {
			b.Fatal(err)
		}
	}
}
