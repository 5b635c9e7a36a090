package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// actor is one slice of a Run that acts for an Account.
type actor struct {
	w        *Worker
	h        *holder
	account  model.Account
	cap      fediverse.Capability
	session  *fediverse.Session
	rest     time.Duration
	began    time.Time
	always   context.Context // does not end with the slice
	giveBack func()          // gives the place at the server back; nil without one

	allowance *allowance

	imported bool // the follows of this Run stood in a file that the server was handed
}

// capabilityLife is how long a server's software is believed.
const capabilityLife = 24 * time.Hour

// act gets ready to act for the Run's Account; end ends it. If enough others of
// this process are at that server, the error is a crowdedError.
func (w *Worker) act(ctx context.Context, h *holder) (*actor, error) {
	a, err := w.actFor(ctx, h, h.lease.Run.AccountID)
	if err != nil {
		return nil, err
	}
	leave, wait := w.places.take(a.account.Server, h.lease.Run.ID)
	if leave == nil {
		a.end()
		return nil, &crowdedError{a.account.Server, wait}
	}
	a.giveBack = leave
	return a, nil
}

// actFor gets ready to act for an Account; end ends it.
func (w *Worker) actFor(ctx context.Context, h *holder, id string) (*actor, error) {
	account, token, err := w.Store.AccountToken(ctx, id)
	if errors.Is(err, model.ErrDenied) || errors.Is(err, model.ErrNotFound) {
		return nil, pause("Your account has to be connected again. Then resume here; nothing already done is lost.")
	}
	if err != nil {
		return nil, err
	}
	a := &actor{w: w, h: h, account: account, rest: w.Rest, began: w.Now(), always: context.WithoutCancel(ctx)}
	if a.rest <= 0 {
		a.rest = ledger.Rest
	}
	if a.cap, err = w.Capability(ctx, account.Server); err != nil {
		return nil, err
	}
	a.session = w.Client.As(account.Server, token, a.cap)
	a.session.Domain = cmp.Or(a.cap.Domain, account.Address.Host)
	a.allowance = w.allowances.enter(limitSubject(account, a.cap))
	a.session.OnLimits = func(family string, l fediverse.Limits) { a.allowance.learn(family, l, w.Now()) }
	if err := w.syncLimits(ctx, a.allowance); err != nil {
		w.allowances.leave(a.allowance)
		return nil, err
	}
	return a, nil
}

