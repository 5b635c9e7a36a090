package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
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
	Adopted   bool
	UpdatedAt time.Time
	DueAt     time.Time // of a planned Step: not before
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
	err = l.SetCursor(ctx, Planned)
	failPoint("after plan")
	return err
}

// Planned is the cursor of a Run whose Steps are all kept.
const Planned = "planned"

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

// FollowPlanned tells whether a Run of the Account is still to follow that
// address.
func (s *Store) FollowPlanned(ctx context.Context, account string, address model.Address) (bool, error) {
	n, err := s.r().FollowPlanned(ctx, account, address.Key())
	if err != nil {
		return false, fmt.Errorf("follows of account %s: %w", account, err)
	}
	return n > 0, nil
}

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
		ResultUrl: o.ResultURL, Adopted: o.Adopted, UpdatedAt: now,
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
		if o.State != ledger.StateConfirmed {
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
	})
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
// it became the status that a look took for the likeliest, unless another Step
// has that one; or it did not, and then it is tried again, in a cancelled Run
// given up. A Run that had stopped goes on if there is something left to do.
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
		return q.ReviveRun(ctx, run, millis(s.now()))
	})
}

func settled(ctx context.Context, q *db.Queries, step Step, happened bool) (Outcome, error) {
	if !happened {
		o := Outcome{State: ledger.StatePlanned, Reason: "you said that it is not there"}
		run, err := q.Run(ctx, step.RunID)
		if run.State == RunCancelled {
			o.State = ledger.StateSkipped
		}
		return o, err
	}
	o := Outcome{State: ledger.StateConfirmed, Outcome: "followed", Adopted: true, Reason: "you said that it is there"}
	if step.Kind != plan.KindPost {
		o.ResultID = step.Sent.RemoteID
		return o, nil
	}
	o.Outcome = "posted"
	taken, err := q.StatusTaken(ctx, step.ID, step.ResultID)
	if taken == 0 {
		o.ResultID, o.ResultURL = step.ResultID, step.ResultURL
	}
	return o, err
}

// StepByID returns a Step whosever it is, for workers.
func (s *Store) StepByID(ctx context.Context, id string) (Step, error) {
	row, err := s.r().Step(ctx, id)
	if err != nil {
		return Step{}, missing(err, "step", id)
	}
	return newStep(row)
}

// Step returns a Step of the Run.
func (s *Store) Step(ctx context.Context, run, id string) (Step, error) {
	row, err := s.r().Step(ctx, id)
	if err == nil && row.RunID != run {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Step{}, missing(err, "step", id)
	}
	return newStep(row)
}

