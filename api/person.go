package api

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
)

// Person is somebody of the Move's Twitter account with the addresses found.
type Person struct {
	ID              string     `json:"id"`
	TwitterID       string     `json:"twitter_id"`
	Handle          string     `json:"handle"`
	Name            string     `json:"name"`
	Bio             string     `json:"bio"`
	Location        string     `json:"location"`
	URLs            []string   `json:"urls"`
	Relations       []string   `json:"relations"`
	Interactions    int        `json:"interactions" doc:"Replies, mentions and retweets by the Owner"`
	LastInteraction *time.Time `json:"last_interaction"`
	ArrivedAt       *time.Time `json:"arrived_at" doc:"When an address was first found that is at least claimed"`
	TwitterURL      string     `json:"twitter_url"`
	Matches         []Match    `json:"matches" doc:"The chosen one first, then the best"`
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
	Avatar       bool           `json:"avatar" doc:"Whether it names a picture, see getAvatar"`
	Locked       bool           `json:"locked" doc:"Follows have to be accepted"`
	Software     string         `json:"software"`
	LastStatusAt *time.Time     `json:"last_status_at"`
	FetchedAt    *time.Time     `json:"fetched_at"`
	DisplayName  string         `json:"display_name"`
	Note         string         `json:"note"`
	Fields       []ProfileField `json:"fields"`
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

func (s *Server) person(ctx context.Context, move, id string) (*body[Person], error) {
	p, err := s.Store.Person(ctx, move, id)
	if err != nil {
		return nil, err
	}
	list, err := s.peopleBody(ctx, []model.Person{p})
	if err != nil {
		return nil, err
	}
	return reply(list[0]), nil
}

func (s *Server) personBody(p model.Person, matches []match.Match) Person {
	v := Person{
		ID: p.ID, TwitterID: p.TwitterID, Handle: p.Handle.Name, Name: p.Name, Bio: p.Bio, Location: p.Location, URLs: list(p.URLs),
		Relations: []string{}, Interactions: p.Interactions, LastInteraction: known(p.LastInteraction), ArrivedAt: known(p.ArrivedAt),
		TwitterURL: plan.TwitterURL(p), Matches: make([]Match, len(matches)),
	}
	for _, r := range p.Relations {
		v.Relations = append(v.Relations, string(r))
	}
	slices.SortStableFunc(matches, func(a, b match.Match) int { return cmp.Compare(standing(a), standing(b)) })
	for i, m := range matches {
		v.Matches[i] = s.matchBody(m)
	}
	return v
}

// standing puts the match that is acted on before the others, and those that the
// Owner said no to last.
func standing(m match.Match) int {
	switch {
	case m.Chosen():
		return 0
	case m.Decision == match.No:
		return 2
	}
	return 1
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
	if p := m.Profile; p.Existence == model.Exists {
		v.Profile = &Profile{
			Avatar: p.Avatar != "", Locked: p.Locked, Software: p.Software, LastStatusAt: known(p.LastStatusAt), FetchedAt: known(p.FetchedAt),
			DisplayName: p.DisplayName, Note: p.Note, Fields: []ProfileField{},
		}
		for _, f := range p.Fields {
			v.Profile.Fields = append(v.Profile.Fields, ProfileField(f))
		}
	}
	return v
}
