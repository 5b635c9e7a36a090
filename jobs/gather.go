package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// longestMove is how many moves of an account are followed.
const longestMove = 3

// gathered is what is known here of some People, without asking anybody.
type gathered struct {
	evidence map[string][]model.Evidence         // by Person id
	before   map[string][]match.Match            // by Person id
	profiles map[string]model.Profile            // by Address.Key: from the cache, else as a Match has it
	fresh    map[string]bool                     // Address.Key of profiles from the cache
	rows     map[string][]store.DirectoryAccount // of profile directories, by Address.Key
}

// gather brings together what ties People to addresses, except what account
// holders who do not want to be found would be found by. more is evidence that
// is new, by Person id.
func (f *finder) gather(ctx context.Context, people []model.Person, more map[string][]model.Evidence) (*gathered, error) {
	g := &gathered{evidence: map[string][]model.Evidence{}, rows: map[string][]store.DirectoryAccount{}}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	var err error
	if g.before, err = f.w.Store.MatchesOf(ctx, ids); err != nil {
		return nil, err
	}
	if err := f.fromIndexes(ctx, g, people); err != nil {
		return nil, err
	}
	if err := f.fromDirectories(ctx, g, people); err != nil {
		return nil, err
	}
	for _, p := range people {
		all := append(g.evidence[p.ID], directory.FromPerson(p)...)
		if p.Handle.Name != "" {
			all = append(all, f.said[strings.ToLower(p.Handle.Name)]...)
		}
		for _, m := range g.before[p.ID] {
			all = append(all, kept(m)...)
		}
		g.evidence[p.ID] = append(all, more[p.ID]...)
	}
	if err := f.withProfiles(ctx, g); err != nil {
		return nil, err
	}
	return g, f.withoutOptedOut(ctx, g)
}

// kept is what of a Match was found by asking somebody, and cannot be gathered
// again: the Owner's decision, and what a search or a probe brought.
func kept(m match.Match) []model.Evidence {
	var out []model.Evidence
	for _, e := range m.Evidence {
		switch e.Source {
		case match.SourceOwner, directory.SourceSearch, directory.SourceProbe:
			out = append(out, e)
		}
	}
	return out
}

// fromIndexes adds what is kept for everybody: Wikidata and the registry.
func (f *finder) fromIndexes(ctx context.Context, g *gathered, people []model.Person) error {
	index := f.w.directory()
	if f.w.Sources.Use(directory.SourceWikidata) {
		found, err := index.Directory(ctx, people)
		if err != nil {
			return err
		}
		add(g.evidence, found)
	}
	if f.w.Sources.Use(directory.SourceRegistry) {
		found, err := index.RegistryEvidence(ctx, f.move.TwitterID, people)
		if err != nil {
			return err
		}
		add(g.evidence, found)
	}
	return nil
}

// fromDirectories adds rows of profile directories. One that was never shown to
// anybody, or not for long, is no evidence before its server was asked again.
func (f *finder) fromDirectories(ctx context.Context, g *gathered, people []model.Person) error {
	if !f.w.Sources.Use(directory.SourceDirectory) {
		return nil
	}
	var handles []string
	for _, p := range people {
		if p.Handle.Name != "" {
			handles = append(handles, strings.ToLower(p.Handle.Name))
		}
	}
	rows, err := f.w.directory().DirectoryAccounts(ctx, handles)
	if err != nil {
		return err
	}
	for _, p := range people {
		for _, row := range rows[strings.ToLower(p.Handle.Name)] {
			g.rows[row.Address.Key()] = append(g.rows[row.Address.Key()], row)
			e := model.Evidence{
				Address: row.Address, Source: directory.SourceDirectory, Side: model.FediverseSide, Tie: model.TieHandle, Text: row.Text, At: row.ReadAt,
			}
			if row.Showable(f.w.Now()) {
				g.evidence[p.ID] = append(g.evidence[p.ID], e)
			}
		}
	}
	return nil
}

func add(to, more map[string][]model.Evidence) {
	for id, evidence := range more {
		to[id] = append(to[id], evidence...)
	}
}

