package jobs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// FollowOptions are the options of a follow Run.
type FollowOptions struct {
	Import bool `json:"import,omitempty"` // hand the follows over as a file, where the server takes one
}

// relations carries follows, blocks or mutes over.
func (w *Worker) relations(ctx context.Context, h *holder) (store.Next, error) {
	a, err := w.act(ctx, h)
	if err != nil {
		return w.notNow(err)
	}
	defer a.end()
	if !a.cap.Follows || h.lease.Run.Kind == KindMutes && !a.cap.Mutes {
		return store.Next{}, fail("%s runs software that takes this from no other program. Use the CSV file instead.", a.account.Server)
	}
	if h.lease.Run.Cursor != store.Planned {
		if next, ok, err := a.planRelations(ctx); err != nil || !ok {
			return next, err
		}
	}
	if next, ok, err := a.afterImport(ctx); err != nil || !ok {
		return next, err
	}
	return a.steps(ctx, func(ctx context.Context, step *store.Step) (store.Next, bool, error) {
		if step.Kind == plan.KindImport {
			return a.importFollows(ctx, step)
		}
		return a.relate(ctx, step)
	})
}

// steps works on the Run's Steps, one by one, until nothing is left that can be
// done now. do brings one to its end or says how the slice ends.
func (a *actor) steps(ctx context.Context, do func(context.Context, *store.Step) (store.Next, bool, error)) (store.Next, error) {
	for {
		step, ok, err := a.h.lease.NextStep(ctx)
		if err != nil {
			return store.Next{}, err
		}
		if next, stop, err := a.wished(ctx, step); stop || err != nil {
			return next, err
		}
		if !ok {
			due, err := a.h.lease.NextDue(ctx)
			if err != nil || due.IsZero() {
				return store.Next{State: store.RunDone}, err
			}
			return a.waitFor(due), nil
		}
		if until := a.untilFor(familyAPI, calls(step.Kind)); !until.IsZero() {
			return a.waitFor(until), nil
		}
		if next, ok, err := do(ctx, &step); err != nil || !ok {
			return next, err
		}
		a.w.changed(ctx, a.h.lease.Run.MoveID)
		if a.hadTurn() {
			return a.waitFor(a.w.Now()), nil
		}
	}
}

// calls is how many calls a Step takes, where all goes well.
func calls(kind plan.Kind) int {
	switch kind {
	case plan.KindDelete, plan.KindUnlist, plan.KindImport:
		return 1
	case plan.KindList, plan.KindUnfollow, plan.KindUnblock, plan.KindUnmute:
		return 2
	}
	return 3
}

// planRelations works out what the Run is to do and keeps it as Steps.
func (a *actor) planRelations(ctx context.Context) (next store.Next, ok bool, err error) {
	run := a.h.lease.Run
	var steps []plan.Step
	switch run.Kind {
	case KindFollow:
		steps, next, ok, err = a.planFollows(ctx)
	default:
		ok = true
		steps, _, err = a.w.PlanOf(ctx, run.Kind, run.MoveID, a.account)
	}
	if err != nil || !ok {
		return next, ok, err
	}
	for i := range steps {
		if steps[i].ID == "" {
			steps[i].ID = store.NewID()
		}
		steps[i].RunID = run.ID
	}
	return next, true, a.h.lease.AddSteps(ctx, a.account.Address.Key(), steps)
}

// PlanOf returns the Steps that a follow, blocks, mutes or lists Run for the
// Account would make and what it would leave out, without asking anybody.
func (w *Worker) PlanOf(ctx context.Context, kind, move string, account model.Account) ([]plan.Step, []plan.Left, error) {
	switch kind {
	case KindFollow:
		return w.planFollows(ctx, move, account, nil)
	case KindLists:
		return w.planLists(ctx, move)
	}
	matches, people, err := w.chosen(ctx, move)
	if err != nil {
		return nil, nil, err
	}
	of := plan.Blocks
	if kind == KindMutes {
		of = plan.Mutes
	}
	steps, left := of(matches, people, account.Address)
	return steps, left, nil
}

// notAsked tells whether a server was not even asked, since we stopped, or since
// the queue, which keeps the pace for all workers, cannot be reached.
func notAsked(err error) bool {
	var unsent *fediverse.NotSentError
	return errors.As(err, &unsent) && unsent.Reason == fediverse.ReasonCancelled
}

