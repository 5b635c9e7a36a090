package api

import (
	"bytes"
	"context"
	"io"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
)

type exportInput struct {
	MovePath
	File string `path:"file" enum:"following_accounts.csv,blocked_accounts.csv,muted_accounts.csv"`
}

type exportOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *Server) getExport(ctx context.Context, in *exportInput) (*exportOutput, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	var matches []match.Match
	for one, err := range s.Store.ChosenMatches(ctx, m.ID) {
		if err != nil {
			return nil, err
		}
		matches = append(matches, one)
	}
	people := map[string]model.Person{}
	for p, err := range s.Store.People(ctx, m.ID) {
		if err != nil {
			return nil, err
		}
		people[p.ID] = p
	}
	var b bytes.Buffer
	if err := writeExport(&b, in.File, matches, people); err != nil {
		return nil, err
	}
	return &exportOutput{
		ContentType: "text/csv; charset=utf-8", ContentDisposition: `attachment; filename="` + in.File + `"`, Body: b.Bytes(),
	}, nil
}

func writeExport(w io.Writer, file string, matches []match.Match, people map[string]model.Person) error {
	switch file {
	case plan.BlocksFile:
		return plan.BlocksCSV(w, matches, people)
	case plan.MutesFile:
		return plan.MutesCSV(w, matches, people)
	}
	return plan.FollowingCSV(w, matches, people, false)
}
