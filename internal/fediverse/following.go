package fediverse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"regexp"

	"github.com/mattn/go-mastodon"

	"github.com/skein-migrate/skein/internal/model"
)

// ErrEndless is a list that does not come to an end.
var ErrEndless = errors.New("the list does not end")

const (
	followingPages = 2_500 // of 80 are more than anybody follows
	idlePages      = 20    // in a row without anybody new are no list that goes on; servers leave out who is hidden
)

// FollowingList yields whom the Account follows, page by page. An error ends
// it, and what came before is then not the whole list. Count the list: servers'
// own counts are off by a few.
func (s *Session) FollowingList(ctx context.Context, selfID string) iter.Seq2[model.Address, error] {
	return func(yield func(model.Address, error) bool) {
		if err := s.checkID(selfID); err != nil {
			yield(model.Address{}, err)
			return
		}
		seen, cursor, idle := map[string]bool{}, "", 0
		for range followingPages {
			page, next, err := s.followingPage(ctx, selfID, cursor)
			if err != nil {
				yield(model.Address{}, err)
				return
			}
			idle++
			for _, a := range page {
				if !seen[a.Key()] {
					seen[a.Key()], idle = true, 0
					if !yield(a, nil) {
						return
					}
				}
			}
			if next == "" {
				return
			}
			if next == cursor || idle > idlePages {
				break
			}
			cursor = next
		}
		yield(model.Address{}, fmt.Errorf("%s: %w", s.host, ErrEndless))
	}
}

// followingPage reads one page. Cursors are not account ids: they are in the
// Link header only.
func (s *Session) followingPage(ctx context.Context, selfID, cursor string) (page []model.Address, next string, err error) {
	k := &call{extra: url.Values{"limit": {"80"}}}
	if cursor != "" {
		k.extra.Set("max_id", cursor)
	}
	err = s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetAccountFollowing(ctx, mastodon.ID(selfID), nil)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	n, err := s.json(k)
	if err != nil {
		return nil, "", err
	}
	if !n.isList() {
		return nil, "", s.bad("the answer is no list")
	}
	for _, account := range n.list() {
		if a, err := parseAcct(account.at("acct").str(), s.Domain); err == nil {
			page = append(page, a)
		}
	}
	return page, nextMaxID(k.link), nil
}

var nextLink = regexp.MustCompile(`<([^<>]*)>[^,<>]*;\s*rel="?next"?`)

// nextMaxID returns the cursor of the next page in a Link header, "" if there
// is none. The address in it is not used: the token goes to our host only.
func nextMaxID(link string) string {
	m := nextLink.FindStringSubmatch(link)
	if m == nil {
		return ""
	}
	u, err := url.Parse(m[1])
	if err != nil {
		return ""
	}
	return u.Query().Get("max_id")
}
