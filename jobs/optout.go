package jobs

import (
	"context"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// OptOut remembers that the holder of the addresses, which are names of one
// account, does not want to be found, and takes away what is known of it.
func (w *Worker) OptOut(ctx context.Context, addresses []model.Address) (store.Forgotten, error) {
	f, err := w.directory().OptOut(ctx, addresses)
	for _, move := range f.Moves {
		w.changed(ctx, move)
	}
	return f, err
}

// OptIn takes an opt-out back and tells whether there was one. The account is
// found again when its profile is read the next time.
func (w *Worker) OptIn(ctx context.Context, addresses []model.Address) (bool, error) {
	return w.directory().OptIn(ctx, addresses)
}

// optedOut returns which of the matches' addresses, old and new, must not be
// found, by Address.Key.
func (w *Worker) optedOut(ctx context.Context, matches []match.Match) (map[string]bool, error) {
	var all []model.Address
	for _, m := range matches {
		if m.Decision != match.Yes {
			all = append(all, m.Address, m.Target())
		}
	}
	return w.directory().OptedOut(ctx, all)
}

// unwanted tells whether a Step would follow somebody who opted out, by its
// address or by the one where the account lives now, and whom the Owner did not
// say yes to.
func (w *Worker) unwanted(ctx context.Context, step store.Step, now model.Address) (bool, error) {
	if step.Kind != plan.KindFollow {
		return false, nil
	}
	out, err := w.directory().OptedOut(ctx, []model.Address{step.Address, now})
	if err != nil || len(out) == 0 {
		return false, err
	}
	matches, err := w.Store.Matches(ctx, step.PersonID)
	if err != nil {
		return false, err
	}
	for _, m := range matches {
		if m.Decision == match.Yes && (m.Address.Key() == step.Address.Key() || m.Target().Key() == step.Address.Key()) {
			return false, nil
		}
	}
	return true, nil
}
