package api

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// getStepLog writes all Steps of a Run as a table, and of a Run that follows,
// blocks or mutes also everybody whom it left out: each Person ends in a state
// with a reason.
func (s *Server) getStepLog(ctx context.Context, in *RunPath) (*huma.StreamResponse, error) {
	r, err := s.run(ctx, in)
	if err != nil {
		return nil, err
	}
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		w := humagin.Unwrap(c).Writer
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+r.Kind+`_log.csv"`)
		if err := s.writeStepLog(c.Context(), w, m, r); err != nil {
			s.Log.Error("log cut off", "run", r.ID, "error", err)
			panic(http.ErrAbortHandler) // no browser takes it for whole
		}
	}}, nil
}

// relationOf is whom a kind of Run is about.
var relationOf = map[string]model.Relation{jobs.KindFollow: model.Following, jobs.KindBlocks: model.Blocking, jobs.KindMutes: model.Muting}

func (s *Server) writeStepLog(ctx context.Context, w io.Writer, m store.Move, r store.Run) error {
	out := csv.NewWriter(w)
	write := func(row ...string) error {
		for i := range row {
			row[i] = plan.Defuse(row[i])
		}
		return out.Write(row)
	}
	if err := write("What", "On Twitter", "Address or list", "State", "Outcome", "Reason", "New", "When"); err != nil {
		return err
	}
	people, err := s.linksOf(ctx, m.ID, relationOf[r.Kind])
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for after := 0; ; {
		steps, err := s.Store.StepsPage(ctx, r.ID, "", after, 500)
		if err != nil {
			return err
		}
		for _, step := range steps {
			v := s.stepBody(step)
			named[v.Person], after = true, step.Seq
			err := write(v.Kind, cmp.Or(v.OldURL, people.link[v.Person]), cmp.Or(v.Address, v.List), v.State, v.Outcome, v.Reason, v.URL, v.At.UTC().Format(time.RFC3339))
			if err != nil {
				return err
			}
		}
		if len(steps) < 500 {
			break
		}
	}
	left, err := s.reasons(ctx, m, r)
	if err != nil {
		return err
	}
	for _, id := range people.related {
		if named[id] {
			continue
		}
		if err := write(r.Kind, people.link[id], "", "left out", "", cmp.Or(left[id], plan.LeftNoMatch), "", ""); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// links are where the People of a Move are on Twitter.
type links struct {
	link    map[string]string // by id
	related []string          // ids of those in a relation
}

func (s *Server) linksOf(ctx context.Context, move string, relation model.Relation) (links, error) {
	l := links{link: map[string]string{}}
	for p, err := range s.Store.People(ctx, move) {
		if err != nil {
			return l, err
		}
		l.link[p.ID] = plan.TwitterURL(p)
		if slices.Contains(p.Relations, relation) {
			l.related = append(l.related, p.ID)
		}
	}
	return l, nil
}

// reasons says why People have no Step, by id.
func (s *Server) reasons(ctx context.Context, m store.Move, r store.Run) (map[string]string, error) {
	reasons := map[string]string{}
	if relationOf[r.Kind] == "" {
		return reasons, nil
	}
	a, err := s.Store.OwnAccount(ctx, m.OwnerID, r.AccountID)
	if err != nil {
		return reasons, err
	}
	_, left, err := s.Worker.PlanOf(ctx, r.Kind, m.ID, a)
	for _, l := range left {
		for _, id := range l.PersonIDs {
			reasons[id] = l.Reason
		}
	}
	return reasons, err
}

// tweetURL is where a tweet of the Move is, whatever its author is called now.
func tweetURL(id string) string {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return ""
	}
	return "https://x.com/i/web/status/" + id
}
