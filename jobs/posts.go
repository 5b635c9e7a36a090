package jobs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// OutcomePosted is what became of a post that is confirmed.
const OutcomePosted = "posted"

// poster is one slice of a posts Run.
type poster struct {
	*actor
	o        PostsOptions
	backdate bool
	pause    time.Duration // between two posts, on a loud server
	newest   string        // the newest own status id seen
	noted    bool          // newest was read in this slice
	probed   bool          // a post of this Run was confirmed, so dates are taken
}

// posts carries the chosen tweets over as posts of the Account.
func (w *Worker) posts(ctx context.Context, h *holder) (store.Next, error) {
	o, err := options[PostsOptions](h.lease.Run)
	if err != nil {
		return store.Next{}, err
	}
	a, err := w.act(ctx, h)
	if err != nil {
		return w.notNow(err)
	}
	defer a.end()
	if !a.cap.Posts {
		return store.Next{}, fail("%s runs software that takes no posts from other programs.", a.account.Server)
	}
	p := &poster{actor: a, o: o, backdate: a.cap.Backdates && !o.AsNew, pause: o.pause(a.cap)}
	if h.lease.Run.Cursor != store.Planned {
		if next, ok, err := p.readOwn(ctx); err != nil || !ok {
			return p.readingEnds(ctx, next, err)
		}
		err := p.plan(ctx)
		if errors.Is(err, errUnpacking) {
			return store.Next{
				State: store.RunWaiting, DueAt: w.Now().Add(5 * time.Second),
				Error: "This waits until the pictures and videos that you brought are unpacked.",
			}, nil
		}
		if err != nil {
			return store.Next{}, err
		}
	}
	counts, err := w.Store.StepCounts(ctx, h.lease.Run.ID)
	if err != nil {
		return store.Next{}, err
	}
	p.probed = counts[ledger.StateConfirmed] > 0
	for {
		step, ok, err := h.lease.NextStep(ctx)
		if err != nil {
			return store.Next{}, err
		}
		if next, stop, err := p.wished(ctx, step); stop || err != nil {
			return next, err
		}
		if !ok {
			return p.over(ctx)
		}
		if until := p.until(familyStatuses); !until.IsZero() {
			return p.waitFor(until), nil
		}
		if next, ok, err := p.postOne(ctx, &step); err != nil || !ok {
			return next, err
		}
		w.changed(ctx, h.lease.Run.MoveID)
		if p.hadTurn() {
			return p.waitFor(w.Now()), nil
		}
	}
}

// readingEnds says how the Run goes on where the Account's posts are not read to
// the end.
func (p *poster) readingEnds(ctx context.Context, next store.Next, err error) (store.Next, error) {
	if !errors.Is(err, errWished) {
		return next, err
	}
	if p.h.wish() == store.WishCancel { // a plan that was broken off may have claimed tweets
		return store.Next{State: store.RunCancelled}, p.h.lease.SkipPlanned(ctx, p.h.cancelled())
	}
	return store.Next{State: store.RunPaused}, nil
}

// over ends a Run that has nothing left to do by itself.
func (p *poster) over(ctx context.Context) (store.Next, error) {
	counts, err := p.w.Store.StepCounts(ctx, p.h.lease.Run.ID)
	if err != nil {
		return store.Next{}, err
	}
	switch n := counts[ledger.StateUnsure]; {
	case n == 1:
		return store.Next{}, pause("We could not find out whether one post is there. Please decide below; then it goes on.")
	case n > 1:
		return store.Next{}, pause("We could not find out whether %d posts are there. Please decide on each below; then it goes on.", n)
	}
	return store.Next{State: store.RunDone}, nil
}

