package jobs

import (
	"context"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

func (w *Worker) confirmDirectory(ctx context.Context, row store.DirectoryAccount, p model.Profile) (bool, error) {
	return false, nil
}
func (f *finder) askX(ctx context.Context, part []model.Person) error { return nil }
