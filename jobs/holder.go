package jobs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

// holder keeps a lease alive while a slice works, and hears what the Owner
// wishes. Its ctx ends when the lease is lost.
type holder struct {
	lease  *store.Lease
	ctx    context.Context
	cancel context.CancelFunc
	wished atomic.Value // string
	lost   atomic.Bool
	once   sync.Once
	done   chan struct{}

	progressAt time.Time

	handedOver bool // a file of follows: the server carries it out whatever becomes of the Run
}

// cancelled says in words why a Step of a Run that is cancelled is left out.
func (h *holder) cancelled() string {
	if h.handedOver {
		return "cancelled after your server was handed the file, so it may follow this account all the same"
	}
	return "cancelled"
}

// hold begins to renew lease at a third of its time.
func (w *Worker) hold(ctx context.Context, lease *store.Lease) *holder {
	h := &holder{lease: lease, done: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(ctx)
	h.wished.Store(lease.Run.Wish)
	go func() {
		defer close(h.done)
		tick := time.NewTicker(w.leaseTime() / 3)
		defer tick.Stop()
		for {
			select {
			case <-h.ctx.Done():
				return
			case <-tick.C:
			}
			if err := h.renew(h.ctx); err != nil && (errors.Is(err, store.ErrLeaseLost) || w.Now().After(lease.Until())) {
				h.lost.Store(true)
				h.cancel()
				return
			}
		}
	}()
	return h
}

// renew prolongs the lease now. A request whose deadline has to end before the
// lease does calls it first, to have the whole time.
func (h *holder) renew(ctx context.Context) error {
	wish, err := h.lease.Renew(ctx)
	if err == nil {
		h.wished.Store(wish)
	}
	return err
}

// wish is what the Owner wished when the lease was renewed last.
func (h *holder) wish() string { return h.wished.Load().(string) }

func (h *holder) isLost() bool { return h.lost.Load() }

// stop ends the renewing. It may be called more than once.
func (h *holder) stop() {
	h.once.Do(func() {
		h.cancel()
		<-h.done
	})
}

// progress keeps and announces how far the Run is, at most four times a second.
func (w *Worker) progress(h *holder, total, done int, text string) error {
	if now := w.Now(); now.Sub(h.progressAt) < 250*time.Millisecond {
		return nil
	} else {
		h.progressAt = now
	}
	if err := h.lease.SetProgress(h.ctx, total, done, text); err != nil {
		return err
	}
	w.changed(h.ctx, h.lease.Run.MoveID)
	return nil
}
