package directory_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// The people of the demo, with all evidence there is and their servers asked,
// get the grades that the way they were made known deserves, and nobody who
// should not is chosen.
func TestDemoPeople(t *testing.T) {
	sim := fedisim.New(fedisim.Options{Seed: 1})
	t.Cleanup(sim.Close)
	world := fedisim.Demo(sim)
	c := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}, UserAgent: "Skein test (test@skein.example)"})
	body, err := directory.FetchWikidata(t.Context(), c, "https://"+world.WikidataHost+"/sparql")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var index []directory.Row
	for row, err := range directory.ReadWikidata(body, "demo") {
		if err != nil {
			t.Fatal(err)
		}
		index = append(index, row)
	}

	grades := map[string]int{}
	for _, d := range world.People {
		p := model.Person{ID: d.TwitterID, TwitterID: d.TwitterID, Handle: model.Handle{Name: d.Handle}, Name: d.Name, Bio: d.TwitterBio}
		evidence := append(directory.FromPerson(p), rows(index, p)...)
		if d.How == "directory" || d.How == "same-name" { // as a directory crawl or a search brings it
			if a, err := model.ParseAddress(d.Address); err == nil {
				evidence = append(evidence, model.Evidence{Address: a, Source: "search", Side: model.FediverseSide, Tie: model.TieName, Text: "found", At: day})
			}
		}
		profiles := map[string]model.Profile{}
		for _, e := range evidence {
			profile, err := c.Check(t.Context(), e.Address)
			if err != nil {
				t.Logf("%s not checked: %v", e.Address, err)
			}
			profiles[e.Address.Key()] = profile
		}
		for _, profile := range maps.Clone(profiles) {
			evidence = append(evidence, directory.FromProfile(p, profile)...)
		}
		matches := match.Grades(p, evidence, profiles, time.Now())
		if len(matches) == 0 {
			grades[d.How+" nothing"]++
			continue
		}
		m := matches[0]
		chosen := ""
		if m.Chosen() {
			chosen = " chosen"
		}
		grades[d.How+" "+m.Grade.String()+chosen]++
		if m.Chosen() && (d.How == "same-name" || d.How == "directory" || d.How == "none" || d.Mark == "suspended" || d.Mark == "down") {
			t.Errorf("%+v was chosen: %+v", d, m)
		}
		if at := m.Address.String(); !strings.EqualFold(at, d.Address) && m.Target().String() != d.MovedTo {
			t.Errorf("%s of %s, want %s", at, d.Handle, d.Address)
		}
		if d.MovedTo != "" && m.Target().String() != d.MovedTo {
			t.Errorf("%s moved to %s, found %s", d.Address, d.MovedTo, m.Target())
		}
	}
	t.Log(grades)
	for kind, least := range map[string]int{
		"none nothing": 40, "same-name guess": 22, "wikidata-id stated chosen": 8, "wikidata-handle claimed": 5, "bio proven chosen": 8, "bio stated chosen": 8, "directory claimed": 40,
	} {
		if grades[kind] < least {
			t.Errorf("%s: %d, want at least %d", kind, grades[kind], least)
		}
	}
}

// rows does what the store does with the index.
func rows(index []directory.Row, p model.Person) (evidence []model.Evidence) {
	for _, row := range index {
		e := model.Evidence{Address: row.Address, Source: row.Source, Side: model.ThirdSide, Tie: model.TieID, Text: row.Text, At: row.At}
		switch {
		case row.TwitterID == p.TwitterID:
			evidence = append(evidence, e)
		case row.TwitterID == "" && strings.EqualFold(row.Handle, p.Handle.Name):
			e.Tie = model.TieHandle
			evidence = append(evidence, e)
		}
	}
	return evidence
}
