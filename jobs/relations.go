package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// What became of a Step that changes how the Account stands to somebody.
const (
	OutcomeFollowed    = "followed"
	OutcomeRequested   = "requested" // the other side has to say yes
	OutcomeMoved       = "moved"     // followed at the address that the account moved to
	OutcomeBlocked     = "blocked"
	OutcomeMuted       = "muted"
	OutcomeAlready     = "already"     // it was so before
	OutcomeUnreachable = "unreachable" // the Account's server does not find the address
	OutcomeOptedOut    = "opted out"   // its holder does not want to be found here
	OutcomeUndone      = "undone"
	OutcomeKept        = "kept" // not taken back, since it is not ours alone
)

// verb is one way to change how the Account stands to somebody.
type verb struct {
	family  string
	outcome string
	already string // why nothing is to be done
	is      func(fediverse.Relationship) bool
	forbids func(fediverse.Relationship) string
	do      func(*fediverse.Session, context.Context, string) (fediverse.Relationship, error)
}

func allowed(fediverse.Relationship) string { return "" }

var verbs = map[plan.Kind]verb{
	plan.KindFollow: {
		family: familyFollows, outcome: OutcomeFollowed, already: "you follow this account already",
		is: func(r fediverse.Relationship) bool { return r.Following || r.Requested },
		forbids: func(r fediverse.Relationship) string {
			if r.Blocking {
				return "you block this account"
			}
			return ""
		},
		do: (*fediverse.Session).Follow,
	},
	plan.KindBlock: {
		family: familyAPI, outcome: OutcomeBlocked, already: "you block this account already",
		is: func(r fediverse.Relationship) bool { return r.Blocking }, forbids: allowed, do: (*fediverse.Session).Block,
	},
	plan.KindMute: {
		family: familyAPI, outcome: OutcomeMuted, already: "you mute this account already",
		is: func(r fediverse.Relationship) bool { return r.Muting }, forbids: allowed, do: (*fediverse.Session).Mute,
	},
	plan.KindUnfollow: {
		family: familyAPI, outcome: OutcomeUndone, already: "you do not follow this account any more",
		is: func(r fediverse.Relationship) bool { return !r.Following && !r.Requested }, forbids: allowed, do: (*fediverse.Session).Unfollow,
	},
	plan.KindUnblock: {
		family: familyAPI, outcome: OutcomeUndone, already: "you do not block this account any more",
		is: func(r fediverse.Relationship) bool { return !r.Blocking }, forbids: allowed, do: (*fediverse.Session).Unblock,
	},
	plan.KindUnmute: {
		family: familyAPI, outcome: OutcomeUndone, already: "you do not mute this account any more",
		is: func(r fediverse.Relationship) bool { return !r.Muting }, forbids: allowed, do: (*fediverse.Session).Unmute,
	},
}

// relate brings one Step to its end, or as far as it may go now; ok is false
// if the slice ends with next. A Step that is found as sent is looked up first,
// never simply done again. Calling again is safe.
func (a *actor) relate(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	v := verbs[step.Kind]
	if step.State == ledger.StateSent {
		if next, ok, err := a.lookAfter(ctx, step, v); err != nil || !ok {
			return next, ok, err
		}
		if step.State != ledger.StatePlanned || a.h.wish() != "" { // nothing more is sent against a wish
			return next, true, nil
		}
	}
	remote, next, ok, err := a.resolve(ctx, step)
	if err != nil || !ok || step.State != ledger.StatePlanned {
		return next, ok, err
	}
	out, err := a.w.unwanted(ctx, *step, remote.Address)
	if err != nil {
		return next, false, err
	}
	if out && !a.imported { // what a file asked for stands, and has to be known to be taken back
		return next, true, a.leave(ctx, step, OutcomeOptedOut, "", plan.LeftOptedOut)
	}
	relation, err := a.session.Relationship(ctx, remote.ID)
	if err != nil {
		gone := step.Undoes != "" && errors.Is(err, model.ErrNotFound)
		if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		if gone {
			return next, true, a.undone(ctx, step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeAlready, ResultID: remote.ID, Reason: "this account is gone"})
		}
		return next, true, a.leave(ctx, step, OutcomeUnreachable, "", "the server does not say how you stand to this account")
	}
	if why := v.forbids(relation); why != "" {
		return next, true, a.leave(ctx, step, OutcomeBlocked, "", why)
	}
	if v.is(relation) {
		return next, true, a.isSo(ctx, step, v, relation, remote)
	}
	if out {
		return next, true, a.leave(ctx, step, OutcomeOptedOut, "", plan.LeftOptedOut)
	}
	if until := a.until(v.family); !until.IsZero() {
		return a.waitFor(until), false, nil
	}
	sent := store.Sent{RemoteID: remote.ID}
	if step.Kind == plan.KindFollow && remote.Address.Key() != step.Address.Key() {
		sent.Moved = remote.Address.String()
	}
	sendCtx, cancel, err := a.send(ctx, step, step.Attempt+1, sent)
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	relation, err = v.do(a.session, sendCtx, remote.ID)
	if err != nil {
		return a.failed(ctx, step, v.family, err)
	}
	return next, true, a.related(ctx, step, v, relation, false)
}

