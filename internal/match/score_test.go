package match_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// labelled is a line of the corpus: an invented Person, what registers say of
// them and what servers answer, with the account that is really theirs and the
// grades that a careful reader would give. How it was made: docs/matching.md.
type labelled struct {
	ID     string `json:"id"`
	Case   string `json:"case"`
	Person struct {
		TwitterID string   `json:"twitter_id"`
		Handle    string   `json:"handle"`
		Name      string   `json:"name"`
		Bio       string   `json:"bio"`
		Location  string   `json:"location"`
		URLs      []string `json:"urls"`
	} `json:"person"`
	Evidence []model.Evidence `json:"evidence"`
	Profiles []struct {
		Asked   model.Address `json:"asked"`
		Profile model.Profile `json:"profile"`
	} `json:"profiles"`
	Truth model.Address `json:"truth"` // zero: nowhere, or not on the fediverse
	Want  []label       `json:"want"`
}

type label struct {
	Address model.Address `json:"address"` // where to follow
	Grade   match.Grade   `json:"grade"`
	Chosen  bool          `json:"chosen"`
}

// matches puts the corpus through what a find Run does.
func (l labelled) matches() []match.Match {
	p := model.Person{
		ID: l.ID, TwitterID: l.Person.TwitterID, Handle: model.Handle{Name: l.Person.Handle},
		Name: l.Person.Name, Bio: l.Person.Bio, Location: l.Person.Location, URLs: l.Person.URLs,
	}
	evidence, profiles := append(directory.FromPerson(p), l.Evidence...), map[string]model.Profile{}
	for _, asked := range l.Profiles {
		profiles[asked.Asked.Key()] = asked.Profile
		evidence = append(evidence, directory.FromProfile(p, asked.Profile)...)
	}
	return match.Grades(p, evidence, profiles, now)
}

func people(t *testing.T) []labelled {
	t.Helper()
	f, err := os.Open("testdata/people.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []labelled
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l labelled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("line %d: %v", len(all)+1, err)
		}
		all = append(all, l)
	}
	return all
}

// tally is about one grade: addresses that were given it and should, that were
// and should not, that should and were not; and of all given it, how many are
// the Person's.
type tally struct{ right, wrong, missed, theirs int }

func (t tally) precision() float64 { return share(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return share(t.right, t.right+t.missed) }
func (t tally) own() float64       { return share(t.theirs, t.right+t.wrong) }

func (t tally) row(name string) string {
	return fmt.Sprintf("%-10s %6d %6d %6d %10.3f %7.3f %6.3f %8.3f\n", name, t.right, t.wrong, t.missed,
		t.precision(), t.recall(), share(2*t.right, 2*t.right+t.wrong+t.missed), t.own())
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func (t *tally) count(given, wanted, theirs bool) {
	switch {
	case given && wanted:
		t.right++
	case given:
		t.wrong++
	case wanted:
		t.missed++
	}
	if given && theirs {
		t.theirs++
	}
}

// scores are the tallies by grade; those chosen without the Owner are also under
// "chosen".
type scores struct {
	tallies  map[string]*tally
	mistakes []string
}

func (s *scores) add(l labelled) {
	matches := l.matches()
	for _, w := range l.Want {
		if !slices.ContainsFunc(matches, func(m match.Match) bool { return m.Target().Key() == w.Address.Key() }) {
			s.one(l, match.Match{Address: w.Address}, w)
		}
	}
	for _, m := range matches {
		w := label{Address: m.Target()}
		if i := slices.IndexFunc(l.Want, func(w label) bool { return w.Address.Key() == m.Target().Key() }); i >= 0 {
			w = l.Want[i]
		}
		s.one(l, m, w)
	}
}

func (s *scores) one(l labelled, m match.Match, w label) {
	theirs := w.Address.Key() == l.Truth.Key()
	for g := match.Guess; g <= match.Proven; g++ {
		s.tallies[g.String()].count(m.Grade == g, w.Grade == g, theirs)
	}
	s.tallies["chosen"].count(m.Chosen(), w.Chosen, theirs)
	if m.Grade != w.Grade || m.Chosen() != w.Chosen {
		s.mistakes = append(s.mistakes, fmt.Sprintf("%s (%s): %s is %v, chosen %v; should be %v, %v", l.ID, l.Case, w.Address, m.Grade, m.Chosen(), w.Grade, w.Chosen))
	}
}

// Nothing below Stated is chosen, whatever the corpus holds, and the grades are
// those of the labels but for the known limits. With -v the table is printed.
func TestScore(t *testing.T) {
	all := people(t)
	s := scores{tallies: map[string]*tally{}}
	names := []string{"proven", "stated", "claimed", "guess", "chosen"}
	for _, name := range names {
		s.tallies[name] = &tally{}
	}
	for _, l := range all {
		s.add(l)
		for _, m := range l.matches() {
			if m.Grade < match.Stated && m.Chosen() {
				t.Errorf("%s (%s): %s is %v and chosen", l.ID, l.Case, m.Target(), m.Grade)
			}
		}
	}
	if testing.Verbose() {
		fmt.Printf("\npeople.jsonl, %d people\n%-10s %6s %6s %6s %10s %7s %6s %8s\n", len(all), "grade", "right", "wrong", "missed", "precision", "recall", "F1", "theirs")
		for _, name := range names {
			fmt.Print(s.tallies[name].row(name))
		}
		fmt.Println(strings.Join(s.mistakes, "\n"))
	}
	chosen := s.tallies["chosen"]
	if len(all) < 300 || chosen.own() < 0.95 || chosen.precision() < 0.95 || chosen.recall() < 0.95 {
		t.Errorf("%d people; of those chosen %.3f are theirs, precision %.3f, recall %.3f:\n%s",
			len(all), chosen.own(), chosen.precision(), chosen.recall(), strings.Join(s.mistakes, "\n"))
	}
}
