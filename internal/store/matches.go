package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store/db"
)

// SaveMatches puts matches in place of what was found for the Person before.
// The Owner's decisions are never lost: a match that was decided on stays even
// if the new search does not find it again.
func (s *Store) SaveMatches(ctx context.Context, move, person string, matches []match.Match) error {
	return s.SaveMatchesOf(ctx, move, map[string][]match.Match{person: matches})
}

var matchRows = table{
	name: "matches",
	columns: []string{"id", "move_id", "person_id", "address", "address_key", "host", "grade", "chosen", "decision", "decided_at",
		"profile", "marks", "evidence"},
	conflict: `ON CONFLICT (person_id, address_key) DO UPDATE SET address = excluded.address, host = excluded.host,
    grade = excluded.grade, chosen = excluded.chosen, decision = excluded.decision, decided_at = excluded.decided_at,
    profile = excluded.profile, marks = excluded.marks, evidence = excluded.evidence`,
}

// SaveMatchesOf is SaveMatches for many People of the Move at once, by their
// ids, all of them or none.
func (s *Store) SaveMatchesOf(ctx context.Context, move string, found map[string][]match.Match) error {
	if len(found) == 0 {
		return nil
	}
	people := slices.Sorted(maps.Keys(found))
	return s.bulk(ctx, func(b *bulk) error {
		if err := b.LockMove(ctx, move); err != nil { // a decision made meanwhile would be lost
			return fmt.Errorf("move %s: %w", move, err)
		}
		kept, err := matchesOf(ctx, b.reader(), people)
		if err != nil {
			return fmt.Errorf("matches of move %s: %w", move, err)
		}
		var changed [][]any
		for _, person := range people {
			rows, err := b.replaceMatches(ctx, move, person, kept[person], found[person])
			if err != nil {
				return err
			}
			changed = append(changed, rows...)
		}
		if err := b.insert(ctx, matchRows, changed); err != nil {
			return err
		}
		return b.setBestGrades(ctx, people, millis(s.now()))
	})
}

// setBestGrades notes the best grade of each of the People. Who is found at
// least Claimed for the first time has arrived, unless now is 0: then it is the
// Owner who says so.
func (b *bulk) setBestGrades(ctx context.Context, people []string, now int64) error {
	query, args := b.reader().among(`UPDATE people SET best_grade = g.best, arrived_at = CASE WHEN people.arrived_at = 0 AND g.best >= $1 THEN $2 ELSE people.arrived_at END
		FROM (SELECT p.id, COALESCE(MAX(m.grade), 0) AS best FROM people p LEFT JOIN matches m ON m.person_id = p.id AND m.decision <> 'no'
			WHERE p.id IN (?) GROUP BY p.id) g
		WHERE people.id = g.id AND people.best_grade <> g.best`, people, int64(match.Claimed), now)
	if _, err := b.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("best grades: %w", err)
	}
	return nil
}

// replaceMatches deletes what was kept and is not found again, and returns the
// rows to write.
func (b *bulk) replaceMatches(ctx context.Context, move, person string, kept []db.Match, found []match.Match) ([][]any, error) {
	merged, err := merge(kept, found)
	if err != nil {
		return nil, err
	}
	old := make(map[string]db.Match, len(kept))
	for _, row := range kept {
		old[row.ID] = row
	}
	var changed [][]any
	for _, m := range match.Choose(merged) {
		row := matchRow(move, person, m)
		if row != old[row.ID] {
			changed = append(changed, matchValues(row))
		}
		delete(old, row.ID)
	}
	for id := range old {
		if err := b.DeleteMatch(ctx, id); err != nil {
			return nil, fmt.Errorf("match %s: %w", id, err)
		}
	}
	return changed, nil
}