// postOne brings one Step to its end, or as far as it may go now; ok is false if
// the slice ends with next.
func (p *poster) postOne(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	if step.State == ledger.StateSent {
		next, ok, err := p.recover(ctx, step)
		if err != nil || !ok || step.State != ledger.StatePlanned || p.h.wish() != "" { // nothing more is sent against a wish
			return next, ok, err
		}
	}
	parent, reason, err := p.parent(ctx, step)
	if err != nil {
		return next, false, err
	}
	if reason != "" {
		return next, true, p.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: "skipped", Reason: reason})
	}
	if p.backdate && step.Status.CreatedAt.After(p.w.Now().Add(-time.Minute)) { // it would be scheduled, and go out loudly
		return next, true, p.finish(ctx, step, store.Outcome{State: ledger.StateSkipped, Outcome: "skipped", Reason: "its date lies in the future"})
	}
	if until, err := p.paced(ctx); err != nil || !until.IsZero() {
		return p.waitFor(until), false, err
	}
	media, left, next, ok, err := p.upload(ctx, step)
	if err != nil || !ok || step.State != ledger.StatePlanned {
		return next, ok, err
	}
	if next, ok, err := p.note(ctx); err != nil || !ok {
		return next, ok, err
	}
	if until := p.until(familyStatuses); !until.IsZero() {
		return p.waitFor(until), false, nil
	}
	if until, err := p.paced(ctx); err != nil || !until.IsZero() { // another Run was quicker
		return p.waitFor(until), false, err
	}
	text, quotes, err := p.relink(ctx, step)
	if err != nil {
		return next, false, err
	}
	attempt := step.Attempt + 1
	sendCtx, cancel, err := p.send(ctx, step, attempt, store.Sent{
		Key: ledger.Key(p.w.InstallSecret, step.ID, attempt), NotedID: p.newest, ParentID: parent, MediaIDs: media, Backdate: p.backdate,
		Text: text, Quotes: quotes, Left: left,
	})
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	status, err := p.session.Post(sendCtx, p.request(step))
	if err != nil {
		if off := p.datesOff(err); off != nil {
			if err := p.finish(context.WithoutCancel(ctx), step, store.Outcome{State: ledger.StatePlanned, Reason: "the server takes no past dates"}); err != nil {
				return next, false, err
			}
			return next, false, off
		}
		return p.failed(ctx, step, familyStatuses, err)
	}
	return next, true, p.posted(ctx, step, status, false)
}

// relink returns the text of a Step whose links to own tweets lead to their
// posts, as far as those are there; "" if it stays as composed. A link behind
// the text becomes a quote where the server knows quotes.
func (p *poster) relink(ctx context.Context, step *store.Step) (text, quotes string, err error) {
	status, key := *step.Status, p.account.Address.Key()
	if len(status.OwnLinks) == 0 {
		return "", "", nil
	}
	if tweet, rest := status.Quoted(); tweet != "" && p.cap.Quotes {
		id, _, err := p.w.Store.PostedURL(ctx, key, tweet)
		if err == nil {
			status, quotes = rest, id
		} else if !errors.Is(err, model.ErrNotFound) {
			return "", "", err
		}
	}
	var failed error
	text = status.Relink(func(tweet string) string {
		_, url, err := p.w.Store.PostedURL(ctx, key, tweet)
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			failed = errors.Join(failed, err)
		}
		return url
	})
	if text == step.Status.Text {
		text = ""
	}
	return text, quotes, failed
}

// paced returns when the next post may go out at the chosen pace, the zero time
// for now. It counts from the latest post of the Account, whichever Run or slice
// made it and however it was confirmed.
func (p *poster) paced(ctx context.Context) (time.Time, error) {
	if p.pause == 0 {
		return time.Time{}, nil
	}
	last, err := p.w.Store.LastPost(ctx, p.account.ID)
	if err != nil || last.IsZero() {
		return time.Time{}, err
	}
	if until := last.Add(p.pause); until.After(p.w.Now()) {
		return until, nil
	}
	return time.Time{}, nil
}

