package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// Families of limits that a server tells about. familyAPI counts every call.
const (
	familyAPI      = fediverse.FamilyAPI
	familyStatuses = fediverse.FamilyStatuses
	familyFollows  = fediverse.FamilyFollows
	familyMedia    = fediverse.FamilyMedia
	familyDeletes  = fediverse.FamilyDeletes
	familyPaging   = fediverse.FamilyPaging
)

const (
	limitsFresh   = 5 * time.Second // then other processes are told, and listened to
	apiWindow     = 5 * time.Minute // of the general limit; all others are longer
	longestLimit  = 25 * time.Hour  // a reset or a block further away is a clock that jumped, or a lie
	sameReset     = time.Second     // two resets so close are of one window
	mostForOthers = 2               // at most this fraction of what is ours is left to slices at work beside
)

// allowances are what servers still allow, by subject, while slices use it.
type allowances struct {
	mu sync.Mutex
	of map[string]*allowance
}

// allowance is what a server still allows a subject: an Account, or all of this
// service where the server counts by address. All slices of this process share
// it, and by the database all processes.
type allowance struct {
	subject string

	mu     sync.Mutex
	limits map[string]store.Limit
	dirty  map[string]bool
	synced time.Time
	users  int // slices at work
}

// limitSubject is whose calls a server counts together.
func limitSubject(account model.Account, c fediverse.Capability) string {
	if c.LimitsByAddress() {
		return "host:" + account.Server
	}
	return account.ID
}

// enter returns the allowance of a subject for one slice, which leaves it at its end.
func (s *allowances) enter(subject string) *allowance {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]*allowance{}
	}
	l := s.of[subject]
	if l == nil {
		l = &allowance{subject: subject, limits: map[string]store.Limit{}, dirty: map[string]bool{}}
		s.of[subject] = l
	}
	l.mu.Lock()
	l.users++
	l.mu.Unlock()
	return l
}

func (s *allowances) leave(l *allowance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(s.of, l.subject)
	}
}

// learn takes over what an answer to a call of that family said. Mastodon shows
// only the limit that is nearest its end: one with a reset within 5 minutes may
// be the general one, and is if the family's own window is known to be another.
func (l *allowance) learn(family string, said fediverse.Limits, now time.Time) {
	if said.Limit <= 0 {
		return
	}
	if said.Reset.Sub(now) > longestLimit {
		said.Reset = time.Time{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.limits[family]
	general := family != familyAPI && said.Reset.Sub(now) <= apiWindow
	if general {
		l.note(familyAPI, said, now)
	}
	if general && own.ResetAt.After(now) && own.ResetAt.Sub(said.Reset).Abs() > sameReset {
		own.Remaining = max(0, own.Remaining-1)
		own.UpdatedAt = now
		l.set(own)
		return
	}
	l.note(family, said, now)
}

// note keeps the numbers of a limit. Within a window they only fall, whatever
// order answers come in.
func (l *allowance) note(family string, said fediverse.Limits, now time.Time) {
	kept := l.limits[family]
	next := store.Limit{
		Subject: l.subject, Family: family, Max: said.Limit, Remaining: said.Remaining, ResetAt: said.Reset,
		BlockedUntil: kept.BlockedUntil, UpdatedAt: now,
	}
	if !said.Reset.IsZero() && kept.ResetAt.Sub(said.Reset).Abs() <= sameReset {
		next.Remaining = min(next.Remaining, kept.Remaining)
		next.ResetAt = kept.ResetAt
	}
	l.set(next)
}

func (l *allowance) set(n store.Limit) { l.limits[n.Family], l.dirty[n.Family] = n, true }

// block notes that the server wants no calls of that family until then.
func (l *allowance) block(family string, until, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.limits[family]
	n.Subject, n.Family, n.BlockedUntil, n.UpdatedAt = l.subject, family, until, now
	l.set(n)
}

// until returns when so many calls of a family may be made, the zero time for now.
func (l *allowance) until(family string, calls int, reserve float64, now time.Time) (until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, ok := l.limits[family]
	if !ok {
		return until
	}
	if n.BlockedUntil.After(now) && n.BlockedUntil.Sub(now) < longestLimit {
		until = n.BlockedUntil
	}
	if n.Max <= 0 || !n.ResetAt.After(now) || !n.ResetAt.After(until) { // a window that is over leaves a full one
		return until
	}
	ours := max(1, plan.Usable(n.Max, reserve))
	calls = min(calls, ours)
	beside := min((l.users-1)*calls, ours/mostForOthers) // that others may be about to make
	if n.Remaining-(n.Max-ours) < calls+max(0, beside) {
		until = n.ResetAt
	}
	return until
}

// stale tells whether it is time to compare with the database, and that somebody
// does now.
func (l *allowance) stale(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := now.Sub(l.synced); d >= 0 && d < limitsFresh {
		return false
	}
	l.synced = now
	return true
}

// changed returns what is not in the database yet.
func (l *allowance) changed() []store.Limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	var changed []store.Limit
	for family := range l.dirty {
		changed = append(changed, l.limits[family])
	}
	clear(l.dirty)
	return changed
}

// merge takes over what the database knows better.
func (l *allowance) merge(stored map[string]store.Limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for family, s := range stored {
		kept, ok := l.limits[family]
		blocked := s.BlockedUntil
		if kept.BlockedUntil.After(blocked) {
			blocked = kept.BlockedUntil
		}
		switch {
		case !ok || s.UpdatedAt.After(kept.UpdatedAt):
			if ok && !s.ResetAt.IsZero() && s.ResetAt.Sub(kept.ResetAt).Abs() <= sameReset {
				s.Remaining = min(s.Remaining, kept.Remaining)
			}
			kept = s
		case !s.ResetAt.IsZero() && s.ResetAt.Sub(kept.ResetAt).Abs() <= sameReset:
			kept.Remaining = min(s.Remaining, kept.Remaining)
		}
		kept.BlockedUntil = blocked
		l.limits[family] = kept
	}
}

// syncLimits writes down what this process knows and reads what others know.
func (w *Worker) syncLimits(ctx context.Context, l *allowance) error {
	for _, n := range l.changed() {
		if err := w.Store.SaveLimit(ctx, n); err != nil {
			return err
		}
	}
	stored, err := w.Store.Limits(ctx, l.subject)
	if err != nil {
		return err
	}
	l.merge(stored)
	return nil
}

// PlanLimits is what an estimate for that Account may rest on: what its server
// said last, the clock, and the Runs that use the same allowance.
func (w *Worker) PlanLimits(ctx context.Context, account model.Account, c fediverse.Capability) (plan.Limits, error) {
	return w.limitsBeside(ctx, account, c, "")
}
