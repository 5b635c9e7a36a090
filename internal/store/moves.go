package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// Move is one Twitter account's migration.
type Move struct {
	ID         string
	OwnerID    string
	TwitterID  string // empty until an archive told it
	Handle     string
	Name       string
	UsedCircle string // the Owner's answer: "", yes, no, unsure
	WasPrivate string
	CreatedAt  time.Time
	SeenAt     time.Time // the Owner's last visit

	PeopleSeenAt time.Time // when the Owner last looked at the People; who arrived later is new
}

// AddMove makes an empty Move of the Owner.
func (s *Store) AddMove(ctx context.Context, owner string) (Move, error) {
	m := Move{ID: NewID(), OwnerID: owner, CreatedAt: s.now().UTC(), SeenAt: s.now().UTC()}
	if err := s.w().AddMove(ctx, m.ID, owner, millis(m.CreatedAt)); err != nil {
		return Move{}, fmt.Errorf("add move: %w", err)
	}
	return m, nil
}

// Moves returns the Owner's Moves, newest first.
func (s *Store) Moves(ctx context.Context, owner string) ([]Move, error) {
	rows, err := s.r().Moves(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("moves of %s: %w", owner, err)
	}
	moves := make([]Move, len(rows))
	for i, row := range rows {
		moves[i] = newMove(row)
	}
	return moves, nil
}

// OwnMove returns a Move if it is the Owner's, else ErrNotFound: whether
// somebody else has it is nobody's business.
func (s *Store) OwnMove(ctx context.Context, owner, id string) (Move, error) {
	m, err := s.Move(ctx, id)
	if err == nil && (owner == "" || m.OwnerID != owner) {
		err = fmt.Errorf("move %s: %w", id, model.ErrNotFound)
	}
	if err != nil {
		return Move{}, err
	}
	return m, nil
}

// Move returns a Move whoever owns it, for jobs.
func (s *Store) Move(ctx context.Context, id string) (Move, error) {
	row, err := s.r().Move(ctx, id)
	if err != nil {
		return Move{}, missing(err, "move", id)
	}
	return newMove(row), nil
}

// TouchMove notes a visit, which puts off the Move's end.
func (s *Store) TouchMove(ctx context.Context, id string) error {
	if err := s.w().TouchMove(ctx, id, millis(s.now())); err != nil {
		return fmt.Errorf("touch move %s: %w", id, err)
	}
	return nil
}

// SeePeople notes that the Owner has looked at the People: nobody is new now.
func (s *Store) SeePeople(ctx context.Context, id string) error {
	n, err := s.w().SeePeople(ctx, id, millis(s.now()))
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("people of move %s: %w", id, err)
	}
	return nil
}

// MovesToSearch returns up to a hundred Moves that looked for People last before
// that time, are not looking now, and still miss somebody.
func (s *Store) MovesToSearch(ctx context.Context, before time.Time) ([]string, error) {
	ids, err := s.r().MovesToSearch(ctx, millis(before))
	if err != nil {
		return nil, fmt.Errorf("moves to search: %w", err)
	}
	return ids, nil
}

// AnswerMove keeps the Owner's answers about Circle and protected times.
func (s *Store) AnswerMove(ctx context.Context, id, usedCircle, wasPrivate string) error {
	if n, err := s.w().AnswerMove(ctx, id, usedCircle, wasPrivate); err != nil || n == 0 {
		return missing(orNoRows(err), "move", id)
	}
	return nil
}

// NameMove keeps whose Move it is, as an archive told. Another account than the
// Move already has, or one that another Move of the Owner has, is ErrConflict.
func (s *Store) NameMove(ctx context.Context, id, twitterID, handle, name string) error {
	return s.tx(ctx, func(q *db.Queries) error {
		m, err := q.Move(ctx, id)
		if err != nil {
			return missing(err, "move", id)
		}
		if m.TwitterID != "" && m.TwitterID != twitterID {
			return fmt.Errorf("this archive is of another Twitter account than the first one; start a new move for it: %w", model.ErrConflict)
		}
		others, err := q.Moves(ctx, m.OwnerID)
		if err != nil {
			return fmt.Errorf("moves: %w", err)
		}
		for _, other := range others {
			if other.ID != id && other.TwitterID == twitterID {
				return fmt.Errorf("you already have a move for @%s; open it and add the archive there: %w", other.Handle, model.ErrConflict)
			}
		}
		_, err = q.NameMove(ctx, db.NameMoveParams{ID: id, TwitterID: twitterID, Handle: handle, Name: name})
		return err
	})
}

