package jobs

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
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
	if err != nil || !taken {
		return next, true, err
	}
	a.imported = true
	over := file.UpdatedAt.Add(time.Minute)
	for _, pause := range importLooks {
		over = over.Add(pause)
	}
	if a.w.Now().After(over) { // each is asked about by itself
		return next, true, nil
	}
	return a.confirmImported(ctx, file)
}

// takenFile returns the Step of a file of follows that the server has taken; ok
// is false if there is none.
func (w *Worker) takenFile(ctx context.Context, h *holder) (file store.Step, ok bool, err error) {
	steps, err := w.Store.StepsPage(ctx, h.lease.Run.ID, "", 0, 1)
	if err != nil || len(steps) == 0 || steps[0].Kind != plan.KindImport {
		return file, false, err
	}
	file = steps[0]
	h.handedOver = file.Attempt > 0 && file.State != ledger.StateRefused // it may have been taken though no answer came
	return file, file.State == ledger.StateConfirmed, nil
}

// lookBeforeCancel confirms whom the Account follows by now because of a file,
// if the server says so at once: an undo takes back only what is confirmed. A
// server that does not answer cannot keep a Run from being cancelled.
func (w *Worker) lookBeforeCancel(ctx context.Context, h *holder) error {
	if h.lease.Run.Kind != KindFollow {
		return nil
	}
	file, _, err := w.takenFile(ctx, h)
	if err != nil || !h.handedOver {
		return err
	}
	a, err := w.actFor(ctx, h, h.lease.Run.AccountID)
	if err != nil {
		w.Log.Info("not looked before cancelling", "run", h.lease.Run.ID, "error", err)
		return nil
	}
	defer a.end()
	a.imported = true
	if _, _, err := a.confirmImported(ctx, file); errors.Is(err, store.ErrLeaseLost) {
		return err
	}
	return nil
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
		if err := a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: "handed over once more"}); err != nil {
			return next, false, err
		}
	}
	if !lost {
		if next, ok, err := a.beforeImport(ctx, step); err != nil || !ok || step.State != ledger.StatePlanned {
			return next, ok, err
		}
	}
	file, err := a.followsFile(ctx)
	if err != nil {
		return next, false, err
	}
	sendCtx, cancel, err := a.send(ctx, step, step.Attempt+1, store.Sent{})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	if err := a.session.ImportCSV(sendCtx, "following", file); err != nil {
		return a.failed(ctx, step, familyAPI, err)
	}
	a.imported, a.h.handedOver = true, true
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
			if step.Kind == plan.KindFollow {
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
// those. The others wait for the next look at what the server made of the file;
// after the last one each is asked about by itself.
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
	look := file.UpdatedAt
	for _, pause := range importLooks {
		if look = look.Add(pause); look.After(a.w.Now()) {
			return next, true, a.h.lease.DeferFollows(ctx, look, importWaits)
		}
	}
	return next, true, nil
}
