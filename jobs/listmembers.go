package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// What became of a list, or of somebody who was to be in it.
const (
	OutcomeMade   = "made"
	OutcomeListed = "listed"
)

// acceptWait is how long somebody who was asked may take to say yes before a
// list goes on without them. acceptLooks are the pauses between looks.
const acceptWait = 14 * 24 * time.Hour

var acceptLooks = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// nextLook returns when to look again whether somebody said yes who was asked
// at since: soon at first, then once a day.
func nextLook(since, now time.Time) time.Time {
	for _, pause := range acceptLooks {
		if now.Sub(since) < 3*pause {
			return now.Add(pause)
		}
	}
	return now.Add(acceptLooks[len(acceptLooks)-1])
}

// lister is one slice of a lists Run.
type lister struct {
	*actor
	members map[string]map[string]bool // by id of the list, then by Address.Key
}

// lists makes the Owner's lists and puts into them, one by one, those members
// whom the Account follows: servers take nobody else.
func (w *Worker) lists(ctx context.Context, h *holder) (store.Next, error) {
	a, err := w.act(ctx, h)
	if err != nil {
		return w.notNow(err)
	}
	defer a.end()
	if !a.cap.Lists {
		return store.Next{}, fail("%s runs software that has no lists.", a.account.Server)
	}
	if h.lease.Run.Cursor != store.Planned {
		steps, _, err := w.planLists(ctx, h.lease.Run.MoveID)
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
	l := &lister{actor: a, members: map[string]map[string]bool{}}
	return a.steps(ctx, func(ctx context.Context, step *store.Step) (store.Next, bool, error) {
		if step.Kind == plan.KindList {
			return l.list(ctx, step)
		}
		return l.member(ctx, step)
	})
}

// planLists is PlanOf for lists and their members.
func (w *Worker) planLists(ctx context.Context, move string) ([]plan.Step, []plan.Left, error) {
	brought, err := w.Store.ListMembers(ctx, move)
	if err != nil {
		return nil, nil, err
	}
	byHandle, byID, people := map[string]string{}, map[string]string{}, map[string]model.Person{}
	for p, err := range w.Store.People(ctx, move) {
		if err != nil {
			return nil, nil, err
		}
		people[p.ID] = p
		if p.Handle.Name != "" {
			byHandle[strings.ToLower(p.Handle.Name)] = p.ID
		}
		if p.TwitterID != "" {
			byID[p.TwitterID] = p.ID
		}
	}
	var matches []match.Match
	for m, err := range w.Store.ChosenMatches(ctx, move) {
		if err != nil {
			return nil, nil, err
		}
		matches = append(matches, m)
	}
	members := make([]plan.Member, len(brought))
	for i, b := range brought {
		members[i] = plan.Member{List: b.List, Named: b.Member}
		if a, err := model.ParseAddress(b.Member); err == nil {
			members[i].Address = a
			continue
		}
		if id, ok := byID[b.Member]; ok {
			members[i].PersonID = id
		} else if handle, err := model.ParseHandle(b.Member); err == nil {
			members[i].PersonID = byHandle[strings.ToLower(handle)]
		}
	}
	steps, left := plan.Lists(members, matches, people, store.NewID)
	return steps, left, nil
}

// list makes one list, unless the Account has one of that title. Mastodon would
// make another, so it is looked first, also when an answer was lost.
func (l *lister) list(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	sent := step.State == ledger.StateSent
	if sent {
		if next, ok := l.rested(step); !ok {
			return next, false, nil
		}
	}
	lists, err := l.session.Lists(ctx)
	if err != nil {
		if next, ok, err := l.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		return l.unreachable(), false, nil // without it nothing may be made
	}
	for _, have := range lists {
		switch {
		case have.Title != step.List:
		case sent:
			return next, true, l.finish(ctx, step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeMade, ResultID: have.ID})
		default:
			return next, true, l.leave(ctx, step, OutcomeAlready, have.ID, "you have a list of this title already")
		}
	}
	if sent {
		if err := l.again(ctx, step); err != nil || step.State != ledger.StatePlanned || l.h.wish() != "" {
			return next, true, err
		}
	}
	sendCtx, cancel, err := l.send(ctx, step, step.Attempt+1, store.Sent{})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	made, err := l.session.CreateList(sendCtx, step.List)
	if err != nil {
		return l.failed(ctx, step, familyAPI, err)
	}
	return next, true, l.finish(context.WithoutCancel(ctx), step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeMade, ResultID: made.ID})
}

// rested tells whether a sent Step has rested long enough to be looked at.
func (a *actor) rested(step *store.Step) (next store.Next, ok bool) {
	action, when := ledger.Recover(ledger.Sent{Attempt: step.Attempt, At: step.Sent.At, Deadline: step.Sent.Deadline, Rest: a.rest}, a.w.Now())
	return a.waitFor(when), action != ledger.Wait
}

