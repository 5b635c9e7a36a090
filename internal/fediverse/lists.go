package fediverse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/mattn/go-mastodon"

	"github.com/skein-migrate/skein/internal/model"
)

// List is a list of the Account.
type List struct {
	ID    string
	Title string
}

// Lists returns the Account's lists.
func (s *Session) Lists(ctx context.Context) ([]List, error) {
	k := &call{}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetLists(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	n, err := s.json(k)
	if err != nil {
		return nil, err
	}
	if !n.isList() {
		return nil, s.bad("the answer is no list")
	}
	var lists []List
	for _, l := range few(n.list(), 1000) {
		if id := l.at("id").str(); validID(id) {
			lists = append(lists, List{ID: id, Title: l.at("title").str()})
		}
	}
	return lists, nil
}

// CreateList makes a list. Mastodon makes another of the same title, GoToSocial
// refuses with 409: look at Lists first.
func (s *Session) CreateList(ctx context.Context, title string) (List, error) {
	k := &call{}
	err := s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.CreateList(ctx, title)
		return err
	})
	if err != nil {
		return List{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return List{}, err
	}
	l := List{ID: n.at("id").str(), Title: n.at("title").str()}
	if !validID(l.ID) {
		return List{}, s.bad("the answer is no list")
	}
	return l, nil
}

// listPages are more than any list has, where a server cuts its members into pages.
const listPages = 100

// ListMembers returns the addresses of the members of a list, and how many
// members it has in all: of one with an odd name no address can be read.
func (s *Session) ListMembers(ctx context.Context, id string) (members []model.Address, all int, err error) {
	if err := s.checkID(id); err != nil {
		return nil, 0, err
	}
	cursor := ""
	for range listPages {
		page, next, err := s.listPage(ctx, id, cursor)
		if err != nil {
			return nil, 0, err
		}
		all += len(page)
		for _, account := range page {
			if a, err := parseAcct(account.at("acct").str(), s.Domain); err == nil {
				members = append(members, a)
			}
		}
		if next == "" {
			return members, all, nil
		}
		if next == cursor {
			break
		}
		cursor = next
	}
	return nil, 0, fmt.Errorf("%s: members of list %s: %w", s.host, id, ErrEndless)
}

// listPage reads one page of a list's members: all of them, since the limit is 0,
// on servers that know that.
func (s *Session) listPage(ctx context.Context, id, cursor string) (page []node, next string, err error) {
	k := &call{extra: url.Values{"limit": {"0"}}}
	if cursor != "" {
		k.extra.Set("max_id", cursor)
	}
	err = s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.GetListAccounts(ctx, mastodon.ID(id))
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
	return n.list(), nextMaxID(k.link), nil
}

// AddToList puts an account, which has to be followed, into a list. Several at
// once would all be refused for one that cannot be put in, or is in it already.
func (s *Session) AddToList(ctx context.Context, list, account string) error {
	if err := errors.Join(s.checkID(list), s.checkID(account)); err != nil {
		return err
	}
	return s.do(ctx, &call{}, func(ctx context.Context, m *client) error {
		return m.AddToList(ctx, mastodon.ID(list), mastodon.ID(account))
	})
}

// RemoveFromList takes an account out of a list. ErrNotFound: there is no such
// list. One that is not in it stays out of it.
func (s *Session) RemoveFromList(ctx context.Context, list, account string) error {
	if err := errors.Join(s.checkID(list), s.checkID(account)); err != nil {
		return err
	}
	return s.do(ctx, &call{}, func(ctx context.Context, c *client) error {
		// Not every program reads the body of a DELETE, where the library puts it.
		at := "https://" + s.host + "/api/v1/lists/" + url.PathEscape(list) + "/accounts?" + url.Values{"account_ids[]": {account}}.Encode()
		req, err := http.NewRequestWithContext(ctx, http.MethodDelete, at, nil)
		if err != nil {
			return err
		}
		return s.raw(c, req)
	})
}

// DeleteList deletes a list of the Account. ErrNotFound: it is gone already.
func (s *Session) DeleteList(ctx context.Context, id string) error {
	if err := s.checkID(id); err != nil {
		return err
	}
	return s.do(ctx, &call{}, func(ctx context.Context, m *client) error {
		return m.DeleteList(ctx, mastodon.ID(id))
	})
}

// The kinds of file that ImportCSV takes.
const (
	ImportFollowing = "following"
	ImportBlocks    = "blocks"
	ImportMutes     = "mutes"
)

// ImportCSV hands the server one of Mastodon's files, only where
// Capability.ImportAPI. It is read in the background: nil means that the server
// has taken it, not what became of its rows. Handing it over again changes
// nothing. The file must not be empty, which makes GoToSocial panic, and all of
// its cells must be filled, or rows are dropped.
func (s *Session) ImportCSV(ctx context.Context, kind string, file []byte) error {
	if len(file) == 0 || !s.can.ImportAPI {
		return local(s.host, errors.New("this cannot be imported"))
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("data", kind+".csv")
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, form.WriteField("type", kind), form.WriteField("mode", "merge"), form.Close()); err != nil {
		return local(s.host, err)
	}
	return s.do(ctx, &call{}, func(ctx context.Context, c *client) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+s.host+"/api/v1/import", &body)
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", form.FormDataContentType())
		return s.raw(c, req)
	})
}
