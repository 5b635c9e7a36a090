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

// queueName is asynq's queue; there is only one.
const queueName = "default"

// taskTime is what asynq lets a handler run at most. Handlers end far earlier
// by themselves; this only frees the place of one that hangs.
const taskTime = 6 * time.Hour

// Wake has a worker look at t's row at a time; now, if that is over. A Task of
// the same Kind, ID and Wake that is queued, waiting for its time or worked on
// is left as it is, with its time, and that is no error: so waking twice is
// safe. To be looked at earlier or once more, the row has to count a wake-up
// first.
func (q *Queue) Wake(ctx context.Context, t Task, at time.Time) error {
	_, err := q.enqueue(ctx, t, t.id(), at)
	return err
}

// enqueue queues t by an id, and tells whether that id was there already.
func (q *Queue) enqueue(ctx context.Context, t Task, id string, at time.Time) (taken bool, err error) {
	opts := []asynq.Option{
		asynq.TaskID(id),
		asynq.Queue(queueName),
		asynq.MaxRetry(math.MaxInt32), // what has run out of retries is archived and holds its id for 90 days
		asynq.Timeout(taskTime),
	}
	if at.After(time.Now()) {
		opts = append(opts, asynq.ProcessAt(wholeSecond(at)))
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(t.Kind, []byte(t.ID)), opts...)
	taken = errors.Is(err, asynq.ErrTaskIDConflict)
	if err != nil && !taken {
		return false, fmt.Errorf("queue %s %s: %w", t.Kind, t.ID, err)
	}
	return taken, nil
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
// ctx ends. Whatever the queue has lost comes back by it, and whatever a worker
// took and died of, so it is to run in every process that serves. Errors are logged; the next round tries again.
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
		taken, err := q.enqueue(ctx, d.Task, d.id(), d.At)
		if err == nil && taken && time.Since(d.At) > stranded {
			err = q.replace(ctx, d.Task)
		}
		if err != nil {
			return err // the others would wait for the same Redis
		}
	}
	return nil
}

// stranded is how long a row may be due while a worker has its task and has not
// taken the row. That takes milliseconds: the worker has died, or hangs.
const stranded = 3 * time.Second

// replacements are how many workers may die of one wake-up before asynq's own way
// is waited for: it gives a dead worker's task back after one to two minutes.
const replacements = 4

// replace queues t under another id if a worker holds the task itself. One that
// only waits for its turn is left alone. A worker that was taken for dead and is
// not does no harm: the row's lease decides who works.
func (q *Queue) replace(ctx context.Context, t Task) error {
	id := t.id()
	for n := range replacements {
		info, err := q.inspector.GetTaskInfo(queueName, id)
		switch {
		case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
			return nil // it was done meanwhile, or Redis emptied
		case err != nil:
			return fmt.Errorf("look for task %s: %w", id, err)
		case info.State != asynq.TaskStateActive:
			return nil
		}
		id = fmt.Sprintf("%s:%d", t.id(), n+1)
		taken, err := q.enqueue(ctx, t, id, time.Time{})
		if err != nil {
			return err
		}
		if !taken {
			q.log.Warn("task taken from a worker that has died or hangs", "kind", t.Kind, "id", t.ID)
			return nil
		}
	}
	return nil
}
