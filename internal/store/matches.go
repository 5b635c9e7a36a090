package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// SaveMatches puts matches in place of what was found for the Person before.
// The Owner's decisions are never lost: a match that was decided on stays even
// if the new search does not find it again.
func (s *Store) SaveMatches(ctx context.Context, move, person string, matches []match.Match) error {
	return s.tx(ctx, func(q *db.Queries) error {
		kept, err := q.MatchesOf(ctx, person)
		if err != nil {
			return fmt.Errorf("matches of %s: %w", person, err)
		}
		if err := q.DeleteUndecidedMatches(ctx, person); err != nil {
			return fmt.Errorf("matches of %s: %w", person, err)
		}
		merged, err := merge(kept, matches)
		if err != nil {
			return err
		}
		for _, m := range match.Choose(merged) {
			if err := saveMatch(ctx, q, move, person, m); err != nil {
				return err
			}
		}
		return q.SetBestGrade(ctx, person)
	})
}

// merge returns the found matches with the ids and decisions of the kept ones,
// and the decided ones that were not found again.
func merge(kept []db.Match, found []match.Match) ([]match.Match, error) {
	merged, at := append([]match.Match(nil), found...), map[string]int{}
	for i, m := range found {
		at[m.Address.Key()] = i
	}
	for _, row := range kept {
		old, err := newMatch(row)
		if err != nil {
			return nil, err
		}
		i, again := at[row.AddressKey]
		switch {
		case again:
			merged[i].ID = old.ID
			if merged[i].Decision == match.Undecided {
				merged[i].Decision, merged[i].DecidedAt = old.Decision, old.DecidedAt
			}
		case old.Decision != match.Undecided:
			merged = append(merged, old)
		}
	}
	return merged, nil
}

func saveMatch(ctx context.Context, q *db.Queries, move, person string, m match.Match) error {
	if m.ID == "" {
		m.ID = NewID()
	}
	marks := ""
	if len(m.Marks) > 0 {
		marks = toJSON(m.Marks)
	}
	err := q.SaveMatch(ctx, db.SaveMatchParams{
		ID: m.ID, MoveID: move, PersonID: person, Address: m.Address.String(), AddressKey: m.Address.Key(),
		Host: m.Target().Host, Grade: int64(m.Grade), Chosen: m.Chosen(), Decision: string(m.Decision),
		DecidedAt: millis(m.DecidedAt), Profile: toJSON(m.Profile), Marks: marks, Evidence: toJSON(m.Evidence),
	})
	if err != nil {
		return fmt.Errorf("save match %s: %w", m.Address, err)
	}
	return nil
}

// Matches returns the matches of a Person, best first.
func (s *Store) Matches(ctx context.Context, person string) ([]match.Match, error) {
	rows, err := s.r().MatchesOf(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("matches of %s: %w", person, err)
	}
	matches := make([]match.Match, 0, len(rows))
	for _, row := range rows {
		m, err := newMatch(row)
		if err != nil {
			return nil, err
		}
		matches = append(matches, m)
	}
	return matches, nil
}

// Decide keeps the Owner's decision on one match of a Person. Yes to one address
// takes back a yes to another: a Person is followed once.
func (s *Store) Decide(ctx context.Context, move, person, id string, d match.Decision) error {
	return s.tx(ctx, func(q *db.Queries) error {
		row, err := q.Match(ctx, id)
		if err == nil && (row.MoveID != move || row.PersonID != person) {
			err = sql.ErrNoRows
		}
		if err != nil {
			return missing(err, "match", id)
		}
		rows, err := q.MatchesOf(ctx, person)
		if err != nil {
			return fmt.Errorf("matches of %s: %w", person, err)
		}
		for _, row := range rows {
			m, err := newMatch(row)
			if err != nil {
				return err
			}
			switch {
			case m.ID == id:
				m = m.Decide(d, s.now().UTC())
			case d == match.Yes && m.Decision == match.Yes:
				m = m.Decide(match.Undecided, time.Time{})
			default:
				continue
			}
			if err := saveMatch(ctx, q, move, person, m); err != nil {
				return err
			}
		}
		return rechoose(ctx, q, move, person)
	})
}

