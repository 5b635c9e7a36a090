package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// againEvery is how often a Move looks again for those who were not found.
const againEvery = 7 * 24 * time.Hour

// LookAgain starts a find Run for each Move that has not looked for a week and
// still misses somebody.
func (w *Worker) LookAgain(ctx context.Context) error {
	moves, err := w.Store.MovesToSearch(ctx, w.Now().Add(-againEvery))
	if err != nil {
		return err
	}
	o, err := json.Marshal(FindOptions{Again: true})
	if err != nil {
		return fmt.Errorf("options of a find run: %w", err)
	}
	var errs []error
	for _, move := range moves {
		_, err := w.Start(ctx, store.Run{MoveID: move, Kind: KindFind, Options: string(o)})
		if err != nil && !errors.Is(err, model.ErrConflict) && !errors.Is(err, model.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
