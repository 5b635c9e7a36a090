package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/skein-migrate/skein/internal/store/db"
)

// ErrLeaseLost means that somebody else works on the Run now, or that it was
// stopped for good: whoever gets it writes nothing more and leaves.
var ErrLeaseLost = errors.New("lease lost")

// Lease is the right to work on a Run for a while. It carries a fence, a number
// that grows with every lease of the Run: each transaction of a holder begins
// with a test of the fence, so that a holder who slept through the end of the
// lease cannot write. A Lease may be used by several goroutines.
type Lease struct {
	Run   Run
	store *Store
	fence int64
	d     time.Duration
	until atomic.Int64
}

// Lease takes the Run for d if it is due and free, else it returns nil.
func (s *Store) Lease(ctx context.Context, run string, d time.Duration) (*Lease, error) {
	now := s.now()
	until := now.Add(d)
	failPoint("before lease")
	row, err := s.w().TakeLease(ctx, millis(until), run, millis(now))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lease run %s: %w", run, err)
	}
	l := &Lease{Run: newRun(row), store: s, fence: row.Fence, d: d}
	l.until.Store(millis(until))
	failPoint("after lease")
	return l, nil
}

// Until is when the lease ends unless it is renewed.
func (l *Lease) Until() time.Time { return fromMillis(l.until.Load()) }

// Renew prolongs the lease and returns what the Owner wishes: "", pause or cancel.
func (l *Lease) Renew(ctx context.Context) (wish string, err error) {
	until := l.store.now().Add(l.d)
	wish, err = l.store.w().RenewLease(ctx, l.Run.ID, l.fence, millis(until))
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("run %s: %w", l.Run.ID, ErrLeaseLost)
	}
	if err != nil {
		return "", fmt.Errorf("renew lease of run %s: %w", l.Run.ID, err)
	}
	l.until.Store(millis(until))
	return wish, nil
}

// Next says how a Run goes on after its lease.
type Next struct {
	State string
	DueAt time.Time // for RunWaiting
	Error string    // in words for the Owner
	Heard string    // what the holder knew of the Owner's wishes
}

// Release ends the lease and returns when the Run is next due, at the zero time
// for never, and under which wake. A wish that was made since the holder last heard
// of one stands, and makes the Run due at once; so does a cancel behind a pause.
func (l *Lease) Release(ctx context.Context, n Next) (due DueRun, err error) {
	now := l.store.now()
	var finished time.Time
	if n.State == RunDone || n.State == RunCancelled {
		finished = now
	}
	if n.DueAt.IsZero() {
		n.DueAt = now
	}
	failPoint("before release")
	row, err := l.store.w().ReleaseLease(ctx, db.ReleaseLeaseParams{
		ID: l.Run.ID, Fence: l.fence, State: n.State, DueAt: millis(n.DueAt), Error: n.Error, FinishedAt: millis(finished),
		Heard: n.Heard, Now: millis(now),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return due, fmt.Errorf("run %s: %w", l.Run.ID, ErrLeaseLost)
	}
	if err != nil {
		return due, fmt.Errorf("release run %s: %w", l.Run.ID, err)
	}
	failPoint("after release")
	due = DueRun{ID: l.Run.ID, Kind: l.Run.Kind, Wake: row.Wake}
	if row.State == RunWaiting {
		due.At = fromMillis(row.DueAt)
	}
	return due, nil
}

// SetProgress keeps how far the Run has come, in numbers and words.
func (l *Lease) SetProgress(ctx context.Context, total, done int, text string) error {
	err := l.store.w().SetProgress(ctx, db.SetProgressParams{
		ID: l.Run.ID, Fence: l.fence, Total: int64(total), Done: int64(done), Text: text,
	})
	if err != nil {
		return fmt.Errorf("progress of run %s: %w", l.Run.ID, err)
	}
	return nil
}

// SetCursor keeps the job's own note of where it is.
func (l *Lease) SetCursor(ctx context.Context, cursor string) error {
	return l.tx(ctx, func(q *db.Queries) error {
		l.Run.Cursor = cursor
		return q.SetCursor(ctx, l.Run.ID, l.fence, cursor)
	})
}

// SetResult keeps what the Run brought, as JSON of the job.
func (l *Lease) SetResult(ctx context.Context, result string) error {
	return l.tx(ctx, func(q *db.Queries) error { return q.SetResult(ctx, l.Run.ID, l.fence, result) })
}

// tx runs do in a transaction that fails with ErrLeaseLost unless the lease
// stands. The first statement locks the run's row, so the lease cannot be taken
// over before the transaction has ended.
func (l *Lease) tx(ctx context.Context, do func(q *db.Queries) error) error {
	return l.bulk(ctx, func(b *bulk) error { return do(b.Queries) })
}

// bulk is tx for many rows.
func (l *Lease) bulk(ctx context.Context, do func(b *bulk) error) error {
	return l.store.bulk(ctx, func(b *bulk) error {
		n, err := b.HoldLease(ctx, l.Run.ID, l.fence, millis(l.store.now()))
		if err != nil {
			return fmt.Errorf("hold lease of run %s: %w", l.Run.ID, err)
		}
		if n == 0 {
			return fmt.Errorf("run %s: %w", l.Run.ID, ErrLeaseLost)
		}
		return do(b)
	})
}
