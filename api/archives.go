package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

// Archive is an upload or a list and what was found in it.
type Archive struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"archive,list,media"`
	FileName   string     `json:"file_name"`
	State      string     `json:"state" enum:"reading,complete,failed"`
	Generation string     `json:"generation"`
	ExportedAt *time.Time `json:"exported_at"`
	Counts     counts     `json:"counts"`
	Names      names      `json:"names"`
	Warnings   []Warning  `json:"warnings"`
	Opened     []string   `json:"opened"`
	Error      string     `json:"error"`
}

type counts map[string]int

type names struct {
	Following      int            `json:"following"`
	FollowingNamed int            `json:"following_named"`
	BySource       map[string]int `json:"by_source,omitempty"`
}

// Warning is something that could not be read and did not matter to the rest.
type Warning struct {
	File    string `json:"file"`
	Message string `json:"message"`
}

type listInput struct {
	MovePath
	Body struct {
		Name string `json:"name,omitempty" maxLength:"255"`
		Text string `json:"text" minLength:"1" doc:"Handles or ids: CSV, TSV, JSON or one on each line"`
	}
}

func (s *Server) addList(ctx context.Context, in *listInput) (*body[Run], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	r, err := s.Worker.AddList(ctx, m.ID, fileName(in.Body.Name, "list.txt"), in.Body.Text)
	if err != nil {
		return nil, err
	}
	return s.runReply(ctx, r)
}

// archiveBody reads the summary that the importer made.
func archiveBody(a store.Archive) (Archive, error) {
	v := Archive{
		ID: a.ID, Kind: a.Kind, FileName: a.FileName, State: a.State, Error: a.Error,
		Counts: counts{}, Warnings: []Warning{}, Opened: []string{},
	}
	if a.Summary == "" {
		return v, nil
	}
	var summary struct {
		Generation string    `json:"generation"`
		ExportedAt time.Time `json:"exported_at"`
		Counts     counts    `json:"counts"`
		Names      names     `json:"names"`
		Warnings   []Warning `json:"warnings"`
		Opened     []string  `json:"opened"`
	}
	if err := json.Unmarshal([]byte(a.Summary), &summary); err != nil {
		return v, fmt.Errorf("summary of archive %s: %w", a.ID, err)
	}
	v.Generation, v.ExportedAt, v.Names = summary.Generation, known(summary.ExportedAt), summary.Names
	v.Counts, v.Warnings, v.Opened = summary.Counts, list(summary.Warnings), list(summary.Opened)
	return v, nil
}
