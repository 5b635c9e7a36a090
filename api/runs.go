package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// Run is one background job and how far it has come.
type Run struct {
	ID         string         `json:"id"`
	Kind       string         `json:"kind" enum:"read,find,follow,blocks,mutes,lists,posts,undo"`
	State      string         `json:"state" enum:"waiting,running,paused,done,cancelled,failed"`
	Account    string         `json:"account" doc:"The Account it acts for, or empty"`
	Progress   Progress       `json:"progress"`
	LastHour   int            `json:"last_hour" doc:"Steps done within the last hour, of one that goes on by itself"`
	TimeLeft   int            `json:"time_left_seconds" doc:"An estimate by what the server allows, of one that goes on by itself; 0 if nothing can be said"`
	Allowance  *Allowance     `json:"allowance" doc:"What the server last said that it allows; null if it did not"`
	NextAt     *time.Time     `json:"next_at" doc:"When it goes on, of one that waits"`
	Wish       string         `json:"wish" enum:",pause,cancel" doc:"What the Owner asked for and is not carried out yet"`
	Error      string         `json:"error" doc:"Why it stopped or waits, in words"`
	CreatedAt  time.Time      `json:"created_at"`
	FinishedAt *time.Time     `json:"finished_at"`
	Options    map[string]any `json:"options"`
	Result     map[string]any `json:"result" doc:"What it brought, of a find Run that is done: arrived, and People by source"`
}

// Allowance is how many of the Run's Steps the server still takes until it begins
// to count anew.
type Allowance struct {
	Remaining int       `json:"remaining"`
	Max       int       `json:"max"`
	ResetAt   time.Time `json:"reset_at"`
}

// Progress counts a Run's Steps, or the parts of a Run without Steps.
type Progress struct {
	Total   int    `json:"total"`
	Done    int    `json:"done"`
	Failed  int    `json:"failed"`
	Skipped int    `json:"skipped"`
	Unsure  int    `json:"unsure"`
	Undone  int    `json:"undone" doc:"Of done: what another Run took back"`
	Text    string `json:"text"`
}

// RunPath names a Run in a path.
type RunPath struct {
	MovePath
	Run string `path:"run" maxLength:"40"`
}

type startInput struct {
	MovePath
	Body struct {
		Kind    string             `json:"kind" enum:"find,follow,blocks,mutes,lists,posts,undo"`
		Account string             `json:"account,omitempty" maxLength:"40" doc:"Of every kind but undo"`
		Options jobs.PostsOptions  `json:"options,omitempty" doc:"Of a posts Run"`
		Find    findOptions        `json:"find,omitempty" doc:"Of a find Run"`
		Follow  jobs.FollowOptions `json:"follow,omitempty" doc:"Of a follow Run"`
		Undo    jobs.UndoOptions   `json:"undo,omitempty" doc:"Of an undo Run"`
	}
}

// findOptions say where a find Run asks besides what is known here and the
// servers of the addresses themselves.
type findOptions struct {
	Search bool `json:"search,omitempty" doc:"Search on the server of the Account too"`
	Probe  bool `json:"probe,omitempty" doc:"Try the same user names on the servers where most people are"`
}

func (s *Server) startRun(ctx context.Context, in *startInput) (*body[Run], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	r := store.Run{MoveID: m.ID, Kind: in.Body.Kind}
	switch r.Kind {
	case jobs.KindFind:
		r.Options, err = s.mayFind(ctx, m, in)
	case jobs.KindUndo:
		r.AccountID, r.Options, err = s.mayUndo(ctx, m, in.Body.Undo)
	default:
		r.AccountID, r.Options, err = s.mayAct(ctx, m, in)
	}
	if err != nil {
		return nil, err
	}
	if r, err = s.Worker.Start(ctx, r); err != nil {
		return nil, err
	}
	return s.runReply(ctx, r)
}

// mayFind checks a find Run before it is started.
func (s *Server) mayFind(ctx context.Context, m store.Move, in *startInput) (options string, err error) {
	o := jobs.FindOptions{Probe: in.Body.Find.Probe}
	if in.Body.Find.Search {
		a, _, err := s.account(ctx, m.OwnerID, in.Body.Account)
		if err != nil {
			return "", err
		}
		if !covers(a.Scopes, fediverse.FeatureFollow) {
			return "", fmt.Errorf("you did not allow searching when you connected %s; connect it again and allow following: %w", a.Address, model.ErrConflict)
		}
		o.Account = a.ID
	}
	b, err := json.Marshal(o)
	return string(b), err
}

// mayAct checks a Run that acts outside before it is started.
func (s *Server) mayAct(ctx context.Context, m store.Move, in *startInput) (account, options string, err error) {
	a, c, err := s.account(ctx, m.OwnerID, in.Body.Account)
	if err != nil {
		return "", "", err
	}
	if err := needs[in.Body.Kind].check(a, c); err != nil {
		return "", "", err
	}
	var o any
	switch in.Body.Kind {
	case jobs.KindFollow:
		o, err = in.Body.Follow, mayImport(a, c, in.Body.Follow)
	case jobs.KindPosts:
		o, err = in.Body.Options, mayPost(m, in.Body.Options)
	default:
		return a.ID, "", nil
	}
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(o)
	return a.ID, string(b), err
}

