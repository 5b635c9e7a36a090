package fediverse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/skein-migrate/skein/internal/model"
)

const (
	// MostListed is the largest page of a profile directory, and MostIDs how many
	// accounts may be asked for in one call.
	MostListed = 80
	MostIDs    = 40

	maxDirectory = 2 << 20 // bytes of one page
)

// ErrNoBatch means that a server has no call for many accounts at once, as
// Mastodon before 4.3: ask for each by AccountByID.
var ErrNoBatch = errors.New("accounts are shown one by one only")

// Directory reads a page of the profile directory of host: accounts that live
// there and chose to be discoverable, the newest first. Accounts of other hosts,
// and what names no account, are left out; listed counts them too. Servers may
// list fewer than limit although more follow: a page without any is the end. A
// server without a directory, or with one for its own people only, is a
// StatusError.
func (c *Client) Directory(ctx context.Context, host string, offset, limit int) (found []Remote, listed int, err error) {
	limit = min(max(limit, 1), MostListed)
	q := url.Values{
		"local": {"true"}, "order": {"new"}, "offset": {strconv.Itoa(max(offset, 0))}, "limit": {strconv.Itoa(limit)},
	}
	return c.accounts(ctx, host, "/api/v1/directory?"+q.Encode(), limit)
}

// AccountsByID reads up to MostIDs accounts that live on host. Those that are
// gone are not in the answer. ErrNoBatch where the server has no such call.
func (c *Client) AccountsByID(ctx context.Context, host string, ids []string) ([]Remote, error) {
	if len(ids) > MostIDs {
		return nil, local(host, fmt.Errorf("%d ids at once: %w", len(ids), model.ErrInvalid))
	}
	asked := map[string]bool{}
	for _, id := range ids {
		if !validID(id) {
			return nil, local(host, fmt.Errorf("id %q: %w", cut(id, 50), model.ErrInvalid))
		}
		asked[id] = true
	}
	found, _, err := c.accounts(ctx, host, "/api/v1/accounts?"+url.Values{"id[]": ids}.Encode(), len(ids))
	if hasStatus(err, http.StatusNotFound) || hasStatus(err, http.StatusMethodNotAllowed) {
		return nil, fmt.Errorf("%w: %w", ErrNoBatch, err)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		if !asked[r.ID] {
			return nil, &AnswerError{host, "the API answers with another account"}
		}
	}
	return found, nil
}

// AccountByID reads one account that lives on host. ErrNotFound means that it is
// gone.
func (c *Client) AccountByID(ctx context.Context, host, id string) (Remote, error) {
	if !validID(id) {
		return Remote{}, local(host, fmt.Errorf("id %q: %w", cut(id, 50), model.ErrInvalid))
	}
	body, err := c.askAPI(ctx, host, "/api/v1/accounts/"+id, maxDiscovery)
	if err != nil {
		return Remote{}, err
	}
	n, err := parseJSON(host, body)
	if err != nil {
		return Remote{}, err
	}
	r, ok := c.resident(host, n)
	if !ok || r.ID != id {
		return Remote{}, &AnswerError{host, "the API answers with another account"}
	}
	return r, nil
}

// accounts reads a list of at most so many accounts.
func (c *Client) accounts(ctx context.Context, host, path string, most int) (found []Remote, listed int, err error) {
	body, err := c.askAPI(ctx, host, path, maxDirectory)
	if err != nil {
		return nil, 0, err
	}
	seen := map[string]bool{}
	err = eachOf(host, body, func(account node) bool {
		listed++
		if r, ok := c.resident(host, account); ok && !seen[r.ID] {
			seen[r.ID] = true
			found = append(found, r)
		}
		return listed < most
	})
	if err != nil {
		return nil, 0, err
	}
	return found, listed, nil
}

// eachOf calls do with the elements of a JSON list until it has enough. One at a
// time: as a whole a list takes ten times the memory of its text.
func eachOf(host string, body []byte, do func(node) bool) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return &AnswerError{host, "the answer is no list"}
	}
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			return &AnswerError{host, "the answer is not JSON"}
		}
		if !do(node{v}) {
			return nil
		}
	}
	if _, err := d.Token(); err != nil {
		return &AnswerError{host, "the answer is not JSON"}
	}
	return nil
}

// askAPI reads an answer of the Mastodon API as a stranger.
func (c *Client) askAPI(ctx context.Context, host, path string, limit int64) ([]byte, error) {
	if !model.ValidHost(host) {
		return nil, local(host, fmt.Errorf("host %q: %w", cut(host, 100), model.ErrInvalid))
	}
	a, err := c.get(ctx, "https://"+host+path, "application/json", limit, sameHost)
	return a.body, err
}

// resident reads an account that lives on host: of others it may tell anything.
func (c *Client) resident(host string, n node) (Remote, bool) {
	p, id := accountProfile(n, host), n.at("id").str()
	if !validID(id) || p.Address.Host != host {
		return Remote{}, false
	}
	p.Existence, p.FetchedAt = model.Exists, c.o.Now().UTC()
	return Remote{ID: id, Address: p.Address, Profile: p}, true
}
