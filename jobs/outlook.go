package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// Outlook is how a Run that is under way goes, and what it has before it.
type Outlook struct {
	LastHour  int           // Steps that it confirmed within the last hour
	TimeLeft  time.Duration // zero if nothing can be said
	Allowance plan.Window   // what it waits for first; zero if the server did not say or its window is over
}

// postsResult is what a posts Run keeps when it is planned.
type postsResult struct {
	Media int `json:"media"` // files of all its Steps
}

// keepMedia notes how many files the Run has to upload: servers limit them apart.
func (p *poster) keepMedia(ctx context.Context, files int) error {
	b, err := json.Marshal(postsResult{files})
	if err != nil {
		return fmt.Errorf("result of run %s: %w", p.h.lease.Run.ID, err)
	}
	return p.h.lease.SetResult(ctx, string(b))
}

// acting says what most Steps of a kind of Run do, and which allowance they use.
var acting = map[string]struct {
	step   plan.Kind
	family string
}{
	KindPosts:  {plan.KindPost, familyStatuses},
	KindFollow: {plan.KindFollow, familyFollows},
	KindBlocks: {plan.KindBlock, familyAPI},
	KindMutes:  {plan.KindMute, familyAPI},
	KindLists:  {plan.KindMember, familyAPI},
}

// Outlook tells how a Run goes whose Steps are in those states, from what is
// known here and without asking anybody. One that does not run by itself has none.
func (w *Worker) Outlook(ctx context.Context, r store.Run, steps map[ledger.State]int) (Outlook, error) {
	var o Outlook
	if r.State != store.RunWaiting && r.State != store.RunRunning {
		return o, nil
	}
	left := steps[ledger.StatePlanned] + steps[ledger.StateSent]
	if left == 0 {
		return o, nil
	}
	undone, err := w.undone(ctx, r)
	if err != nil {
		return o, err
	}
	does := acting[undone.Kind]
	if undone.ID != r.ID {
		does.step, _ = does.step.Undo()
		does.family = familyAPI
		if undone.Kind == KindPosts {
			does.family = familyDeletes
		}
	}
	if o.LastHour, err = w.Store.ConfirmedSince(ctx, r, does.step, w.Now().Add(-time.Hour)); err != nil {
		return o, err
	}
	account, c, err := w.actsFor(ctx, r)
	if err != nil || c.Software == "" { // not known just now: a slice of the Run asks again
		return o, err
	}
	l, err := w.limitsBeside(ctx, account, c, r.ID)
	if err != nil {
		return o, err
	}
	if c.LimitsByAddress() {
		does.family = familyAPI
	}
	if known := l.Known[does.family]; known.Max > 0 && known.Reset.After(w.Now()) {
		o.Allowance = known
	}
	if r.State == store.RunWaiting && r.DueAt.After(l.Now) {
		l.Now = r.DueAt
	}
	all := 0
	for _, n := range steps {
		all += n
	}
	work, err := workOf(l, r, undone.Kind, left, all, c)
	if err != nil {
		return o, err
	}
	o.TimeLeft = l.Estimate(work).Duration + l.Now.Sub(w.Now())
	return o, nil
}

// limitsBeside is PlanLimits for a Run that is there already: it is not beside
// itself. A Run whose Steps are not worked out yet has none to count.
func (w *Worker) limitsBeside(ctx context.Context, account model.Account, c fediverse.Capability, run string) (plan.Limits, error) {
	l := plan.Limits{Software: c.Software, Reserve: w.Reserve, Writes: w.WritesPerSecond, Now: w.Now(), Known: map[string]plan.Window{}}
	stored, err := w.Store.Limits(ctx, limitSubject(account, c))
	if err != nil {
		return l, err
	}
	for family, n := range stored {
		l.Known[family] = plan.Window{Max: n.Max, Remaining: n.Remaining, Reset: n.ResetAt}
	}
	host := ""
	if c.LimitsByAddress() {
		host = account.Server
	}
	beside, err := w.Store.RunsBeside(ctx, run, account.ID, host)
	if err != nil {
		return l, err
	}
	for _, b := range beside {
		undone, err := w.undone(ctx, b.Run)
		if errors.Is(err, model.ErrNotFound) || b.Left == 0 {
			continue
		}
		if err != nil {
			return l, err
		}
		work, err := workOf(l, b.Run, undone.Kind, b.Left, b.Steps, c)
		if err != nil {
			return l, err
		}
		if b.Run.State == store.RunWaiting {
			work = work.From(b.Run.DueAt)
		}
		l.Beside = append(l.Beside, work)
	}
	return l, nil
}

// actsFor returns whom a Run acts for, and what is known of the server without
// asking it.
func (w *Worker) actsFor(ctx context.Context, r store.Run) (a model.Account, c fediverse.Capability, err error) {
	move, err := w.Store.Move(ctx, r.MoveID)
	if err != nil {
		return a, c, err
	}
	if a, err = w.Store.OwnAccount(ctx, move.OwnerID, r.AccountID); err != nil {
		return a, c, err
	}
	host, err := w.Store.Host(ctx, a.Server)
	if err != nil || host.Capability == "" {
		return a, c, err
	}
	if json.Unmarshal([]byte(host.Capability), &c) != nil { // written by another release
		return a, fediverse.Capability{}, nil
	}
	return a, c, nil
}

// undone is the Run that an undo Run takes back, else the Run itself.
func (w *Worker) undone(ctx context.Context, r store.Run) (store.Run, error) {
	if r.Kind != KindUndo {
		return r, nil
	}
	o, err := options[UndoOptions](r)
	if err != nil {
		return r, err
	}
	return w.Store.Run(ctx, r.MoveID, o.Run)
}

// workOf is what is left of a Run, of all of whose Steps so many.
func workOf(l plan.Limits, r store.Run, undone string, left, all int, c fediverse.Capability) (plan.Work, error) {
	switch {
	case r.Kind == KindUndo && undone == KindPosts:
		return l.UndoWork(left, 0), nil
	case r.Kind == KindUndo:
		return l.UndoWork(0, left), nil
	case r.Kind == KindFollow:
		return l.FollowsWork(left), nil
	case r.Kind != KindPosts:
		return l.RelationsWork(left), nil
	}
	o, err := options[PostsOptions](r)
	if err != nil {
		return plan.Work{}, err
	}
	var kept postsResult
	if r.Result != "" {
		if err := json.Unmarshal([]byte(r.Result), &kept); err != nil {
			return plan.Work{}, fmt.Errorf("result of run %s: %w", r.ID, err)
		}
	}
	return l.PostsWork(plan.Pace{
		Statuses: left, Media: kept.Media * left / all, Software: c.Software, Quiet: c.Backdates && !o.AsNew, PerHour: o.perHour(c),
	}), nil
}
