package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// EndMove deletes an Owner's Move: from now on it is not shown and its Runs have
// lost their leases. The rest goes as soon as no request is in flight for it, by
// RemoveEnded, which is called here and by the scheduler.
func (w *Worker) EndMove(ctx context.Context, owner, move string) error {
	if _, err := w.Store.OwnMove(ctx, owner, move); err != nil {
		return err
	}
	if err := w.Store.EndMove(ctx, move); err != nil {
		return err
	}
	if err := w.RemoveEnded(ctx); err != nil { // the scheduler comes again, every minute
		w.Log.Error("moves not removed", "error", err)
	}
	return nil
}

// RemoveEnded deletes what is left of Moves that were ended and have no request in
// flight. With the last one the Owner's Accounts are disconnected too. One that
// cannot be deleted now does not keep the others.
func (w *Worker) RemoveEnded(ctx context.Context) error {
	moves, err := w.Store.EndedMoves(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, move := range moves {
		if err := w.remove(ctx, move); err != nil {
			errs = append(errs, fmt.Errorf("remove move %s: %w", move, err))
		}
	}
	return errors.Join(errs...)
}

func (w *Worker) remove(ctx context.Context, move string) error {
	if err := w.disconnectLast(ctx, move); err != nil {
		return err
	}
	archives, err := w.Store.Archives(ctx, move)
	if err != nil {
		return err
	}
	for _, a := range archives {
		if err := w.Files.Delete(ctx, a.FileKey); err != nil {
			return err
		}
	}
	if err := w.Files.DeleteAll(ctx, moveFolder(move)); err != nil {
		return err
	}
	return w.Store.RemoveMove(ctx, move)
}

// disconnectLast disconnects the Accounts of an Owner whose last Move this is.
func (w *Worker) disconnectLast(ctx context.Context, move string) error {
	owner, err := w.Store.LastMoveOf(ctx, move)
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	accounts, err := w.Store.Accounts(ctx, owner)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := w.Disconnect(ctx, owner, a.ID); err != nil {
			w.Log.Warn("account not disconnected", "account", a.ID, "error", err)
		}
	}
	return nil
}

// quietFor is after how long without any Step that came to an end a Run is taken
// for one that waits for ever. Nothing that goes on by itself waits longer: limits
// last a day, and a list waits for a yes for acceptWait.
const quietFor = acceptWait + 24*time.Hour

// ExpireMoves ends the Moves that nobody has visited for as long as Keep and
// that have no Run at work. A Run that waits for ever, as for a server that is
// gone, is cancelled first, as its Owner would: what was sent and not answered is
// settled before the Move ends, which it does when this is called again.
func (w *Worker) ExpireMoves(ctx context.Context) error {
	before := w.Now().Add(-w.Keep)
	errs := []error{w.cancelStuck(ctx, before)}
	moves, err := w.Store.ExpiredMoves(ctx, before)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, id := range moves {
		move, err := w.Store.Move(ctx, id)
		if err == nil {
			err = w.EndMove(ctx, move.OwnerID, id)
		}
		if err != nil && !errors.Is(err, model.ErrNotFound) { // its Owner was quicker
			errs = append(errs, fmt.Errorf("expire move %s: %w", id, err))
		}
	}
	errs = append(errs, w.Store.Tidy(ctx, before), w.RemoveEnded(ctx))
	return errors.Join(errs...)
}

// cancelStuck cancels the Runs that wait for ever of Moves that were not visited
// since before, nor within quietFor: whoever starts or resumes a Run visits.
func (w *Worker) cancelStuck(ctx context.Context, before time.Time) error {
	quiet := w.Now().Add(-quietFor)
	if quiet.Before(before) {
		before = quiet
	}
	runs, err := w.Store.StuckRuns(ctx, before, quiet)
	if err != nil {
		return err
	}
	var errs []error
	for _, run := range runs {
		wake, err := w.Store.Wish(ctx, run, store.WishCancel)
		if err == nil {
			w.Log.Info("run cancelled: its move is over and nothing comes of it", "run", run)
			err = w.Wake(ctx, run, wake, w.Now())
		}
		if err != nil && !errors.Is(err, model.ErrConflict) { // it ended by itself
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Disconnect revokes the Account's token at its server and forgets it. A server
// that cannot be reached keeps the token; ours is deleted all the same.
func (w *Worker) Disconnect(ctx context.Context, owner, id string) error {
	account, err := w.Store.OwnAccount(ctx, owner, id)
	if err != nil {
		return err
	}
	_, token, tokenErr := w.Store.AccountToken(ctx, id)
	if err := w.Store.ForgetAccount(ctx, owner, id); err != nil {
		return err
	}
	if tokenErr != nil { // it did not work any more
		return nil
	}
	app, err := w.App(ctx, account.Server)
	if err == nil {
		err = w.Client.Revoke(ctx, app, token)
	}
	if err != nil {
		w.Log.Warn("token not revoked", "host", account.Server, "error", err)
	}
	return nil
}

// App returns our application on a host; ErrNotFound if there is none.
func (w *Worker) App(ctx context.Context, host string) (fediverse.App, error) {
	data, err := w.Store.App(ctx, host, w.RedirectURI(host))
	if err != nil {
		return fediverse.App{}, err
	}
	var app fediverse.App
	if err := json.Unmarshal(data, &app); err != nil {
		return app, fmt.Errorf("app on %s: %w", host, err)
	}
	return app, nil
}
