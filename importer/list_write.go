package importer

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// listRow is a person as a line of JSON.
type listRow struct {
	ID       string   `json:"id,omitempty"`
	Handle   string   `json:"handle,omitempty"`
	Name     string   `json:"name,omitempty"`
	Bio      string   `json:"bio,omitempty"`
	Location string   `json:"location,omitempty"`
	URLs     []string `json:"urls,omitempty"`
	Relation string   `json:"relation,omitempty"` // several with a comma between
}

// WriteList writes people as JSON lines, which ReadList reads as the same people.
func WriteList(w io.Writer, people []model.Person) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, p := range people {
		relations := make([]string, len(p.Relations))
		for i, r := range p.Relations {
			relations[i] = string(r)
		}
		row := listRow{p.TwitterID, p.Handle.Name, p.Name, p.Bio, p.Location, p.URLs, strings.Join(relations, ",")}
		if err := lines.Encode(row); err != nil {
			return fmt.Errorf("write list: %w", err)
		}
	}
	return nil
}
