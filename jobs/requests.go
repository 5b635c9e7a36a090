package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// OutcomeRefused is a follow that the other side said no to, or took back.
const OutcomeRefused = "refused"

// requestsFor is how long we look whether a follow that was asked for is accepted.
const requestsFor = 30 * 24 * time.Hour

// requestsBatch is how many of them a server is asked about at once.
const requestsBatch = 40

// TrackRequests looks what became of follows that wait for the other side's yes,
// of all Accounts, and returns how many have an answer now. It is safe to repeat
// and to stop; each follow is asked about less and less often.
func (w *Worker) TrackRequests(ctx context.Context) (answered int, err error) {
	for ctx.Err() == nil {
		steps, err := w.Store.RequestedSteps(ctx, w.Now().Add(-requestsFor), requestsBatch*10)
		if err != nil || len(steps) == 0 {
			return answered, err
		}
		byAccount, moves := map[string][]store.Step{}, map[string]bool{}
		for _, step := range steps {
			byAccount[step.AccountID] = append(byAccount[step.AccountID], step)
		}
		for account, mine := range byAccount {
			n, err := w.trackRequests(ctx, account, mine)
			if err != nil {
				return answered, err
			}
			if answered += n; n > 0 {
				moves[mine[0].MoveID] = true
			}
		}
		for move := range moves {
			w.changed(ctx, move)
		}
	}
	return answered, ctx.Err()
}

// trackRequests looks at requests of one Account. Each is put off, whatever the
// server says, so that none is looked at twice at once.
func (w *Worker) trackRequests(ctx context.Context, account string, steps []store.Step) (answered int, err error) {
	now := w.Now()
	for _, step := range steps {
		if err := w.Store.SetRequested(ctx, step.ID, OutcomeRequested, step.Reason, nextLook(step.UpdatedAt, now)); err != nil {
			return 0, err
		}
	}
	a, err := w.actFor(ctx, nil, account)
	var stop *stopError
	if errors.As(err, &stop) { // not connected any more: nobody can ask
		return 0, nil
	}
	if err != nil {
		_, err := w.notNow(err)
		return 0, err
	}
	defer a.end()
	for len(steps) > 0 && a.until(familyAPI).IsZero() {
		part := steps[:min(len(steps), requestsBatch)]
		steps = steps[len(part):]
		ids := make([]string, len(part))
		for i, step := range part {
			ids[i] = step.ResultID
		}
		relations, err := a.session.Relationships(ctx, ids)
		if err != nil {
			w.Log.Info("requests not looked at", "account", account, "error", err)
			return answered, ctx.Err()
		}
		for _, step := range part {
			r, known := relations[step.ResultID]
			outcome, reason := "", step.Reason
			switch {
			case !known || r.Requested:
				if err := w.unanswered(ctx, step, now); err != nil {
					return answered, err
				}
				continue
			case r.Following:
				outcome = OutcomeFollowed
			default:
				outcome, reason = OutcomeRefused, "the account did not accept you, or you took the request back"
			}
			if err := w.Store.SetRequested(ctx, step.ID, outcome, reason, time.Time{}); err != nil && !errors.Is(err, model.ErrNotFound) {
				return answered, err
			}
			answered++
		}
	}
	return answered, nil
}

// unanswered says so of a request once it was looked at for the last time.
func (w *Worker) unanswered(ctx context.Context, step store.Step, now time.Time) error {
	next := nextLook(step.UpdatedAt, now)
	if next.Before(step.UpdatedAt.Add(requestsFor)) {
		return nil
	}
	reason := fmt.Sprintf("no answer for %d days; your request still stands", int(requestsFor.Hours()/24))
	return w.Store.SetRequested(ctx, step.ID, OutcomeRequested, reason, next)
}
