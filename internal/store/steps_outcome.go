package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store/db"
)

// SetSent commits that a request for step is about to leave. attempt is the
// attempt it belongs to; the same attempt again means the same key again.
func (l *Lease) SetSent(ctx context.Context, step Step, attempt int, sent Sent) error {
	failPoint("before sent")
	defer failPoint("after sent")
	return l.tx(ctx, func(q *db.Queries) error {
		if !ledger.CanMove(step.State, ledger.StateSent) {
			return fmt.Errorf("step %s: %s cannot become sent", step.ID, step.State)
		}
		now := millis(l.store.now())
		err := q.StepSent(ctx, db.StepSentParams{ID: step.ID, Attempt: int64(attempt), Sent: toJSON(sent), UpdatedAt: now})
		if err != nil {
			return fmt.Errorf("step %s: %w", step.ID, err)
		}
		return q.Record(ctx, db.RecordParams{StepID: step.ID, Attempt: int64(attempt), State: string(ledger.StateSent), At: now})
	})
}

// Outcome is what became of a Step.
type Outcome struct {
	State     ledger.State
	Outcome   string
	Reason    string
	ResultID  string
	ResultURL string
	Found     Found // of StateUnsure; any other outcome forgets it
	Adopted   bool
}

// Finish keeps what became of step. A Step that goes back to planned, is refused
// or skipped gives up its claim on the tweet part, or keeps it for the next
// attempt; a confirmed one keeps it for good.
func (l *Lease) Finish(ctx context.Context, step Step, o Outcome) error {
	failPoint("before finish")
	defer failPoint("after finish")
	return l.tx(ctx, func(q *db.Queries) error {
		return finish(ctx, q, step, o, millis(l.store.now()))
	})
}

func finish(ctx context.Context, q *db.Queries, step Step, o Outcome, now int64) error {
	if !ledger.CanMove(step.State, o.State) {
		return fmt.Errorf("step %s: %s cannot become %s", step.ID, step.State, o.State)
	}
	err := q.StepState(ctx, db.StepStateParams{
		ID: step.ID, State: string(o.State), Outcome: o.Outcome, Reason: o.Reason, ResultID: o.ResultID,
		ResultUrl: o.ResultURL, Adopted: o.Adopted, UpdatedAt: now, ResultText: withoutNUL(o.Found.Text), ResultAt: millis(o.Found.At),
	})
	if err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	switch o.State {
	case ledger.StateConfirmed:
		err = q.ConfirmPart(ctx, step.ID, o.ResultID, o.ResultURL)
	case ledger.StateRefused, ledger.StateSkipped, ledger.StateUndone:
		err = q.ReleasePart(ctx, step.ID)
	}
	if err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	return q.Record(ctx, db.RecordParams{StepID: step.ID, Attempt: int64(step.Attempt), State: string(o.State), At: now, Detail: o.Reason})
}

// FinishUndo is Finish for a Step that takes another one back: with it, that one
// becomes undone and its tweet part free again.
func (l *Lease) FinishUndo(ctx context.Context, step Step, o Outcome) error {
	now := millis(l.store.now())
	return l.tx(ctx, func(q *db.Queries) error {
		if err := finish(ctx, q, step, o, now); err != nil {
			return err
		}
		return takeBack(ctx, q, step, o, now)
	})
}

// takeBack makes the Step undone that a confirmed one takes back.
func takeBack(ctx context.Context, q *db.Queries, step Step, o Outcome, now int64) error {
	if step.Undoes == "" || o.State != ledger.StateConfirmed {
		return nil
	}
	row, err := q.Step(ctx, step.Undoes)
	if err != nil {
		return missing(err, "step", step.Undoes)
	}
	undone, err := newStep(row)
	if err != nil || undone.State == ledger.StateUndone {
		return err
	}
	back := Outcome{State: ledger.StateUndone, Outcome: undone.Outcome, Reason: "taken back", ResultID: undone.ResultID, ResultURL: undone.ResultURL}
	if err := finish(ctx, q, undone, back, now); err != nil {
		return err
	}
	if err := q.DeleteOwnStatus(ctx, undone.AccountID, undone.ResultID); err != nil {
		return err
	}
	return q.ForgetPart(ctx, undone.ID)
}