// merge returns the found matches with the ids and decisions of the kept ones,
// and the decided ones that were not found again.
func merge(kept []db.Match, found []match.Match) ([]match.Match, error) {
	merged, at := make([]match.Match, 0, len(found)), map[string]int{}
	for _, m := range found {
		if _, twice := at[m.Address.Key()]; !twice {
			at[m.Address.Key()] = len(merged)
			merged = append(merged, m)
		}
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
	if err := q.SaveMatch(ctx, db.SaveMatchParams(matchRow(move, person, m))); err != nil {
		return fmt.Errorf("save match %s: %w", m.Address, err)
	}
	return nil
}

func matchRow(move, person string, m match.Match) db.Match {
	marks := ""
	if len(m.Marks) > 0 {
		marks = toJSON(m.Marks)
	}
	return db.Match{
		ID: cmp.Or(m.ID, NewID()), MoveID: move, PersonID: person, Address: m.Address.String(), AddressKey: m.Address.Key(),
		Host: m.Target().Host, Grade: int64(m.Grade), Chosen: m.Chosen(), Decision: string(m.Decision),
		DecidedAt: millis(m.DecidedAt), Profile: toJSON(m.Profile), Marks: marks, Evidence: toJSON(m.Evidence),
	}
}

func matchValues(row db.Match) []any {
	return []any{row.ID, row.MoveID, row.PersonID, row.Address, row.AddressKey, row.Host, row.Grade, row.Chosen,
		row.Decision, row.DecidedAt, row.Profile, row.Marks, row.Evidence}
}

// Match returns one match of a Person of the Move.
func (s *Store) Match(ctx context.Context, move, person, id string) (match.Match, error) {
	row, err := s.r().Match(ctx, id)
	if err == nil && (row.MoveID != move || row.PersonID != person) {
		err = sql.ErrNoRows
	}
	if err != nil {
		return match.Match{}, missing(err, "match", id)
	}
	return newMatch(row)
}

// Matches returns the matches of a Person, best first.
func (s *Store) Matches(ctx context.Context, person string) ([]match.Match, error) {
	rows, err := s.r().MatchesOf(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("matches of %s: %w", person, err)
	}
	return newMatches(rows)
}

// MatchesOf returns the matches of People, by Person, best first.
func (s *Store) MatchesOf(ctx context.Context, people []string) (map[string][]match.Match, error) {
	rows, err := matchesOf(ctx, s.reader(), people)
	if err != nil {
		return nil, fmt.Errorf("matches: %w", err)
	}
	matches := make(map[string][]match.Match, len(rows))
	for person, rows := range rows {
		if matches[person], err = newMatches(rows); err != nil {
			return nil, err
		}
	}
	return matches, nil
}

// EvidenceFound hands over the evidence of each match of the Move that has at least
// that grade, one Person's matches after the other's.
func (s *Store) EvidenceFound(ctx context.Context, move string, least match.Grade, take func(person string, evidence []model.Evidence)) error {
	const query = "SELECT person_id, evidence FROM matches WHERE move_id = $1 AND grade >= $2 ORDER BY person_id"
	err := each(ctx, s.read, query, []any{move, int64(least)}, func(rows *sql.Rows) error {
		var person, text string
		if err := rows.Scan(&person, &text); err != nil {
			return err
		}
		evidence, err := fromJSON[[]model.Evidence](text)
		take(person, evidence)
		return err
	})
	if err != nil {
		return fmt.Errorf("evidence of move %s: %w", move, err)
	}
	return nil
}

func matchesOf(ctx context.Context, r reader, people []string) (map[string][]db.Match, error) {
	found := map[string][]db.Match{}
	query := "SELECT " + strings.Join(matchRows.columns, ", ") + " FROM matches WHERE person_id IN (?) ORDER BY person_id, grade DESC, chosen DESC, address_key"
	err := r.lookUp(ctx, query, people, func(rows *sql.Rows) error {
		var m db.Match
		err := rows.Scan(&m.ID, &m.MoveID, &m.PersonID, &m.Address, &m.AddressKey, &m.Host, &m.Grade, &m.Chosen, &m.Decision, &m.DecidedAt,
			&m.Profile, &m.Marks, &m.Evidence)
		found[m.PersonID] = append(found[m.PersonID], m)
		return err
	})
	return found, err
}

// Decide keeps the Owner's decision on one match of a Person. Yes to one address
// takes back a yes to another: a Person is followed once.
func (s *Store) Decide(ctx context.Context, move, person, id string, d match.Decision) error {
	return s.bulk(ctx, func(q *bulk) error {
		if err := q.LockMove(ctx, move); err != nil {
			return fmt.Errorf("move %s: %w", move, err)
		}
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
			if err := saveMatch(ctx, q.Queries, move, person, m); err != nil {
				return err
			}
		}
		return rechoose(ctx, q, move, person)
	})
}

// rechoose works out anew which match of a Person is chosen after a decision.
// Whom the Owner named has not arrived: it is no news to them.
func rechoose(ctx context.Context, q *bulk, move, person string) error {
	rows, err := q.MatchesOf(ctx, person)
	if err != nil {
		return fmt.Errorf("matches of %s: %w", person, err)
	}
	matches, err := newMatches(rows)
	if err != nil {
		return err
	}
	for _, m := range match.Choose(matches) {
		if err := saveMatch(ctx, q.Queries, move, person, m); err != nil {
			return err
		}
	}
	return q.setBestGrades(ctx, []string{person}, 0)
}

// AddMatch keeps an Address that the Owner brought for a Person; it is decided
// already. Bringing it again changes nothing.
func (s *Store) AddMatch(ctx context.Context, move, person string, m match.Match) error {
	return s.bulk(ctx, func(q *bulk) error {
		if err := q.LockMove(ctx, move); err != nil {
			return fmt.Errorf("move %s: %w", move, err)
		}
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
				if err := saveMatch(ctx, q.Queries, move, person, other); err != nil {
					return err
				}
			}
		}
		if err := saveMatch(ctx, q.Queries, move, person, m); err != nil {
			return err
		}
		return rechoose(ctx, q, move, person)
	})
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

func newMatches(rows []db.Match) ([]match.Match, error) {
	matches := make([]match.Match, len(rows))
	for i, row := range rows {
		var err error
		if matches[i], err = newMatch(row); err != nil {
			return nil, err
		}
	}
	return matches, nil
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
