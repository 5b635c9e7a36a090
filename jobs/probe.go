package jobs

import (
	"cmp"
	"context"
	"slices"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// What a probe may ask: for so many People, the closest first, on so many
// servers, those where most of the Owner's people are.
const (
	probedPeople = 1000
	probedHosts  = 5
)

// probe asks for accounts of the same user name, if the Owner wants that. An
// account that is there is a Guess, unless its profile names the handle.
func (f *finder) probe(ctx context.Context, place string) (store.Next, error) {
	if !f.o.Probe || f.o.Offline || !f.w.Sources.Use(directory.SourceProbe) {
		return store.Next{}, nil
	}
	hosts, err := f.probedHosts(ctx)
	if err != nil {
		return store.Next{}, err
	}
	people, err := f.probedPeople(ctx)
	if err != nil {
		return store.Next{}, err
	}
	q := newQuestions()
	for _, p := range people {
		for _, host := range hosts {
			q.add(model.Address{User: p.Handle.Name, Host: host}, p).probe = true
		}
	}
	return f.ask(ctx, q, stageProbe, place, "trying the same user names")
}

// probedHosts returns the servers where most of the People live.
func (f *finder) probedHosts(ctx context.Context) ([]string, error) {
	counts, err := f.w.Store.ChosenHosts(ctx, f.move.ID)
	if err != nil {
		return nil, err
	}
	hosts := make([]string, 0, len(counts))
	for host := range counts {
		if model.MirrorOf(host) == model.NoMirror {
			hosts = append(hosts, host)
		}
	}
	slices.SortFunc(hosts, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return hosts[:min(len(hosts), probedHosts)], nil
}

// probedPeople returns those who were not found, closest first.
func (f *finder) probedPeople(ctx context.Context) ([]model.Person, error) {
	var people []model.Person
	err := f.people(ctx, "", 500, func(part []model.Person) error {
		for _, p := range part {
			if p.ArrivedAt.IsZero() && p.Handle.Name != "" {
				people = append(people, p)
			}
		}
		return nil
	})
	slices.SortStableFunc(people, func(a, b model.Person) int { return cmp.Compare(b.Interactions, a.Interactions) })
	return people[:min(len(people), probedPeople)], err
}
