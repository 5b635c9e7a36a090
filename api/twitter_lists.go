package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// TwitterList is a list that the Owner made on Twitter, or wants to have. An
// archive names its lists without their members; the Owner brings those.
type TwitterList struct {
	Title   string   `json:"title" minLength:"1" maxLength:"255"`
	Members []string `json:"members" maxItems:"5000" doc:"Handles, numeric Twitter ids or addresses"`
}

// TwitterLists are all lists of a Move.
type TwitterLists struct {
	Lists []TwitterList `json:"lists"`
}

// mostListMembers is how many members all lists of a Move may have together.
const mostListMembers = 20_000

func (s *Server) getTwitterLists(ctx context.Context, in *MovePath) (*body[TwitterLists], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	members, err := s.Store.ListMembers(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	named, err := s.Store.Lists(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	v, at := TwitterLists{Lists: []TwitterList{}}, map[string]int{}
	list := func(title string) *TwitterList {
		i, ok := at[title]
		if !ok {
			i = len(v.Lists)
			at[title] = i
			v.Lists = append(v.Lists, TwitterList{Title: title, Members: []string{}})
		}
		return &v.Lists[i]
	}
	for _, l := range named {
		if l.Kind == "created" {
			list(l.Name)
		}
	}
	for _, one := range members {
		l := list(one.List)
		l.Members = append(l.Members, one.Member)
	}
	return reply(v), nil
}

type setTwitterListsInput struct {
	MovePath
	Body struct {
		Lists []TwitterList `json:"lists" maxItems:"1000" doc:"Instead of all that were brought before"`
	}
}

func (s *Server) setTwitterLists(ctx context.Context, in *setTwitterListsInput) (*body[TwitterLists], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	members, err := listMembers(in.Body.Lists)
	if err != nil {
		return nil, err
	}
	if err := s.Store.SetListMembers(ctx, m.ID, members); err != nil {
		return nil, err
	}
	return s.getTwitterLists(ctx, &in.MovePath)
}

// listMembers returns who is in which list, each once in each.
func listMembers(lists []TwitterList) ([]store.ListMember, error) {
	var members []store.ListMember
	seen := map[store.ListMember]bool{}
	for _, l := range lists {
		for _, text := range l.Members {
			one := store.ListMember{List: strings.TrimSpace(l.Title), Member: strings.TrimSpace(text)}
			switch {
			case one.Member == "" || seen[one]:
				continue
			case one.List == "":
				return nil, fmt.Errorf("a list needs a title: %w", model.ErrInvalid)
			case len(one.Member) > 500:
				return nil, fmt.Errorf("a member of “%s” is longer than any name: %w", one.List, model.ErrInvalid)
			case len(members) == mostListMembers:
				return nil, fmt.Errorf("lists may have %d members together: %w", mostListMembers, model.ErrInvalid)
			}
			seen[one] = true
			members = append(members, one)
		}
	}
	return members, nil
}
