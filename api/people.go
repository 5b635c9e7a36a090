package api

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// Person is somebody of the Move's Twitter account with the addresses found.
type Person struct {
	ID           string   `json:"id"`
	TwitterID    string   `json:"twitter_id"`
	Handle       string   `json:"handle"`
	Name         string   `json:"name"`
	Bio          string   `json:"bio"`
	Relations    []string `json:"relations"`
	Interactions int      `json:"interactions"`
	TwitterURL   string   `json:"twitter_url"`
	Matches      []Match  `json:"matches"`
}

// Match is an address that a Person may own, and why we think so.
type Match struct {
	ID       string     `json:"id"`
	Address  string     `json:"address"`
	Grade    string     `json:"grade" enum:"proven,stated,claimed,guess,none" doc:"None: kept because the Owner decided on it"`
	Exists   string     `json:"exists" enum:",yes,no" doc:"Empty if nobody could say"`
	MovedTo  string     `json:"moved_to"`
	Marks    []string   `json:"marks"`
	Decision string     `json:"decision" enum:",yes,no"`
	Chosen   bool       `json:"chosen"`
	URL      string     `json:"url"`
	Profile  *Profile   `json:"profile,omitempty" doc:"Of an address that exists"`
	Evidence []Evidence `json:"evidence"`
}

// Profile is a fediverse profile, as plain text.
type Profile struct {
	DisplayName string         `json:"display_name"`
	Note        string         `json:"note"`
	Fields      []ProfileField `json:"fields"`
}

// ProfileField is one row of the table on a profile.
type ProfileField struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

// Evidence is one observation that ties a Person to an address.
type Evidence struct {
	Source string     `json:"source"`
	Side   string     `json:"side"`
	Tie    string     `json:"tie"`
	Text   string     `json:"text"`
	At     *time.Time `json:"at"`
}

// People is a page of People.
type People struct {
	People     []Person `json:"people"`
	NextCursor string   `json:"next_cursor" doc:"Empty after the last page"`
	Total      int      `json:"total"`
}

type peopleInput struct {
	MovePath
	Grade    string `query:"grade" enum:",proven,stated,claimed,guess,none"`
	Relation string `query:"relation" enum:",following,follower,blocking,muting"`
	Search   string `query:"q" maxLength:"100"`
	Cursor   string `query:"cursor" maxLength:"100"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

func (s *Server) listPeople(ctx context.Context, in *peopleInput) (*body[People], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	after, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	grade, err := gradeFilter(in.Grade)
	if err != nil {
		return nil, err
	}
	people, total, next, err := s.Store.PeoplePage(ctx, m.ID, store.PeopleFilter{
		Grade: grade, Relation: model.Relation(in.Relation), Search: in.Search, After: after, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	v := People{People: make([]Person, len(people)), Total: total, NextCursor: formatCursor(next)}
	for i, p := range people {
		if v.People[i], err = s.personBody(ctx, p); err != nil {
			return nil, err
		}
	}
	return reply(v), nil
}

// gradeFilter returns the number by which the store filters: -1 is any.
func gradeFilter(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	g, err := match.ParseGrade(name)
	return int(g), err
}

func formatCursor(c store.PeopleCursor) string {
	if c.ID == "" {
		return ""
	}
	return fmt.Sprintf("%d.%d.%s", c.Grade, c.Interactions, c.ID)
}

func parseCursor(text string) (store.PeopleCursor, error) {
	if text == "" {
		return store.PeopleCursor{}, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || parts[2] == "" {
		return store.PeopleCursor{}, errCursor
	}
	grade, err1 := strconv.Atoi(parts[0])
	interactions, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return store.PeopleCursor{}, errCursor
	}
	return store.PeopleCursor{Grade: grade, Interactions: interactions, ID: parts[2]}, nil
}

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
		Grade    string `json:"grade" enum:"proven,stated,claimed"`
		Decision string `json:"decision" enum:"yes,no"`
	}
}

// Changed says how many were changed.
type Changed struct {
	Changed int `json:"changed"`
}

func (s *Server) decideAll(ctx context.Context, in *decideAllInput) (*body[Changed], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	grade, err := gradeFilter(in.Body.Grade)
	if err != nil {
		return nil, err
	}
	n, err := s.Store.DecideAll(ctx, m.ID, match.Grade(grade), match.Decision(in.Body.Decision))
	return reply(Changed{n}), err
}

func (s *Server) person(ctx context.Context, move, id string) (*body[Person], error) {
	p, err := s.Store.Person(ctx, move, id)
	if err != nil {
		return nil, err
	}
	v, err := s.personBody(ctx, p)
	return reply(v), err
}

func (s *Server) personBody(ctx context.Context, p model.Person) (Person, error) {
	v := Person{
		ID: p.ID, TwitterID: p.TwitterID, Handle: p.Handle.Name, Name: p.Name, Bio: p.Bio,
		Relations: []string{}, Interactions: p.Interactions, TwitterURL: twitterURL(p),
	}
	for _, r := range p.Relations {
		v.Relations = append(v.Relations, string(r))
	}
	matches, err := s.Store.Matches(ctx, p.ID)
	if err != nil {
		return v, err
	}
	v.Matches = make([]Match, len(matches))
	for i, m := range matches {
		v.Matches[i] = s.matchBody(m)
	}
	return v, nil
}

func twitterURL(p model.Person) string {
	if p.Handle.Name != "" {
		return "https://x.com/" + p.Handle.Name
	}
	return "https://x.com/i/user/" + p.TwitterID
}

func (s *Server) matchBody(m match.Match) Match {
	v := Match{
		ID: m.ID, Address: m.Address.String(), Grade: m.Grade.String(), Exists: string(m.Profile.Existence),
		MovedTo: m.Profile.MovedTo.String(), Marks: []string{}, Decision: string(m.Decision), Chosen: m.Chosen(),
		URL: s.Client.BrowserURL(m.Profile.URL), Evidence: make([]Evidence, len(m.Evidence)),
	}
	for _, mark := range m.Marks {
		v.Marks = append(v.Marks, string(mark))
	}
	for i, e := range m.Evidence {
		v.Evidence[i] = Evidence{Source: e.Source, Side: string(e.Side), Tie: string(e.Tie), Text: e.Text, At: known(e.At)}
	}
	if m.Profile.Existence == model.Exists {
		v.Profile = &Profile{DisplayName: m.Profile.DisplayName, Note: m.Profile.Note, Fields: []ProfileField{}}
		for _, f := range m.Profile.Fields {
			v.Profile.Fields = append(v.Profile.Fields, ProfileField(f))
		}
	}
	return v
}
