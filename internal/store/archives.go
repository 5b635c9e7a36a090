package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// The states of an Archive.
const (
	ArchiveReading  = "reading"
	ArchiveComplete = "complete"
	ArchiveFailed   = "failed"
)

// Archive is an export file, or a list, that was read into a Move.
type Archive struct {
	ID        string
	MoveID    string
	Kind      string // archive or list
	FileName  string // as the Owner's browser named it; shown, never used as a path
	FileKey   string // where the upload lies
	State     string
	Summary   string // JSON, as the importer made it
	Error     string
	CreatedAt time.Time
}

// AddArchive notes an archive that is going to be read.
func (s *Store) AddArchive(ctx context.Context, a Archive) (Archive, error) {
	err := s.tx(ctx, func(q *db.Queries) (err error) {
		a, err = s.addArchive(ctx, q, a)
		return err
	})
	return a, err
}

// AddReading notes an upload together with the Run that reads it, which run
// makes for the Archive's id: an upload without a Run would never be read. A
// Move that is gone is ErrNotFound.
func (s *Store) AddReading(ctx context.Context, a Archive, run func(archive string) Run) (r Run, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		added, err := s.addArchive(ctx, q, a)
		if err != nil {
			return err
		}
		r, err = s.addRun(ctx, q, run(added.ID))
		return err
	})
	return r, err
}

func (s *Store) addArchive(ctx context.Context, q *db.Queries, a Archive) (Archive, error) {
	a.ID, a.State, a.CreatedAt = NewID(), ArchiveReading, s.now().UTC()
	err := q.AddArchive(ctx, db.AddArchiveParams{
		ID: a.ID, MoveID: a.MoveID, Kind: a.Kind, FileName: a.FileName, FileKey: a.FileKey, State: a.State, CreatedAt: millis(a.CreatedAt),
	})
	if err != nil {
		return Archive{}, fmt.Errorf("add archive: %w", err)
	}
	return a, nil
}

// Archives returns the Move's Archives, oldest first.
func (s *Store) Archives(ctx context.Context, move string) ([]Archive, error) {
	rows, err := s.r().Archives(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("archives of move %s: %w", move, err)
	}
	archives := make([]Archive, len(rows))
	for i, row := range rows {
		archives[i] = newArchive(row)
	}
	return archives, nil
}

// Archive returns one Archive.
func (s *Store) Archive(ctx context.Context, id string) (Archive, error) {
	row, err := s.r().Archive(ctx, id)
	if err != nil {
		return Archive{}, missing(err, "archive", id)
	}
	return newArchive(row), nil
}

// FinishArchive keeps how the reading of an Archive ended; the first end counts,
// so that a reader who was overtaken cannot undo it. Of one that failed no row
// counts, also not of the files that were read before.
func (s *Store) FinishArchive(ctx context.Context, id, state, summary, problem string) error {
	err := s.tx(ctx, func(q *db.Queries) error {
		n, err := q.FinishArchive(ctx, db.FinishArchiveParams{ID: id, State: state, Summary: summary, Error: problem})
		if err != nil || n == 0 || state != ArchiveFailed {
			return err
		}
		return q.FilesIncomplete(ctx, id)
	})
	if err != nil {
		return fmt.Errorf("finish archive %s: %w", id, err)
	}
	return nil
}

// FileComplete marks a file of an Archive as read to its end: from now on its
// rows count.
func (s *Store) FileComplete(ctx context.Context, archive, file string, items int) error {
	if err := s.w().FileComplete(ctx, archive, file, int64(items)); err != nil {
		return fmt.Errorf("complete %s: %w", file, err)
	}
	return nil
}

// tweetRows says what happens to a tweet that is kept already: a row of a file
// that is complete keeps its file; one that an earlier reading left half-done
// belongs to the file that brings it again.
var tweetRows = table{
	name:    "tweets",
	columns: []string{"move_id", "tweet_id", "archive_id", "file", "at", "payload"},
	conflict: `ON CONFLICT (move_id, tweet_id) DO UPDATE SET at = excluded.at, payload = excluded.payload,
    archive_id = CASE WHEN EXISTS (SELECT 1 FROM archive_files f WHERE f.archive_id = tweets.archive_id
        AND f.name = tweets.file AND f.complete) THEN tweets.archive_id ELSE excluded.archive_id END,
    file = CASE WHEN EXISTS (SELECT 1 FROM archive_files f WHERE f.archive_id = tweets.archive_id
        AND f.name = tweets.file AND f.complete) THEN tweets.file ELSE excluded.file END`,
}

