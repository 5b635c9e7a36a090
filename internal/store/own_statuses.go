package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/store/db"
)

// OwnStatus is a post that an Account had, or that others made for it. Of its
// text only a hash is kept.
type OwnStatus struct {
	ID   string
	Text string // compose.Fingerprint of it
	At   time.Time
	URL  string
}

var ownStatuses = table{
	name: "own_statuses", columns: []string{"account_id", "status_id", "text_hash", "at", "url"},
	conflict: "ON CONFLICT (account_id, status_id) DO UPDATE SET text_hash = excluded.text_hash",
}

// SaveOwnStatuses keeps some of the Account's posts, and back to when they are
// known without a gap.
func (s *Store) SaveOwnStatuses(ctx context.Context, account string, statuses []OwnStatus, readTo time.Time) error {
	err := s.bulk(ctx, func(b *bulk) error {
		rows := make([][]any, len(statuses))
		for i, st := range statuses {
			rows[i] = []any{account, st.ID, st.Text, millis(st.At), st.URL}
		}
		if err := b.insert(ctx, ownStatuses, rows); err != nil {
			return err
		}
		return b.SetOwnStatusesRead(ctx, account, millis(readTo), millis(s.now()))
	})
	if err != nil {
		return fmt.Errorf("posts of account %s: %w", account, err)
	}
	return nil
}

// OwnStatusesRead tells back to when the Account's posts are known, and when
// they were read; zero times for never.
func (s *Store) OwnStatusesRead(ctx context.Context, account string) (to, at time.Time, err error) {
	row, err := s.r().OwnStatusesRead(ctx, account)
	if orEmpty(err) != nil {
		return to, at, fmt.Errorf("posts of account %s: %w", account, err)
	}
	return fromMillis(row.ReadTo), fromMillis(row.ReadAt), nil
}

// OwnStatuses returns the Account's posts that are known, but those that Skein
// made, oldest first.
func (s *Store) OwnStatuses(ctx context.Context, account, accountKey string) ([]OwnStatus, error) {
	rows, err := s.r().OwnStatuses(ctx, account, accountKey)
	if err != nil {
		return nil, fmt.Errorf("posts of account %s: %w", account, err)
	}
	statuses := make([]OwnStatus, len(rows))
	for i, row := range rows {
		statuses[i] = OwnStatus{ID: row.StatusID, Text: row.TextHash, At: fromMillis(row.At), URL: row.Url}
	}
	return statuses, nil
}

// OldestTweet returns when the Move's first tweet with a date was made, the zero
// time if there is none.
func (s *Store) OldestTweet(ctx context.Context, move string) (time.Time, error) {
	at, err := s.r().OldestTweet(ctx, move)
	if err != nil {
		return time.Time{}, fmt.Errorf("tweets of move %s: %w", move, err)
	}
	return fromMillis(at), nil
}

// SaveAltText keeps what a picture of the Move shows; an empty text forgets it.
func (s *Store) SaveAltText(ctx context.Context, move, file, text string) error {
	return s.SaveAltTexts(ctx, move, map[string]string{file: text})
}

// SaveAltTexts keeps what pictures of the Move show, by file; an empty text
// forgets one.
func (s *Store) SaveAltTexts(ctx context.Context, move string, texts map[string]string) error {
	err := s.tx(ctx, func(q *db.Queries) error {
		for file, text := range texts {
			var err error
			if text == "" {
				err = q.DeleteAltText(ctx, move, file)
			} else {
				err = q.SaveAltText(ctx, move, file, withoutNUL(text))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("alt texts of move %s: %w", move, err)
	}
	return nil
}

// withoutNUL makes what an Owner wrote fit for PostgreSQL, whose texts hold any
// character but that one.
func withoutNUL(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// AltTexts returns what the Owner said of the Move's pictures, by file.
func (s *Store) AltTexts(ctx context.Context, move string) (map[string]string, error) {
	rows, err := s.r().AltTexts(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("alt texts of move %s: %w", move, err)
	}
	texts := make(map[string]string, len(rows))
	for _, row := range rows {
		texts[row.File] = row.Text
	}
	return texts, nil
}
