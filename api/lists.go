package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// NewList is a list as text, or people by themselves. People are read one after
// the other and no further than the limit, so that they are no Go values here.
type NewList struct {
	Source  string   `json:"source,omitempty" enum:"list,pages" default:"list" doc:"Pages: what the Owner read on their own X pages, as people"`
	Name    string   `json:"name,omitempty" maxLength:"255" doc:"Of the file"`
	Text    string   `json:"text,omitempty" doc:"Handles or ids: CSV, TSV, JSON or one on each line"`
	People  listRows `json:"people,omitempty" doc:"Instead of text"`
	Columns []string `json:"columns,omitempty" maxItems:"100" doc:"What each column holds, in order; empty where that is guessed"`
	Titles  string   `json:"titles,omitempty" enum:",yes,no" doc:"Whether the first row of a table holds titles; empty where that is guessed"`
}

// ListRow is one of the people of a list. Id or handle is needed.
type ListRow struct {
	ID       string   `json:"id,omitempty" doc:"Numeric Twitter id"`
	Handle   string   `json:"handle,omitempty"`
	Name     string   `json:"name,omitempty"`
	Bio      string   `json:"bio,omitempty"`
	Location string   `json:"location,omitempty"`
	URLs     []string `json:"urls,omitempty"`
	Relation string   `json:"relation,omitempty" doc:"following, unless it is follower, blocking or muting; several with a comma between"`
}

// listRows is the JSON of an array of ListRow.
type listRows []byte

func (r *listRows) UnmarshalJSON(b []byte) error {
	*r = slices.Clone(b)
	return nil
}

// Schema describes the rows for huma.
func (listRows) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[ListRow](), true, "ListRow")}
}

// mostListBytes is how large a list may be as it comes: as many people as the
// limit usually is, with long bios in any script.
const mostListBytes = 24 << 20

// listBody lets an operation take a list over a slow line. The body is checked by
// hand: huma would make Go values of it first, however many rows it has.
func (s *Server) listBody(api huma.API) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = mostListBytes, 5*time.Minute, true
		op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
			if n, err := strconv.ParseInt(ctx.Header("Content-Length"), 10, 64); err == nil && n > mostListBytes {
				_ = huma.WriteErr(api, ctx, http.StatusRequestEntityTooLarge, fmt.Sprintf(
					"This list is larger than %d MB. Lists and X pages may bring %d people into one move.", mostListBytes>>20, s.Worker.ListRows))
				return
			}
			next(ctx)
		})
	}
}

type listInput struct {
	MovePath
	Body NewList
}

// newList returns what is to be read, and into which Move.
func (s *Server) newList(ctx context.Context, in *listInput) (jobs.NewList, string, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return jobs.NewList{}, "", err
	}
	if err := s.limits.lists.take(m.OwnerID); err != nil {
		return jobs.NewList{}, "", err
	}
	l := in.Body
	n := jobs.NewList{Source: l.Source, Name: fileName(l.Name, "list.txt"), Text: l.Text, Columns: l.Columns, Titles: l.Titles}
	switch {
	case !slices.Contains([]string{"", "yes", "no"}, l.Titles):
		return n, "", fmt.Errorf("titles are yes or no: %w", model.ErrInvalid)
	case l.Text != "" && len(l.People) > 0:
		return n, "", fmt.Errorf("a list comes as text or as people, not both: %w", model.ErrInvalid)
	case len(l.People) > 0:
		if n.Text = string(l.People); !bytes.HasPrefix(l.People, []byte("[")) {
			return n, "", fmt.Errorf("people come as an array: %w", model.ErrInvalid)
		}
	case l.Source == "pages":
		return n, "", fmt.Errorf("what people read on X comes from the browser as people, not as text: %w", model.ErrInvalid)
	case l.Text == "":
		return n, "", fmt.Errorf("this list is empty: %w", model.ErrInvalid)
	}
	return n, m.ID, nil
}

func (s *Server) addList(ctx context.Context, in *listInput) (*body[Run], error) {
	l, move, err := s.newList(ctx, in)
	if err != nil {
		return nil, err
	}
	r, err := s.Worker.AddList(ctx, move, l)
	if err != nil {
		return nil, err
	}
	return s.runReply(ctx, r)
}

// ListPreview is how a list would be read.
type ListPreview struct {
	Kind      string       `json:"kind" enum:"table,json,text" doc:"Text is read line by line, whatever columns are asked for"`
	Separator string       `json:"separator" doc:"Between the columns of a table"`
	Header    bool         `json:"header" doc:"The first row holds titles"`
	Columns   []ListColumn `json:"columns"`
	Rows      int          `json:"rows" doc:"That say anything"`
	People    int          `json:"people" doc:"Different ones, that a search would look for"`
}

// ListColumn is one column of a list.
type ListColumn struct {
	Title   string   `json:"title"`
	Role    string   `json:"role" enum:"id,handle,account,name,bio,location,url,relation,none"`
	Samples []string `json:"samples" doc:"The cells of the first rows"`
}

func (s *Server) previewList(ctx context.Context, in *listInput) (*body[ListPreview], error) {
	l, _, err := s.newList(ctx, in)
	if err != nil {
		return nil, err
	}
	p, err := s.Worker.PreviewList(l)
	if err != nil {
		return nil, err
	}
	v := ListPreview{Kind: p.Kind, Separator: p.Separator, Header: p.Header, Rows: p.Rows, People: p.People, Columns: make([]ListColumn, len(p.Columns))}
	for i, c := range p.Columns {
		v.Columns[i] = ListColumn{Title: c.Title, Role: string(c.Role), Samples: list(c.Samples)}
	}
	return reply(v), nil
}
