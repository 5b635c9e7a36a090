package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Step is a planned Step with what became of it.
type Step struct {
	plan.Step
	Sent      Sent
	Outcome   string // of a confirmed or skipped Step: followed, requested, already, moved, posted …
	ResultID  string // the status, or the account that was followed; of an unsure post the one that may be it
	ResultURL string
	Found     Found // of an unsure post
	Adopted   bool
	UpdatedAt time.Time
	DueAt     time.Time // of a planned Step: not before
}

// Found is what the status says that an unsure post may have become, and the
// date that it bears, for the Owner to compare.
type Found struct {
	Text string // plain, and not long
	At   time.Time
}

// Sent is what is committed before the first byte of a request leaves.
type Sent struct {
	At       time.Time `json:"at"`       // when this attempt was first sent
	Deadline time.Time `json:"deadline"` // by when the latest request of it had to end
	Key      string    `json:"key,omitempty"`
	NotedID  string    `json:"noted_id,omitempty"`  // the newest own status id seen before
	ParentID string    `json:"parent_id,omitempty"` // the status it answers
	Text     string    `json:"text,omitempty"`      // of a post whose own links lead to posts now
	Quotes   string    `json:"quotes,omitempty"`    // the status it quotes
	MediaIDs []string  `json:"media_ids,omitempty"`
	Left     string    `json:"left,omitempty"`      // what of the post had to be left out, and why
	RemoteID string    `json:"remote_id,omitempty"` // whom a follow asks for
	Moved    string    `json:"moved,omitempty"`     // where that account moved to
	Before   bool      `json:"before,omitempty"`    // followed, or asked for, before
	Backdate bool      `json:"backdate,omitempty"`
	Lost     bool      `json:"lost,omitempty"` // an earlier request, of a file of follows, was not answered
}

// AddSteps keeps the plan of a Run, all of it or, after a crash, none that
// counts: what an earlier try left is replaced, and the Run's cursor becomes
// "planned" with the last batch. accountKey is the key of the Account's Address.
// A part that another Step has claimed is kept as skipped, with the status it
// became if that is known.
func (l *Lease) AddSteps(ctx context.Context, accountKey string, steps []plan.Step) error {
	failPoint("before plan")
	err := l.tx(ctx, func(q *db.Queries) error {
		if err := q.ReleasePlannedParts(ctx, l.Run.ID); err != nil {
			return err
		}
		return q.DeleteStepsOf(ctx, l.Run.ID)
	})
	if err != nil {
		return fmt.Errorf("plan of run %s: %w", l.Run.ID, err)
	}
	for part := range chunks(steps) {
		err := l.bulk(ctx, func(b *bulk) error { return l.addSteps(ctx, b, accountKey, part) })
		if err != nil {
			return fmt.Errorf("plan of run %s: %w", l.Run.ID, err)
		}
		failPoint("between plan")
	}
	err = l.setPlanned(ctx)
	failPoint("after plan")
	return err
}

// Planned is the cursor of a Run whose Steps are all kept.
const Planned = "planned"

// setPlanned notes that the plan is kept, and forgets the words about making it.
func (l *Lease) setPlanned(ctx context.Context) error {
	return l.tx(ctx, func(q *db.Queries) error {
		l.Run.Cursor = Planned
		if err := q.SetCursor(ctx, l.Run.ID, l.fence, Planned); err != nil {
			return err
		}
		return q.SetProgress(ctx, db.SetProgressParams{ID: l.Run.ID, Fence: l.fence})
	})
}

var (
	stepRows = table{
		name: "steps",
		columns: []string{"id", "run_id", "move_id", "account_id", "seq", "kind", "person_id", "address", "tweet_id", "part", "parent_id",
			"payload", "state", "reason", "updated_at", "list", "undoes", "due_at"},
	}
	partRows = table{
		name:     "posted_parts",
		columns:  []string{"account_key", "tweet_id", "part", "step_id"},
		conflict: "ON CONFLICT (account_key, tweet_id, part) DO NOTHING",
	}
)

// addSteps keeps some Steps, claims their parts, and then turns to skipped those
// whose part another Step had claimed.
func (l *Lease) addSteps(ctx context.Context, b *bulk, accountKey string, steps []plan.Step) error {
	now := millis(l.store.now())
	first, last := steps[0].Seq, steps[0].Seq
	var rows, claims [][]any
	for _, step := range steps {
		first, last = min(first, step.Seq), max(last, step.Seq)
		payload := ""
		if step.Status != nil {
			payload = toJSON(step.Status)
		}
		if step.Kind == plan.KindPost && step.State == ledger.StatePlanned {
			claims = append(claims, []any{accountKey, step.TweetID, int64(step.Part), step.ID})
		}
		rows = append(rows, []any{
			step.ID, l.Run.ID, l.Run.MoveID, l.Run.AccountID, int64(step.Seq), string(step.Kind), step.PersonID, step.Address.String(),
			step.TweetID, int64(step.Part), step.ParentID, payload, string(step.State), step.Reason, now, step.List, step.Undoes, int64(0),
		})
	}
	if err := b.insert(ctx, stepRows, rows); err != nil {
		return err
	}
	if err := b.insert(ctx, partRows, claims); err != nil {
		return err
	}
	err := b.SkipTakenSteps(ctx, db.SkipTakenStepsParams{
		RunID: l.Run.ID, FirstSeq: int64(first), LastSeq: int64(last), AccountKey: accountKey,
		Reason: "posted already, or about to be by another run",
	})
	if err != nil {
		return err
	}
	return b.RecordPlan(ctx, db.RecordPlanParams{RunID: l.Run.ID, FirstSeq: int64(first), LastSeq: int64(last), At: now})
}

// NextStep returns the Step to work on: one that was sent and has no outcome
// comes first, so that nothing overtakes it, then the next planned one that is
// due and whose parent is not open. ok is false if there is neither.
func (l *Lease) NextStep(ctx context.Context) (step Step, ok bool, err error) {
	row, err := l.store.w().FirstStepInState(ctx, l.Run.ID, string(ledger.StateSent))
	if errors.Is(err, sql.ErrNoRows) {
		row, err = l.store.w().NextPlannedStep(ctx, l.Run.ID, millis(l.store.now()))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return Step{}, false, nil
	}
	if err != nil {
		return Step{}, false, fmt.Errorf("next step of run %s: %w", l.Run.ID, err)
	}
	step, err = newStep(row)
	return step, err == nil, err
}

// NextDue returns when the first of the planned Steps that wait for their time
// is due, the zero time if none waits.
func (l *Lease) NextDue(ctx context.Context) (time.Time, error) {
	at, err := l.store.r().NextDueStep(ctx, l.Run.ID)
	if err != nil {
		return time.Time{}, fmt.Errorf("next step of run %s: %w", l.Run.ID, err)
	}
	return fromMillis(at), nil
}

// Defer puts off a planned Step, with the reason in words.
func (l *Lease) Defer(ctx context.Context, step Step, until time.Time, reason string) error {
	return l.tx(ctx, func(q *db.Queries) error { return q.DeferStep(ctx, step.ID, millis(until), reason) })
}

// DeferFollows is Defer for all planned follows of the Run.
func (l *Lease) DeferFollows(ctx context.Context, until time.Time, reason string) error {
	return l.tx(ctx, func(q *db.Queries) error { return q.DeferFollows(ctx, l.Run.ID, millis(until), reason) })
}
