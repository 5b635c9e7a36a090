package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// The stages of a find Run, in this order, kept in its cursor as "stage:place".
const (
	stageLocal  = "local"  // what is known here, at once; place is the last Person
	stageX      = "x"      // what X's API says of those whom only an archive names; place is the last Person
	stageCheck  = "check"  // what the servers say of the addresses; place counts how often it waited
	stageSearch = "search" // whom the Owner's own server knows; place is the last Person
	stageProbe  = "probe"  // the same user name elsewhere; place counts as for check
)

// sliceTime is how long a slice asks servers before others get their turn.
const sliceTime = 5 * time.Minute

// FindOptions are the options of a find Run.
type FindOptions struct {
	Offline bool   `json:"offline,omitempty"` // ask no server
	Again   bool   `json:"again,omitempty"`   // look only at those who were never found
	Account string `json:"account,omitempty"` // search on the server of this Account too
	Probe   bool   `json:"probe,omitempty"`   // ask for the same user name on the servers where most are
}

// Found is the result of a find Run.
type Found struct {
	Arrived int            `json:"arrived"` // found by this Run for the first time, at least Claimed
	Sources map[string]int `json:"sources"` // People of whom each source gave evidence that is at least a claim
}

// find looks for the People of a Move: first what is known here, so that the
// page has something within seconds, then the servers are asked. It may be run
// again at any time; decisions are kept.
func (w *Worker) find(ctx context.Context, h *holder) (store.Next, error) {
	o, err := options[FindOptions](h.lease.Run)
	if err != nil {
		return store.Next{}, err
	}
	move, err := w.Store.Move(ctx, h.lease.Run.MoveID)
	if err != nil {
		return store.Next{}, err
	}
	said, err := w.Store.SaidInTweets(ctx, move.ID)
	if err != nil {
		return store.Next{}, err
	}
	f := &finder{w: w, h: h, o: o, move: move, said: said, began: w.Now()}
	stage, place, _ := strings.Cut(h.lease.Run.Cursor, ":")
	for _, s := range []struct {
		name string
		do   func(ctx context.Context, place string) (store.Next, error)
	}{{stageLocal, f.local}, {stageX, f.x}, {stageCheck, f.check}, {stageSearch, f.search}, {stageProbe, f.probe}} {
		if stage != "" && stage != s.name {
			continue
		}
		stage = ""
		next, err := s.do(ctx, place)
		if errors.Is(err, errWished) {
			return f.wished(), nil
		}
		if err != nil || next.State != "" {
			return next, err
		}
		place = ""
	}
	return store.Next{State: store.RunDone}, f.finish(ctx)
}

// finder is one slice of a find Run.
type finder struct {
	w     *Worker
	h     *holder
	o     FindOptions
	move  store.Move
	said  map[string][]model.Evidence // in tweets, by lower-case handle
	began time.Time
}

func (f *finder) wished() store.Next {
	if f.h.wish() == store.WishCancel {
		return store.Next{State: store.RunCancelled}
	}
	return store.Next{State: store.RunPaused}
}

// stop tells whether the slice should end soon.
func (f *finder) stop() bool { return f.h.wish() != "" || f.w.Now().Sub(f.began) > sliceTime }

// people yields the People that the Run is about, so many at a time, after the
// one with that id.
func (f *finder) people(ctx context.Context, after string, size int, do func([]model.Person) error) error {
	part := make([]model.Person, 0, size)
	for p, err := range f.w.Store.PeopleFrom(ctx, f.move.ID, after) {
		if err != nil {
			return err
		}
		if f.o.Again && !p.ArrivedAt.IsZero() && p.ArrivedAt.Before(f.h.lease.Run.CreatedAt) {
			continue
		}
		if part = append(part, p); len(part) == size {
			if err := do(part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
	if len(part) == 0 {
		return nil
	}
	return do(part)
}

// local grades everybody by what is known here.
func (f *finder) local(ctx context.Context, after string) (store.Next, error) {
	counts, err := f.w.Store.PeopleCounts(ctx, f.move.ID)
	if err != nil {
		return store.Next{}, err
	}
	done := 0
	err = f.people(ctx, after, 1000, func(part []model.Person) error {
		if f.h.wish() != "" {
			return errWished
		}
		if err := f.regrade(ctx, part, nil); err != nil {
			return err
		}
		done += len(part)
		if err := f.h.lease.SetCursor(ctx, stageLocal+":"+part[len(part)-1].ID); err != nil {
			return err
		}
		return f.w.progress(f.h, counts.People, done, "looking at what is known here")
	})
	if err != nil {
		return store.Next{}, err
	}
	return store.Next{}, f.h.lease.SetCursor(ctx, stageX+":")
}

// finish says how the search came out, in words and in numbers.
func (f *finder) finish(ctx context.Context) error {
	counts, err := f.w.Store.PeopleCounts(ctx, f.move.ID)
	if err != nil {
		return err
	}
	found, err := f.count(ctx)
	if err != nil {
		return err
	}
	b, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("result of run %s: %w", f.h.lease.Run.ID, err)
	}
	if err := f.h.lease.SetResult(ctx, string(b)); err != nil {
		return err
	}
	for source, n := range found.Sources {
		if err := f.w.Store.CountSource(ctx, source, counts.People, n, 0); err != nil {
			return err
		}
	}
	if !f.o.Again { // the Owner is there: who came now is no news
		if err := f.w.Store.SeePeople(ctx, f.move.ID); err != nil {
			return err
		}
	}
	return f.h.lease.SetProgress(ctx, counts.People, counts.People, ended(counts))
}

// count counts who arrived in this Run, and what each source gave.
func (f *finder) count(ctx context.Context) (Found, error) {
	arrived, err := f.w.Store.CountArrived(ctx, f.move.ID, f.h.lease.Run.CreatedAt)
	if err != nil {
		return Found{}, err
	}
	found, last := Found{Arrived: arrived, Sources: map[string]int{}}, map[string]string{}
	err = f.w.Store.EvidenceFound(ctx, f.move.ID, match.Claimed, func(person string, evidence []model.Evidence) {
		for _, e := range evidence {
			if e.Tie != model.TieName && e.Tie != model.TieOther && last[e.Source] != person {
				last[e.Source] = person
				found.Sources[e.Source]++
			}
		}
	})
	return found, err
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
