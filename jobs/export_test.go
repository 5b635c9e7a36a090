package jobs

import (
	"context"

	"github.com/skein-migrate/skein/internal/model"
)

// AskX is askX, which a find Run calls.
func (w *Worker) AskX(ctx context.Context, people []model.Person) ([]model.Person, error) {
	return w.askX(ctx, people)
}
