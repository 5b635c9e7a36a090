// Package jobs holds the background work: one file per task, each of which
// loads, decides, acts and records. What is decided is decided in the pure
// packages, what is kept is kept by the store; the queue only wakes a worker.
//
// A Run is worked on in slices. A slice holds the Run's lease, does what it may
// do now, and ends with the time at which the next one is due: waiting belongs
// to the queue, never to a handler. Why nothing is done twice:
// docs/decisions/0003-exactly-once.md.
package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xapi"
)

// TaskRun is the kind of the task that wakes a worker for a Run.
const TaskRun = "run"

// The kinds of Run.
const (
	KindRead   = "read"
	KindFind   = "find"
	KindFollow = "follow"
	KindBlocks = "blocks"
	KindMutes  = "mutes"
	KindLists  = "lists"
	KindPosts  = "posts"
	KindUndo   = "undo"
)

// Worker does the jobs. All fields but those with a default must be set.
type Worker struct {
	Store     *store.Store
	Directory *store.Store // holds the directory index; Store if nil
	Files     *files.Store
	Queue     *queue.Queue
	Client    *fediverse.Client
	Log       *slog.Logger
	Now       func() time.Time

	InstallSecret []byte            // of the idempotency keys
	Heavy         int               // slices at a time that read archives or find people, which takes memory and processor time; 4 if 0
	Lease         time.Duration     // how long a worker holds a Run without renewing; 15 s if 0
	Rest          time.Duration     // how long a Step rests after its deadline; ledger.Rest if 0
	Reserve       float64           // part of an allowance that is left to the Owner
	ListRows      int               // most rows of a list; 0 switches lists off
	Keep          time.Duration     // a Move without a visit goes after this
	Whole         bool              // archives are read with their media, which are not brought later: the command line
	Sources       directory.Sources // where evidence may come from
	Contact       string            // crawling jobs are off without it
	X             *xapi.Client      // nil if X's API is not used
	XDaily        int               // most People that X's API is asked about on a day, over all Moves
	CallbackURL   string            // below it servers send people back, each to its own host

	AvatarWait time.Duration // how long somebody waits for a picture that is not here yet; 2 s if 0

	Writes          func(ctx context.Context, host string) error // waits for a turn to write to a host; nil is no limit
	WritesPerSecond float64                                      // that Writes lets through, for estimates; 5 if 0

	strikes sync.Map // Step id → *atomic.Int32: how often a server failed on it
	uploads sync.Map // Step id and file → upload: media that a server has by now
	refused sync.Map // Run id → refusals in a row

	allowances allowances
	places     places
	heavyOnce  sync.Once
	heavyNow   chan struct{} // holds one element for each slice of that kind

	avatars    singleflight.Group // by hash
	avatarsNow atomic.Int32       // that are being fetched
	shrinking  sync.Mutex         // one picture is decoded at a time
}

// slice does a part of a Run and says how the Run goes on. An error is a fault
// of ours, or ErrLeaseLost.
type slice func(ctx context.Context, h *holder) (store.Next, error)

func (w *Worker) slices(kind string) slice {
	switch kind {
	case KindRead:
		return w.read
	case KindFind:
		return w.find
	case KindFollow, KindBlocks, KindMutes:
		return w.relations
	case KindLists:
		return w.lists
	case KindPosts:
		return w.posts
	case KindUndo:
		return w.undo
	}
	return nil
}

