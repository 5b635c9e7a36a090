package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hibiken/asynq"
)

// Task asks a worker to look at a row of the database.
type Task struct {
	Kind string // names the handler, such as "run"
	ID   string // of the row; all that the task carries
	Wake int64  // the row's count of wake-ups
}

func (t Task) id() string { return fmt.Sprintf("%s:%s:%d", t.Kind, t.ID, t.Wake) }

// Due is a Task and when it is due; the zero time is now.
type Due struct {
	Task
	At time.Time
}

// taskTime is what asynq lets a handler run at most. Handlers end far earlier
// by themselves; this only frees the place of one that hangs.
const taskTime = 6 * time.Hour

// Wake has a worker look at t's row at a time; now, if that is over. A Task of
// the same Kind, ID and Wake that is queued, waiting for its time or worked on
// is left as it is, with its time, and that is no error: so waking twice is
// safe. To be looked at earlier or once more, the row has to count a wake-up
// first.
func (q *Queue) Wake(ctx context.Context, t Task, at time.Time) error {
	opts := []asynq.Option{
		asynq.TaskID(t.id()),
		asynq.Queue("default"),
		asynq.MaxRetry(math.MaxInt32), // what has run out of retries is archived and holds its id for 90 days
		asynq.Timeout(taskTime),
	}
	if at.After(time.Now()) {
		opts = append(opts, asynq.ProcessAt(wholeSecond(at)))
	}
	_, err := q.client.EnqueueContext(ctx, asynq.NewTask(t.Kind, []byte(t.ID)), opts...)
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("queue %s %s: %w", t.Kind, t.ID, err)
	}
	return nil
}

// wholeSecond is the first whole second that is not before t. asynq keeps whole
// seconds and cuts the rest off: a task that came early would find its row not
// due, end, and leave it to the next round of Reconcile.
func wholeSecond(t time.Time) time.Time {
	if cut := t.Truncate(time.Second); cut.Before(t) {
		return cut.Add(time.Second)
	}
	return t
}

// Reconcile queues what due returns, at once and then at every interval, until
// ctx ends. Whatever the queue has lost comes back by it, so it is to run in
// every process that serves. Errors are logged; the next round tries again.
func (q *Queue) Reconcile(ctx context.Context, every time.Duration, due func(context.Context) ([]Due, error)) {
	for {
		if err := q.reconcile(ctx, due); err != nil && ctx.Err() == nil {
			q.log.Error("queue what is due", "error", err)
		}
		if !sleep(ctx, every) {
			return
		}
	}
}

func (q *Queue) reconcile(ctx context.Context, due func(context.Context) ([]Due, error)) error {
	tasks, err := due(ctx)
	if err != nil {
		return err
	}
	for _, d := range tasks {
		if err := q.Wake(ctx, d.Task, d.At); err != nil {
			return err // the others would wait for the same Redis
		}
	}
	return nil
}
