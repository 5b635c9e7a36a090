package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// peopleFile holds everything that was found.
const peopleFile = "people.json"

type exportInput struct {
	MovePath
	File string `path:"file" enum:"following_accounts.csv,blocked_accounts.csv,muted_accounts.csv,unresolved_people.csv,people.json"`
}

// getExport writes a file while it reads the rows, however many there are. What
// fails on the way cuts the answer off, so that no browser takes it for whole.
func (s *Server) getExport(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	write, kind := s.csv(in.File), "text/csv; charset=utf-8"
	if in.File == peopleFile {
		write, kind = s.writePeople, "application/json"
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		w := humagin.Unwrap(c).Writer
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="`+in.File+`"`)
		if err := write(c.Context(), w, m); err != nil {
			s.Log.Error("export cut off", "move", m.ID, "file", in.File, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

type export func(ctx context.Context, w io.Writer, m store.Move) error

func (s *Server) csv(file string) export {
	return func(ctx context.Context, w io.Writer, m store.Move) error {
		if file == plan.UnresolvedFile {
			return plan.UnresolvedCSV(w, s.Store.PeopleWithout(ctx, m.ID))
		}
		return s.writeAccounts(ctx, w, m, file)
	}
}

// writeAccounts writes one of Mastodon's own files, which hold chosen matches
// alone.
func (s *Server) writeAccounts(ctx context.Context, w io.Writer, m store.Move, file string) error {
	var matches []match.Match
	for one, err := range s.Store.ChosenMatches(ctx, m.ID) {
		if err != nil {
			return err
		}
		matches = append(matches, one)
	}
	people := map[string]model.Person{}
	for p, err := range s.Store.People(ctx, m.ID) {
		if err != nil {
			return err
		}
		people[p.ID] = p
	}
	switch file {
	case plan.BlocksFile:
		return plan.BlocksCSV(w, matches, people)
	case plan.MutesFile:
		return plan.MutesCSV(w, matches, people)
	}
	return plan.FollowingCSV(w, matches, people, false)
}

// exported stands before the People in people.json.
type exported struct {
	TwitterID  string    `json:"twitter_id"`
	Handle     string    `json:"handle"`
	ExportedAt time.Time `json:"exported_at"`
	Version    string    `json:"skein_version"`
}

// writePeople writes all People with all that was found and decided, as the API
// shows them, one on each line.
func (s *Server) writePeople(ctx context.Context, w io.Writer, m store.Move) error {
	head, err := json.Marshal(exported{m.TwitterID, m.Handle, s.Now().UTC().Truncate(time.Second), s.Version})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, `{"export":%s,"people":[`, head); err != nil {
		return err
	}
	const size = 200
	page, separator := make([]model.Person, 0, size), "\n"
	flush := func() error {
		list, err := s.peopleBody(ctx, page)
		page = page[:0]
		for _, p := range list {
			if err == nil {
				err = writeLine(w, separator, p)
			}
			separator = ",\n"
		}
		return err
	}
	for p, err := range s.Store.People(ctx, m.ID) {
		if err != nil {
			return err
		}
		if page = append(page, p); len(page) == size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

func writeLine(w io.Writer, separator string, p Person) error {
	var b bytes.Buffer
	b.WriteString(separator)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's own end of line
	_, err := w.Write(b.Bytes())
	return err
}