// Advance does the next slice of a Run, if it is due and nobody else is at it.
// It may be called any number of times, by any number of workers.
func (w *Worker) Advance(ctx context.Context, run string) error {
	leave, err := w.enter(ctx, run)
	if err != nil {
		return err
	}
	defer leave()
	lease, err := w.Store.Lease(ctx, run, w.leaseTime())
	if err != nil || lease == nil { // held elsewhere, or nothing due
		return err
	}
	h := w.hold(ctx, lease)
	defer h.stop()
	next, err := w.advance(h.ctx, h)
	h.stop()
	switch {
	case errors.Is(err, store.ErrLeaseLost) || h.isLost():
		w.Log.Info("lease lost", "run", run)
		return nil
	case ctx.Err() != nil: // shutting down: whoever comes next goes on
		next = store.Next{State: store.RunWaiting}
	case err != nil:
		next = w.failure(run, err)
	}
	// The slice is over whatever happens to the caller: its end has to be kept.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	next.Heard = h.wish()
	due, err := lease.Release(ctx, next)
	if errors.Is(err, store.ErrLeaseLost) {
		return nil
	}
	if err != nil {
		return err
	}
	w.changed(ctx, lease.Run.MoveID)
	if !due.At.IsZero() {
		return w.Wake(ctx, run, due.Wake, due.At)
	}
	return nil
}