// EndMove marks a Move as deleted and takes its Runs from whoever works on
// them. Its rows go with RemoveMove once no request is in flight.
func (s *Store) EndMove(ctx context.Context, id string) error {
	return s.tx(ctx, func(q *db.Queries) error {
		now := millis(s.now())
		n, err := q.MarkMoveDeleted(ctx, id, now)
		if err != nil || n == 0 {
			return missing(orNoRows(err), "move", id)
		}
		return q.CancelMoveRuns(ctx, id, now)
	})
}

// EndedMoves returns the Moves that were marked as deleted and whose leases
// have all run out, so that nothing is in flight for them any more.
func (s *Store) EndedMoves(ctx context.Context) ([]string, error) {
	now := millis(s.now())
	ids, err := s.r().DeletedMoves(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("ended moves: %w", err)
	}
	var ended []string
	for _, id := range ids {
		held, err := s.r().RunLeasesOfMove(ctx, id, now)
		if err != nil {
			return nil, fmt.Errorf("ended moves: %w", err)
		}
		if held == 0 {
			ended = append(ended, id)
		}
	}
	return ended, nil
}

// LastMoveOf returns the Owner of a Move if it is the last thing of theirs: no other
// Move of theirs lives or has a request in flight. Else it is ErrNotFound.
func (s *Store) LastMoveOf(ctx context.Context, id string) (owner string, err error) {
	owner, err = s.r().LastMoveOf(ctx, id, millis(s.now()))
	if err != nil {
		return "", missing(err, "owner of move", id)
	}
	return owner, nil
}

// RemoveMove deletes all rows of a Move. Posted parts stay: they hold ids only
// and keep a later Move from posting the same again.
func (s *Store) RemoveMove(ctx context.Context, id string) error {
	return s.tx(ctx, func(q *db.Queries) error {
		if err := q.ReleaseMoveParts(ctx, id); err != nil {
			return fmt.Errorf("release parts of move %s: %w", id, err)
		}
		if err := q.DeleteMoveXSignIn(ctx, id); err != nil {
			return fmt.Errorf("sign-in with X of move %s: %w", id, err)
		}
		if err := q.DeleteMove(ctx, id); err != nil {
			return fmt.Errorf("delete move %s: %w", id, err)
		}
		return nil
	})
}

// ExpiredMoves returns up to 100 Moves that were not visited since before and
// have no Run that is active or waiting.
func (s *Store) ExpiredMoves(ctx context.Context, before time.Time) ([]string, error) {
	ids, err := s.r().ExpiredMoves(ctx, millis(before))
	if err != nil {
		return nil, fmt.Errorf("expired moves: %w", err)
	}
	return ids, nil
}

// StuckRuns returns up to 100 Runs at work of Moves that were not visited since
// seen, of which nothing has come since quiet, and that nobody has cancelled.
func (s *Store) StuckRuns(ctx context.Context, seen, quiet time.Time) ([]string, error) {
	ids, err := s.r().StuckRuns(ctx, millis(seen), millis(quiet))
	if err != nil {
		return nil, fmt.Errorf("stuck runs: %w", err)
	}
	return ids, nil
}

func newMove(row db.Move) Move {
	return Move{
		ID: row.ID, OwnerID: row.OwnerID, TwitterID: row.TwitterID, Handle: row.Handle, Name: row.Name,
		UsedCircle: row.UsedCircle, WasPrivate: row.WasPrivate,
		CreatedAt: fromMillis(row.CreatedAt), SeenAt: fromMillis(row.SeenAt), PeopleSeenAt: fromMillis(row.PeopleSeenAt),
	}
}

// orNoRows makes "nothing was changed" the same as "nothing was found".
func orNoRows(err error) error {
	if err == nil {
		return sql.ErrNoRows
	}
	return err
}
