// Package queue wakes workers. It is the only package that knows asynq, Redis
// and the server inside the process that stands in for Redis.
//
// The database is the list of what is to be done. A task here is no more than
// "look at this id", it may come twice or get lost, and everything in Redis may
// be thrown away at any time: Reconcile puts back what is due. Why:
// docs/decisions/0002-database-and-queue.md.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/skein-migrate/skein/internal/model"
)

// Options say where the queue is.
type Options struct {
	RedisURL string       // redis://, rediss:// or unix://; inside the process if empty
	Logger   *slog.Logger // required
	Workers  int          // tasks at a time in Serve; at least 1
}

// Queue is a connection to the queue. It is safe for several goroutines.
type Queue struct {
	rdb       *redis.Client
	client    *asynq.Client
	inspector *asynq.Inspector
	log       *slog.Logger
	workers   int
	closers   []func() // besides rdb, last first

	retryBase time.Duration // delay after the first failure
	stopTime  time.Duration // for handlers that are told to stop

	topics hub
	gates  gates
}

// ErrDown means that Redis cannot be reached.
var ErrDown = errors.New("the queue (Redis) cannot be reached")

// connectTime is how long Open waits for Redis.
const connectTime = 5 * time.Second

// Open connects to Redis, or starts the queue inside the process, which opens
// no port and is empty at every start. A Redis that cannot be reached is an
// error here; later on it makes single calls fail.
func Open(o Options) (*Queue, error) {
	if o.RedisURL == "" {
		opt, stop := embedded()
		q := open(opt, o)
		q.closers = append(q.closers, stop)
		return q, nil
	}
	opt, err := redis.ParseURL(o.RedisURL)
	if err != nil { // its text may hold the password
		return nil, fmt.Errorf("the Redis URL is not like redis://host:6379/0: %w", model.ErrInvalid)
	}
	q := open(opt, o)
	ctx, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	if err := q.Ping(ctx); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	q.checkPolicy(ctx)
	return q, nil
}

func open(opt *redis.Options, o Options) *Queue {
	opt.Protocol = 2 // nothing here needs more, and the embedded server knows no push notifications
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opt.DisableIdentity = true
	opt.DialerRetries = 1 // commands are tried again anyway; together it was 25 dials, a wait of seconds for each command without Redis
	opt.PoolSize = max(opt.PoolSize, 20, 2*o.Workers)
	rdb := redis.NewClient(opt)
	return &Queue{
		rdb: rdb, client: asynq.NewClientFromRedisClient(rdb), inspector: asynq.NewInspectorFromRedisClient(rdb),
		log: o.Logger, workers: max(1, o.Workers),
		retryBase: 5 * time.Second, stopTime: 5 * time.Second,
	}
}

// checkPolicy warns of a Redis that may drop single keys when memory is short:
// asynq does not get over losing half of a task.
func (q *Queue) checkPolicy(ctx context.Context) {
	got, err := q.rdb.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil { // rented ones often forbid the question
		return
	}
	if policy := got["maxmemory-policy"]; policy != "" && policy != "noeviction" {
		q.log.Warn("redis should have maxmemory-policy noeviction", "policy", policy)
	}
}

// Ping tells whether the queue can be reached.
func (q *Queue) Ping(ctx context.Context) error {
	if err := q.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	return nil
}

// Close ends the use of the Queue. Serve must have returned.
func (q *Queue) Close() error {
	q.topics.close()
	err := q.rdb.Close()
	for i := len(q.closers) - 1; i >= 0; i-- {
		q.closers[i]()
	}
	return err
}

// sleep waits for d or the end of ctx and tells whether d is over.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
