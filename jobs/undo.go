package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// UndoOptions are the options of an undo Run.
type UndoOptions struct {
	Run string `json:"run"` // the Run that is taken back
}

// undo takes back what another Run of the same Account did, the latest first.
// What that Run adopted, or found there, was not its doing and stays.
func (w *Worker) undo(ctx context.Context, h *holder) (store.Next, error) {
	o, err := options[UndoOptions](h.lease.Run)
	if err != nil {
		return store.Next{}, err
	}
	a, err := w.act(ctx, h)
	if err != nil {
		return w.notNow(err)
	}
	defer a.end()
	if h.lease.Run.Cursor != store.Planned {
		r, err := w.Undoable(ctx, h.lease.Run.MoveID, o.Run)
		switch {
		case errors.Is(err, model.ErrConflict):
			return store.Next{}, fail("%s", sentence(err))
		case errors.Is(err, model.ErrNotFound):
			return store.Next{}, fail("What is to be taken back is not there any more.")
		case err != nil:
			return store.Next{}, err
		case r.AccountID != a.account.ID:
			return store.Next{}, fail("This was done with another account, and only that one can take it back.")
		}
		steps, err := w.PlanUndo(ctx, o.Run)
		if err != nil {
			return store.Next{}, err
		}
		for i := range steps {
			steps[i].RunID = h.lease.Run.ID
		}
		if err := h.lease.AddSteps(ctx, a.account.Address.Key(), steps); err != nil {
			return store.Next{}, err
		}
	}
	return a.steps(ctx, func(ctx context.Context, step *store.Step) (store.Next, bool, error) {
		switch step.Kind {
		case plan.KindDelete:
			return a.remove(ctx, step, familyDeletes, a.session.Delete)
		case plan.KindUnlist:
			return a.unlist(ctx, step)
		case plan.KindUnmember:
			return a.unmember(ctx, step)
		}
		return a.relate(ctx, step)
	})
}

// Undoable returns a Run that can be taken back: one that is over and did
// something. Others are ErrConflict.
func (w *Worker) Undoable(ctx context.Context, move, run string) (store.Run, error) {
	r, err := w.Store.Run(ctx, move, run)
	switch {
	case err != nil:
		return r, err
	case r.AccountID == "" || r.Kind == KindUndo:
		return r, fmt.Errorf("nothing of this can be taken back: %w", model.ErrConflict)
	case r.State != store.RunDone && r.State != store.RunCancelled:
		return r, fmt.Errorf("cancel this first, then it can be taken back: %w", model.ErrConflict)
	}
	return r, nil
}

// PlanUndo returns the Steps that take a Run back, without asking anybody.
func (w *Worker) PlanUndo(ctx context.Context, run string) ([]plan.Step, error) {
	var steps []plan.Step
	for before := 1 << 31; ; {
		done, err := w.Store.StepsToUndo(ctx, run, before, 500)
		if err != nil {
			return nil, err
		}
		for _, d := range done {
			before = d.Seq
			kind, ok := d.Kind.Undo()
			if !ok {
				continue
			}
			steps = append(steps, plan.Step{
				ID: store.NewID(), Seq: len(steps) + 1, Kind: kind, Undoes: d.ID, List: d.List, Address: d.Address, PersonID: d.PersonID,
				TweetID: d.TweetID, Part: d.Part, State: ledger.StatePlanned,
			})
		}
		if len(done) < 500 {
			return steps, nil
		}
	}
}

// unmember takes somebody out of a list that the Run put them into.
func (a *actor) unmember(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	put, err := a.w.Store.StepByID(ctx, step.Undoes)
	if err != nil {
		return next, false, err
	}
	list, err := a.w.Store.StepByID(ctx, put.ParentID)
	if err != nil {
		return next, false, err
	}
	return a.remove(ctx, step, familyAPI, func(ctx context.Context, account string) error {
		return a.session.RemoveFromList(ctx, list.ResultID, account)
	})
}

// unlist deletes a list that the Run made. By now those whom the Run put in are
// out; one in which somebody is nevertheless is the Owner's by now.
func (a *actor) unlist(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	made, err := a.w.Store.StepByID(ctx, step.Undoes)
	if err != nil {
		return next, false, err
	}
	_, members, err := a.session.ListMembers(ctx, made.ResultID)
	switch {
	case errors.Is(err, model.ErrNotFound): // gone, which the deletion finds out too
	case err != nil:
		if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		return next, true, a.leave(ctx, step, OutcomeKept, made.ResultID, "the server does not say who is in this list, so it stays")
	case members > 0:
		return next, true, a.leave(ctx, step, OutcomeKept, made.ResultID, "others are in this list by now, so it stays")
	}
	return a.remove(ctx, step, familyAPI, a.session.DeleteList)
}

// remove deletes a post or a list that a Step made, or takes somebody out of a
// list. Deleting again changes nothing, so that a lost answer is simply asked for
// again; what is gone is gone.
func (a *actor) remove(ctx context.Context, step *store.Step, family string, do func(context.Context, string) error) (next store.Next, ok bool, err error) {
	if step.State == ledger.StateSent {
		if next, ok := a.rested(step); !ok {
			return next, false, nil
		}
		if err := a.again(ctx, step); err != nil || step.State != ledger.StatePlanned || a.h.wish() != "" {
			return next, true, err
		}
	}
	if until := a.until(family); !until.IsZero() {
		return a.waitFor(until), false, nil
	}
	made, err := a.w.Store.StepByID(ctx, step.Undoes)
	if err != nil {
		return next, false, err
	}
	sendCtx, cancel, err := a.send(ctx, step, step.Attempt+1, store.Sent{RemoteID: made.ResultID})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	o := store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeUndone, ResultID: made.ResultID}
	if err := do(sendCtx, made.ResultID); errors.Is(err, model.ErrNotFound) {
		if step.Attempt == 1 { // else it was the request that was not answered
			o.Outcome, o.Reason = OutcomeAlready, "it was gone already"
		}
	} else if err != nil {
		return a.failed(ctx, step, family, err)
	}
	a.w.refused.Delete(step.RunID)
	return next, true, a.undone(context.WithoutCancel(ctx), step, o)
}
