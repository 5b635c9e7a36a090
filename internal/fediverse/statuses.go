package fediverse

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-mastodon"
	"github.com/oklog/ulid/v2"
)

const (
	mostStatuses = 400 // that StatusesSince returns
	mostPages    = 30  // that it asks for
)

// page is one page of an account's statuses.
type page struct {
	found []Status // without boosts
	last  string   // the id of the last one, boosts included; empty for an empty page
	next  string   // the cursor that the Link header names
}

// NewestStatus returns the id of the Account's newest status that is no boost,
// "" if there is none: the place to which StatusesSince looks back.
func (s *Session) NewestStatus(ctx context.Context, selfID string) (string, error) {
	p, err := s.statuses(ctx, selfID, url.Values{"limit": {"20"}, "exclude_reblogs": {"true"}})
	if err != nil || len(p.found) == 0 {
		return "", err
	}
	newest := p.found[0].ID
	for _, st := range p.found {
		if order, ok := CompareIDs(st.ID, newest); ok && order > 0 {
			newest = st.ID
		}
	}
	return newest, nil
}

// StatusesSince returns the Account's statuses newer than sinceID, newest
// first, replies included and boosts left out; with no sinceID, all. complete
// tells that none can be missing: the list went back to sinceID, beyond it, or
// to the account's first status. It is false after 400 statuses, or where the
// server's list does not go on. Ids that hold a time order statuses no finer than
// the server's clock does, so those of the minute before sinceID are returned too.
func (s *Session) StatusesSince(ctx context.Context, selfID, sinceID string) (found []Status, complete bool, err error) {
	seen, cursor := map[string]bool{}, ""
	_, timed := idTime(sinceID)
	for range mostPages {
		q := url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}
		if cursor != "" {
			q.Set("max_id", cursor)
		}
		p, err := s.statuses(ctx, selfID, q)
		if err != nil {
			return found, false, err
		}
		if p.last == "" && p.next == "" {
			return found, true, nil
		}
		reached, behind := p.last == sinceID && sinceID != "" && !timed, false
		for _, st := range p.found {
			// Not all servers sort strictly, so the rest of the page is read too.
			// Where ids do not grow, what stands behind sinceID is older.
			order, ok := CompareIDs(st.ID, sinceID)
			behind = behind || st.ID == sinceID
			switch {
			case timed && st.ID == sinceID: // what stands behind it may be as new
			case ok && order <= 0 && !near(st.ID, sinceID), !ok && behind:
				reached = true
			case !seen[st.ID]:
				seen[st.ID] = true
				found = append(found, st)
			}
		}
		if reached {
			return found, true, nil
		}
		next := cmp.Or(p.next, p.last)
		if next == cursor || len(found) >= mostStatuses {
			return found, false, nil
		}
		cursor = next
	}
	return found, false, nil
}

// OwnStatuses returns a page of the Account's statuses, newest first, replies
// included and boosts left out, and the cursor of the next page, "" after the
// last one.
func (s *Session) OwnStatuses(ctx context.Context, selfID, cursor string) (found []Status, next string, err error) {
	q := url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}
	if cursor != "" {
		q.Set("max_id", cursor)
	}
	p, err := s.statuses(ctx, selfID, q)
	if err != nil {
		return nil, "", err
	}
	if next = cmp.Or(p.next, p.last); next == cursor {
		next = ""
	}
	return p.found, next, nil
}

// CompareIDs tells which of two ids was given later, where ids grow: Mastodon's
// numbers, GoToSocial's ULIDs, Pleroma's flakes. Others can only be equal; snac's
// begin with a second and go on at random, so that their order misleads.
func CompareIDs(a, b string) (order int, ok bool) {
	switch {
	case a == b:
		return 0, true
	case digits(a) && digits(b), len(a) == len(b) && (len(a) == 18 || len(a) == 26) && alphanumeric(a+b):
		return mastodon.ID(a).Compare(mastodon.ID(b)), true
	}
	return 0, false
}

// IDBefore tells whether id was given before since, by more than the clocks of a
// server's processes may differ. ok is false where the ids do not say.
func IDBefore(id, since string) (before, ok bool) {
	order, ok := CompareIDs(id, since)
	return order < 0 && !near(id, since), ok
}

// clockStep is how far a server's clock is taken to step back, or its processes'
// clocks to differ.
const clockStep = time.Minute

// near tells whether the order of two ids that hold times says nothing.
func near(a, b string) bool {
	x, okA := idTime(a)
	y, okB := idTime(b)
	return okA && okB && x.Sub(y).Abs() <= clockStep
}

// idTime returns the time that an id holds: a ULID of GoToSocial, which is random
// within its millisecond, or a snowflake of Mastodon, whose last 16 bits begin
// anywhere and wrap (lib/mastodon/snowflake.rb). Numbers of other servers give no
// time of this century, or none.
func idTime(id string) (time.Time, bool) {
	var ms uint64
	switch {
	case len(id) == ulid.EncodedSize && !digits(id):
		u, err := ulid.ParseStrict(id)
		if err != nil {
			return time.Time{}, false
		}
		ms = u.Time()
	case digits(id):
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		ms = n >> 16
	}
	t := time.UnixMilli(int64(min(ms, 1<<48)))
	return t, t.Year() >= 2000 && t.Year() < 2100
}

func digits(s string) bool { return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == "" }

func alphanumeric(s string) bool { return validID(s) && !strings.ContainsAny(s, "-_.") }

// StatusesAt returns the Account's statuses of exactly that millisecond.
// GoToSocial's ids are ULIDs of the date of the post, and it takes ids that do
// not exist as the ends of a window. Elsewhere it is an error.
func (s *Session) StatusesAt(ctx context.Context, selfID string, at time.Time) ([]Status, error) {
	if family(s.can.Software) != famGoToSocial || at.UnixMilli() < 0 {
		return nil, local(s.host, errBackdate)
	}
	var id ulid.ULID
	if err := id.SetTime(uint64(at.UnixMilli())); err != nil {
		return nil, local(s.host, err)
	}
	prefix := id.String()[:10]
	p, err := s.statuses(ctx, selfID, url.Values{
		"limit": {"40"}, "min_id": {prefix + strings.Repeat("0", 16)}, "max_id": {prefix + strings.Repeat("Z", 16)},
	})
	if err != nil {
		return nil, err
	}
	var found []Status
	seen := map[string]bool{}
	for _, st := range p.found {
		if strings.HasPrefix(strings.ToUpper(st.ID), prefix) && !seen[st.ID] {
			seen[st.ID] = true
			found = append(found, st)
		}
	}
	return found, nil
}

// statuses reads one page of the Account's statuses.
func (s *Session) statuses(ctx context.Context, selfID string, q url.Values) (page, error) {
	if err := s.checkID(selfID); err != nil {
		return page{}, err
	}
	k := &call{extra: q}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetAccountStatuses(ctx, mastodon.ID(selfID), nil)
		return err
	})
	if err != nil {
		return page{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return page{}, err
	}
	if !n.isList() {
		return page{}, s.bad("the answer is no list")
	}
	p := page{next: nextMaxID(k.link)}
	for _, e := range n.list() {
		st := s.status(e)
		if !validID(st.ID) {
			return page{}, s.bad("a status without an id")
		}
		p.last = st.ID
		if !e.at("reblog").isObject() {
			p.found = append(p.found, st)
		}
	}
	return p, nil
}
