package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// xDay names the day that the questions to X's API are counted under.
func xDay(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// TakeX takes up to n of the questions to X's API that all processes together may
// ask today, of most, and returns how many it got.
func (s *Store) TakeX(ctx context.Context, n, most int) (int, error) {
	day := xDay(s.now())
	if err := s.w().AddXDay(ctx, day); err != nil {
		return 0, fmt.Errorf("budget of X: %w", err)
	}
	for {
		asked, err := s.w().XDay(ctx, day)
		if err != nil {
			return 0, fmt.Errorf("budget of X: %w", err)
		}
		if n = min(n, most-int(asked)); n <= 0 {
			return 0, nil
		}
		taken, err := s.w().TakeXDay(ctx, int64(n), day, int64(most))
		if err != nil {
			return 0, fmt.Errorf("budget of X: %w", err)
		}
		if taken > 0 { // else another process took some in between
			return n, nil
		}
	}
}

// GiveBackX gives questions back that were not asked.
func (s *Store) GiveBackX(ctx context.Context, n int) error {
	if err := s.w().GiveBackXDay(ctx, int64(n), xDay(s.now())); err != nil {
		return fmt.Errorf("budget of X: %w", err)
	}
	return nil
}

// NotAskedX returns those of the People whom X's API was not asked about since then.
func (s *Store) NotAskedX(ctx context.Context, people []model.Person, since time.Time) ([]model.Person, error) {
	asked, ids := map[string]bool{}, make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	err := s.reader().lookUp(ctx, "SELECT person_id FROM x_asked WHERE at >= $1 AND person_id IN (?)", ids, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		asked[id] = true
		return err
	}, millis(since))
	if err != nil {
		return nil, fmt.Errorf("asked X: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(people), func(p model.Person) bool { return asked[p.ID] }), nil
}

// SetAskedX notes that X's API was asked about People, found or not.
func (s *Store) SetAskedX(ctx context.Context, people []model.Person) error {
	err := s.tx(ctx, func(q *db.Queries) error {
		for _, p := range people {
			if err := q.SetAskedX(ctx, millis(s.now()), p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("asked X: %w", err)
	}
	return nil
}

// XSignIn returns the handle under which the Owner signed in with X as that
// Twitter id, else ErrNotFound.
func (s *Store) XSignIn(ctx context.Context, owner, twitterID string) (string, error) {
	handle, err := s.r().XSignIn(ctx, owner, twitterID)
	if err != nil {
		return "", missing(err, "sign-in with X of", owner)
	}
	return handle, nil
}

// SaveXSignIn keeps that the Owner signed in with X. Entries that rested on an
// archive rest on both accounts now.
func (s *Store) SaveXSignIn(ctx context.Context, owner, twitterID, handle string) error {
	now := millis(s.now())
	err := s.tx(ctx, func(q *db.Queries) error {
		err := q.SaveXSignIn(ctx, db.SaveXSignInParams{OwnerID: owner, TwitterID: twitterID, Handle: handle, At: now})
		if err != nil {
			return err
		}
		return q.EntriesProven(ctx, owner, twitterID, now)
	})
	if err != nil {
		return fmt.Errorf("sign-in with X of %s: %w", owner, err)
	}
	return nil
}