// StepsPage returns up to limit Steps of a Run after the one with that seq, in
// order; state "" is any.
func (s *Store) StepsPage(ctx context.Context, run string, state ledger.State, after, limit int) ([]Step, error) {
	rows, err := s.r().StepsPage(ctx, db.StepsPageParams{RunID: run, State: string(state), After: int64(after), MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("steps of run %s: %w", run, err)
	}
	return newSteps(rows)
}

// Ledger returns all entries of a Step, oldest first.
func (s *Store) Ledger(ctx context.Context, step string) ([]ledger.Entry, error) {
	rows, err := s.r().Ledger(ctx, step)
	if err != nil {
		return nil, fmt.Errorf("ledger of step %s: %w", step, err)
	}
	entries := make([]ledger.Entry, len(rows))
	for i, row := range rows {
		entries[i] = ledger.Entry{
			StepID: row.StepID, Attempt: int(row.Attempt), State: ledger.State(row.State), At: fromMillis(row.At), Detail: row.Detail,
		}
	}
	return entries, nil
}

// PostedStatus returns the status that a tweet became from that account: its
// given part, or its last one if part is 0. ErrNotFound if it is not confirmed.
func (s *Store) PostedStatus(ctx context.Context, accountKey, tweet string, part int) (string, error) {
	row, err := s.posted(ctx, accountKey, tweet, part)
	return row.StatusID, err
}

// PostedURL returns the id and the page of the status that a tweet, or its first
// part, became from that account. ErrNotFound if it is not confirmed.
func (s *Store) PostedURL(ctx context.Context, accountKey, tweet string) (id, url string, err error) {
	row, err := s.posted(ctx, accountKey, tweet, 1)
	return row.StatusID, row.StatusUrl, err
}

func (s *Store) posted(ctx context.Context, accountKey, tweet string, part int) (db.PostedPart, error) {
	var row db.PostedPart
	var err error
	if part == 0 {
		row, err = s.r().LastPostedPart(ctx, accountKey, tweet)
	} else {
		row, err = s.r().PostedPart(ctx, accountKey, tweet, int64(part))
	}
	if err == nil && row.StatusID == "" {
		err = sql.ErrNoRows
	}
	if err != nil {
		return db.PostedPart{}, missing(err, "status of tweet", tweet)
	}
	return row, nil
}

// Text is what the post of the Step says: as composed, or as it was sent.
func (s Step) Text() string {
	if s.Sent.Text != "" {
		return s.Sent.Text
	}
	return s.Status.Text
}

// PostedTweets returns how many parts of each tweet were posted from that account.
func (s *Store) PostedTweets(ctx context.Context, accountKey string) (map[string]int, error) {
	rows, err := s.r().PostedTweets(ctx, accountKey)
	if err != nil {
		return nil, fmt.Errorf("posted tweets: %w", err)
	}
	posted := make(map[string]int, len(rows))
	for _, row := range rows {
		posted[row.TweetID] = int(row.Parts)
	}
	return posted, nil
}

// StatusConfirmed tells whether another Step than that one has confirmed a status.
func (s *Store) StatusConfirmed(ctx context.Context, accountKey, status, exceptStep string) (bool, error) {
	n, err := s.r().StatusConfirmed(ctx, accountKey, status, exceptStep)
	if err != nil {
		return false, fmt.Errorf("status %s: %w", status, err)
	}
	return n > 0, nil
}

// LastPost returns when the Account's latest post went out, or was about to, in
// any of its Runs; the zero time for never.
func (s *Store) LastPost(ctx context.Context, account string) (time.Time, error) {
	var last int64
	for _, state := range []ledger.State{ledger.StateSent, ledger.StateConfirmed} {
		at, err := s.r().LatestStep(ctx, account, string(plan.KindPost), string(state))
		if err != nil {
			return time.Time{}, fmt.Errorf("last post of account %s: %w", account, err)
		}
		last = max(last, at)
	}
	return fromMillis(last), nil
}

// Followed returns the addresses, as keys, that Runs of the Account have
// followed or found followed.
func (s *Store) Followed(ctx context.Context, account string) (map[string]bool, error) {
	rows, err := s.r().FollowedAddresses(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("followed by account %s: %w", account, err)
	}
	followed := make(map[string]bool, len(rows))
	for _, row := range rows {
		var address model.Address
		if err := address.UnmarshalText([]byte(row)); err != nil {
			return nil, fmt.Errorf("followed by account %s: %w", account, err)
		}
		followed[address.Key()] = true
	}
	return followed, nil
}

func newSteps(rows []db.Step) ([]Step, error) {
	steps := make([]Step, 0, len(rows))
	for _, row := range rows {
		step, err := newStep(row)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func newStep(row db.Step) (Step, error) {
	fail := func(err error) (Step, error) { return Step{}, fmt.Errorf("step %s: %w", row.ID, err) }
	var address model.Address
	if err := address.UnmarshalText([]byte(row.Address)); err != nil {
		return fail(err)
	}
	var status *compose.Status
	if row.Payload != "" {
		s, err := fromJSON[compose.Status](row.Payload)
		if err != nil {
			return fail(err)
		}
		status = &s
	}
	sent, err := fromJSON[Sent](row.Sent)
	if err != nil {
		return fail(err)
	}
	return Step{
		Step: plan.Step{
			ID: row.ID, RunID: row.RunID, MoveID: row.MoveID, AccountID: row.AccountID, Seq: int(row.Seq), Kind: plan.Kind(row.Kind),
			PersonID: row.PersonID, Address: address, Status: status, TweetID: row.TweetID, Part: int(row.Part),
			ParentID: row.ParentID, State: ledger.State(row.State), Attempt: int(row.Attempt), Reason: row.Reason,
			List: row.List, Undoes: row.Undoes,
		},
		Sent: sent, Outcome: row.Outcome, ResultID: row.ResultID, ResultURL: row.ResultUrl, Adopted: row.Adopted,
		UpdatedAt: fromMillis(row.UpdatedAt), DueAt: fromMillis(row.DueAt),
	}, nil
}
