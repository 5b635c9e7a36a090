package match_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

var (
	now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ada = model.Person{ID: "p1", TwitterID: "12", Handle: model.Handle{Name: "ada"}, Name: "Ada Byron"}
)

func address(t testing.TB, s string) model.Address {
	t.Helper()
	a, err := model.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// says builds one piece of evidence.
func says(t testing.TB, a, source string, side model.Side, tie model.Tie) model.Evidence {
	t.Helper()
	return model.Evidence{Address: address(t, a), Source: source, Side: side, Tie: tie, Text: source + " says " + a, At: now.Add(-time.Hour)}
}

func bio(t testing.TB, a string) model.Evidence {
	t.Helper()
	return says(t, a, "list", model.TwitterSide, model.TieID)
}

func named(t testing.TB, a string) model.Evidence {
	t.Helper()
	return says(t, a, "profile", model.FediverseSide, model.TieHandle)
}

func there(t testing.TB, a string) model.Profile {
	t.Helper()
	return model.Profile{Address: address(t, a), Existence: model.Exists, Note: "hello", LastStatusAt: now.Add(-time.Hour)}
}

const home = "ada@tusk.example"

// The table of docs/decisions/0004-grades.md.
func TestGrade(t *testing.T) {
	tests := []struct {
		name     string
		evidence []model.Evidence
		profile  func(*model.Profile)
		want     match.Grade
		chosen   bool
		marks    []match.Mark
	}{
		{"bio and profile name each other", []model.Evidence{bio(t, home), named(t, home)}, nil, match.Proven, true, nil},
		{"bio row known by handle only, and profile", []model.Evidence{says(t, home, "list", model.TwitterSide, model.TieHandle), named(t, home)}, nil, match.Proven, true, nil},
		{"both signed in here", []model.Evidence{
			says(t, home, "registry", model.TwitterSide, model.TieID), says(t, home, "registry", model.FediverseSide, model.TieID),
		}, nil, match.Proven, true, nil},
		{"a text like an e-mail address, confirmed by the profile", []model.Evidence{says(t, home, "list", model.TwitterSide, model.TieName), named(t, home)}, nil, match.Proven, true, nil},
		{"bio only", []model.Evidence{bio(t, home)}, nil, match.Stated, true, nil},
		{"bio only, server did not answer", []model.Evidence{bio(t, home)}, func(p *model.Profile) { p.Existence = model.Unknown }, match.Stated, false, nil},
		{"bio only, gone", []model.Evidence{bio(t, home)}, func(p *model.Profile) { p.Existence = model.Gone }, match.Claimed, false, []match.Mark{match.Gone}},
		{"bio only, profile names another", []model.Evidence{bio(t, home), says(t, home, "profile", model.FediverseSide, model.TieOther)}, nil, match.Claimed, false, []match.Mark{match.Contradicted}},
		{"wikidata by id", []model.Evidence{says(t, home, "wikidata", model.ThirdSide, model.TieID)}, nil, match.Stated, true, nil},
		{"wikidata by id, profile names the handle", []model.Evidence{says(t, home, "wikidata", model.ThirdSide, model.TieID), named(t, home)}, nil, match.Stated, true, nil},
		{"wikidata by id, profile names another", []model.Evidence{says(t, home, "wikidata", model.ThirdSide, model.TieID), says(t, home, "profile", model.FediverseSide, model.TieOther)}, nil, match.Claimed, false, []match.Mark{match.Contradicted}},
		{"wikidata by handle", []model.Evidence{says(t, home, "wikidata", model.ThirdSide, model.TieHandle)}, nil, match.Claimed, false, nil},
		{"profile only", []model.Evidence{named(t, home)}, nil, match.Claimed, false, nil},
		{"registry on an archive's word", []model.Evidence{says(t, home, "registry", model.ThirdSide, model.TieID)}, nil, match.Claimed, false, nil},
		{"a retweet", []model.Evidence{says(t, home, "retweet", model.TwitterSide, model.TieHandle)}, nil, match.Claimed, false, nil},
		{"a retweet and a profile: how an impersonator is warned of", []model.Evidence{says(t, home, "retweet", model.TwitterSide, model.TieHandle), named(t, home)}, nil, match.Claimed, false, nil},
		{"the owner's word", []model.Evidence{says(t, home, "owner", model.OwnerSide, model.TieID)}, nil, match.Claimed, false, nil},
		{"same name", []model.Evidence{says(t, home, "profile", model.FediverseSide, model.TieName)}, nil, match.Guess, false, nil},
		{"suspended", []model.Evidence{bio(t, home), named(t, home)}, func(p *model.Profile) { p.Suspended = true }, match.Proven, false, []match.Mark{match.Suspended}},
		{"silent for a year is still the person", []model.Evidence{bio(t, home)}, func(p *model.Profile) { p.LastStatusAt = now.Add(-366 * 24 * time.Hour) }, match.Stated, true, []match.Mark{match.Silent}},
		{"never posted is not silent", []model.Evidence{bio(t, home)}, func(p *model.Profile) { p.LastStatusAt = time.Time{} }, match.Stated, true, nil},
		{"a bot that its owner names", []model.Evidence{bio(t, home)}, func(p *model.Profile) { p.Bot = true }, match.Stated, true, []match.Mark{match.Bot}},
		{"a profile that no longer names the handle", []model.Evidence{bio(t, home), named(t, home)}, func(p *model.Profile) { p.FetchedAt = now }, match.Stated, true, nil},
		{"a profile read again that still does", []model.Evidence{bio(t, home), named(t, home)}, func(p *model.Profile) { p.FetchedAt, p.Note = now, "@ADA on Twitter" }, match.Proven, true, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := there(t, home)
			if tt.profile != nil {
				tt.profile(&p)
			}
			got := match.Grades(ada, tt.evidence, map[string]model.Profile{home: p}, now)
			if len(got) != 1 {
				t.Fatalf("got %d matches, want 1: %+v", len(got), got)
			}
			m := got[0]
			if m.Grade != tt.want || m.Chosen() != tt.chosen || m.PersonID != ada.ID {
				t.Errorf("got %v, chosen %v, of %q; want %v, chosen %v", m.Grade, m.Chosen(), m.PersonID, tt.want, tt.chosen)
			}
			if !slices.Equal(m.Marks, tt.marks) {
				t.Errorf("marks %v, want %v", m.Marks, tt.marks)
			}
		})
	}
}

