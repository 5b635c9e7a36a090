package jobs

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// SkippedThere is a tweet that seems to be on the Account already: somebody, or
// a program that posted to both places, carried it over before.
const SkippedThere = "on your account already, it seems"

const (
	sameTime = 24 * time.Hour // a tweet and its double have times no further apart
	ownFresh = time.Hour      // the Account's posts are not read again so soon
	mostOwn  = 500            // pages that are read of them
)

// there tells which tweets seem to be on the Account already, by what is known
// of its posts. Each post stands for one tweet; ask in the order of time.
func (w *Worker) there(ctx context.Context, a model.Account, o PostsOptions) (func(model.Tweet) bool, error) {
	if o.Doubles || a.ID == "" {
		return func(model.Tweet) bool { return false }, nil
	}
	statuses, err := w.Store.OwnStatuses(ctx, a.ID, a.Address.Key())
	if err != nil {
		return nil, err
	}
	times := map[string][]time.Time{}
	for _, st := range statuses {
		if st.Text != "" {
			times[st.Text] = append(times[st.Text], st.At)
		}
	}
	return func(t model.Tweet) bool {
		if len(times) == 0 {
			return false
		}
		same := compose.Fingerprint(compose.Plain(t))
		i := slices.IndexFunc(times[same], func(at time.Time) bool {
			d := at.Sub(t.CreatedAt)
			return -sameTime < d && d < sameTime
		})
		if i < 0 {
			return false
		}
		times[same] = slices.Delete(times[same], i, i+1)
		return true
	}, nil
}

// cursorOwn stands before the place in the Account's posts, in a Run's cursor.
const cursorOwn = "own:"

// readOwn reads the Account's posts back to the first tweet of the Move, so that
// what is there already is not posted again. It goes on where it stopped.
func (p *poster) readOwn(ctx context.Context) (next store.Next, ok bool, err error) {
	if p.o.Doubles {
		return next, true, nil
	}
	oldest, err := p.w.Store.OldestTweet(ctx, p.h.lease.Run.MoveID)
	if err != nil || oldest.IsZero() {
		return next, err == nil, err
	}
	oldest = oldest.Add(-sameTime)
	to, at, err := p.w.Store.OwnStatusesRead(ctx, p.account.ID)
	if err != nil {
		return next, false, err
	}
	if !to.IsZero() && !to.After(oldest) && p.w.Now().Sub(at) < ownFresh {
		return next, true, nil
	}
	cursor, _ := strings.CutPrefix(p.h.lease.Run.Cursor, cursorOwn)
	for range mostOwn {
		if p.h.wish() != "" {
			return next, false, errWished
		}
		if until := p.until(familyPaging); !until.IsZero() {
			return p.waitFor(until), false, nil
		}
		page, more, err := p.session.OwnStatuses(ctx, p.account.RemoteID, cursor)
		if err != nil {
			next, ok, err := p.reading(ctx, familyPaging, err)
			return next, ok, err // a server that does not show them has none to compare with
		}
		var known []store.OwnStatus
		reached := more == ""
		for _, st := range page {
			known = append(known, store.OwnStatus{ID: st.ID, Text: compose.Fingerprint(st.Text), At: st.CreatedAt, URL: st.URL})
			reached = reached || st.CreatedAt.Before(oldest)
			to = st.CreatedAt
		}
		if reached {
			to = oldest
		}
		if err := p.w.Store.SaveOwnStatuses(ctx, p.account.ID, known, to); err != nil {
			return next, false, err
		}
		if reached {
			return next, true, nil
		}
		cursor = more
		if err := p.h.lease.SetCursor(ctx, cursorOwn+cursor); err != nil {
			return next, false, err
		}
	}
	return next, true, nil
}
