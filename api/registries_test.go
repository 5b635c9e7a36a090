package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xsim"
)

// Two installations: one publishes, the other reads it over HTTP and finds by it,
// and learns by the next day's changes what was withdrawn.
func TestTwoInstallations(t *testing.T) {
	clock := &later{}
	a := newSite(t, func(s *api.Server) { s.Now = clock.now })
	b := newSite(t, func(s *api.Server) {
		s.Worker.Now, s.Worker.Contact = clock.now, "admin@b.example"
		s.Worker.Client = fediverse.New(fediverse.Options{
			Simulated: map[string]string{"a.example": strings.TrimPrefix(a.url, "http://")}, Budget: fediverse.Free{}, Now: clock.now,
		})
	})
	const feed = "https://a.example/api/v1/registry"
	find := func(twitterID, handle string) []model.Evidence {
		t.Helper()
		found, err := b.Store.RegistryEvidence(t.Context(), "99", []model.Person{{ID: "p", TwitterID: twitterID, Handle: model.Handle{Name: handle}}})
		if err != nil {
			t.Fatal(err)
		}
		return found["p"]
	}
	day := func(urls ...string) store.Feed {
		t.Helper()
		clock.by += 24 * time.Hour
		if err := b.Worker.ReadRegistries(t.Context(), urls); err != nil {
			t.Fatal(err)
		}
		feeds, err := b.Store.Feeds(t.Context(), urls)
		if err != nil || len(feeds) != len(urls) {
			t.Fatal(feeds, err)
		}
		if len(feeds) == 0 {
			return store.Feed{}
		}
		return feeds[0]
	}

	ada, ben := a.mover(t, "12", "Ada", "ada@tusk.example"), a.mover(t, "13", "ben", "ben@tusk.example")
	ada.agree(map[string]any{"everybody": true}).want(200)
	ben.agree(map[string]any{"inside": true}).want(200)
	if err := a.Store.SaveXSignIn(t.Context(), ada.owner, "12", "Ada"); err != nil {
		t.Fatal(err)
	}
	first := day(feed)
	if first.Error != "" || first.Entries != 1 || first.AsOf == "" {
		t.Fatalf("after the first day: %+v", first)
	}
	got := find("12", "")
	if len(got) != 1 || got[0].Side != model.ThirdSide || got[0].Tie != model.TieID || got[0].Address.String() != "ada@tusk.example" || !strings.Contains(got[0].Text, "Registry of a.example") {
		t.Errorf("what others prove is a claim here: %+v", got)
	}
	if got := find("", "ADA"); len(got) != 1 || got[0].Tie != model.TieHandle {
		t.Errorf("by handle: %+v", got)
	}
	if got := find("13", "ben"); len(got) != 0 {
		t.Errorf("who is found inside only went abroad: %+v", got)
	}

	// Changes: one goes, one comes.
	ben.agree(map[string]any{"everybody": true}).want(200)
	ada.agree(map[string]any{"inside": true}).want(200)
	second := day(feed)
	if second.Error != "" || second.Entries != 1 || second.AsOf == first.AsOf {
		t.Errorf("after the second day: %+v", second)
	}
	if got := find("12", "Ada"); len(got) != 0 {
		t.Errorf("withdrawn, and found: %+v", got)
	}
	if got := find("13", ""); len(got) != 1 {
		t.Errorf("came, and not found: %+v", got)
	}
	if a.Server.Store == b.Server.Store {
		t.Fatal("this is one installation")
	}

	// A year without reading: the changes are no longer known, the whole comes.
	clock.by += 365 * 24 * time.Hour
	if err := a.Store.Tidy(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if third := day(feed); third.Error != "" || third.Entries != 1 {
		t.Errorf("after a year: %+v", third)
	}
	// An installation that cannot be reached, or has no registry, changes nothing.
	a.Worker.Sources = map[string]bool{}
	if failed := day(feed); failed.Error != "It answered with status 404." || failed.Entries != 1 {
		t.Errorf("switched off over there: %+v", failed)
	}
	if got := find("13", ""); len(got) != 1 {
		t.Errorf("while it is not reachable: %+v", got)
	}
	day() // taken out of the setting
	if got := find("13", ""); len(got) != 0 {
		t.Errorf("of a registry that is read no longer: %+v", got)
	}
}

// The whole way with X, in the store's own words: the find Run's question gets a
// proof only after both sides signed in here.
func TestRegistryProofNeedsBothAccounts(t *testing.T) {
	s, sim := newSiteWithX(t)
	sim.Add(xsim.User{ID: "40", Username: "cy"})
	cy := s.mover(t, "40", "cy", "cy@tusk.example")
	sides := func() string {
		t.Helper()
		found, err := s.Store.RegistryEvidence(t.Context(), "99", []model.Person{{ID: "p", TwitterID: "40", Archived: true}})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, e := range found["p"] {
			text += fmt.Sprintf("%s ", e.Side)
		}
		return text
	}
	cy.get(cy.allowX(cy.xSignIn(), "40", "allow")).want(http.StatusSeeOther)
	if got := sides(); got != "" {
		t.Errorf("signed in, and found without a consent: %s", got)
	}
	cy.agree(map[string]any{"inside": true}).want(200)
	if got := sides(); got != "twitter fediverse " {
		t.Errorf("with both: %s", got)
	}
}
