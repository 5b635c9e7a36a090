package directory_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

func TestServers(t *testing.T) {
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	sim.AddServerList("list.example", []fedisim.ListEntry{
		{Domain: "small.example", Version: "4.5.1", Description: "<p>For  birds</p>", Languages: []string{"en", "en", "de"}, Category: "general", LastWeekUsers: 5, TotalUsers: 50, ApprovalRequired: true},
		{Domain: "Large.example", Language: "fr", Categories: []string{"art"}, LastWeekUsers: 500, TotalUsers: 5_000},
		{Domain: "not a host"}, {Domain: "localhost"}, {Domain: "small.example"}, {},
	})
	sim.AddServerList("empty.example", nil)
	c := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})

	got, err := directory.Servers(t.Context(), c, "https://list.example/servers")
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Server{
		{Host: "large.example", Title: "large.example", Languages: []string{"fr"}, Categories: []string{"art"}, Users: 5_000, ActiveWeek: 500,
			SignUp: model.SignUpOpen, Software: "mastodon", Covenant: true, Source: directory.SourceServers},
		{Host: "small.example", Title: "small.example", Description: "For birds", Languages: []string{"en", "de"}, Categories: []string{"general"}, Users: 50, ActiveWeek: 5,
			SignUp: model.SignUpApproval, Software: "mastodon", Version: "4.5.1", Covenant: true, Source: directory.SourceServers},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(model.Server{}, "FetchedAt")); diff != "" {
		t.Error(diff)
	}
	if _, err := directory.Servers(t.Context(), c, "https://empty.example/servers"); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("an empty list: %v", err)
	}
	if _, err := directory.Servers(t.Context(), c, "https://list.example/nothing"); err == nil {
		t.Error("no error for a list that is not there")
	}
}

func TestEnrich(t *testing.T) {
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	sim.AddServer(fedisim.Config{Host: "goose.example", Software: "gotosocial", Version: "0.20.3", Title: "Goose", Description: "A pond.",
		Languages: []string{"de"}, Registrations: "closed", Rules: []string{"Be kind."}})
	c := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})

	listed := model.Server{Host: "goose.example", Title: "goose.example", Languages: []string{"en"}, SignUp: model.SignUpOpen, Software: "mastodon",
		Users: 7, Region: "europe", Covenant: true, Source: directory.SourceServers}
	got, err := directory.Enrich(t.Context(), c, listed)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != "Goose" || got.SignUp != model.SignUpClosed || got.Software != "gotosocial" || len(got.Rules) != 1 || got.MaxCharacters != 5000 {
		t.Errorf("got %+v", got)
	}
	if got.Host != listed.Host || got.Region != "europe" || !got.Covenant || got.Source != listed.Source {
		t.Errorf("what the server does not say is lost: %+v", got)
	}

	missing := model.Server{Host: "nowhere.example", Title: "kept"}
	if got, err := directory.Enrich(t.Context(), c, missing); err == nil || got.Title != "kept" {
		t.Errorf("a server that is not there: %+v, %v", got, err)
	}
}
