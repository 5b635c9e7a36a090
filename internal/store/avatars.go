package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Avatar says what is known of the picture with that hash: whether anything is,
// and whether there is one. What has expired is not known any more.
func (s *Store) Avatar(ctx context.Context, hash string) (there, known bool, err error) {
	row, err := s.r().Avatar(ctx, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("avatar %s: %w", hash, err)
	}
	return row.There, row.ExpiresAt > millis(s.now()), nil
}

// SaveAvatar keeps whether there is a picture with that hash, until expires.
func (s *Store) SaveAvatar(ctx context.Context, hash string, there bool, expires time.Time) error {
	if err := s.w().SaveAvatar(ctx, hash, there, millis(expires)); err != nil {
		return fmt.Errorf("save avatar %s: %w", hash, err)
	}
	return nil
}

// ExpiredAvatars returns up to 500 hashes of pictures that have expired.
func (s *Store) ExpiredAvatars(ctx context.Context) ([]string, error) {
	hashes, err := s.r().ExpiredAvatars(ctx, millis(s.now()))
	if err != nil {
		return nil, fmt.Errorf("expired avatars: %w", err)
	}
	return hashes, nil
}

// ForgetAvatar forgets a picture if it has expired, and tells whether it had.
func (s *Store) ForgetAvatar(ctx context.Context, hash string) (bool, error) {
	n, err := s.w().DeleteAvatar(ctx, hash, millis(s.now()))
	if err != nil {
		return false, fmt.Errorf("forget avatar %s: %w", hash, err)
	}
	return n > 0, nil
}
