package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// How long an answer of a server counts, and how many servers are asked at once.
// The budget per host keeps any one of them from being hurried; two requests to
// a host may be under way.
const (
	profileLife  = 7 * 24 * time.Hour
	negativeLife = 6 * time.Hour
	hostRest     = 6 * time.Hour
	hostsAtOnce  = 256
	perHost      = 2
)

// A server that says 429 is asked again after what it says, at most mostWaits
// times in a Run and after an hour at most.
const (
	mostWaits   = 3
	longestWait = time.Hour
)

// question is an address that a server is asked about, for some People.
type question struct {
	address model.Address
	after   time.Time // a profile that was read before is too old
	rows    []store.DirectoryAccount
	people  []string
	probe   bool // there is no evidence but the same user name
	profile model.Profile
}

// questions are all that is to be asked in a stage.
type questions struct {
	byHost map[string][]*question
	byKey  map[string]*question
	people map[string]model.Person
}

func newQuestions() *questions {
	return &questions{byHost: map[string][]*question{}, byKey: map[string]*question{}, people: map[string]model.Person{}}
}

// add notes that a is to be asked about for p.
func (q *questions) add(a model.Address, p model.Person) *question {
	it := q.byKey[a.Key()]
	if it == nil {
		it = &question{address: a}
		q.byKey[a.Key()] = it
		q.byHost[a.Host] = append(q.byHost[a.Host], it)
	}
	if !slices.Contains(it.people, p.ID) {
		it.people = append(it.people, p.ID)
	}
	q.people[p.ID] = p
	return it
}

// open adds the addresses of a Person that nothing recent is known of, and the
// rows of directories that have to be read again before they count.
func (g *gathered) open(f *finder, q *questions, p model.Person) {
	for _, e := range g.evidence[p.ID] {
		a := e.Address
		for range longestMove + 1 {
			if !g.fresh[a.Key()] {
				q.add(a, p)
				break
			}
			if a = g.profiles[a.Key()].MovedTo; a == (model.Address{}) {
				break
			}
		}
	}
	for key, rows := range g.rows {
		for _, row := range rows {
			unread := !g.fresh[key] || g.profiles[key].FetchedAt.Before(row.ReadAt)
			if strings.EqualFold(row.Handle, p.Handle.Name) && !row.Showable(f.w.Now()) && unread {
				it := q.add(row.Address, p)
				it.rows, it.after = append(it.rows, row), row.ReadAt
			}
		}
	}
}

// check asks the servers about all addresses that nothing recent is known of.
func (f *finder) check(ctx context.Context, place string) (store.Next, error) {
	if f.o.Offline {
		return store.Next{}, nil
	}
	q := newQuestions()
	err := f.people(ctx, "", 500, func(part []model.Person) error {
		if f.h.wish() != "" {
			return errWished
		}
		g, err := f.gather(ctx, part, nil)
		if err != nil {
			return err
		}
		for _, p := range part {
			g.open(f, q, p)
		}
		return nil
	})
	if err != nil {
		return store.Next{}, err
	}
	if next, err := f.ask(ctx, q, stageCheck, place, "asking the servers"); err != nil || next.State != "" {
		return next, err
	}
	return store.Next{}, f.h.lease.SetCursor(ctx, stageSearch+":")
}

// ask asks all questions, each host at its own pace, and grades the People
// whom the answers are about as they come in. It ends early, with how the Run
// goes on, when the slice has lasted long enough or servers ask to wait.
func (f *finder) ask(ctx context.Context, q *questions, stage, place, text string) (store.Next, error) {
	waits, _ := strconv.Atoi(place)
	hosts := make([]string, 0, len(q.byHost))
	for host := range q.byHost {
		hosts = append(hosts, host)
	}
	slices.SortFunc(hosts, func(a, b string) int { return len(q.byHost[b]) - len(q.byHost[a]) }) // the longest takes longest
	answered := make(chan *question, 64)
	limited := make(chan *fediverse.RateLimitError, len(hosts))
	group, asking := errgroup.WithContext(ctx)
	group.Go(func() error {
		each, asking := errgroup.WithContext(asking)
		each.SetLimit(hostsAtOnce)
		for _, host := range hosts {
			each.Go(func() error { return f.askHost(asking, q.byHost[host], waits >= mostWaits, answered, limited) })
		}
		defer close(answered)
		return each.Wait()
	})
	group.Go(func() error { return f.collect(asking, q, answered, text) })
	if err := group.Wait(); err != nil {
		return store.Next{}, err
	}
	switch {
	case f.h.wish() != "":
		return store.Next{}, errWished
	case len(limited) > 0:
		due := f.w.Now().Add(longestWait)
		for range len(limited) {
			if at := f.w.Now().Add((<-limited).Wait); at.Before(due) {
				due = at
			}
		}
		return store.Next{State: store.RunWaiting, DueAt: due}, f.h.lease.SetCursor(ctx, stage+":"+strconv.Itoa(waits+1))
	case f.stop():
		return store.Next{State: store.RunWaiting}, f.h.lease.SetCursor(ctx, stage+":"+place)
	}
	return store.Next{}, nil
}