// StepsToUndo returns up to limit Steps of a Run that it did itself and nobody
// took back, those before seq, the latest first.
func (s *Store) StepsToUndo(ctx context.Context, run string, before, limit int) ([]Step, error) {
	rows, err := s.r().StepsToUndo(ctx, run, int64(before), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("steps of run %s: %w", run, err)
	}
	return newSteps(rows)
}

// RequestedSteps returns up to limit follows that wait for the other side's yes
// and are to be looked at, those asked for since then.
func (s *Store) RequestedSteps(ctx context.Context, since time.Time, limit int) ([]Step, error) {
	rows, err := s.r().RequestedSteps(ctx, millis(s.now()), millis(since), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("requested follows: %w", err)
	}
	return newSteps(rows)
}

// SetRequested keeps what became of a follow that was asked for, or when to look
// again.
func (s *Store) SetRequested(ctx context.Context, step, outcome, reason string, due time.Time) error {
	err := s.w().SetRequested(ctx, db.SetRequestedParams{ID: step, Outcome: outcome, Reason: reason, DueAt: millis(due)})
	if err != nil {
		return fmt.Errorf("step %s: %w", step, err)
	}
	return nil
}

// SkipPlanned gives up everything that is only planned.
func (l *Lease) SkipPlanned(ctx context.Context, reason string) error {
	now := millis(l.store.now())
	return l.tx(ctx, func(q *db.Queries) error {
		if err := q.RecordSkipPlanned(ctx, now, reason, l.Run.ID); err != nil {
			return err
		}
		if err := q.ReleasePlannedParts(ctx, l.Run.ID); err != nil {
			return err
		}
		return q.SkipPlanned(ctx, l.Run.ID, reason, now)
	})
}

// Settle keeps the Owner's word on an unsure Step of the Move: it happened, then
// a post became the status that a look took for the likeliest, unless another
// Step has that one; or it did not, and then it is tried again, in a cancelled Run
// given up. A Run that had stopped goes on if there is something left to do, or
// nothing left to decide.
func (s *Store) Settle(ctx context.Context, move, run, id string, posted bool) error {
	return s.tx(ctx, func(q *db.Queries) error {
		row, err := q.Step(ctx, id)
		if err == nil && (row.MoveID != move || row.RunID != run) {
			err = sql.ErrNoRows
		}
		if err != nil {
			return missing(err, "step", id)
		}
		step, err := newStep(row)
		if err != nil {
			return err
		}
		if step.State != ledger.StateUnsure {
			return fmt.Errorf("this step needs no decision: %w", model.ErrConflict)
		}
		o, err := settled(ctx, q, step, posted)
		if err != nil {
			return fmt.Errorf("settle step %s: %w", id, err)
		}
		if err := finish(ctx, q, step, o, millis(s.now())); err != nil {
			return err
		}
		if err := takeBack(ctx, q, step, o, millis(s.now())); err != nil {
			return err
		}
		return q.ReviveRun(ctx, run, millis(s.now()))
	})
}

// happened is the outcome of a Step that its Owner found done; of one that takes
// another back it is undone. A post is the only kind that is unsure in a Run that
// goes on; any other is so where a Run was cancelled and its server is gone.
var happened = map[plan.Kind]string{
	plan.KindPost: "posted", plan.KindFollow: "followed", plan.KindBlock: "blocked", plan.KindMute: "muted", plan.KindList: "made",
	plan.KindMember: "listed", plan.KindImport: "imported",
}

func settled(ctx context.Context, q *db.Queries, step Step, done bool) (Outcome, error) {
	word := map[bool]string{true: "you said that it was done", false: "you said that it was not done"}
	if step.Kind == plan.KindPost {
		word = map[bool]string{true: "you said that it is there", false: "you said that it is not there"}
	}
	if !done {
		o := Outcome{State: ledger.StatePlanned, Reason: word[done]}
		run, err := q.Run(ctx, step.RunID)
		if run.State == RunCancelled {
			o.State = ledger.StateSkipped
		}
		return o, err
	}
	o := Outcome{State: ledger.StateConfirmed, Outcome: cmp.Or(happened[step.Kind], "undone"), Adopted: true, Reason: word[done]}
	if step.Kind != plan.KindPost {
		o.ResultID = step.Sent.RemoteID
		return o, nil
	}
	taken, err := q.StatusTaken(ctx, step.ID, step.ResultID)
	if taken == 0 {
		o.ResultID, o.ResultURL = step.ResultID, step.ResultURL
	}
	return o, err
}