// Capability returns what a server can do: from the store, or asked anew. A
// server that does not answer now is an error that waits.
func (w *Worker) Capability(ctx context.Context, host string) (fediverse.Capability, error) {
	state, err := w.Store.Host(ctx, host)
	if err != nil {
		return fediverse.Capability{}, err
	}
	var c fediverse.Capability
	if state.Capability != "" {
		if err := json.Unmarshal([]byte(state.Capability), &c); err == nil {
			return c, nil
		} // written by another release: ask again
	}
	c, err = w.Client.Capability(ctx, host)
	if err != nil {
		return c, fmt.Errorf("capability of %s: %w", host, err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return c, fmt.Errorf("capability of %s: %w", host, err)
	}
	return c, w.Store.SaveHost(ctx, host, string(b), w.Now().Add(capabilityLife))
}

// until returns when a call of that family may be made, the zero time for now.
// Part of every allowance stays reserved: the Owner's phone uses it too.
func (a *actor) until(family string) time.Time { return a.untilFor(family, 1) }

// untilFor is until for a Step that takes so many calls, one of them of that family.
func (a *actor) untilFor(family string, calls int) time.Time {
	now := a.w.Now()
	if a.allowance.stale(now) {
		a.syncLimits()
	}
	until := a.allowance.until(familyAPI, calls, a.w.Reserve, now)
	if family != familyAPI {
		if t := a.allowance.until(family, 1, a.w.Reserve, now); t.After(until) {
			until = t
		}
	}
	if until.IsZero() {
		return until
	}
	return until.Add(time.Second) // clocks differ
}

// end writes the allowances down at the end of a slice, whatever it ended with,
// and leaves them, and the place at the server, to others.
func (a *actor) end() {
	a.syncLimits()
	a.w.allowances.leave(a.allowance)
	if a.giveBack != nil {
		a.giveBack()
	}
}

func (a *actor) syncLimits() {
	ctx, cancel := context.WithTimeout(a.always, 5*time.Second)
	defer cancel()
	if err := a.w.syncLimits(ctx, a.allowance); err != nil {
		a.w.Log.Warn("limits not kept", "account", a.account.ID, "error", err)
	}
}

// block notes that the server wants no calls of that family for a while.
func (a *actor) block(family string, wait time.Duration) time.Time {
	now := a.w.Now()
	if a.cap.LimitsByAddress() {
		family = familyAPI
	}
	until := now.Add(wait)
	a.allowance.block(family, until, now)
	return until
}

// turnTime is how long a slice goes on that acts for an Account: the writes of
// many to one host take turns, and nobody should wait for all of them.
const turnTime = 20 * time.Second

// hadTurn tells whether the slice has gone on for long enough, so that other
// Runs have their turn.
func (a *actor) hadTurn() bool { return a.w.Now().Sub(a.began) > turnTime }

// turn waits for a turn to change something at the server: no host gets many of
// those a second, over all Moves.
func (a *actor) turn(ctx context.Context) error {
	if a.w.Writes == nil {
		return nil
	}
	return a.w.Writes(ctx, a.account.Server)
}

// send prepares for a request that must not happen twice. It waits for a turn at
// the host, renews the lease, and commits, before the first byte leaves, that the
// request is sent. The returned context ends before the lease does, also by the
// wall clock. A wish that came meanwhile is errWished, and nothing is committed.
func (a *actor) send(ctx context.Context, step *store.Step, attempt int, sent store.Sent) (context.Context, context.CancelFunc, error) {
	if err := a.turn(ctx); err != nil {
		return nil, nil, err
	}
	if err := a.h.renew(ctx); err != nil {
		return nil, nil, err
	}
	if a.h.wish() != "" { // pressed during a long upload
		return nil, nil, errWished
	}
	deadline := a.h.lease.Until().Add(-a.w.leaseTime() / 10)
	now := a.w.Now()
	sent.Deadline = deadline
	if sent.At.IsZero() {
		sent.At = now
	}
	if err := a.h.lease.SetSent(ctx, *step, attempt, sent); err != nil {
		return nil, nil, err
	}
	step.State, step.Attempt, step.Sent = ledger.StateSent, attempt, sent
	sendCtx, cancel := context.WithTimeout(ctx, deadline.Sub(a.w.Now()))
	return fediverse.WithDeadline(sendCtx, deadline), cancel, nil
}

// finish keeps what became of a Step.
func (a *actor) finish(ctx context.Context, step *store.Step, o store.Outcome) error {
	if err := a.h.lease.Finish(ctx, *step, o); err != nil {
		return err
	}
	step.State = o.State
	return nil
}

// failed decides on a request that was sent and did not succeed. It returns how
// the Run goes on if the slice ends with it; ok is true if the next Step may be
// worked on at once.
func (a *actor) failed(ctx context.Context, step *store.Step, family string, err error) (next store.Next, ok bool, _ error) {
	var limited *fediverse.RateLimitError
	var refused *fediverse.StatusError
	var unsent *fediverse.NotSentError
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // what happened is kept even when stopping
	defer cancel()
	switch {
	case errors.As(err, &limited):
		if err := a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: "the server asked to wait"}); err != nil {
			return next, false, err
		}
		return a.waitFor(a.block(family, limited.Wait)), false, nil
	case errors.As(err, &unsent) && unsent.Reason == fediverse.ReasonLocal: // it would be so for ever
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateRefused, Outcome: "refused", Reason: "it cannot be sent to this server"})
	case errors.As(err, &unsent):
		if err := a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: "the server could not be reached"}); err != nil {
			return next, false, err
		}
		return a.unreachable(), false, nil
	case errors.As(err, &refused) && tokenRefused(refused):
		if err := a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: "the server no longer accepts our access"}); err != nil {
			return next, false, err
		}
		return next, false, a.revoked(ctx)
	case errors.As(err, &refused):
		if stop := a.refusedAgain(ctx, refused); stop != nil {
			if err := a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: refusal(refused)}); err != nil {
				return next, false, err
			}
			return next, false, stop
		}
		return next, true, a.finish(ctx, step, store.Outcome{State: ledger.StateRefused, Outcome: "refused", Reason: refusal(refused)})
	}
	// It may have happened. The Step stays as sent and rests; then we look.
	a.w.Log.Info("outcome unknown", "step", step.ID, "error", err)
	return store.Next{State: store.RunWaiting, DueAt: step.Sent.Deadline.Add(a.rest)}, false, nil
}

// mostAttempts is how often a request is sent of which each look says that it
// did not come about, before the server is taken at its word.
const mostAttempts = 10

// again plans a Step anew that a look did not find. One on which the server fails
// always would otherwise hold up all behind it for ever.
func (a *actor) again(ctx context.Context, step *store.Step) error {
	if step.Attempt >= mostAttempts {
		return a.finish(ctx, step, store.Outcome{
			State: ledger.StateRefused, Outcome: "refused", Reason: fmt.Sprintf("the server failed on this %d times", step.Attempt),
		})
	}
	return a.finish(ctx, step, store.Outcome{State: ledger.StatePlanned, Reason: "not there after a look"})
}

// reading decides on a failed request that changes nothing. ok is true if the
// error is the server's answer to just this question.
func (a *actor) reading(ctx context.Context, family string, err error) (next store.Next, ok bool, _ error) {
	var limited *fediverse.RateLimitError
	var refused *fediverse.StatusError
	var unsent *fediverse.NotSentError
	switch {
	case ctx.Err() != nil:
		return next, false, ctx.Err()
	case notAsked(err):
		return next, false, err
	case errors.As(err, &limited):
		return a.waitFor(a.block(family, limited.Wait)), false, nil
	case errors.As(err, &refused) && tokenRefused(refused):
		return next, false, a.revoked(ctx)
	case errors.As(err, &refused):
		stop := a.refusedAgain(ctx, refused)
		return next, stop == nil, stop
	case errors.Is(err, model.ErrNotFound):
		return next, true, nil
	case errors.Is(err, fediverse.ErrEndless), errors.As(err, &unsent) && unsent.Reason == fediverse.ReasonLocal: // it would be so for ever
		return next, true, nil
	}
	a.w.Log.Info("server did not answer", "host", a.account.Server, "error", err)
	return a.unreachable(), false, nil
}