// withoutOptedOut takes away all evidence of addresses whose holders do not want
// to be found, also by an address that they moved from, but the Owner's own word.
func (f *finder) withoutOptedOut(ctx context.Context, g *gathered) error {
	all := append(addresses(g.evidence), rowAddresses(g.rows)...)
	for _, p := range g.profiles {
		if p.MovedTo != (model.Address{}) {
			all = append(all, p.MovedTo)
		}
	}
	out, err := f.w.directory().OptedOut(ctx, all)
	if err != nil || len(out) == 0 {
		return err
	}
	hidden := func(key string) bool {
		for range longestMove + 1 {
			if out[key] {
				return true
			}
			key = g.profiles[key].MovedTo.Key()
		}
		return false
	}
	for id, evidence := range g.evidence {
		g.evidence[id] = slices.DeleteFunc(evidence, func(e model.Evidence) bool {
			return e.Source != match.SourceOwner && hidden(e.Address.Key())
		})
	}
	maps.DeleteFunc(g.rows, func(key string, _ []store.DirectoryAccount) bool { return hidden(key) })
	return nil
}

// withProfiles adds the profiles of all addresses, as far as they are known, and
// of those that they moved to.
func (f *finder) withProfiles(ctx context.Context, g *gathered) error {
	g.profiles, g.fresh = map[string]model.Profile{}, map[string]bool{}
	for _, matches := range g.before {
		for _, m := range matches {
			if m.Profile.Existence == model.Exists {
				g.profiles[m.Address.Key()] = m.Profile
			}
		}
	}
	want := append(addresses(g.evidence), rowAddresses(g.rows)...)
	for range longestMove + 1 {
		found, err := f.w.Store.Profiles(ctx, want)
		if err != nil {
			return err
		}
		want = want[:0]
		for key, p := range found {
			g.fresh[key] = true
			if p.Existence != model.Unknown || g.profiles[key].Existence == model.Unknown {
				g.profiles[key] = p
			}
			if to := p.MovedTo; to != (model.Address{}) && !g.fresh[to.Key()] {
				want = append(want, to)
			}
		}
		if len(want) == 0 {
			break
		}
	}
	return nil
}

// grade weighs what was gathered of a Person. A profile says something too.
func (g *gathered) grade(f *finder, p model.Person) []match.Match {
	evidence, profiles := slices.Clone(g.evidence[p.ID]), map[string]model.Profile{}
	for _, e := range g.evidence[p.ID] {
		a := e.Address
		for range longestMove + 1 {
			profile, known := g.profiles[a.Key()]
			if _, seen := profiles[a.Key()]; !known || seen {
				break
			}
			profiles[a.Key()] = profile
			evidence = append(evidence, directory.FromProfile(p, profile)...)
			if a = profile.MovedTo; a == (model.Address{}) {
				break
			}
		}
	}
	return match.Grades(p, evidence, profiles, f.w.Now())
}

// regrade gathers and grades People and keeps what came of it. more is evidence
// that is new, by Person id.
func (f *finder) regrade(ctx context.Context, people []model.Person, more map[string][]model.Evidence) error {
	g, err := f.gather(ctx, people, more)
	if err != nil {
		return err
	}
	found := map[string][]match.Match{}
	for _, p := range people {
		if matches := g.grade(f, p); len(matches) > 0 || len(g.before[p.ID]) > 0 {
			found[p.ID] = matches
		}
	}
	if err := f.w.Store.SaveMatchesOf(ctx, f.move.ID, found); err != nil {
		return fmt.Errorf("matches: %w", err)
	}
	return nil
}

// addresses returns each address of the evidence once.
func addresses(evidence map[string][]model.Evidence) []model.Address {
	var found []model.Address
	seen := map[string]bool{}
	for _, all := range evidence {
		for _, e := range all {
			if key := e.Address.Key(); key != "" && !seen[key] {
				seen[key] = true
				found = append(found, e.Address)
			}
		}
	}
	return found
}

func rowAddresses(rows map[string][]store.DirectoryAccount) []model.Address {
	found := make([]model.Address, 0, len(rows))
	for _, all := range rows {
		found = append(found, all[0].Address)
	}
	return found
}

// directory is the store that holds the indexes.
func (w *Worker) directory() *store.Store {
	if w.Directory != nil {
		return w.Directory
	}
	return w.Store
}