func TestNothingLeft(t *testing.T) {
	gone := there(t, home)
	gone.Existence = model.Gone
	tests := map[string][]model.Evidence{
		"a guess that does not exist": {says(t, home, "probe", model.FediverseSide, model.TieName)},
		"a contradiction only":        {says(t, home, "profile", model.FediverseSide, model.TieOther)},
		"no evidence":                 nil,
		"no address":                  {{Source: "list", Side: model.TwitterSide, Tie: model.TieID}},
	}
	for name, evidence := range tests {
		if got := match.Grades(ada, evidence, map[string]model.Profile{home: gone}, now); len(got) != 0 {
			t.Errorf("%s: got %+v, want none", name, got)
		}
	}
}

func TestMirror(t *testing.T) {
	for _, host := range []string{"bird.makeup", "birdsite.somebody.example", "web.brid.gy"} {
		a := "ada@" + host
		profiles := map[string]model.Profile{a: there(t, a)}
		got := match.Grades(ada, []model.Evidence{named(t, a)}, profiles, now)
		if len(got) != 1 || got[0].Grade != match.Guess || !got[0].Has(match.Mirror) || got[0].Chosen() {
			t.Errorf("%s, which names every handle: got %+v", host, got)
		}
		got = match.Grades(ada, []model.Evidence{bio(t, a), bio(t, home)}, map[string]model.Profile{a: there(t, a), home: there(t, home)}, now)
		if len(got) != 2 || !got[0].Chosen() || got[0].Address.String() != home || got[1].Chosen() {
			t.Errorf("%s beside a real account: got %+v", host, got)
		}
	}
}

func TestRivals(t *testing.T) {
	const other = "ada@flock.example"
	profiles := map[string]model.Profile{home: there(t, home), other: there(t, other)}
	got := match.Grades(ada, []model.Evidence{bio(t, other), bio(t, home), named(t, home)}, profiles, now)
	if len(got) != 2 || got[0].Address.String() != home {
		t.Fatalf("got %+v, want %s first", got, home)
	}
	chosen := func(matches []match.Match) (out []string) {
		for _, m := range matches {
			if m.Chosen() {
				out = append(out, m.Address.String())
			}
		}
		return out
	}
	if c := chosen(got); c != nil || !got[0].Has(match.Rival) {
		t.Errorf("two addresses and no decision: %v chosen", c)
	}

	got[1].Decision = match.No
	if c := chosen(match.Choose(got)); !slices.Equal(c, []string{home}) {
		t.Errorf("no to the other: %v chosen", c)
	}
	got[1].Decision = match.Yes
	if c := chosen(match.Choose(got)); !slices.Equal(c, []string{other}) {
		t.Errorf("yes to the other: %v chosen", c)
	}
	got[1].Decision = match.Undecided
	if c := chosen(match.Choose(match.Choose(got))); c != nil {
		t.Errorf("decision taken back: %v chosen", c)
	}

	unknown := match.Grades(ada, []model.Evidence{bio(t, other), bio(t, home)}, map[string]model.Profile{home: there(t, home)}, now)
	if c := chosen(unknown); c != nil {
		t.Errorf("the other did not answer, it may be the right one: %v chosen", c)
	}
	guess := match.Grades(ada, []model.Evidence{named(t, other), bio(t, home)}, profiles, now)
	if c := chosen(guess); !slices.Equal(c, []string{home}) {
		t.Errorf("a claim is no rival: %v chosen", c)
	}
}