// notNow lets a Run wait for a server that does not answer; other errors pass.
func (w *Worker) notNow(err error) (store.Next, error) {
	var unsent *fediverse.NotSentError
	var unknown *fediverse.UnknownError
	var limited *fediverse.RateLimitError
	var crowded *crowdedError
	switch now := w.Now(); {
	case errors.As(err, &crowded):
		return store.Next{State: store.RunWaiting, DueAt: now.Add(crowded.wait)}, nil
	case notAsked(err):
		return store.Next{}, err
	case errors.As(err, &limited):
		return silent(limited.Host, now.Add(limited.Wait)), nil
	case errors.As(err, &unknown):
		return silent(unknown.Host, now.Add(time.Minute)), nil
	case errors.As(err, &unsent):
		return silent(unsent.Host, now.Add(time.Minute)), nil
	}
	return store.Next{}, err
}

// planFollows works out whom to follow. Those already followed are left out as
// far as the server tells; each Step asks again.
func (a *actor) planFollows(ctx context.Context) (steps []plan.Step, next store.Next, ok bool, err error) {
	already, whole, next, ok, err := a.followed(ctx)
	if err != nil || !ok {
		return nil, next, false, err
	}
	steps, _, err = a.w.planFollows(ctx, a.h.lease.Run.MoveID, a.account, already)
	if err != nil {
		return nil, next, false, err
	}
	o, err := options[FollowOptions](a.h.lease.Run)
	if err == nil && o.Import && a.cap.ImportAPI && whole && len(steps) >= LeastImport {
		steps = importFirst(steps)
	}
	return steps, next, err == nil, err
}

// followed reads whom the Account follows, by Address.Key, as far as the server
// tells; whole is false where it does not tell all. A file of follows needs the
// whole list: afterwards nobody can tell whom the Account followed before.
func (a *actor) followed(ctx context.Context) (already map[string]bool, whole bool, next store.Next, ok bool, err error) {
	if until := a.until(familyPaging); !until.IsZero() {
		return nil, false, a.waitFor(until), false, nil
	}
	already, whole = map[string]bool{}, true
	for address, err := range a.session.FollowingList(ctx, a.account.RemoteID) {
		if len(already)%80 == 79 && !a.until(familyPaging).IsZero() {
			whole = false // each Step asks again
			break
		}
		if a.h.wish() != "" && !a.imported { // after a file it is read before cancelling
			return nil, false, a.waitFor(a.w.Now()), false, nil
		}
		if err != nil {
			if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
				return nil, false, next, false, err
			}
			whole = false
			break
		}
		already[address.Key()] = true
	}
	return already, whole, next, true, nil
}

// chosen returns the matches that would be acted on, with their People.
func (w *Worker) chosen(ctx context.Context, move string) ([]match.Match, map[string]model.Person, error) {
	var matches []match.Match
	ids := map[string]bool{}
	for m, err := range w.Store.ChosenMatches(ctx, move) {
		if err != nil {
			return nil, nil, err
		}
		matches, ids[m.PersonID] = append(matches, m), true
	}
	people := map[string]model.Person{}
	for p, err := range w.Store.People(ctx, move) {
		if err != nil {
			return nil, nil, err
		}
		if ids[p.ID] || slices.Contains(p.Relations, model.Blocking) || slices.Contains(p.Relations, model.Muting) {
			people[p.ID] = p
		}
	}
	return matches, people, nil
}

// planFollows is PlanOf for follows. Besides those in already, whom its
// earlier Runs have followed is left out.
func (w *Worker) planFollows(ctx context.Context, move string, account model.Account, already map[string]bool) ([]plan.Step, []plan.Left, error) {
	followed, err := w.Store.Followed(ctx, account.ID)
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(followed, already)
	matches, people, err := w.chosen(ctx, move)
	if err != nil {
		return nil, nil, err
	}
	out, err := w.optedOut(ctx, matches)
	if err != nil {
		return nil, nil, err
	}
	steps, left := plan.Follows(matches, people, followed, plan.FollowLimit{
		OptedOut: out, Self: account.Address, Following: account.Following, Followers: account.Followers,
		Unlimited: account.Software == "gotosocial",
	})
	return steps, left, nil
}
