package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// The states of a Run.
const (
	RunWaiting   = "waiting" // for its turn, or for a limit
	RunRunning   = "running"
	RunPaused    = "paused"
	RunDone      = "done"
	RunCancelled = "cancelled"
	RunFailed    = "failed" // can be resumed
)

// What an Owner may wish of a Run that is under way.
const (
	WishPause  = "pause"
	WishCancel = "cancel"
)

// Run is one background job that an Owner started.
type Run struct {
	ID         string
	MoveID     string
	Kind       string // read, find, follow, posts
	AccountID  string // of Runs that act outside
	State      string
	Options    string // JSON, of the job that the kind names
	Cursor     string // the job's own note of where it is
	Text       string // what it is doing, in words
	Result     string // JSON, of the job that the kind names
	Error      string // why it stopped, in words for the Owner
	Total      int
	Done       int
	Wake       int64
	DueAt      time.Time
	Wish       string
	CreatedAt  time.Time
	FinishedAt time.Time
}

// AddRun starts a Run: it is due at once. A Run of the same kind and Account
// that is not finished yet is ErrConflict, a Move that is gone ErrNotFound.
func (s *Store) AddRun(ctx context.Context, r Run) (Run, error) {
	err := s.tx(ctx, func(q *db.Queries) (err error) {
		r, err = s.addRun(ctx, q, r)
		return err
	})
	return r, err
}

func (s *Store) addRun(ctx context.Context, q *db.Queries, r Run) (Run, error) {
	r.ID, r.State, r.Wake, r.CreatedAt = NewID(), RunWaiting, 1, s.now().UTC()
	r.DueAt = r.CreatedAt
	if err := mayBegin(ctx, q, r.MoveID, r.Kind, r.AccountID); err != nil {
		return r, err
	}
	err := q.AddRun(ctx, db.AddRunParams{
		ID: r.ID, MoveID: r.MoveID, Kind: r.Kind, AccountID: r.AccountID, Options: r.Options,
		DueAt: millis(r.DueAt), CreatedAt: millis(r.CreatedAt),
	})
	if err != nil {
		return r, fmt.Errorf("add run: %w", err)
	}
	return r, nil
}

// mayBegin makes sure that the Move is there and that no Run of that kind and
// Account is under way. It locks the Move: of two clicks the second waits, and
// sees what the first began.
func mayBegin(ctx context.Context, q *db.Queries, move, kind, account string) error {
	if err := q.LockMove(ctx, move); err != nil {
		return fmt.Errorf("lock move %s: %w", move, err)
	}
	if _, err := q.Move(ctx, move); err != nil {
		return missing(err, "move", move)
	}
	active, err := q.ActiveRunsOfKind(ctx, move, kind, account)
	if err != nil {
		return fmt.Errorf("runs of move %s: %w", move, err)
	}
	if active > 0 && kind != "read" {
		return fmt.Errorf("a %s run is under way already: %w", kind, model.ErrConflict)
	}
	return nil
}

// Run returns a Run of the Move.
func (s *Store) Run(ctx context.Context, move, id string) (Run, error) {
	row, err := s.r().Run(ctx, id)
	if err == nil && row.MoveID != move {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Run{}, missing(err, "run", id)
	}
	return newRun(row), nil
}

// RunByID returns a Run whosever it is, for workers.
func (s *Store) RunByID(ctx context.Context, id string) (Run, error) {
	row, err := s.r().Run(ctx, id)
	if err != nil {
		return Run{}, missing(err, "run", id)
	}
	return newRun(row), nil
}

// Runs returns the Move's Runs, oldest first.
func (s *Store) Runs(ctx context.Context, move string) ([]Run, error) {
	rows, err := s.r().RunsOfMove(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("runs of move %s: %w", move, err)
	}
	runs := make([]Run, len(rows))
	for i, row := range rows {
		runs[i] = newRun(row)
	}
	return runs, nil
}

// Wish asks whoever works on the Run to pause or cancel it, and makes it due, so
// that somebody comes. ErrConflict if the Run is over.
func (s *Store) Wish(ctx context.Context, id, wish string) (wake int64, err error) {
	wake, err = s.w().WishRun(ctx, id, wish, millis(s.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("this run is over: %w", model.ErrConflict)
	}
	if err != nil {
		return 0, fmt.Errorf("%s run %s: %w", wish, id, err)
	}
	return wake, nil
}

// Resume makes a Run that was paused, or that failed, due again. ErrConflict if
// it is neither, or if another one was begun in place of one that failed.
func (s *Store) Resume(ctx context.Context, id string) (wake int64, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		row, err := q.Run(ctx, id)
		if err != nil {
			return missing(err, "run", id)
		}
		if row.State == RunFailed {
			if err := mayBegin(ctx, q, row.MoveID, row.Kind, row.AccountID); err != nil {
				return err
			}
		}
		wake, err = q.ResumeRun(ctx, id, millis(s.now()))
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("this run is not paused: %w", model.ErrConflict)
		}
		if err != nil {
			return fmt.Errorf("resume run %s: %w", id, err)
		}
		return nil
	})
	return wake, err
}

// DueRun is a Run that a worker should look at, when, and under which wake.
type DueRun struct {
	ID   string
	Kind string
	Wake int64
	At   time.Time
}

// DueRuns returns the Runs that are due by until. One that is held is due when
// its lease ends, in case its holder has died.
func (s *Store) DueRuns(ctx context.Context, until time.Time) ([]DueRun, error) {
	rows, err := s.r().DueRuns(ctx, millis(until))
	if err != nil {
		return nil, fmt.Errorf("due runs: %w", err)
	}
	due := make([]DueRun, len(rows))
	for i, row := range rows {
		due[i] = DueRun{ID: row.ID, Kind: row.Kind, Wake: row.Wake, At: fromMillis(max(row.DueAt, row.LeaseUntil))}
	}
	return due, nil
}

// StepCounts counts the Steps of a Run by state.
func (s *Store) StepCounts(ctx context.Context, run string) (map[ledger.State]int, error) {
	rows, err := s.r().StepCounts(ctx, run)
	if err != nil {
		return nil, fmt.Errorf("steps of run %s: %w", run, err)
	}
	counts := make(map[ledger.State]int, len(rows))
	for _, row := range rows {
		counts[ledger.State(row.State)] = int(row.Steps)
	}
	return counts, nil
}

func newRun(row db.Run) Run {
	return Run{
		ID: row.ID, MoveID: row.MoveID, Kind: row.Kind, AccountID: row.AccountID, State: row.State, Options: row.Options,
		Cursor: row.Cursor, Text: row.Text, Result: row.Result, Error: row.Error, Total: int(row.Total), Done: int(row.Done), Wake: row.Wake,
		DueAt: fromMillis(row.DueAt), Wish: row.Wish, CreatedAt: fromMillis(row.CreatedAt), FinishedAt: fromMillis(row.FinishedAt),
	}
}
