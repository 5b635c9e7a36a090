package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// How long an answer of a server counts, and how many addresses are checked at
// once. The budget per host keeps any one of them from being hurried.
const (
	profileLife  = 7 * 24 * time.Hour
	negativeLife = 6 * time.Hour
	hostRest     = 6 * time.Hour
	atOnce       = 32
)

// The stages of a find Run, kept in its cursor as "stage:last person".
const (
	stageLocal = "local" // what is known here, at once
	stageCheck = "check" // what the servers say
)

// FindOptions are the options of a find Run.
type FindOptions struct {
	Offline bool `json:"offline,omitempty"` // ask no server
}

// find looks for the People of a Move: first what is known here, so that the
// page has something within seconds, then the servers are asked about each
// address. It may be run again at any time; decisions are kept.
func (w *Worker) find(ctx context.Context, h *holder) (store.Next, error) {
	stage, after, _ := strings.Cut(h.lease.Run.Cursor, ":")
	o, err := options[FindOptions](h.lease.Run)
	if err != nil {
		return store.Next{}, err
	}
	counts, err := w.Store.PeopleCounts(ctx, h.lease.Run.MoveID)
	if err != nil {
		return store.Next{}, err
	}
	said, err := w.saidInTweets(ctx, h.lease.Run.MoveID)
	if err != nil {
		return store.Next{}, err
	}
	f := &finder{w: w, h: h, total: counts.People, said: said}
	if stage != stageCheck {
		if err := f.each(ctx, stageLocal, after, 200, f.local); err != nil {
			return f.end(err)
		}
		f.done, after = 0, ""
	}
	if !o.Offline {
		if err := f.each(ctx, stageCheck, after, 64, f.check); err != nil {
			return f.end(err)
		}
	}
	if counts, err = w.Store.PeopleCounts(ctx, h.lease.Run.MoveID); err != nil {
		return store.Next{}, err
	}
	if err := h.lease.SetProgress(ctx, f.total, f.total, ended(counts)); err != nil {
		return store.Next{}, err
	}
	return store.Next{State: store.RunDone}, nil
}

// ended says in words how a search came out.
func ended(c store.PeopleCounts) string {
	switch c.People {
	case 0:
		return "there is nobody to look for"
	case c.Unresolved:
		return "nobody was found yet"
	}
	return "looked for everybody"
}

// finder is one slice of a find Run.
type finder struct {
	w     *Worker
	h     *holder
	total int
	done  int
	said  map[string][]model.Evidence // by lower-case handle

	asking singleflight.Group // by address: several People of a batch may name the same
}

func (f *finder) end(err error) (store.Next, error) {
	if !errors.Is(err, errWished) {
		return store.Next{}, err
	}
	if f.h.wish() == store.WishCancel {
		return store.Next{State: store.RunCancelled}, nil
	}
	return store.Next{State: store.RunPaused}, nil
}

// each hands the People after that id to do, so many at a time, and notes in the
// cursor how far it came.
func (f *finder) each(ctx context.Context, stage, after string, size int, do func(context.Context, []model.Person) error) error {
	part := make([]model.Person, 0, size)
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		if f.h.wish() != "" {
			return errWished
		}
		if err := do(ctx, part); err != nil {
			return err
		}
		f.done += len(part)
		if err := f.h.lease.SetCursor(ctx, stage+":"+part[len(part)-1].ID); err != nil {
			return err
		}
		part = part[:0]
		text := "looking at what is known here"
		if stage == stageCheck {
			text = "asking the servers"
		}
		return f.w.progress(f.h, f.total, f.done, text)
	}
	for p, err := range f.w.Store.PeopleFrom(ctx, f.h.lease.Run.MoveID, after) {
		if err != nil {
			return err
		}
		if part = append(part, p); len(part) == size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return f.h.lease.SetCursor(ctx, stage+":")
}

// local grades People, who come in the order of their ids, by what is known here.
func (f *finder) local(ctx context.Context, people []model.Person) error {
	move := f.h.lease.Run.MoveID
	before, err := f.w.Store.MatchesAmong(ctx, move, people[0].ID, people[len(people)-1].ID)
	if err != nil {
		return err
	}
	found := map[string][]match.Match{}
	for _, p := range people {
		evidence, err := f.evidence(ctx, p, before[p.ID])
		if err != nil {
			return err
		}
		matches := match.Grades(p, evidence, f.known(ctx, evidence), f.w.Now())
		if len(matches) > 0 || len(before[p.ID]) > 0 {
			found[p.ID] = matches
		}
	}
	return f.w.Store.SaveMatchesOf(ctx, move, found)
}

// check asks the servers about the addresses of People and grades them anew.
func (f *finder) check(ctx context.Context, people []model.Person) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, p := range people {
		group.Go(func() error {
			before, err := f.w.Store.Matches(ctx, p.ID)
			if err != nil {
				return err
			}
			evidence, err := f.evidence(ctx, p, before)
			if err != nil || len(evidence) == 0 {
				return err
			}
			profiles := map[string]model.Profile{}
			for _, a := range addresses(evidence) {
				if err := f.ask(ctx, a, profiles, 0); err != nil {
					return err
				}
			}
			for _, profile := range profiles {
				evidence = append(evidence, directory.FromProfile(p, profile)...)
			}
			return f.grade(ctx, p, evidence, profiles, before)
		})
	}
	return group.Wait()
}