// mostRefusals is how often in a row a server may refuse with the same status
// before a Run pauses: then it is not the Steps that it refuses, but us.
const mostRefusals = 5

// refusals counts answers of one status since the last Step that succeeded.
type refusals struct{ code, n int }

// refusedAgain counts a refusal. After too many of the same in a row, or if it is
// the Account that may do nothing, it returns what pauses the Run, before all of
// its Steps are used up. It is counted in memory only, and anew once the Owner
// resumes.
func (a *actor) refusedAgain(ctx context.Context, e *fediverse.StatusError) error {
	if stop := a.shutOut(ctx, e); stop != nil {
		return stop
	}
	run := a.h.lease.Run.ID
	r := refusals{code: e.Code}
	if v, ok := a.w.refused.Load(run); ok && v.(refusals).code == e.Code {
		r = v.(refusals)
	}
	if r.n++; r.n < mostRefusals {
		a.w.refused.Store(run, r)
		return nil
	}
	a.w.refused.Delete(run)
	return pause("%s refused %d times in a row, so we stopped: %s. Look there whether your account may do this, then resume here; what is left is tried again.",
		a.account.Server, r.n, refusal(e))
}

// mostStrikes is how often a server may fail on one Step, while it answers
// otherwise, before the Step is given up.
const mostStrikes = 5

// hopeless tells whether the server failed on just this Step again and again,
// before anything was sent, so that it would hold up the others for ever. It is
// counted in memory only: a new process begins anew.
func (a *actor) hopeless(ctx context.Context, step *store.Step, err error) bool {
	var unknown *fediverse.UnknownError
	if !errors.As(err, &unknown) || ctx.Err() != nil {
		return false
	}
	v, _ := a.w.strikes.LoadOrStore(step.ID, new(atomic.Int32))
	if v.(*atomic.Int32).Add(1) < mostStrikes {
		return false
	}
	if _, err := a.session.NewestStatus(ctx, a.account.RemoteID); err != nil { // it is down for everything
		return false
	}
	a.w.strikes.Delete(step.ID)
	return true
}

// waitFor is a Run that waits until the allowance is renewed.
func (a *actor) waitFor(t time.Time) store.Next {
	return store.Next{State: store.RunWaiting, DueAt: t}
}

func (a *actor) unreachable() store.Next {
	return silent(a.account.Server, a.w.Now().Add(time.Minute))
}

// silent is a Run that waits for a server that does not answer.
func silent(host string, until time.Time) store.Next {
	return store.Next{State: store.RunWaiting, DueAt: until, Error: host + " does not answer just now. It goes on by itself when it does."}
}

func (a *actor) revoked(ctx context.Context) error {
	if err := a.w.Store.RevokeAccount(ctx, a.account.ID); err != nil {
		return err
	}
	return pause("%s no longer accepts our access. Connect your account again, then resume here; nothing already done is lost.", a.account.Server)
}

// wished carries out what the Owner wishes, between Steps. A Step that was sent
// and has no outcome is settled before a Run is cancelled for good.
func (a *actor) wished(ctx context.Context, step store.Step) (next store.Next, stop bool, err error) {
	switch a.h.wish() {
	case store.WishPause:
		return store.Next{State: store.RunPaused}, true, nil
	case store.WishCancel:
		if step.State == ledger.StateSent {
			return next, false, nil
		}
		if a.imported { // the next slice looks first whom the file has brought
			return a.waitFor(a.w.Now()), true, nil
		}
		if err := a.h.lease.SkipPlanned(ctx, a.h.cancelled()); err != nil {
			return next, true, err
		}
		return store.Next{State: store.RunCancelled}, true, nil
	}
	return next, false, nil
}

// tokenRefused tells whether the server refuses the token itself. snac says 422
// for that, which the client marks as denied.
func tokenRefused(e *fediverse.StatusError) bool {
	return e.Code == http.StatusUnauthorized || e.Code == http.StatusUnprocessableEntity && errors.Is(e, model.ErrDenied)
}

// refusal says in words why a server refused.
func refusal(e *fediverse.StatusError) string {
	if e.Message == "" {
		return fmt.Sprintf("the server refused (%d)", e.Code)
	}
	return fmt.Sprintf("the server refused (%d): %s", e.Code, e.Message)
}

// sentence makes an error of ours fit to be shown: what was wrong, without the
// kind at its end.
func sentence(err error) string {
	text := err.Error()
	for _, kind := range []error{model.ErrInvalid, model.ErrNotFound, model.ErrDenied, model.ErrConflict} {
		text = strings.TrimSuffix(text, ": "+kind.Error())
	}
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
