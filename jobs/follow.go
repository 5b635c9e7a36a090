package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// What became of a follow.
const (
	OutcomeFollowed    = "followed"
	OutcomeRequested   = "requested"   // the other side has to say yes
	OutcomeAlready     = "already"     // followed, or asked for, before
	OutcomeUnreachable = "unreachable" // the Account's server does not find the address
	OutcomeOptedOut    = "opted out"   // its holder does not want to be found here
)

// follow carries the chosen matches over as follows of the Account.
func (w *Worker) follow(ctx context.Context, h *holder) (store.Next, error) {
	a, err := w.act(ctx, h)
	if err != nil {
		return w.notNow(err)
	}
	defer a.keepLimits()
	if !a.cap.Follows {
		return store.Next{}, fail("%s runs software that takes no follows from other programs. Use the CSV file instead.", a.account.Server)
	}
	if h.lease.Run.Cursor != store.Planned {
		if next, ok, err := a.planFollows(ctx); err != nil || !ok {
			return next, err
		}
	}
	for {
		step, ok, err := h.lease.NextStep(ctx)
		if err != nil {
			return store.Next{}, err
		}
		if next, stop, err := a.wished(ctx, step); stop || err != nil {
			return next, err
		}
		if !ok {
			return store.Next{State: store.RunDone}, nil
		}
		if until := a.until(familyFollows); !until.IsZero() {
			return a.waitFor(until), nil
		}
		if next, ok, err := a.followOne(ctx, &step); err != nil || !ok {
			return next, err
		}
		w.changed(ctx, h.lease.Run.MoveID)
	}
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
	switch now := w.Now(); {
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

// planFollows works out whom to follow and keeps it as Steps. Those already
// followed are left out as far as the server tells; each Step asks again.
func (a *actor) planFollows(ctx context.Context) (store.Next, bool, error) {
	already := map[string]bool{}
	for address, err := range a.session.FollowingList(ctx, a.account.RemoteID) {
		if err != nil {
			if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
				return next, false, err
			}
			break
		}
		already[address.Key()] = true
	}
	steps, _, err := a.w.PlanFollows(ctx, a.h.lease.Run.MoveID, a.account, already)
	if err != nil {
		return store.Next{}, false, err
	}
	for i := range steps {
		steps[i].ID, steps[i].RunID = store.NewID(), a.h.lease.Run.ID
	}
	return store.Next{}, true, a.h.lease.AddSteps(ctx, a.account.Address.Key(), steps)
}

// PlanFollows returns the follows that a Run for the Account would make and what
// it would leave out, without asking anybody. Besides those in already, whom its
// earlier Runs have followed is left out.
func (w *Worker) PlanFollows(ctx context.Context, move string, account model.Account, already map[string]bool) ([]plan.Step, []plan.Left, error) {
	followed, err := w.Store.Followed(ctx, account.ID)
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(followed, already)
	var matches []match.Match
	people := map[string]model.Person{}
	for m, err := range w.Store.ChosenMatches(ctx, move) {
		if err != nil {
			return nil, nil, err
		}
		p, err := w.Store.Person(ctx, move, m.PersonID)
		if err != nil {
			return nil, nil, err
		}
		matches, people[p.ID] = append(matches, m), p
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

// followOne brings one Step to its end, or as far as it may go now; ok is false
// if the slice ends with next. A Step that is found as sent is looked up first,
// never simply done again.
func (a *actor) followOne(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	if step.State == ledger.StateSent {
		if next, ok, err := a.lookAfterFollow(ctx, step); err != nil || !ok {
			return next, ok, err
		}
		if step.State != ledger.StatePlanned || a.h.wish() != "" { // nothing more is sent against a wish
			return next, true, nil
		}
	}
	out, err := a.w.unwanted(ctx, *step)
	if err != nil {
		return next, false, err
	}
	if out {
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: OutcomeOptedOut, Reason: plan.LeftOptedOut})
	}
	remote, err := a.session.Resolve(ctx, step.Address)
	if err != nil {
		if a.hopeless(ctx, step, err) {
			return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: OutcomeUnreachable, Reason: "the server fails on this account"})
		}
		if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		reason := fmt.Sprintf("%s does not find this account", a.account.Server)
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: OutcomeUnreachable, Reason: reason})
	}
	relation, err := a.session.Relationship(ctx, remote.ID)
	if err != nil {
		if next, ok, err := a.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: OutcomeUnreachable, Reason: "the server does not say how you stand to this account"})
	}
	if relation.Blocking {
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: "blocked", Reason: "you block this account"})
	}
	if relation.Following || relation.Requested {
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: OutcomeAlready, ResultID: remote.ID, Reason: "you follow this account already"})
	}
	if until := a.until(familyFollows); !until.IsZero() {
		return a.waitFor(until), false, nil
	}
	sendCtx, cancel, err := a.send(ctx, step, step.Attempt+1, store.Sent{RemoteID: remote.ID})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	relation, err = a.session.Follow(sendCtx, remote.ID)
	if err != nil {
		return a.failed(ctx, step, familyFollows, err)
	}
	return next, true, a.followed(ctx, step, relation, false)
}

// lookAfterFollow finds out what became of a follow that was sent and not answered.
func (a *actor) lookAfterFollow(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
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
	verdict := ledger.FollowJudge(step.Sent.Before, ledger.Relation{Following: relation.Following, Requested: relation.Requested}, readable)
	if verdict.State == ledger.StateConfirmed {
		return next, true, a.followed(ctx, step, relation, verdict.Adopted)
	}
	reason := "not there after a look"
	if !readable {
		reason = "the server does not say whether you follow already"
	}
	return next, true, a.finish(ctx, step, store.Outcome{State: verdict.State, Reason: reason})
}

func (a *actor) followed(ctx context.Context, step *store.Step, r fediverse.Relationship, adopted bool) error {
	outcome := OutcomeFollowed
	if !r.Following && r.Requested {
		outcome = OutcomeRequested
	}
	a.w.refused.Delete(step.RunID)
	return a.finish(ctx, step, store.Outcome{State: ledger.StateConfirmed, Outcome: outcome, ResultID: step.Sent.RemoteID, Adopted: adopted})
}