// resolve finds the account of a Step at the own server, or where it moved to.
// One that is taken back is known by its id.
func (a *actor) resolve(ctx context.Context, step *store.Step) (remote fediverse.Remote, next store.Next, ok bool, err error) {
	if step.Undoes != "" {
		done, err := a.w.Store.StepByID(ctx, step.Undoes)
		if err != nil || done.ResultID != "" {
			return fediverse.Remote{ID: done.ResultID, Address: step.Address}, next, err == nil, err
		} // of a follow by a file no id is known
	}
	address := step.Address
	for range longestMove + 1 {
		remote, err = a.session.Resolve(ctx, address)
		if err != nil {
			if a.hopeless(ctx, step, err) {
				return remote, next, true, a.leave(ctx, step, OutcomeUnreachable, "", "the server fails on this account")
			}
			if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
				return remote, next, ok, err
			}
			return remote, next, true, a.leave(ctx, step, OutcomeUnreachable, "", fmt.Sprintf("%s does not find this account", a.account.Server))
		}
		follows := step.Kind == plan.KindFollow || step.Kind == plan.KindMember
		if to := remote.Profile.MovedTo; !follows || to == (model.Address{}) || to.Key() == step.Address.Key() {
			return remote, next, true, nil
		}
		address = remote.Profile.MovedTo
	}
	return remote, next, true, a.leave(ctx, step, OutcomeUnreachable, "", "this account moved too often")
}

// leave ends a Step that is not to be done.
func (a *actor) leave(ctx context.Context, step *store.Step, outcome, remote, reason string) error {
	return a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: outcome, ResultID: remote, Reason: reason})
}

// isSo ends a Step where nothing is to be done. Something that should be taken
// back and is gone has been taken back, and a follow of an imported file is ours,
// unless the account has moved: the new one may have been followed before.
func (a *actor) isSo(ctx context.Context, step *store.Step, v verb, r fediverse.Relationship, remote fediverse.Remote) error {
	switch {
	case step.Undoes != "":
		return a.undone(ctx, step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeAlready, ResultID: remote.ID, Reason: v.already})
	case a.imported && remote.Address.Key() == step.Address.Key():
		if err := a.passed(ctx, step, store.Sent{RemoteID: remote.ID}); err != nil {
			return err
		}
		return a.related(ctx, step, v, r, false)
	}
	return a.leave(ctx, step, OutcomeAlready, remote.ID, v.already)
}

// passed lets a Step that is confirmed without a request of its own pass through
// sent: nothing else may be confirmed.
func (a *actor) passed(ctx context.Context, step *store.Step, sent store.Sent) error {
	if step.State != ledger.StatePlanned {
		return nil
	}
	sent.At, sent.Deadline = a.w.Now(), a.w.Now()
	if err := a.h.lease.SetSent(ctx, *step, step.Attempt+1, sent); err != nil {
		return err
	}
	step.State, step.Attempt, step.Sent = ledger.StateSent, step.Attempt+1, sent
	return nil
}

// undone keeps that a Step took another one back.
func (a *actor) undone(ctx context.Context, step *store.Step, o store.Outcome) error {
	if err := a.passed(ctx, step, store.Sent{}); err != nil {
		return err
	}
	if err := a.h.lease.FinishUndo(ctx, *step, o); err != nil {
		return err
	}
	step.State = o.State
	return nil
}

// lookAfter finds out what became of a request that was sent and not answered.
func (a *actor) lookAfter(ctx context.Context, step *store.Step, v verb) (next store.Next, ok bool, err error) {
	action, when := ledger.Recover(ledger.Sent{
		Attempt: step.Attempt, At: step.Sent.At, Deadline: step.Sent.Deadline, Rest: a.rest,
	}, a.w.Now())
	if action == ledger.Wait {
		return a.waitFor(when), false, nil
	}
	relation, err := a.session.Relationship(ctx, step.Sent.RemoteID)
	readable := err == nil
	if err != nil {
		if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
	}
	verdict := ledger.RelationJudge(step.Sent.Before, v.is(relation), readable)
	if verdict.State == ledger.StateConfirmed {
		return next, true, a.related(ctx, step, v, relation, verdict.Adopted)
	}
	if verdict.State == ledger.StatePlanned && readable {
		return next, true, a.again(ctx, step)
	}
	return next, true, a.finish(ctx, step, store.Outcome{State: verdict.State, Reason: "the server does not say whether it is so already"})
}

// related keeps what a request came to.
func (a *actor) related(ctx context.Context, step *store.Step, v verb, r fediverse.Relationship, adopted bool) error {
	o := store.Outcome{State: ledger.StateConfirmed, Outcome: v.outcome, ResultID: step.Sent.RemoteID, Adopted: adopted}
	a.w.refused.Delete(step.RunID)
	if step.Undoes != "" {
		return a.undone(ctx, step, o)
	}
	switch {
	case step.Kind != plan.KindFollow:
	case !r.Following && r.Requested:
		o.Outcome = OutcomeRequested
	case step.Sent.Moved != "":
		o.Outcome = OutcomeMoved
	}
	if step.Sent.Moved != "" {
		o.Reason = "the account moved to " + step.Sent.Moved
	}
	return a.finish(ctx, step, o)
}