// member puts somebody into a list. Who was asked and has not said yes is
// waited for.
func (l *lister) member(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	sent := step.State == ledger.StateSent
	if sent {
		if next, ok := l.rested(step); !ok {
			return next, false, nil
		}
	}
	parent, err := l.w.Store.Step(ctx, step.RunID, step.ParentID)
	if err != nil {
		return next, false, err
	}
	if parent.ResultID == "" {
		return next, true, l.leave(ctx, step, "skipped", "", "the list could not be made")
	}
	in, next, ok, err := l.isIn(ctx, step, parent.ResultID, step.Address)
	if err != nil || !ok || step.State.Final() {
		return next, ok, err
	}
	switch {
	case in && sent:
		return next, true, l.finish(ctx, step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeListed, ResultID: step.Sent.RemoteID})
	case in:
		return next, true, l.leave(ctx, step, OutcomeAlready, "", "in this list already")
	case sent:
		if err := l.again(ctx, step); err != nil || step.State != ledger.StatePlanned || l.h.wish() != "" {
			return next, true, err
		}
	}
	remote, next, ok, err := l.resolve(ctx, step)
	if err != nil || !ok || step.State != ledger.StatePlanned {
		return next, ok, err
	}
	if l.members[parent.ResultID][remote.Address.Key()] { // it moved
		return next, true, l.leave(ctx, step, OutcomeAlready, "", "in this list already")
	}
	relation, err := l.session.Relationship(ctx, remote.ID)
	if err != nil {
		if next, ok, err := l.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, ok, err
		}
		return next, true, l.leave(ctx, step, OutcomeUnreachable, "", "the server does not say how you stand to this account")
	}
	if !relation.Following {
		return next, true, l.notFollowed(ctx, step, relation)
	}
	sendCtx, cancel, err := l.send(ctx, step, step.Attempt+1, store.Sent{RemoteID: remote.ID})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	err = l.session.AddToList(sendCtx, parent.ResultID, remote.ID)
	var refused *fediverse.StatusError
	if errors.As(err, &refused) && refused.Code == http.StatusNotFound { // GoToSocial: not followed after all
		if err := l.finish(context.WithoutCancel(ctx), step, store.Outcome{State: ledger.StatePlanned, Reason: "the server says that you do not follow this account yet"}); err != nil {
			return next, false, err
		}
		return next, true, l.notFollowed(ctx, step, fediverse.Relationship{Requested: true})
	}
	if err != nil {
		return l.failed(ctx, step, familyAPI, err)
	}
	l.w.refused.Delete(step.RunID)
	l.members[parent.ResultID][remote.Address.Key()] = true
	return next, true, l.finish(context.WithoutCancel(ctx), step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeListed, ResultID: remote.ID})
}

// isIn tells whether the account of a Step is in its list, which is read once a
// slice. Without an answer the Step is left out.
func (l *lister) isIn(ctx context.Context, step *store.Step, list string, address model.Address) (in bool, next store.Next, ok bool, err error) {
	if l.members[list] == nil {
		members, _, err := l.session.ListMembers(ctx, list)
		if errors.Is(err, model.ErrNotFound) {
			return false, next, true, l.leave(ctx, step, "skipped", "", "the list is not there any more")
		}
		if err != nil {
			if next, ok, err := l.reading(ctx, familyAPI, err); err != nil || !ok {
				return false, next, ok, err
			}
			return false, next, true, l.leave(ctx, step, OutcomeUnreachable, "", "the server does not say who is in this list")
		}
		l.members[list] = map[string]bool{}
		for _, m := range members {
			l.members[list][m.Key()] = true
		}
	}
	return l.members[list][address.Key()], next, true, nil
}

// notFollowed puts off a member whose yes is awaited, or whom another Run is
// still to follow, and leaves out everybody else.
func (l *lister) notFollowed(ctx context.Context, step *store.Step, r fediverse.Relationship) error {
	since := l.h.lease.Run.CreatedAt
	waits := r.Requested
	if !waits {
		var err error
		if waits, err = l.w.Store.FollowPlanned(ctx, l.account.ID, step.Address); err != nil {
			return err
		}
	}
	switch now := l.w.Now(); {
	case !waits:
		return l.leave(ctx, step, "skipped", "", "only accounts that you follow can be in a list")
	case now.Sub(since) > acceptWait:
		return l.leave(ctx, step, OutcomeRequested, "", fmt.Sprintf("no answer for %d days", int(acceptWait.Hours()/24)))
	default:
		return l.h.lease.Defer(ctx, *step, nextLook(since, now), "waits until this account accepts you")
	}
}
