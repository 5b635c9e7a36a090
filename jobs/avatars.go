package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/skein-migrate/skein/internal/avatar"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

const (
	avatarFolder  = "avatars"
	avatarKept    = 7 * 24 * time.Hour
	avatarMissing = 6 * time.Hour    // before its server is asked again
	avatarTime    = 30 * time.Second // until the server had its turn and answered
	avatarsAtOnce = 32               // fetched, most of them waiting for their turn
)

// ErrLater means that a picture is not here yet: its server is asked in turn.
var ErrLater = errors.New("later")

// Avatar returns the small picture that we made of the one at address, a URL
// from a profile. The server is asked at most once in a while, whoever looks.
// No usable picture is model.ErrNotFound.
func (w *Worker) Avatar(ctx context.Context, address string) ([]byte, error) {
	if address == "" {
		return nil, fmt.Errorf("avatar: %w", model.ErrNotFound)
	}
	sum := sha256.Sum256([]byte(address))
	hash := hex.EncodeToString(sum[:])
	picture, known, err := w.keptAvatar(ctx, hash)
	if err != nil || known {
		return picture, err
	}
	// Whoever asks may leave; the answer is kept for who comes next.
	fetched := w.avatars.DoChan(hash, func() (any, error) { return w.fetchAvatar(context.WithoutCancel(ctx), address, hash) })
	patience := time.NewTimer(cmp.Or(w.AvatarWait, 2*time.Second))
	defer patience.Stop()
	select {
	case result := <-fetched:
		picture, _ := result.Val.([]byte)
		return picture, result.Err
	case <-patience.C:
		return nil, ErrLater
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keptAvatar returns what is known of a picture: the picture, or that there is
// none.
func (w *Worker) keptAvatar(ctx context.Context, hash string) (picture []byte, known bool, err error) {
	there, known, err := w.Store.Avatar(ctx, hash)
	if err != nil || !known {
		return nil, false, err
	}
	if !there {
		return nil, true, fmt.Errorf("avatar %s: %w", hash, model.ErrNotFound)
	}
	f, err := w.Files.Open(ctx, avatarKey(hash))
	if errors.Is(err, model.ErrNotFound) { // swept, or never written to its end
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	picture, err = io.ReadAll(f)
	return picture, err == nil, err
}

// fetchAvatar asks for the picture and keeps what it made of it, or that there
// is none.
func (w *Worker) fetchAvatar(ctx context.Context, address, hash string) ([]byte, error) {
	defer w.avatarsNow.Add(-1)
	if w.avatarsNow.Add(1) > avatarsAtOnce {
		return nil, ErrLater
	}
	ctx, cancel := context.WithTimeout(ctx, avatarTime)
	defer cancel()
	if rests, err := w.rests(ctx, address); err != nil || rests {
		return nil, errors.Join(err, ErrLater)
	}
	data, err := w.Client.Get(ctx, address, "image/webp, image/png, image/jpeg, image/gif", avatar.MaxBytes)
	if saysNothing(err) {
		return nil, ErrLater
	}
	// What was learnt is kept although the time for asking is over.
	ctx = context.WithoutCancel(ctx)
	var small []byte
	if err == nil {
		w.shrinking.Lock() // decoding takes memory
		small, err = avatar.Small(data)
		w.shrinking.Unlock()
	}
	if err != nil {
		w.Log.Debug("no avatar", "hash", hash, "error", err)
		if err := w.Store.SaveAvatar(ctx, hash, false, w.Now().Add(avatarMissing)); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("avatar %s: %w", hash, model.ErrNotFound)
	}
	// The row comes first: a file without one would never be swept.
	if err := w.Store.SaveAvatar(ctx, hash, true, w.Now().Add(avatarKept)); err != nil {
		return nil, err
	}
	return small, w.Files.Put(ctx, avatarKey(hash), bytes.NewReader(small), int64(len(small)))
}

// rests tells whether the host failed too often lately to be asked.
func (w *Worker) rests(ctx context.Context, address string) (bool, error) {
	u, err := url.Parse(address)
	if err != nil {
		return false, nil // the client says so too
	}
	state, err := w.Store.Host(ctx, u.Hostname())
	return state.RestUntil.After(w.Now()), err
}

// saysNothing tells whether a failure says nothing of the picture.
func saysNothing(err error) bool {
	var limited *fediverse.RateLimitError
	var not *fediverse.NotSentError
	return errors.As(err, &limited) ||
		errors.As(err, &not) && (not.Reason == fediverse.ReasonCancelled || not.Reason == fediverse.ReasonLocal)
}

func avatarKey(hash string) string { return avatarFolder + "/" + hash[:2] + "/" + hash }

// SweepAvatars deletes the pictures that have expired.
func (w *Worker) SweepAvatars(ctx context.Context) error {
	for {
		hashes, err := w.Store.ExpiredAvatars(ctx)
		if err != nil || len(hashes) == 0 {
			return err
		}
		for _, hash := range hashes {
			expired, err := w.Store.ForgetAvatar(ctx, hash)
			if err == nil && expired {
				err = w.Files.Delete(ctx, avatarKey(hash))
			}
			if err != nil {
				return err
			}
		}
	}
}