// enter waits for a place where a Run's slice takes memory and processor time. A
// slice that acts for an Account mostly waits for its server, so there may be
// many of those.
func (w *Worker) enter(ctx context.Context, run string) (leave func(), err error) {
	r, err := w.Store.RunByID(ctx, run)
	if errors.Is(err, model.ErrNotFound) || err == nil && r.Kind != KindRead && r.Kind != KindFind {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	w.heavyOnce.Do(func() { w.heavyNow = make(chan struct{}, max(1, cmp.Or(w.Heavy, 4))) })
	select {
	case w.heavyNow <- struct{}{}:
		return func() { <-w.heavyNow }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *Worker) advance(ctx context.Context, h *holder) (store.Next, error) {
	if wish := h.lease.Run.Wish; wish == store.WishPause {
		return store.Next{State: store.RunPaused}, nil
	}
	do := w.slices(h.lease.Run.Kind)
	if do == nil {
		return store.Next{}, fmt.Errorf("run of kind %q: %w", h.lease.Run.Kind, model.ErrInvalid)
	}
	w.changed(ctx, h.lease.Run.MoveID)
	if h.lease.Run.AccountID == "" {
		return do(ctx, h)
	}
	if h.wish() == store.WishCancel {
		if next, ok, err := w.lookBeforeCancel(ctx, h); !ok || err != nil {
			return next, err
		}
		if next, ok, err := cancelIdle(ctx, h); ok || err != nil {
			return next, err
		}
	}
	next, err := do(ctx, h)
	var stop *stopError
	if h.wish() == store.WishCancel {
		late, lateErr := w.tooLate(ctx, h, next, err)
		if lateErr != nil {
			return next, lateErr
		}
		if errors.As(err, &stop) || late {
			return giveUp(ctx, h)
		}
	}
	return next, err
}

// lookFor is how long a cancelled Run waits for a server that may say what became
// of a request.
const lookFor = time.Hour

// tooLate tells whether a Run that is to be cancelled has waited long enough for
// a server that does not answer.
func (w *Worker) tooLate(ctx context.Context, h *holder, next store.Next, err error) (bool, error) {
	if err != nil || next.State != store.RunWaiting {
		return false, nil
	}
	step, found, err := h.lease.NextStep(ctx)
	return found && step.State == ledger.StateSent && w.Now().After(step.Sent.Deadline.Add(lookFor)), err
}

// cancelIdle cancels a Run of which no request is without an outcome. That needs
// no server, so that one that is gone cannot keep it.
func cancelIdle(ctx context.Context, h *holder) (next store.Next, ok bool, err error) {
	step, found, err := h.lease.NextStep(ctx)
	if err != nil || found && step.State == ledger.StateSent {
		return next, false, err
	}
	return store.Next{State: store.RunCancelled}, true, h.lease.SkipPlanned(ctx, h.cancelled())
}

// giveUp cancels a Run that would only pause again: nobody can be asked what
// became of the request that has no outcome.
func giveUp(ctx context.Context, h *holder) (store.Next, error) {
	for {
		next, ok, err := cancelIdle(ctx, h)
		if ok || err != nil {
			return next, err
		}
		step, _, err := h.lease.NextStep(ctx)
		if err != nil {
			return next, err
		}
		err = h.lease.Finish(ctx, step, store.Outcome{State: ledger.StateUnsure, Reason: "cancelled before we could find out whether it happened"})
		if err != nil {
			return next, err
		}
	}
}

// failure turns an error into how the Run goes on. What would only fail again
// stops it with a sentence for the Owner; everything else is tried again.
func (w *Worker) failure(run string, err error) store.Next {
	var stop *stopError
	if errors.As(err, &stop) {
		return store.Next{State: stop.state, Error: stop.text}
	}
	w.Log.Error("run failed", "run", run, "error", err)
	for _, kind := range []error{model.ErrInvalid, model.ErrNotFound, model.ErrDenied, model.ErrConflict} {
		if errors.Is(err, kind) {
			return store.Next{State: store.RunFailed, Error: "This could not be done. You can try again; if it stays so, the operator's log says why."}
		}
	}
	text := "Something went wrong on our side. Nothing is lost; it goes on by itself."
	if errors.Is(err, queue.ErrDown) {
		text = "The queue of this service cannot be reached just now. Nothing is lost; it goes on by itself."
	}
	return store.Next{State: store.RunWaiting, DueAt: w.Now().Add(2 * w.leaseTime()), Error: text}
}

// stopError ends a slice with a state of the Run and a sentence for the Owner.
type stopError struct {
	state string
	text  string
}

func (e *stopError) Error() string { return e.text }

func pause(format string, args ...any) error {
	return &stopError{store.RunPaused, fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) error {
	return &stopError{store.RunFailed, fmt.Sprintf(format, args...)}
}

// Start adds a Run and wakes a worker for it. If the queue is down the Run waits
// for the reconciler.
func (w *Worker) Start(ctx context.Context, r store.Run) (store.Run, error) {
	r, err := w.Store.AddRun(ctx, r)
	if err != nil {
		return r, err
	}
	w.started(ctx, r)
	return r, nil
}

// started tells of a Run that was added, and wakes a worker for it.
func (w *Worker) started(ctx context.Context, r store.Run) {
	w.changed(ctx, r.MoveID)
	if err := w.Wake(ctx, r.ID, r.Wake, r.DueAt); err != nil {
		w.Log.Warn("run waits for the reconciler", "run", r.ID, "error", err)
	}
}

// Wake has a worker look at a Run at a time.
func (w *Worker) Wake(ctx context.Context, run string, wake int64, at time.Time) error {
	return w.Queue.Wake(ctx, queue.Task{Kind: TaskRun, ID: run, Wake: wake}, at)
}

// Due returns the tasks of all Runs that are due within a minute, for the
// reconciler.
func (w *Worker) Due(ctx context.Context) ([]queue.Due, error) {
	due, err := w.Store.DueRuns(ctx, w.Now().Add(time.Minute))
	if err != nil {
		return nil, err
	}
	tasks := make([]queue.Due, len(due))
	for i, d := range due {
		tasks[i] = queue.Due{Task: queue.Task{Kind: TaskRun, ID: d.ID, Wake: d.Wake}, At: d.At}
	}
	return tasks, nil
}

// RedirectURI is where a host sends people back to: part of our application there.
func (w *Worker) RedirectURI(host string) string { return w.CallbackURL + "/" + host }

// Topic is where changes of a Move are announced to the processes that show it.
func Topic(move string) string { return "move:" + move }

// changed announces that something about a Move is new. It is lossy by design.
func (w *Worker) changed(ctx context.Context, move string) {
	if err := w.Queue.Publish(ctx, Topic(move), move); err != nil {
		w.Log.Debug("change not announced", "move", move, "error", err)
	}
}

func (w *Worker) leaseTime() time.Duration {
	if w.Lease > 0 {
		return w.Lease
	}
	return 15 * time.Second
}

// options reads the options of a Run.
func options[T any](r store.Run) (T, error) {
	var o T
	if r.Options == "" {
		return o, nil
	}
	if err := json.Unmarshal([]byte(r.Options), &o); err != nil {
		return o, fmt.Errorf("options of run %s: %w: %w", r.ID, model.ErrInvalid, err)
	}
	return o, nil
}