// ask adds the profile of an address, and of where it moved to, to profiles. A
// server that does not answer leaves the address unknown.
func (f *finder) ask(ctx context.Context, a model.Address, profiles map[string]model.Profile, moves int) error {
	if _, ok := profiles[a.Key()]; ok || moves > 3 {
		return nil
	}
	v, err, _ := f.asking.Do(a.Key(), func() (any, error) { return f.w.profile(ctx, a) })
	if err != nil {
		return err
	}
	profile := v.(model.Profile)
	profiles[a.Key()] = profile
	if profile.MovedTo != (model.Address{}) {
		return f.ask(ctx, profile.MovedTo, profiles, moves+1)
	}
	return nil
}

// profile returns what the server says of an address: from the cache, or asked.
// Only faults of ours are errors.
func (w *Worker) profile(ctx context.Context, a model.Address) (model.Profile, error) {
	if p, err := w.Store.Profile(ctx, a); err == nil || !errors.Is(err, model.ErrNotFound) {
		return p, err
	}
	host, err := w.Store.Host(ctx, a.Host)
	if err != nil {
		return model.Profile{}, err
	}
	if w.Now().Before(host.RestUntil) {
		return model.Profile{Address: a}, nil
	}
	p, err := w.Client.Check(ctx, a)
	if ctx.Err() != nil {
		return model.Profile{}, ctx.Err()
	}
	if notAsked(err) { // says nothing of the host
		return model.Profile{}, err
	}
	life := profileLife
	if err != nil || p.Existence != model.Exists {
		life = negativeLife
	}
	if err != nil {
		w.Log.Debug("address not checked", "host", a.Host, "error", err)
		p = model.Profile{Address: a, FetchedAt: w.Now()}
		if err := w.Store.HostFailed(ctx, a.Host, w.Now().Add(hostRest)); err != nil {
			return p, err
		}
	} else if err := w.Store.HostAnswered(ctx, a.Host); err != nil {
		return p, err
	}
	return p, w.Store.SaveProfile(ctx, a, p, w.Now().Add(life))
}

// evidence gathers what ties a Person, whose matches were before, to addresses,
// without the network.
func (f *finder) evidence(ctx context.Context, p model.Person, before []match.Match) ([]model.Evidence, error) {
	evidence, err := f.w.directory().Directory(ctx, p)
	if err != nil {
		return nil, err
	}
	evidence = append(evidence, directory.FromPerson(p)...)
	if p.Handle.Name != "" {
		evidence = append(evidence, f.said[strings.ToLower(p.Handle.Name)]...)
	}
	for _, m := range before { // what the Owner decided on is looked at again, found or not
		if m.Decision != "" {
			for _, e := range m.Evidence {
				if e.Source == match.SourceOwner {
					evidence = append(evidence, e)
				}
			}
		}
	}
	return evidence, nil
}

// known returns the profiles of the evidence's addresses that are in the cache.
func (f *finder) known(ctx context.Context, evidence []model.Evidence) map[string]model.Profile {
	profiles := map[string]model.Profile{}
	for _, a := range addresses(evidence) {
		if p, err := f.w.Store.Profile(ctx, a); err == nil {
			profiles[a.Key()] = p
		}
	}
	return profiles
}

func (f *finder) grade(ctx context.Context, p model.Person, evidence []model.Evidence, profiles map[string]model.Profile, before []match.Match) error {
	matches := match.Grades(p, evidence, profiles, f.w.Now())
	if len(matches) == 0 && len(before) == 0 {
		return nil
	}
	if err := f.w.Store.SaveMatches(ctx, f.h.lease.Run.MoveID, p.ID, matches); err != nil {
		return fmt.Errorf("person %s: %w", p.ID, err)
	}
	return nil
}

// saidInTweets reads the Move's tweets for addresses that the authors of
// retweeted tweets named as theirs.
func (w *Worker) saidInTweets(ctx context.Context, move string) (map[string][]model.Evidence, error) {
	said := map[string][]model.Evidence{}
	for t, err := range w.Store.Tweets(ctx, move) {
		if err != nil {
			return nil, err
		}
		handle, evidence := directory.FromTweet(t)
		if len(evidence) > 0 {
			key := strings.ToLower(handle)
			said[key] = append(said[key], evidence...)
		}
	}
	return said, nil
}

// addresses returns each address of the evidence once.
func addresses(evidence []model.Evidence) []model.Address {
	var found []model.Address
	seen := map[string]bool{}
	for _, e := range evidence {
		if key := e.Address.Key(); key != "" && !seen[key] {
			seen[key] = true
			found = append(found, e.Address)
		}
	}
	return found
}

// directory is the store that holds the directory index.
func (w *Worker) directory() *store.Store {
	if w.Directory != nil {
		return w.Directory
	}
	return w.Store
}
