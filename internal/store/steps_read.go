package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store/db"
)

// FollowPlanned tells whether a Run of the Account is still to follow that
// address.
func (s *Store) FollowPlanned(ctx context.Context, account string, address model.Address) (bool, error) {
	n, err := s.r().FollowPlanned(ctx, account, address.Key())
	if err != nil {
		return false, fmt.Errorf("follows of account %s: %w", account, err)
	}
	return n > 0, nil
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
		Found:     Found{Text: row.ResultText, At: fromMillis(row.ResultAt)},
		UpdatedAt: fromMillis(row.UpdatedAt), DueAt: fromMillis(row.DueAt),
	}, nil
}
