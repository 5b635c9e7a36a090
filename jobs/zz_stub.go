package jobs

import (
	"context"
	"github.com/skein-migrate/skein/internal/model"
)

func (f *finder) askX(ctx context.Context, part []model.Person) error { return nil }