// mayImport checks whether the follows may be handed over as a file.
func mayImport(a model.Account, c fediverse.Capability, o jobs.FollowOptions) error {
	switch {
	case !o.Import:
		return nil
	case !c.ImportAPI:
		return fmt.Errorf("%s takes no file of follows from another program: %w", a.Address.Host, model.ErrInvalid)
	case !covers(a.Scopes, fediverse.FeatureImport):
		return fmt.Errorf("you did not allow handing over a file when you connected %s; connect it again and allow it: %w", a.Address, model.ErrConflict)
	}
	return nil
}

// mayPost checks the options of a posts Run, and that the Owner has said what
// only they know.
func mayPost(m store.Move, o jobs.PostsOptions) error {
	if len(jobs.QuestionsOpen(m)) > 0 {
		return fmt.Errorf("please answer the questions about Circle and private times first: %w", model.ErrConflict)
	}
	return o.Check()
}

// mayUndo checks an undo Run before it is started. It acts for the Account of
// the Run that it takes back, and needs what that one needed.
func (s *Server) mayUndo(ctx context.Context, m store.Move, o jobs.UndoOptions) (account, options string, err error) {
	r, err := s.Worker.Undoable(ctx, m.ID, o.Run)
	if err != nil {
		return "", "", err
	}
	a, c, err := s.account(ctx, m.OwnerID, r.AccountID)
	if err != nil {
		return "", "", err
	}
	if err := needs[r.Kind].check(a, c); err != nil {
		return "", "", err
	}
	b, err := json.Marshal(o)
	return a.ID, string(b), err
}

func (s *Server) getRun(ctx context.Context, in *RunPath) (*body[Run], error) {
	r, err := s.run(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.runReply(ctx, r)
}

func (s *Server) pauseRun(ctx context.Context, in *RunPath) (*body[Run], error) {
	return s.change(ctx, in, func(id string) (int64, error) { return s.Store.Wish(ctx, id, store.WishPause) })
}

func (s *Server) resumeRun(ctx context.Context, in *RunPath) (*body[Run], error) {
	return s.change(ctx, in, func(id string) (int64, error) { return s.Store.Resume(ctx, id) })
}

func (s *Server) cancelRun(ctx context.Context, in *RunPath) (*body[Run], error) {
	return s.change(ctx, in, func(id string) (int64, error) { return s.Store.Wish(ctx, id, store.WishCancel) })
}

// change notes what the Owner wishes and has a worker see to it.
func (s *Server) change(ctx context.Context, in *RunPath, note func(id string) (wake int64, err error)) (*body[Run], error) {
	r, err := s.run(ctx, in)
	if err != nil {
		return nil, err
	}
	wake, err := note(r.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Worker.Wake(ctx, r.ID, wake, s.Now()); err != nil {
		s.Log.Warn("run waits for the reconciler", "run", r.ID, "error", err)
	}
	return s.getRun(ctx, in)
}

// run returns the Run if its Move is of whoever asks.
func (s *Server) run(ctx context.Context, in *RunPath) (store.Run, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return store.Run{}, err
	}
	return s.Store.Run(ctx, m.ID, in.Run)
}

func (s *Server) runs(ctx context.Context, move string) ([]Run, error) {
	runs, err := s.Store.Runs(ctx, move)
	if err != nil {
		return nil, err
	}
	all := make([]Run, len(runs))
	for i, r := range runs {
		if all[i], err = s.runBody(ctx, r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Server) runReply(ctx context.Context, r store.Run) (*body[Run], error) {
	v, err := s.runBody(ctx, r)
	return reply(v), err
}

func (s *Server) runBody(ctx context.Context, r store.Run) (Run, error) {
	v := Run{
		ID: r.ID, Kind: r.Kind, State: r.State, Account: r.AccountID, Wish: r.Wish, Error: r.Error,
		Progress: Progress{Total: r.Total, Done: r.Done, Text: r.Text}, CreatedAt: r.CreatedAt, FinishedAt: known(r.FinishedAt),
		Options: map[string]any{}, Result: map[string]any{},
	}
	for text, into := range map[string]*map[string]any{r.Options: &v.Options, r.Result: &v.Result} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return v, fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	if r.State == store.RunWaiting {
		if r.DueAt.After(s.Now()) {
			v.NextAt = known(r.DueAt)
		} else if v.Error == "" && s.queueDown(ctx) {
			v.Error = noQueue
		}
	}
	if r.AccountID == "" {
		return v, nil
	}
	steps, err := s.Store.StepCounts(ctx, r.ID)
	if err != nil {
		return v, err
	}
	v.Progress.count(steps)
	return v, s.foresee(ctx, r, steps, &v)
}

// foresee says how a Run goes on.
func (s *Server) foresee(ctx context.Context, r store.Run, steps map[ledger.State]int, v *Run) error {
	o, err := s.Worker.Outlook(ctx, r, steps)
	if err != nil {
		return err
	}
	v.LastHour, v.TimeLeft = o.LastHour, int(o.TimeLeft.Seconds())
	if a := o.Allowance; a.Max > 0 {
		v.Allowance = &Allowance{Remaining: a.Remaining, Max: a.Max, ResetAt: a.Reset}
	}
	return nil
}

func (p *Progress) count(steps map[ledger.State]int) {
	p.Total = 0
	for _, n := range steps {
		p.Total += n
	}
	p.Done = steps[ledger.StateConfirmed] + steps[ledger.StateUndone]
	p.Failed, p.Skipped, p.Unsure = steps[ledger.StateRefused], steps[ledger.StateSkipped], steps[ledger.StateUnsure]
	p.Undone = steps[ledger.StateUndone]
}
