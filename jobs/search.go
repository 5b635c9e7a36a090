package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// search asks the Owner's own server: for the handles of those who were not
// found, and for addresses whose own server did not answer us. It keeps to that
// server's limits, of which part stays the Owner's.
func (f *finder) search(ctx context.Context, after string) (store.Next, error) {
	next := store.Next{}
	if f.o.Account != "" && !f.o.Offline && f.w.Sources.Use(directory.SourceSearch) {
		a, err := f.w.actFor(ctx, f.h, f.o.Account)
		var stop *stopError
		switch {
		case errors.As(err, &stop): // the Account has to be connected again: the search goes on without it
			f.w.Log.Info("not searched", "account", f.o.Account)
		case err != nil:
			return f.w.notNow(err)
		default:
			next, err = f.searchAs(ctx, a, after)
			a.end()
			if errors.As(err, &stop) {
				f.w.Log.Info("search ended", "account", f.o.Account, "why", stop.text)
			} else if err != nil || next.State != "" {
				return next, err
			}
		}
	}
	return store.Next{}, f.h.lease.SetCursor(ctx, stageProbe+":")
}

func (f *finder) searchAs(ctx context.Context, a *actor, after string) (next store.Next, err error) {
	counts, err := f.w.Store.PeopleCounts(ctx, f.move.ID)
	if err != nil {
		return next, err
	}
	done := 0
	err = f.people(ctx, after, 20, func(part []model.Person) error {
		var searched []model.Person
		if next, searched, err = f.searchPart(ctx, a, part); err != nil {
			return err
		}
		if done += len(searched); len(searched) > 0 {
			if err := f.h.lease.SetCursor(ctx, stageSearch+":"+searched[len(searched)-1].ID); err != nil {
				return err
			}
		}
		if next.State != "" {
			return errSliceOver
		}
		return f.w.progress(f.h, counts.People, done, "searching on "+a.account.Server)
	})
	switch {
	case f.h.wish() != "":
		return next, errWished
	case errors.Is(err, errSliceOver):
		return next, nil
	}
	return next, err
}

// searchPart searches for People until the slice has to end, with next, and
// grades those whom it came to, in their order.
func (f *finder) searchPart(ctx context.Context, a *actor, part []model.Person) (next store.Next, searched []model.Person, err error) {
	ids := make([]string, len(part))
	for i, p := range part {
		ids[i] = p.ID
	}
	before, err := f.w.Store.MatchesOf(ctx, ids)
	if err != nil {
		return next, nil, err
	}
	more := map[string][]model.Evidence{}
	for i, p := range part {
		if f.stop() {
			next = store.Next{State: store.RunWaiting}
		} else if next, more[p.ID], err = f.searchFor(ctx, a, p, before[p.ID]); err != nil {
			return next, nil, err
		}
		if next.State != "" {
			break
		}
		searched = part[:i+1]
	}
	return next, searched, f.regrade(ctx, searched, more)
}

// errSliceOver ends a walk through People because the slice is over.
var errSliceOver = errors.New("the slice is over")

// searchFor searches for one Person. next says how the Run goes on where the
// server's allowance is used up.
func (f *finder) searchFor(ctx context.Context, a *actor, p model.Person, before []match.Match) (next store.Next, found []model.Evidence, err error) {
	open := slices.DeleteFunc(slices.Clone(before), func(m match.Match) bool {
		return m.Grade < match.Claimed || m.Profile.Existence != model.Unknown || m.Decision == match.No
	})
	switch {
	case len(open) > 0:
		next, err = f.resolve(ctx, a, open)
	case p.ArrivedAt.IsZero() && p.Handle.Name != "":
		next, found, err = f.searchName(ctx, a, p)
	}
	return next, found, err
}

// resolve asks the own server about addresses whose servers did not answer us.
func (f *finder) resolve(ctx context.Context, a *actor, open []match.Match) (next store.Next, err error) {
	for _, m := range open[:min(len(open), 3)] {
		if until := a.until(familyAPI); !until.IsZero() {
			return a.waitFor(until), nil
		}
		remote, err := a.session.Resolve(ctx, m.Address)
		if err != nil {
			if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
				return next, err
			}
			continue
		}
		if err := f.w.Store.SaveProfile(ctx, m.Address, remote.Profile, f.w.Now().Add(profileLife)); err != nil {
			return next, err
		}
	}
	return next, nil
}

// searchName searches for a handle. Only accounts that name it, or bear it as
// their user name, are evidence; their own servers are asked about them.
func (f *finder) searchName(ctx context.Context, a *actor, p model.Person) (next store.Next, found []model.Evidence, err error) {
	if until := a.until(familyAPI); !until.IsZero() {
		return a.waitFor(until), nil, nil
	}
	hits, err := a.session.Search(ctx, p.Handle.Name)
	if err != nil {
		next, ok, err := a.reading(ctx, familyAPI, err)
		if ok {
			next = store.Next{}
		}
		return next, nil, err
	}
	for _, hit := range hits {
		if e, ok := searched(p, hit, a.account.Server, f.w.Now()); ok {
			profile, err := f.w.profile(ctx, hit.Address, time.Time{}, true)
			if err != nil {
				return next, nil, err
			}
			if profile.Existence == model.Unknown { // what the own server knows is better than nothing
				if err := f.w.Store.SaveProfile(ctx, hit.Address, hit, f.w.Now().Add(profileLife)); err != nil {
					return next, nil, err
				}
			}
			found = append(found, e)
		}
	}
	return next, found, nil
}

// searched is the evidence that a hit of a search may be for a Person: it names
// the handle, or bears it or the same name and names no other.
func searched(p model.Person, hit model.Profile, server string, now time.Time) (model.Evidence, bool) {
	said := directory.FromProfile(p, hit)
	other := slices.ContainsFunc(said, func(e model.Evidence) bool { return e.Tie == model.TieOther })
	return model.Evidence{
		Address: hit.Address, Source: directory.SourceSearch, Side: model.FediverseSide, Tie: model.TieName,
		Text: "Found on " + server + " by searching for @" + p.Handle.Name, At: now.UTC(),
	}, len(said) > 0 && !other
}
