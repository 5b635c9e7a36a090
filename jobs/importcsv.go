package jobs

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// LeastImport is from how many follows on a file is much quicker than asking one
// by one: what it did has to be found out afterwards.
const LeastImport = 50

// importLooks are the pauses before each look at what a server made of a file,
// which it reads in the background and says nothing about.
var importLooks = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// OutcomeImported is a file that the server has taken.
const OutcomeImported = "imported"

// importFirst puts a Step before the follows that hands all of them over as one
// file. They wait for it, and then only find out what became of them.
func importFirst(steps []plan.Step) []plan.Step {
	first := plan.Step{ID: store.NewID(), Seq: 1, Kind: plan.KindImport, State: ledger.StatePlanned}
	all := append(make([]plan.Step, 0, len(steps)+1), first)
	for _, step := range steps {
		step.Seq++
		step.ParentID = first.ID
		all = append(all, step)
	}
	return all
}

// afterImport looks what became of a file that was taken, while the server
// reads it; ok is false if the slice ends with next.
func (a *actor) afterImport(ctx context.Context) (next store.Next, ok bool, err error) {
	file, taken, err := a.w.takenFile(ctx, a.h)
	if err != nil {
		return next, false, err
	}
	a.imported = a.h.handedOver
	if !taken || a.w.Now().After(lastLook(file).Add(time.Minute)) { // each is asked about by itself
		return next, true, nil
	}
	return a.confirmImported(ctx, file)
}

// takenFile returns the Step of a file of follows, and whether the server says that
// it has taken it. It notes whether the server may have, though no answer came.
func (w *Worker) takenFile(ctx context.Context, h *holder) (file store.Step, ok bool, err error) {
	steps, err := w.Store.StepsPage(ctx, h.lease.Run.ID, "", 0, 1)
	if err != nil || len(steps) == 0 || steps[0].Kind != plan.KindImport {
		return file, false, err
	}
	file = steps[0]
	h.handedOver = mayBeTaken(file)
	return file, file.State == ledger.StateConfirmed, nil
}

// mayBeTaken tells whether the server may follow those in a file because of it. One
// that is planned was not taken at that try, whatever became of the tries before.
func mayBeTaken(file store.Step) bool {
	return file.State == ledger.StateSent || file.State == ledger.StateConfirmed || file.State == ledger.StateUnsure || file.Sent.Lost
}

// nextLook is when to look again what the server made of a file, the zero time
// after the last look.
func (w *Worker) nextLook(file store.Step) time.Time {
	look := file.UpdatedAt
	for _, pause := range importLooks {
		if look = look.Add(pause); look.After(w.Now()) {
			return look
		}
	}
	return time.Time{}
}

func lastLook(file store.Step) time.Time {
	look := file.UpdatedAt
	for _, pause := range importLooks {
		look = look.Add(pause)
	}
	return look
}

// lookBeforeCancel confirms whom the Account follows by now because of a file: an
// undo takes back only what is confirmed. While somebody in it is missing and the
// server may still read it, the Run waits for the next look, and ok is false. One
// that does not answer keeps a Run no longer than that from being cancelled.
func (w *Worker) lookBeforeCancel(ctx context.Context, h *holder) (next store.Next, ok bool, err error) {
	if h.lease.Run.Kind != KindFollow {
		return next, true, nil
	}
	file, _, err := w.takenFile(ctx, h)
	if err != nil || !h.handedOver {
		return next, err == nil, err
	}
	if err := w.lookNow(ctx, h, file); errors.Is(err, store.ErrLeaseLost) {
		return next, false, err
	} else if err != nil {
		w.Log.Info("not looked before cancelling", "run", h.lease.Run.ID, "error", err)
		var stop *stopError
		if errors.As(err, &stop) { // nobody can look any more
			return next, true, nil
		}
	}
	missing, err := w.followsLeft(ctx, h)
	look := w.nextLook(file)
	if err != nil || !missing || look.IsZero() {
		return next, err == nil, err
	}
	return store.Next{
		State: store.RunWaiting, DueAt: look,
		Error: "Your server was handed the file and may still read it. Nothing more is sent; we wait to see whom it follows, so that you can take that back.",
	}, false, nil
}

func (w *Worker) lookNow(ctx context.Context, h *holder, file store.Step) error {
	a, err := w.actFor(ctx, h, h.lease.Run.AccountID)
	if err != nil {
		return err
	}
	defer a.end()
	a.imported = true
	_, _, err = a.confirmImported(ctx, file)
	return err
}

// followsLeft tells whether follows are planned that nothing has become of.
func (w *Worker) followsLeft(ctx context.Context, h *holder) (bool, error) {
	steps, err := w.Store.StepsPage(ctx, h.lease.Run.ID, ledger.StatePlanned, 0, 2)
	return slices.ContainsFunc(steps, func(s store.Step) bool { return s.Kind == plan.KindFollow }), err
}