// request is what a sent Step asks of the server; the same for each resend.
func (p *poster) request(step *store.Step) fediverse.Post {
	r := fediverse.Post{
		Text: step.Text(), InReplyTo: step.Sent.ParentID, Quotes: step.Sent.Quotes, MediaIDs: step.Sent.MediaIDs, Visibility: step.Status.Visibility,
		SpoilerText: step.Status.SpoilerText, Language: step.Status.Language, Sensitive: step.Status.Sensitive, Key: step.Sent.Key,
	}
	if step.Sent.Backdate {
		r.At = step.Status.CreatedAt
	}
	return r
}

// datesOff tells whether the first post of a Run, which is the probe, showed
// that the server does not take past dates.
func (p *poster) datesOff(err error) error {
	var refused *fediverse.StatusError
	if p.backdate && !p.probed && errors.As(err, &refused) && refused.Code == http.StatusForbidden {
		return pause("%s does not take posts with past dates. Nothing was posted. You can cancel this and start again, to post them as new posts.", p.account.Server)
	}
	return nil
}

// posted keeps a confirmed post. A date other than the one asked for stops the Run.
func (p *poster) posted(ctx context.Context, step *store.Step, s fediverse.Status, adopted bool) error {
	ctx = context.WithoutCancel(ctx) // it is there: that is kept even when stopping
	err := p.finish(ctx, step, store.Outcome{
		State: ledger.StateConfirmed, Outcome: OutcomePosted, Reason: step.Sent.Left, ResultID: s.ID, ResultURL: s.URL, Adopted: adopted,
	})
	if err != nil {
		return err
	}
	p.newest, p.probed = s.ID, true
	p.w.refused.Delete(step.RunID)
	p.forgetUploads(step)
	for _, m := range step.Status.Media {
		if err := p.w.Files.Delete(ctx, MediaKey(step.MoveID, m.File)); err != nil {
			p.w.Log.Warn("media not deleted", "step", step.ID, "error", err)
		}
	}
	if want := step.Status.CreatedAt; step.Sent.Backdate && !s.CreatedAt.IsZero() && !s.CreatedAt.Truncate(time.Second).Equal(want.Truncate(time.Second)) {
		return pause("%s gave a post another date than the one asked for, so we stopped after it. Look at it there before you go on.", p.account.Server)
	}
	return nil
}

// parent returns the status that step answers, "" at top level, or the reason
// why it cannot be posted.
func (p *poster) parent(ctx context.Context, step *store.Step) (id, reason string, err error) {
	ref := step.Status.InReplyTo
	if ref == nil {
		return "", "", nil
	}
	if step.ParentID != "" {
		parent, err := p.w.Store.Step(ctx, p.h.lease.Run.ID, step.ParentID)
		if err != nil {
			return "", "", err
		}
		if parent.ResultID == "" && parent.State != ledger.StateConfirmed { // confirmed by the Owner's word: nobody knows as what
			return "", "the post that it goes on from is not there", nil
		}
		return parent.ResultID, "", nil
	}
	id, err = p.w.Store.PostedStatus(ctx, p.account.Address.Key(), ref.TweetID, ref.Part)
	if errors.Is(err, model.ErrNotFound) { // not carried over: it stands for itself
		return "", "", nil
	}
	return id, "", err
}

// note reads the newest own status once a slice, so that a look after an unknown
// outcome knows where to begin. A back-dating server is asked for the very
// millisecond instead.
func (p *poster) note(ctx context.Context) (next store.Next, ok bool, err error) {
	if p.noted || p.backdate {
		return next, true, nil
	}
	newest, err := p.session.NewestStatus(ctx, p.account.RemoteID)
	if err != nil {
		if next, ok, err := p.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, false, err
		}
		return p.unreachable(), false, nil // without it nothing may be sent
	}
	p.newest, p.noted = newest, true
	return next, true, nil
}

