package api

import (
	"context"

	"github.com/skein-migrate/skein/internal/plan"
)

// FollowPlan is what a follow Run would do, as far as it is known here: whom
// the Account follows already is asked when the Run begins.
type FollowPlan struct {
	Steps    int      `json:"steps"`
	LeftOut  []Left   `json:"left_out"`
	Estimate Estimate `json:"estimate"`
	CSVText  string   `json:"csv_text" doc:"What importing the CSV file does instead"`
}

type followPlanInput struct {
	MovePath
	Account string `query:"account" required:"true" maxLength:"40"`
}

func (s *Server) followPlan(ctx context.Context, in *followPlanInput) (*body[FollowPlan], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	a, c, err := s.account(ctx, m.OwnerID, in.Account)
	if err != nil {
		return nil, err
	}
	steps, left, err := s.Worker.PlanFollows(ctx, m.ID, a, nil)
	if err != nil {
		return nil, err
	}
	v := FollowPlan{
		Steps: len(steps), LeftOut: []Left{}, Estimate: estimate(plan.FollowEstimate(len(steps), c.Software)),
		CSVText: plan.FollowCSVText(len(steps), c.Software),
	}
	for _, l := range left {
		v.LeftOut = append(v.LeftOut, Left{l.Reason, l.Count})
	}
	return reply(v), nil
}