// importFollows hands the file over. That may be done again: who is followed
// stays so. Afterwards the list of those who are followed is read a few times;
// who stands in it is confirmed, and the others are asked about one by one.
func (a *actor) importFollows(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	lost := step.State == ledger.StateSent
	if lost {
		action, when := ledger.Recover(ledger.Sent{Attempt: step.Attempt, At: step.Sent.At, Deadline: step.Sent.Deadline, Rest: a.rest}, a.w.Now())
		if action == ledger.Wait {
			return a.waitFor(when), false, nil
		}
		if a.h.wish() == store.WishCancel { // whom it brought was looked for
			if err := a.leave(ctx, step, "skipped", "", "cancelled; your server did not say whether it took the file"); err != nil {
				return next, false, err
			}
			return store.Next{State: store.RunCancelled}, false, a.h.lease.SkipPlanned(ctx, a.h.cancelled())
		}
		if step.Attempt >= mostAttempts && step.Sent.Lost { // else the last one was the first that may have been taken
			return next, true, a.finish(ctx, step, store.Outcome{
				State: ledger.StateRefused, Outcome: "refused", Reason: fmt.Sprintf("the server failed on this %d times, so each is asked for by itself", step.Attempt),
			})
		}
	}
	if !mayBeTaken(*step) {
		if next, ok, err := a.beforeImport(ctx, step); err != nil || !ok || step.State != ledger.StatePlanned {
			return next, ok, err
		}
	}
	file, err := a.followsFile(ctx)
	if err != nil {
		return next, false, err
	}
	sendCtx, cancel, err := a.send(ctx, step, step.Attempt+1, store.Sent{Lost: lost || step.Sent.Lost})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	a.imported, a.h.handedOver = true, true
	if err := a.session.ImportCSV(sendCtx, "following", file); err != nil {
		next, ok, err := a.failed(ctx, step, familyAPI, err)
		a.imported = mayBeTaken(*step)
		a.h.handedOver = a.imported
		return next, ok, err
	}
	if err := a.finish(context.WithoutCancel(ctx), step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeImported}); err != nil {
		return next, false, err
	}
	return next, true, a.h.lease.DeferFollows(ctx, a.w.Now().Add(importLooks[0]), importWaits)
}

// beforeImport leaves out whom the Owner has followed since the file was planned,
// and who does not want to be found any more. Without the whole list no file is
// handed over: nobody could tell afterwards whose follow was whose.
func (a *actor) beforeImport(ctx context.Context, file *store.Step) (next store.Next, ok bool, err error) {
	already, whole, next, ok, err := a.followed(ctx)
	if err != nil || !ok {
		return next, false, err
	}
	if !whole {
		return next, true, a.leave(ctx, file, OutcomeKept, "", "the server does not tell all whom you follow, so each is asked for by itself")
	}
	for after := 0; ; {
		steps, err := a.w.Store.StepsPage(ctx, a.h.lease.Run.ID, ledger.StatePlanned, after, 500)
		if err != nil {
			return next, false, err
		}
		for _, step := range steps {
			after = step.Seq
			if step.Kind != plan.KindFollow {
				continue
			}
			out, err := a.w.unwanted(ctx, step, step.Address)
			if err == nil && out {
				err = a.leave(ctx, &step, OutcomeOptedOut, "", plan.LeftOptedOut)
			} else if err == nil && already[step.Address.Key()] {
				err = a.leave(ctx, &step, OutcomeAlready, "", verbs[plan.KindFollow].already)
			}
			if err != nil {
				return next, false, err
			}
		}
		if len(steps) < 500 {
			return next, true, nil
		}
	}
}

const importWaits = "the server reads the file"

// followsFile is Mastodon's file of the follows that are planned.
func (a *actor) followsFile(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := [][]string{{"Account address", "Show boosts", "Notify on new posts"}}
	for after := 0; ; {
		steps, err := a.w.Store.StepsPage(ctx, a.h.lease.Run.ID, ledger.StatePlanned, after, 500)
		if err != nil {
			return nil, err
		}
		for _, step := range steps {
			after = step.Seq
			if step.Kind != plan.KindFollow {
				continue
			}
			out, err := a.w.unwanted(ctx, step, step.Address) // since the file went out that was lost
			if err != nil {
				return nil, err
			}
			if !out {
				rows = append(rows, []string{step.Address.String(), "true", "false"})
			}
		}
		if len(steps) < 500 {
			break
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("file of follows: %w", err)
	}
	return b.Bytes(), nil
}

// confirmImported looks whom the Account follows now, and confirms the Steps of
// those, and with them a file of which no answer came. The others wait for the next
// look at what the server made of the file; after the last one each is asked about
// by itself.
func (a *actor) confirmImported(ctx context.Context, file store.Step) (next store.Next, ok bool, err error) {
	following, _, next, ok, err := a.followed(ctx)
	if err != nil || !ok {
		return next, false, err
	}
	for after := 0; ; {
		steps, err := a.w.Store.StepsPage(ctx, a.h.lease.Run.ID, ledger.StatePlanned, after, 500)
		if err != nil {
			return next, false, err
		}
		for _, step := range steps {
			after = step.Seq
			if step.Kind != plan.KindFollow || !following[step.Address.Key()] {
				continue
			}
			if file.State == ledger.StateSent {
				if err := a.finish(ctx, &file, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeImported, Reason: "your server follows those in the file"}); err != nil {
					return next, false, err
				}
			}
			if err := a.passed(ctx, &step, store.Sent{}); err != nil {
				return next, false, err
			}
			if err := a.finish(ctx, &step, store.Outcome{State: ledger.StateConfirmed, Outcome: OutcomeFollowed, ResultID: step.Sent.RemoteID}); err != nil {
				return next, false, err
			}
		}
		if len(steps) < 500 {
			break
		}
	}
	if look := a.w.nextLook(file); !look.IsZero() {
		return next, true, a.h.lease.DeferFollows(ctx, look, importWaits)
	}
	return next, true, nil
}