// recover finds out what became of a post that was sent and not answered. It is
// sent again only under a key that the server honours; else the server is looked
// at. Afterwards step is at its end, or planned for the next attempt.
func (p *poster) recover(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	action, when := ledger.Recover(ledger.Sent{
		Attempt: step.Attempt, At: step.Sent.At, Deadline: step.Sent.Deadline, KeyHonoured: p.cap.HonoursKeys, Rest: p.rest,
	}, p.w.Now())
	switch {
	case action == ledger.Wait:
		return p.waitFor(when), false, nil
	case action == ledger.Resend && p.h.wish() == "": // after a cancel we only look: sending again might make it
		return p.resend(ctx, step)
	}
	return p.look(ctx, step)
}

// resend sends the same request under the same key. Whatever goes wrong, the
// Step stays as sent: the first request may have been carried out.
func (p *poster) resend(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	sendCtx, cancel, err := p.send(ctx, step, step.Attempt, step.Sent)
	if errors.Is(err, errWished) {
		return next, true, nil
	}
	if err != nil {
		return next, false, err
	}
	defer cancel()
	status, err := p.session.Post(sendCtx, p.request(step))
	if err == nil {
		return next, true, p.posted(ctx, step, status, false)
	}
	var limited *fediverse.RateLimitError
	var refused *fediverse.StatusError
	switch {
	case errors.As(err, &limited):
		return p.waitFor(p.block(familyStatuses, limited.Wait)), false, nil
	case errors.As(err, &refused) && tokenRefused(refused):
		return next, false, p.revoked(ctx)
	case errors.As(err, &refused):
		return p.look(ctx, step)
	}
	return p.waitFor(step.Sent.Deadline.Add(p.rest)), false, nil
}

// look reads the Account's own statuses and judges by them.
func (p *poster) look(ctx context.Context, step *store.Step) (next store.Next, ok bool, err error) {
	var statuses []fediverse.Status
	complete := true
	if step.Sent.Backdate {
		statuses, err = p.session.StatusesAt(ctx, p.account.RemoteID, step.Status.CreatedAt)
	} else {
		statuses, complete, err = p.session.StatusesSince(ctx, p.account.RemoteID, step.Sent.NotedID)
	}
	if err != nil {
		if next, ok, err := p.reading(ctx, familyAPI, err); err != nil || !ok {
			return next, false, err
		}
		return next, true, p.finish(ctx, step, store.Outcome{State: ledger.StateUnsure, Reason: "the server does not show your own posts"})
	}
	seen, byID, claimed := make([]ledger.Seen, 0, len(statuses)), map[string]fediverse.Status{}, map[string]bool{}
	for _, s := range statuses {
		seen = append(seen, ledger.Seen{
			ID: s.ID, Text: s.Text, Quotes: s.Quotes, ParentID: s.ParentID, MediaCount: s.MediaCount, Application: s.Application, CreatedAt: s.CreatedAt,
		})
		byID[s.ID] = s
		if claimed[s.ID], err = p.w.Store.StatusConfirmed(ctx, p.account.Address.Key(), s.ID, step.ID); err != nil {
			return next, false, err
		}
	}
	verdict := ledger.Judge(ledger.Expected{
		Text: step.Text(), Quotes: step.Sent.Quotes, ParentID: step.Sent.ParentID, MediaCount: len(step.Sent.MediaIDs), Application: fediverse.AppName,
	}, seen, complete, claimed, compose.SameText)
	switch verdict.State {
	case ledger.StateConfirmed:
		return next, true, p.posted(ctx, step, byID[verdict.SeenID], verdict.Adopted)
	case ledger.StateUnsure:
		reason := "more than one post there looks the same"
		if !complete {
			reason = "the server did not show all of your posts since then"
		}
		likely := byID[verdict.SeenID]
		return next, true, p.finish(ctx, step, store.Outcome{
			State: ledger.StateUnsure, Reason: reason, ResultID: likely.ID, ResultURL: likely.URL,
			Found: store.Found{Text: fediverse.Shown(likely.Text), At: likely.CreatedAt},
		})
	}
	p.forgetUploads(step) // nobody knows whether they were attached
	return next, true, p.again(ctx, step)
}
