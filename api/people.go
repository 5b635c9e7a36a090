package api

import (
	"context"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// People is a page of People.
type People struct {
	People []Person `json:"people"`
	Total  int      `json:"total" doc:"How many the filter chooses, on all pages"`
}

type peopleInput struct {
	MovePath
	Grade    string `query:"grade" enum:",proven,stated,claimed,guess,none"`
	Relation string `query:"relation" enum:",following,follower,blocking,muting"`
	Search   string `query:"q" maxLength:"100" doc:"Part of a handle, name or address"`
	Mark     string `query:"mark" enum:",moved,gone,suspended,silent,bot,mirror,contradicted,lost,rival"`
	Host     string `query:"host" maxLength:"253" doc:"Server where one of the accounts lives, or moved to"`
	Decision string `query:"decision" enum:",open,yes,no" doc:"Open: there is something to decide on, and no yes yet"`
	Chosen   string `query:"chosen" enum:",yes,no"`
	Arrived  bool   `query:"arrived" doc:"Only those found after the Owner last looked; nobody before the first look"`
	Sort     string `query:"sort" enum:"best,closest,name,grade,last,arrived" default:"best"`
	Offset   int    `query:"offset" minimum:"0" maximum:"10000000"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

func (s *Server) listPeople(ctx context.Context, in *peopleInput) (*body[People], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter(m)
	if err != nil {
		return nil, err
	}
	people, total, err := s.Store.PeoplePage(ctx, m.ID, filter)
	if err != nil {
		return nil, err
	}
	list, err := s.peopleBody(ctx, people)
	return reply(People{People: list, Total: total}), err
}

func (in *peopleInput) filter(m store.Move) (store.PeopleFilter, error) {
	grade, err := gradeFilter(in.Grade)
	f := store.PeopleFilter{
		Grade: grade, Relation: model.Relation(in.Relation), Search: in.Search, Mark: match.Mark(in.Mark), Decision: in.Decision,
		Chosen: in.Chosen, Sort: store.PeopleSort(in.Sort), Offset: in.Offset, Limit: in.Limit,
	}
	if err == nil && in.Host != "" {
		f.Host, err = parseServer(in.Host)
	}
	if in.Arrived {
		f.Since = m.PeopleSeenAt
		if f.Since.IsZero() {
			f.Since = m.CreatedAt.AddDate(100, 0, 0) // nobody
		}
	}
	return f, err
}

// gradeFilter returns the number by which the store filters: -1 is any.
func gradeFilter(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	g, err := match.ParseGrade(name)
	return int(g), err
}

// peopleBody returns the People with their matches, which come in one query.
func (s *Server) peopleBody(ctx context.Context, people []model.Person) ([]Person, error) {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	matches, err := s.Store.MatchesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Person, len(people))
	for i, p := range people {
		list[i] = s.personBody(p, matches[p.ID])
	}
	return list, nil
}

type personInput struct {
	MovePath
	Person string `path:"person" maxLength:"40"`
}

func (s *Server) getPerson(ctx context.Context, in *personInput) (*body[Person], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	return s.person(ctx, m.ID, in.Person)
}

// Seen says when the Owner last looked at the People.
type Seen struct {
	SeenAt time.Time `json:"people_seen_at"`
}

// seePeople notes that the Owner has looked: whoever is found later has arrived.
func (s *Server) seePeople(ctx context.Context, in *MovePath) (*body[Seen], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if err := s.Store.SeePeople(ctx, m.ID); err != nil {
		return nil, err
	}
	m, err = s.Store.Move(ctx, m.ID)
	return reply(Seen{m.PeopleSeenAt}), err
}