// rechoose works out anew which match of a Person is chosen after a decision.
func rechoose(ctx context.Context, q *db.Queries, move, person string) error {
	rows, err := q.MatchesOf(ctx, person)
	if err != nil {
		return fmt.Errorf("matches of %s: %w", person, err)
	}
	matches := make([]match.Match, 0, len(rows))
	for _, row := range rows {
		m, err := newMatch(row)
		if err != nil {
			return err
		}
		matches = append(matches, m)
	}
	for _, m := range match.Choose(matches) {
		if err := saveMatch(ctx, q, move, person, m); err != nil {
			return err
		}
	}
	return q.SetBestGrade(ctx, person)
}

// AddMatch keeps an Address that the Owner brought for a Person; it is decided
// already. Bringing it again changes nothing.
func (s *Store) AddMatch(ctx context.Context, move, person string, m match.Match) error {
	return s.tx(ctx, func(q *db.Queries) error {
		rows, err := q.MatchesOf(ctx, person)
		if err != nil {
			return fmt.Errorf("matches of %s: %w", person, err)
		}
		for _, row := range rows {
			other, err := newMatch(row)
			if err != nil {
				return err
			}
			if other.Address.Key() == m.Address.Key() {
				m.ID = other.ID
			} else if other.Decision == match.Yes {
				other = other.Decide(match.Undecided, time.Time{})
				if err := saveMatch(ctx, q, move, person, other); err != nil {
					return err
				}
			}
		}
		if err := saveMatch(ctx, q, move, person, m); err != nil {
			return err
		}
		return rechoose(ctx, q, move, person)
	})
}

// DecideAll decides on every match of a grade that is not decided on yet, and
// returns how many there were. A Guess is decided one by one: ErrInvalid.
func (s *Store) DecideAll(ctx context.Context, move string, grade match.Grade, d match.Decision) (int, error) {
	if grade <= match.Guess {
		return 0, fmt.Errorf("guesses are decided one by one: %w", model.ErrInvalid)
	}
	ids, err := s.r().UndecidedOfGrade(ctx, move, int64(grade))
	if err != nil {
		return 0, fmt.Errorf("matches of move %s: %w", move, err)
	}
	for _, id := range ids {
		row, err := s.r().Match(ctx, id)
		if err != nil {
			return 0, missing(err, "match", id)
		}
		if err := s.Decide(ctx, move, row.PersonID, id, d); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// ChosenMatches yields the matches that would be acted on.
func (s *Store) ChosenMatches(ctx context.Context, move string) iter.Seq2[match.Match, error] {
	return func(yield func(match.Match, error) bool) {
		after := ""
		for {
			rows, err := s.r().ChosenMatches(ctx, move, after, 500)
			if err != nil {
				yield(match.Match{}, fmt.Errorf("chosen matches of move %s: %w", move, err))
				return
			}
			for _, row := range rows {
				m, err := newMatch(row)
				if !yield(m, err) || err != nil {
					return
				}
				after = row.ID
			}
			if len(rows) < 500 {
				return
			}
		}
	}
}

// ChosenHosts counts the chosen matches by the host they live on.
func (s *Store) ChosenHosts(ctx context.Context, move string) (map[string]int, error) {
	rows, err := s.r().ChosenHosts(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("hosts of move %s: %w", move, err)
	}
	hosts := make(map[string]int, len(rows))
	for _, row := range rows {
		hosts[row.Host] = int(row.People)
	}
	return hosts, nil
}

func newMatch(row db.Match) (match.Match, error) {
	fail := func(err error) (match.Match, error) {
		return match.Match{}, fmt.Errorf("match %s: %w", row.ID, err)
	}
	address, err := model.ParseAddress(row.Address)
	if err != nil {
		return fail(err)
	}
	profile, err := fromJSON[model.Profile](row.Profile)
	if err != nil {
		return fail(err)
	}
	marks, err := fromJSON[[]match.Mark](row.Marks)
	if err != nil {
		return fail(err)
	}
	evidence, err := fromJSON[[]model.Evidence](row.Evidence)
	if err != nil {
		return fail(err)
	}
	return match.Match{
		ID: row.ID, PersonID: row.PersonID, Address: address, Grade: match.Grade(row.Grade), Evidence: evidence, Profile: profile,
		Marks: marks, Decision: match.Decision(row.Decision), DecidedAt: fromMillis(row.DecidedAt),
	}, nil
}
