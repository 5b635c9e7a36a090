package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// TweetEvidence is what a tweet of the Move says of the addresses of the account
// that wrote it.
type TweetEvidence struct {
	TweetID  string
	Handle   string
	Evidence []model.Evidence
}

var tweetEvidence = table{
	name:     "tweet_evidence",
	columns:  []string{"move_id", "tweet_id", "handle_lower", "evidence"},
	conflict: "ON CONFLICT (move_id, tweet_id) DO UPDATE SET handle_lower = excluded.handle_lower, evidence = excluded.evidence",
}

// SaveTweetEvidence keeps what tweets say, so that a search need not read them
// all again. It counts as soon as the file of its tweet is complete.
func (s *Store) SaveTweetEvidence(ctx context.Context, move string, said []TweetEvidence) error {
	rows := make([][]any, len(said))
	for i, e := range said {
		rows[i] = []any{move, e.TweetID, strings.ToLower(e.Handle), toJSON(e.Evidence)}
	}
	for part := range chunks(rows) {
		if err := s.bulk(ctx, func(b *bulk) error { return b.insert(ctx, tweetEvidence, part) }); err != nil {
			return fmt.Errorf("what tweets of move %s say: %w", move, err)
		}
	}
	return nil
}

// SaidInTweets returns what the Move's tweets say, by lower-case handle.
func (s *Store) SaidInTweets(ctx context.Context, move string) (map[string][]model.Evidence, error) {
	said := map[string][]model.Evidence{}
	const query = `SELECT e.handle_lower, e.evidence FROM tweet_evidence e
		JOIN tweets t ON t.move_id = e.move_id AND t.tweet_id = e.tweet_id
		JOIN archive_files f ON f.archive_id = t.archive_id AND f.name = t.file AND f.complete
		WHERE e.move_id = $1 ORDER BY e.tweet_id`
	err := each(ctx, s.read, query, []any{move}, func(rows *sql.Rows) error {
		var handle, text string
		if err := rows.Scan(&handle, &text); err != nil {
			return err
		}
		evidence, err := fromJSON[[]model.Evidence](text)
		said[handle] = append(said[handle], evidence...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what tweets of move %s say: %w", move, err)
	}
	return said, nil
}
