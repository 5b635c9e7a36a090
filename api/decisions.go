package api

import (
	"context"
	"fmt"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

type decideInput struct {
	MovePath
	Person string `path:"person" maxLength:"40"`
	Match  string `path:"match" maxLength:"40"`
	Body   struct {
		Decision string `json:"decision" enum:",yes,no"`
	}
}

func (s *Server) decideMatch(ctx context.Context, in *decideInput) (*body[Person], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if err := s.Store.Decide(ctx, m.ID, in.Person, in.Match, match.Decision(in.Body.Decision)); err != nil {
		return nil, err
	}
	return s.person(ctx, m.ID, in.Person)
}

type decideAllInput struct {
	MovePath
	Body struct {
		Grade    string   `json:"grade,omitempty" enum:"proven,stated,claimed" doc:"All undecided Matches of that grade"`
		Matches  []string `json:"matches,omitempty" maxItems:"500" doc:"Or these Matches, by id"`
		Decision string   `json:"decision" enum:",yes,no" doc:"Empty takes decisions back, of Matches by id only"`
	}
}

// Changed says how many were changed.
type Changed struct {
	Changed int      `json:"changed"`
	People  []Person `json:"people,omitempty" doc:"Whose Matches were named, as they are now"`
}

// decideAll decides on many Matches. A yes leaves out guesses, those that
// something speaks against, and People with several to choose from.
func (s *Server) decideAll(ctx context.Context, in *decideAllInput) (*body[Changed], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	b, d := in.Body, match.Decision(in.Body.Decision)
	if (b.Grade == "") == (len(b.Matches) == 0) || b.Grade != "" && d == match.Undecided {
		return nil, fmt.Errorf("name either a grade to decide on or some matches: %w", model.ErrInvalid)
	}
	if b.Grade == "" {
		return s.decideSome(ctx, m.ID, b.Matches, d)
	}
	grade, err := match.ParseGrade(b.Grade)
	if err != nil {
		return nil, err
	}
	n, err := s.Store.DecideAll(ctx, m.ID, grade, d)
	return reply(Changed{Changed: n}), err
}

func (s *Server) decideSome(ctx context.Context, move string, matches []string, d match.Decision) (*body[Changed], error) {
	n, ids, err := s.Store.DecideMatches(ctx, move, matches, d)
	if err != nil {
		return nil, err
	}
	people := make([]model.Person, len(ids))
	for i, id := range ids {
		if people[i], err = s.Store.Person(ctx, move, id); err != nil {
			return nil, err
		}
	}
	list, err := s.peopleBody(ctx, people)
	return reply(Changed{Changed: n, People: list}), err
}
