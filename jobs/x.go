package jobs

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xapi"
)

// xAgain is how long it takes until X is asked about a Person once more.
const xAgain = 30 * 24 * time.Hour

// x asks X's API about those whom only an archive names: their ids tell nothing,
// their bios may. It waits where X asks to wait; whatever else X fails with, the
// search goes on without it.
func (f *finder) x(ctx context.Context, after string) (store.Next, error) {
	if f.o.Offline || !f.w.Sources.Use(directory.SourceX) || !f.w.X.CanRead() {
		return store.Next{}, f.h.lease.SetCursor(ctx, stageCheck+":")
	}
	counts, err := f.w.Store.PeopleCounts(ctx, f.move.ID)
	if err != nil {
		return store.Next{}, err
	}
	next, done := store.Next{}, 0
	err = f.people(ctx, after, 500, func(part []model.Person) error {
		if f.h.wish() != "" {
			return errWished
		}
		named, asked := f.w.askX(ctx, part)
		if len(named) > 0 {
			if err := f.w.Store.SavePeople(ctx, f.move.ID, named); err != nil {
				return err
			}
			if err := f.regrade(ctx, named, nil); err != nil {
				return err
			}
		}
		var limited *xapi.RateLimitError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(asked, &limited):
			next = store.Next{State: store.RunWaiting, DueAt: f.w.Now().Add(limited.Wait), Error: "X asks to wait. It goes on by itself."}
			return errSliceOver
		case asked != nil:
			f.w.Log.Warn("X not asked", "run", f.h.lease.Run.ID, "error", asked)
		}
		done += len(part)
		if err := f.h.lease.SetCursor(ctx, stageX+":"+part[len(part)-1].ID); err != nil {
			return err
		}
		return f.w.progress(f.h, counts.People, done, "asking X")
	})
	if err != nil {
		if errors.Is(err, errSliceOver) {
			err = nil
		}
		return next, err
	}
	return store.Next{}, f.h.lease.SetCursor(ctx, stageCheck+":")
}

// askX asks X's API about those of the People who have an id and no bio, the
// closest first, and returns those it named, with what is new: the caller saves
// them. It does nothing unless an operator has switched X on, and no more than the
// day's budget allows. An error, such as xapi.RateLimitError, may come with People
// who were named before it. Asking again within a month costs nothing: who was
// asked about is remembered.
func (w *Worker) askX(ctx context.Context, people []model.Person) ([]model.Person, error) {
	if !w.Sources.Use(directory.SourceX) || !w.X.CanRead() {
		return nil, nil
	}
	people = slices.DeleteFunc(slices.Clone(people), func(p model.Person) bool { return p.TwitterID == "" || p.Bio != "" })
	people, err := w.Store.NotAskedX(ctx, people, w.Now().Add(-xAgain))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(people, func(a, b model.Person) int { return cmp.Compare(b.Interactions, a.Interactions) })
	var named []model.Person
	for len(people) > 0 {
		n, err := w.Store.TakeX(ctx, min(len(people), xapi.MostUsers), w.XDaily)
		if err != nil || n == 0 {
			return named, err
		}
		some, err := w.askXAbout(ctx, people[:n])
		named = append(named, some...)
		if err != nil {
			return named, err
		}
		people = people[n:]
	}
	return named, nil
}

// askXAbout sends one request. What X did not do is given back to the budget;
// what it may have done is not.
func (w *Worker) askXAbout(ctx context.Context, people []model.Person) ([]model.Person, error) {
	byID, ids := map[string]model.Person{}, make([]string, len(people))
	for i, p := range people {
		byID[p.TwitterID], ids[i] = p, p.TwitterID
	}
	users, err := w.X.Users(ctx, ids)
	if err != nil {
		keep := context.WithoutCancel(ctx)
		var limited *xapi.RateLimitError
		var status *xapi.StatusError
		if errors.As(err, &limited) || errors.As(err, &status) {
			err = errors.Join(err, w.Store.GiveBackX(keep, len(people)))
		}
		return nil, errors.Join(err, w.Store.CountSource(keep, directory.SourceX, 0, 0, 1))
	}
	for i, u := range users {
		p := byID[u.TwitterID]
		p.Handle, p.Name, p.Bio, p.Location, p.URLs, p.ProfileSource = u.Handle, cmp.Or(u.Name, p.Name), u.Bio, u.Location, u.URLs, u.ProfileSource
		users[i] = p
	}
	return users, errors.Join(w.Store.SetAskedX(ctx, people), w.Store.CountSource(ctx, directory.SourceX, len(people), len(users), 0))
}
