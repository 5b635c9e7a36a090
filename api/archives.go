package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/store"
)

// Archive is an upload or a list and what was found in it.
type Archive struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"archive,list,pages,media"`
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
