package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"

	"github.com/skein-migrate/skein/internal/model"
)

// Handler looks at the row with that id and does what is due there. It may be
// called twice for the same row, at the same time too: a lease in the database
// decides who works. It returns soon when ctx ends.
//
// What becomes of an error:
//   - with a method RetryAfter() time.Duration (errors.As): called again after
//     that time; not a failure
//   - model.ErrInvalid, ErrDenied, ErrNotFound: the task is dropped, since it
//     would only fail again. The row stays as it is, and Reconcile wakes it
//     again if the database still says that it is due
//   - any other: called again after 5 s, 10 s, … up to a minute
type Handler func(ctx context.Context, id string) error

// Serve calls the handlers, by kind of task, until ctx ends. Then it takes no
// more tasks, ends the handlers' contexts and returns when they have returned;
// after a few seconds it leaves those that do not. Unfinished tasks go back to
// the queue. A kind without a handler is left to other processes.
func (q *Queue) Serve(ctx context.Context, handlers map[string]Handler) error {
	server := asynq.NewServerFromRedisClient(q.rdb, asynq.Config{
		Concurrency:              q.workers,
		Queues:                   map[string]int{queueName: 1},
		TaskCheckInterval:        250 * time.Millisecond, // the time to the first task on an idle server
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          q.stopTime,
		IsFailure:                isFailure,
		RetryDelayFunc:           func(n int, err error, _ *asynq.Task) time.Duration { return q.retryDelay(n, err) },
		Logger:                   logger{q.log},
		LogLevel:                 asynq.DebugLevel, // slog decides
	})
	err := server.Start(asynq.HandlerFunc(func(taskCtx context.Context, t *asynq.Task) error {
		return q.handle(ctx, taskCtx, handlers[t.Type()], t)
	}))
	if err != nil {
		return fmt.Errorf("serve the queue: %w", err)
	}
	<-ctx.Done()
	server.Shutdown()
	return nil
}

// errStopping hands a task on to another process, or to this one's next start.
var errStopping = errors.New("the process stops")

// handle calls h with a context that ends with serving too. That is not left to
// asynq's BaseContext: asynq would give the task away at once, while h still
// works on it.
func (q *Queue) handle(serving, ctx context.Context, h Handler, t *asynq.Task) error {
	if h == nil {
		return fmt.Errorf("no handler for tasks of kind %s", t.Type())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(serving, cancel)()

	id := string(t.Payload())
	err := h(ctx, id)
	switch {
	case err == nil:
		return nil
	case serving.Err() != nil:
		return errStopping
	case !isFailure(err):
		q.log.Info("task waits", "kind", t.Type(), "id", id, "reason", err)
		return err
	case hopeless(err):
		// Not asynq.SkipRetry: it archives the task, whose id then stays taken
		// for 90 days, and Reconcile could not wake the row with the same count.
		q.log.Error("task dropped", "kind", t.Type(), "id", id, "error", err)
		return fmt.Errorf("%w: %w", asynq.RevokeTask, err)
	}
	q.log.Error("task failed", "kind", t.Type(), "id", id, "error", err)
	return err
}

// hopeless tells whether doing it again would only fail again.
func hopeless(err error) bool {
	for _, kind := range []error{model.ErrInvalid, model.ErrDenied, model.ErrNotFound} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// waits is an error that says when to try again.
type waits interface{ RetryAfter() time.Duration }

func isFailure(err error) bool {
	var w waits
	return !errors.As(err, &w) && !errors.Is(err, errStopping) && !errors.Is(err, asynq.ErrLeaseExpired)
}

// longestDelay is short: after a database that was down, all Runs wait for it.
const longestDelay = time.Minute

// retryDelay is for the n-th failure, counted from 0. Whoever asked to wait
// gets a little more than that, so that not all come back at the same moment.
func (q *Queue) retryDelay(n int, err error) time.Duration {
	var w waits
	switch {
	case errors.As(err, &w):
		d := max(0, w.RetryAfter())
		return d + rand.N(min(d/10, 10*time.Second)+1)
	case errors.Is(err, errStopping), errors.Is(err, asynq.ErrLeaseExpired):
		return 0
	}
	d := min(q.retryBase<<min(n, 10), longestDelay)
	return d + rand.N(d/4+1)
}