func TestMoved(t *testing.T) {
	const old, newer = "ada@old.example", "ada@new.example"
	moved := there(t, old)
	moved.MovedTo = address(t, newer)

	t.Run("to an address without evidence", func(t *testing.T) {
		got := match.Grades(ada, []model.Evidence{bio(t, old)}, map[string]model.Profile{old: moved}, now)
		if len(got) != 1 || !got[0].Has(match.Moved) || !got[0].Chosen() || got[0].Target().String() != newer || got[0].Address.String() != old {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to an address with evidence", func(t *testing.T) {
		got := match.Grades(ada, []model.Evidence{bio(t, old), named(t, newer)}, map[string]model.Profile{old: moved, newer: there(t, newer)}, now)
		if len(got) != 1 || got[0].Grade != match.Proven || got[0].Address.String() != newer || got[0].Target().String() != newer || !got[0].Chosen() || len(got[0].Evidence) != 2 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("in two steps", func(t *testing.T) {
		mid := there(t, newer)
		mid.MovedTo = address(t, "ada@newest.example")
		got := match.Grades(ada, []model.Evidence{bio(t, old)}, map[string]model.Profile{old: moved, newer: mid}, now)
		if len(got) != 1 || got[0].Target().String() != "ada@newest.example" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to an account that is gone", func(t *testing.T) {
		got := match.Grades(ada, []model.Evidence{bio(t, old)}, map[string]model.Profile{old: moved, newer: {Existence: model.Gone}}, now)
		if len(got) != 1 || got[0].Chosen() || !got[0].Has(match.Gone) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("in a circle", func(t *testing.T) {
		back := there(t, newer)
		back.MovedTo = address(t, old)
		got := match.Grades(ada, []model.Evidence{bio(t, old)}, map[string]model.Profile{old: moved, newer: back}, now)
		if len(got) != 1 || got[0].Chosen() || !got[0].Has(match.Lost) || got[0].Target().String() != old {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("two old accounts to one", func(t *testing.T) {
		const older = "ada@older.example"
		also := there(t, older)
		also.MovedTo = address(t, newer)
		got := match.Grades(ada, []model.Evidence{bio(t, old), bio(t, older)}, map[string]model.Profile{old: moved, older: also}, now)
		if len(got) != 2 || !got[0].Chosen() || got[1].Chosen() {
			t.Errorf("a Person is followed once, got %+v", got)
		}
	})
}

func TestOneAccountTwoSpellings(t *testing.T) {
	const alias, real = "ada@social.tusk.example", "ada@tusk.example"
	profiles := map[string]model.Profile{alias: there(t, real)}
	got := match.Grades(ada, []model.Evidence{bio(t, alias), named(t, "Ada@tusk.example")}, profiles, now)
	if len(got) != 1 || got[0].Address.String() != real || got[0].Grade != match.Proven || !got[0].Chosen() {
		t.Errorf("got %+v", got)
	}
}

func TestEvidenceOrder(t *testing.T) {
	evidence := []model.Evidence{
		says(t, home, "profile", model.FediverseSide, model.TieName), says(t, home, "wikidata", model.ThirdSide, model.TieHandle),
		named(t, home), bio(t, home), bio(t, home), says(t, home, "retweet", model.TwitterSide, model.TieHandle),
		says(t, home, "wikidata", model.ThirdSide, model.TieID),
	}
	var got []string
	for _, e := range match.Grades(ada, evidence, nil, now)[0].Evidence {
		got = append(got, e.Source+" "+string(e.Tie))
	}
	want := []string{"list id", "wikidata id", "profile handle", "wikidata handle", "retweet handle", "profile name"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGradeText(t *testing.T) {
	for g := match.None; g <= match.Proven; g++ {
		b, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		var again match.Grade
		if err := json.Unmarshal(b, &again); err != nil || again != g {
			t.Errorf("%s: %v, %v", b, again, err)
		}
	}
	var g match.Grade
	if err := g.UnmarshalText([]byte("certain")); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("unknown grade: %v", err)
	}
	if _, err := json.Marshal(match.Grade(9)); err == nil {
		t.Error("a number that is no grade was written")
	}
}
