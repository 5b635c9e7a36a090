package api

import (
	"context"
	"fmt"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/jobs"
)

// RunPlan is what a Run would do, as far as it is known here: how things stand
// at the Account's server is asked when the Run begins.
type RunPlan struct {
	Steps    int       `json:"steps"`
	Lists    int       `json:"lists" doc:"Of lists: how many of the steps make a list, or delete one; the others put somebody into one, or take them out"`
	LeftOut  []LeftOut `json:"left_out"`
	Estimate Estimate  `json:"estimate"`
	CSVText  string    `json:"csv_text" doc:"Of follows: what importing the CSV file does instead"`
	Import   bool      `json:"import" doc:"Of follows: the server takes them as one file, which is much quicker, if the Owner allows that"`
}

// LeftOut says how many are left out, why, and who.
type LeftOut struct {
	Left
	People []LeftPerson `json:"people" doc:"The first of them"`
}

// LeftPerson is somebody who is left out.
type LeftPerson struct {
	Name string `json:"name" doc:"A handle with an @, else a name or a Twitter id; of a list's member else what the Owner wrote"`
	List string `json:"list" doc:"Of lists: the title of the list"`
}

type runPlanInput struct {
	MovePath
	Kind    string `path:"kind" enum:"follow,blocks,mutes,lists,undo"`
	Account string `query:"account" maxLength:"40" doc:"Of every kind but undo"`
	Run     string `query:"run" maxLength:"40" doc:"Of undo: the Run that is taken back"`
}

func (s *Server) runPlan(ctx context.Context, in *runPlanInput) (*body[RunPlan], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if in.Kind == jobs.KindUndo {
		return s.undoPlan(ctx, m.ID, m.OwnerID, in.Run)
	}
	a, c, err := s.account(ctx, m.OwnerID, in.Account)
	if err != nil {
		return nil, err
	}
	steps, left, err := s.Worker.PlanOf(ctx, in.Kind, m.ID, a)
	if err != nil {
		return nil, err
	}
	v := RunPlan{Steps: len(steps), LeftOut: []LeftOut{}}
	for _, l := range left {
		out := LeftOut{Left: Left{l.Reason, l.Count}, People: make([]LeftPerson, len(l.Named))}
		for i, n := range l.Named {
			out.People[i] = LeftPerson(n)
		}
		v.LeftOut = append(v.LeftOut, out)
	}
	for _, step := range steps {
		if step.Kind == plan.KindList {
			v.Lists++
		}
	}
	l, err := s.Worker.PlanLimits(ctx, a, c)
	if err != nil {
		return nil, err
	}
	switch in.Kind {
	case jobs.KindFollow:
		v.Estimate = estimate(l.Follows(len(steps)))
		v.CSVText, v.Import = plan.FollowCSVText(len(steps), c.Software), c.ImportAPI && len(steps) >= jobs.LeastImport
	default:
		v.Estimate = estimate(l.Relations(len(steps)))
	}
	return reply(v), nil
}

// undoPlan says what taking a Run back would do, and how long that takes.
func (s *Server) undoPlan(ctx context.Context, move, owner, run string) (*body[RunPlan], error) {
	r, err := s.Worker.Undoable(ctx, move, run)
	if err != nil {
		return nil, err
	}
	a, c, err := s.account(ctx, owner, r.AccountID)
	if err != nil {
		return nil, err
	}
	steps, err := s.Worker.PlanUndo(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	l, err := s.Worker.PlanLimits(ctx, a, c)
	if err != nil {
		return nil, err
	}
	deletes, lists := 0, 0
	for _, step := range steps {
		switch step.Kind {
		case plan.KindDelete:
			deletes++
		case plan.KindUnlist:
			lists++
		}
	}
	return reply(RunPlan{
		Steps: len(steps), Lists: lists, LeftOut: []LeftOut{}, Estimate: estimate(l.Undo(deletes, len(steps)-deletes)),
	}), nil
}

// need is what a kind of Run needs: a feature that the Owner allowed, and a
// server that can.
type need struct {
	feature string
	can     func(fediverse.Capability) bool
}

var needs = map[string]need{
	jobs.KindFollow: {fediverse.FeatureFollow, func(c fediverse.Capability) bool { return c.Follows }},
	jobs.KindBlocks: {fediverse.FeatureBlocks, func(c fediverse.Capability) bool { return c.Follows }},
	jobs.KindMutes:  {fediverse.FeatureBlocks, func(c fediverse.Capability) bool { return c.Mutes }},
	jobs.KindLists:  {fediverse.FeatureLists, func(c fediverse.Capability) bool { return c.Lists }},
	jobs.KindPosts:  {fediverse.FeaturePosts, func(c fediverse.Capability) bool { return c.Posts }},
}

// check tells whether the Account may do what a kind of Run needs.
func (n need) check(a model.Account, c fediverse.Capability) error {
	if !n.can(c) {
		return fmt.Errorf("%s cannot do this: %w", a.Address.Host, model.ErrInvalid)
	}
	if !covers(a.Scopes, n.feature) {
		return fmt.Errorf("you did not allow this when you connected %s; connect it again and allow it: %w", a.Address, model.ErrConflict)
	}
	return nil
}