// askHost asks the questions of one host. One that wants us to wait is left
// alone for now, unless this is the last time.
func (f *finder) askHost(ctx context.Context, list []*question, last bool, answered chan<- *question, limited chan<- *fediverse.RateLimitError) error {
	group, ctx := errgroup.WithContext(ctx)
	todo := make(chan *question, len(list))
	for _, it := range list {
		todo <- it
	}
	close(todo)
	wait := make(chan struct{})
	for range min(perHost, len(list)) {
		group.Go(func() error {
			for it := range todo {
				select {
				case <-wait:
					return nil
				default:
				}
				if f.stop() {
					return nil
				}
				err := f.askOne(ctx, it, last)
				var limit *fediverse.RateLimitError
				if errors.As(err, &limit) {
					select {
					case limited <- limit: // the first of this host; it has one place
						close(wait)
					default:
					}
					return nil
				}
				if err != nil {
					return err
				}
				select {
				case answered <- it:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// askOne asks about one address, and about where it moved to.
func (f *finder) askOne(ctx context.Context, it *question, last bool) error {
	profile, err := f.w.profile(ctx, it.address, it.after, last)
	if err != nil {
		return err
	}
	it.profile = profile
	for _, row := range it.rows {
		if _, err := f.w.confirmDirectory(ctx, row, profile); err != nil {
			return err
		}
	}
	for range longestMove {
		if profile.MovedTo == (model.Address{}) {
			break
		}
		if profile, err = f.w.profile(ctx, profile.MovedTo, time.Time{}, last); err != nil {
			return err
		}
	}
	return nil
}

// collect grades the People whom answers are about, at most once a second.
func (f *finder) collect(ctx context.Context, q *questions, answered <-chan *question, text string) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	due, more, done := map[string]bool{}, map[string][]model.Evidence{}, 0
	flush := func() error {
		people := make([]model.Person, 0, len(due))
		for id := range due {
			people = append(people, q.people[id])
		}
		for part := range slices.Chunk(people, 500) {
			if err := f.regrade(ctx, part, more); err != nil {
				return err
			}
		}
		clear(due)
		clear(more)
		return f.w.progress(f.h, len(q.byKey), done, text)
	}
	for {
		select {
		case it, ok := <-answered:
			if !ok {
				return flush()
			}
			done++
			for _, id := range it.people {
				due[id] = true
				if it.probe && it.profile.Existence == model.Exists {
					more[id] = append(more[id], probed(it.profile, f.w.Now()))
				}
			}
			if len(due) < 500 {
				continue
			}
		case <-tick.C:
		}
		if err := flush(); err != nil {
			return err
		}
	}
}

// probed is the evidence that an account of the same user name is there.
func probed(p model.Profile, now time.Time) model.Evidence {
	return model.Evidence{
		Address: p.Address, Source: directory.SourceProbe, Side: model.FediverseSide, Tie: model.TieName,
		Text: "The same user name on " + p.Address.Host, At: now.UTC(),
	}
}

// profile returns what the server says of an address: from the cache, if it was
// read after that time, or asked. A server that gives no answer leaves it
// unknown for a while. Errors are faults of ours, or, unless this is the last
// time, a RateLimitError.
func (w *Worker) profile(ctx context.Context, a model.Address, after time.Time, last bool) (model.Profile, error) {
	cached, err := w.Store.Profiles(ctx, []model.Address{a})
	if err != nil {
		return model.Profile{}, err
	}
	if p, ok := cached[a.Key()]; ok && !p.FetchedAt.Before(after) {
		return p, nil
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
	var limited *fediverse.RateLimitError
	if notAsked(err) || errors.As(err, &limited) && !last { // says nothing of the address
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
	if err := w.Store.SaveProfile(ctx, a, p, w.Now().Add(life)); err != nil {
		return p, fmt.Errorf("profile: %w", err)
	}
	return p, nil
}
