package fediverse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/mattn/go-mastodon"

	"github.com/skein-migrate/skein/internal/model"
)

// Post is a status to be made.
type Post struct {
	Text        string
	InReplyTo   string // id of a status; empty for none
	Quotes      string // id of a status; only where Capability.Quotes
	MediaIDs    []string
	Visibility  string // required: servers' defaults differ
	SpoilerText string
	Language    string
	Sensitive   bool
	At          time.Time // the past date that the post should have; only where Capability.Backdates
	Key         string    // Idempotency-Key; may be empty
}

// Status is a status as its server shows it.
type Status struct {
	ID          string
	URL         string
	Text        string // plain
	ParentID    string
	Application string // the application that made it; often not said
	MediaCount  int
	Quotes      string    // the status that it quotes, or is to quote
	CreatedAt   time.Time // compare with Post.At: a server may have ignored it
	Visibility  string
}

var errBackdate = errors.New("this server takes no past date")

// Post makes a status. Only the error tells whether it was made: see errors.go.
func (s *Session) Post(ctx context.Context, p Post) (Status, error) {
	k, toot, err := s.compose(p)
	if err != nil {
		return Status{}, local(s.host, fmt.Errorf("%w: %w", err, model.ErrInvalid))
	}
	err = s.do(ctx, k, func(ctx context.Context, m *client) error {
		_, err := m.PostStatus(ctx, toot)
		return err
	})
	if err != nil {
		return Status{}, err
	}
	n, err := s.json(k)
	if err != nil {
		return Status{}, err
	}
	made := s.status(n)
	if !validID(made.ID) {
		return Status{}, s.bad("the answer is no status")
	}
	return made, nil
}

func (s *Session) compose(p Post) (*call, *mastodon.Toot, error) {
	switch {
	case p.Visibility == "":
		return nil, nil, errors.New("no visibility")
	case p.Text == "" && len(p.MediaIDs) == 0:
		return nil, nil, errors.New("an empty post")
	case p.InReplyTo != "" && !validID(p.InReplyTo):
		return nil, nil, errors.New("bad id of a parent")
	case p.Quotes != "" && (!validID(p.Quotes) || !s.can.Quotes):
		return nil, nil, errors.New("this cannot be quoted here")
	}
	k := &call{family: FamilyStatuses, key: p.Key, extra: url.Values{}}
	if p.Quotes != "" {
		k.extra.Set("quoted_status_id", p.Quotes)
	}
	toot := &mastodon.Toot{
		Status: p.Text, InReplyToID: mastodon.ID(p.InReplyTo), Visibility: p.Visibility,
		SpoilerText: p.SpoilerText, Language: p.Language, Sensitive: p.Sensitive,
	}
	for _, id := range p.MediaIDs {
		if !validID(id) {
			return nil, nil, errors.New("bad id of a file")
		}
		toot.MediaIDs = append(toot.MediaIDs, mastodon.ID(id))
	}
	switch family(s.can.Software) {
	case famGoToSocial, famPleroma: // where the account's default may be Markdown
		k.extra.Set("content_type", "text/plain")
	}
	return k, toot, s.backdate(k, p.At)
}

// backdate adds the past date. go-mastodon would cut its milliseconds, by which
// the parts of a thread keep their order. Any server but GoToSocial would post
// now, to all followers, so the date never goes elsewhere, nor does one that is
// not past, which would be kept for later and answered with no status.
func (s *Session) backdate(k *call, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	if !s.can.Backdates || family(s.can.Software) != famGoToSocial {
		return errBackdate
	}
	if at.Unix() <= 0 || !at.Before(s.c.o.Now()) {
		return fmt.Errorf("the date %s is not one of the past", at.Format(time.RFC3339))
	}
	k.extra.Set("scheduled_at", at.UTC().Format("2006-01-02T15:04:05.000Z"))
	return nil
}

func (s *Session) status(n node) Status {
	st := Status{
		ID: n.at("id").str(), URL: link443(n.at("url").str()), ParentID: n.at("in_reply_to_id").str(),
		Application: name(n.at("application", "name").str()), MediaCount: len(n.at("media_attachments").list()),
		CreatedAt: n.at("created_at").time(), Visibility: n.at("visibility").str(),
		Text: PlainText(n.at("content").str()), Quotes: n.at("quote", "quoted_status", "id").str(),
	}
	// GoToSocial shows the author the text as it was sent.
	if source := n.at("text").str(); source != "" && family(s.can.Software) == famGoToSocial {
		st.Text = source
	}
	return st
}

// Delete removes a status of the Account. ErrNotFound: it is gone already.
func (s *Session) Delete(ctx context.Context, id string) error {
	if err := s.checkID(id); err != nil {
		return err
	}
	return s.do(ctx, &call{family: FamilyDeletes}, func(ctx context.Context, m *client) error {
		return m.DeleteStatus(ctx, mastodon.ID(id))
	})
}
