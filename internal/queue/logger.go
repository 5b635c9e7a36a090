package queue

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// go-redis writes to stderr by itself, in a form of its own. Its callers get
// the same errors, so what it says is for those who debug.
func init() { redis.SetLogger(redisLogger{}) }

type redisLogger struct{}

func (redisLogger) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis", "text", fmt.Sprintf(format, v...))
}

// logger hands asynq's messages on.
type logger struct{ log *slog.Logger }

func (l logger) Debug(args ...any) { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
func (l logger) Fatal(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
