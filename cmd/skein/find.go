package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

type findCommand struct {
	Input   string `arg:"" help:"An archive (zip, folder), a list (CSV, TSV, text, JSON), or your own page of X: a network log (HAR) or its copied text."`
	Offline bool   `help:"Use what is known here; ask no server."`
	CSV     string `name:"csv" help:"Write Mastodon's file of follows: Proven and Stated matches." placeholder:"FILE"`
	Grade   string `help:"Lowest grade in the CSV: stated, or claimed. Guesses are never written." enum:"stated,claimed" default:"stated"`
	JSON    bool   `name:"json" help:"Print a JSON line for each person."`
	listFlags
}

// foundPerson is one JSON line.
type foundPerson struct {
	TwitterID    string           `json:"twitter_id"`
	Handle       string           `json:"handle"`
	Name         string           `json:"name"`
	Relations    []model.Relation `json:"relations"`
	Interactions int              `json:"interactions"`
	Matches      []foundMatch     `json:"matches"`
}

type foundMatch struct {
	Address  model.Address   `json:"address"`
	Grade    match.Grade     `json:"grade"`
	Exists   model.Existence `json:"exists"`
	MovedTo  model.Address   `json:"moved_to"`
	Evidence []foundEvidence `json:"evidence"`
}

type foundEvidence struct {
	Source string    `json:"source"`
	Text   string    `json:"text"`
	At     time.Time `json:"at,omitzero"`
}

// Run reads the input, looks for its people and prints them.
func (c findCommand) Run(ctx context.Context) error { return c.find(ctx, extras{}) }

func (c findCommand) find(ctx context.Context, x extras) (err error) {
	t, err := newTemporary(ctx, x)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	t.offline, t.lists = c.Offline, c.listFlags
	if err := t.read(ctx, c.Input); err != nil {
		return err
	}
	o, err := json.Marshal(jobs.FindOptions{Offline: c.Offline})
	if err != nil {
		return err
	}
	run, err := t.worker.Start(ctx, store.Run{MoveID: t.move.ID, Kind: jobs.KindFind, Options: string(o)})
	if err != nil {
		return err
	}
	bar := newProgress("looking")
	err = t.finish(ctx, run, bar)
	bar.finish()
	if err != nil {
		return err
	}
	if err := t.printPeople(ctx, c.JSON); err != nil {
		return err
	}
	if c.CSV != "" {
		return t.writeCSV(ctx, c.CSV, c.Grade == "claimed", c.Offline)
	}
	return nil
}

func (t *temporary) printPeople(ctx context.Context, asJSON bool) error {
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	total, found, unchecked, byGrade := 0, 0, map[string]bool{}, map[match.Grade]int{}
	for p, err := range t.store.People(ctx, t.move.ID) {
		if err != nil {
			return err
		}
		matches, err := t.store.Matches(ctx, p.ID)
		if err != nil {
			return err
		}
		total++
		if len(matches) > 0 {
			found++
			byGrade[matches[0].Grade]++
		}
		for _, m := range matches {
			if m.Profile.Existence == model.Unknown {
				unchecked[m.Address.Host] = true
			}
		}
		switch {
		case asJSON:
			if err := lines.Encode(newFoundPerson(p, matches)); err != nil {
				return err
			}
		case len(matches) > 0:
			m := matches[0]
			fmt.Fprintf(out, "%-8s  @%-16s  %s\n", m.Grade, p.Handle.Name, m.Target())
		}
	}
	if !asJSON {
		fmt.Fprintf(out, "%d people: %d proven, %d stated, %d claimed, %d guesses\n", total,
			byGrade[match.Proven], byGrade[match.Stated], byGrade[match.Claimed], byGrade[match.Guess])
	}
	if err := out.Flush(); err != nil {
		return err
	}
	t.explain(total, found, slices.Sorted(maps.Keys(unchecked)))
	return nil
}

// explain says why less was found than one would expect.
func (t *temporary) explain(total, found int, unchecked []string) {
	switch {
	case total == 0 && !t.warned:
		fmt.Fprintln(os.Stderr, "There is nobody to find: the input names no account that you follow, block or mute, or that follows you.")
	case total > 0 && found == 0:
		fmt.Fprintf(os.Stderr, "None of these %d people has named a fediverse account anywhere that Skein knows of.\n", total)
	}
	if len(unchecked) > 0 && !t.offline {
		more := ""
		if n := len(unchecked); n > 3 {
			more, unchecked = fmt.Sprintf(" and %d others", n-3), unchecked[:3]
		}
		fmt.Fprintf(os.Stderr, "Accounts on %s%s could not be checked: no usable answer. Try again later.\n", strings.Join(unchecked, ", "), more)
	}
}

func newFoundPerson(p model.Person, matches []match.Match) foundPerson {
	f := foundPerson{
		TwitterID: p.TwitterID, Handle: p.Handle.Name, Name: p.Name, Relations: p.Relations, Interactions: p.Interactions,
		Matches: make([]foundMatch, 0, len(matches)),
	}
	for _, m := range matches {
		fm := foundMatch{
			Address: m.Address, Grade: m.Grade, Exists: m.Profile.Existence, MovedTo: m.Profile.MovedTo,
			Evidence: make([]foundEvidence, 0, len(m.Evidence)),
		}
		for _, e := range m.Evidence {
			fm.Evidence = append(fm.Evidence, foundEvidence{Source: e.Source, Text: e.Text, At: e.At})
		}
		f.Matches = append(f.Matches, fm)
	}
	return f
}

// writeCSV writes the follows. Offline, nobody could be asked whether the
// addresses exist, so there the grade alone decides, and the user is told.
func (t *temporary) writeCSV(ctx context.Context, name string, claimed, offline bool) error {
	var matches []match.Match
	unchecked := 0
	people := map[string]model.Person{}
	for p, err := range t.store.People(ctx, t.move.ID) {
		if err != nil {
			return err
		}
		found, err := t.store.Matches(ctx, p.ID)
		if err != nil {
			return err
		}
		for i := range found {
			if offline && found[i].Profile.Existence == model.Unknown && found[i].Grade > match.Guess {
				found[i].Profile.Existence = model.Exists
				unchecked++
			}
		}
		if len(found) > 0 {
			matches, people[p.ID] = append(matches, found...), p
		}
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	if unchecked > 0 {
		fmt.Fprintln(os.Stderr, "The addresses were not checked with their servers; without --offline they are.")
	}
	return errors.Join(plan.FollowingCSV(f, matches, people, claimed), f.Close())
}