// SaveTweets keeps tweets of one file by their ids; saving again changes
// nothing. Of two with the same id the later one counts.
func (s *Store) SaveTweets(ctx context.Context, move, archive, file string, tweets []model.Tweet) error {
	for part := range chunks(tweets) {
		rows, at := make([][]any, 0, len(part)), make(map[string]int, len(part))
		for _, t := range part {
			row := []any{move, t.ID, archive, file, millis(t.CreatedAt), toJSON(t)}
			if i, again := at[t.ID]; again {
				rows[i] = row
				continue
			}
			at[t.ID] = len(rows)
			rows = append(rows, row)
		}
		err := s.bulk(ctx, func(b *bulk) error { return b.insert(ctx, tweetRows, rows) })
		if err != nil {
			return fmt.Errorf("save tweets of %s: %w", file, err)
		}
	}
	return nil
}

// Tweets yields the Move's tweets, oldest first, without holding more than a
// thousand at once. Only files that were read to their end count.
func (s *Store) Tweets(ctx context.Context, move string) iter.Seq2[model.Tweet, error] {
	return func(yield func(model.Tweet, error) bool) {
		after := db.TweetsAfterParams{MoveID: move, At: -1 << 62, Limit: 1000}
		for {
			rows, err := s.r().TweetsAfter(ctx, after)
			if err != nil {
				yield(model.Tweet{}, fmt.Errorf("tweets of move %s: %w", move, err))
				return
			}
			for _, row := range rows {
				t, err := fromJSON[model.Tweet](row.Payload)
				if !yield(t, err) || err != nil {
					return
				}
				after.At, after.TweetID = row.At, row.TweetID
			}
			if len(rows) < int(after.Limit) {
				return
			}
		}
	}
}

// Tweet returns one tweet of the Move.
func (s *Store) Tweet(ctx context.Context, move, id string) (model.Tweet, error) {
	payload, err := s.r().Tweet(ctx, move, id)
	if err != nil {
		return model.Tweet{}, missing(err, "tweet", id)
	}
	return fromJSON[model.Tweet](payload)
}

// CountTweets returns how many tweets Tweets yields.
func (s *Store) CountTweets(ctx context.Context, move string) (int, error) {
	n, err := s.r().CountTweets(ctx, move)
	if err != nil {
		return 0, fmt.Errorf("count tweets of move %s: %w", move, err)
	}
	return int(n), nil
}

// SaveLists keeps the names of the Twitter account's lists.
func (s *Store) SaveLists(ctx context.Context, move string, lists []model.TwitterList) error {
	return s.tx(ctx, func(q *db.Queries) error {
		for _, l := range lists {
			if err := q.SaveList(ctx, db.SaveListParams{MoveID: move, Url: l.URL, Kind: l.Kind, Name: l.Name}); err != nil {
				return fmt.Errorf("save list %s: %w", l.URL, err)
			}
		}
		return nil
	})
}

// Lists returns the lists by name.
func (s *Store) Lists(ctx context.Context, move string) ([]model.TwitterList, error) {
	rows, err := s.r().Lists(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("lists of move %s: %w", move, err)
	}
	lists := make([]model.TwitterList, len(rows))
	for i, row := range rows {
		lists[i] = model.TwitterList{Kind: row.Kind, URL: row.Url, Name: row.Name}
	}
	return lists, nil
}

func newArchive(row db.Archive) Archive {
	return Archive{
		ID: row.ID, MoveID: row.MoveID, Kind: row.Kind, FileName: row.FileName, FileKey: row.FileKey, State: row.State,
		Summary: row.Summary, Error: row.Error, CreatedAt: fromMillis(row.CreatedAt),
	}
}
