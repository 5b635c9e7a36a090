package api

import (
	"context"
	"strconv"
	"time"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
)

// Step is one thing that a Run does to the outside, and what became of it.
type Step struct {
	ID      string     `json:"id"`
	Kind    string     `json:"kind" enum:"follow,block,mute,list,member,import,post,unfollow,unblock,unmute,unlist,unmember,delete"`
	Address string     `json:"address"`
	Person  string     `json:"person"`
	TweetID string     `json:"tweet_id"`
	Part    int        `json:"part"`
	List    string     `json:"list" doc:"The title of a list that is made or filled"`
	Text    string     `json:"text"`
	State   string     `json:"state" enum:"planned,sent,confirmed,refused,skipped,unsure,undone"`
	Outcome string     `json:"outcome"`
	Reason  string     `json:"reason"`
	URL     string     `json:"url" doc:"The post; of an unsure one the post that it may have become"`
	SentAt  *time.Time `json:"sent_at" doc:"Of an unsure Step: when it was sent"`
	Found   *Found     `json:"found" doc:"Of an unsure post: what the post at url says; null if none was found"`
	OldURL  string     `json:"old_url" doc:"The tweet"`
	At      time.Time  `json:"at"`
}

// Found is the post at the server that an unsure Step may have become.
type Found struct {
	Text string     `json:"text" doc:"Plain text, of a very long post the beginning"`
	At   *time.Time `json:"at" doc:"The date that it bears"`
}

// Steps is a page of Steps.
type Steps struct {
	Steps      []Step `json:"steps"`
	NextCursor string `json:"next_cursor" doc:"Empty after the last page"`
}

type stepsInput struct {
	RunPath
	State  string `query:"state" enum:",planned,sent,confirmed,refused,skipped,unsure,undone"`
	Cursor int    `query:"cursor" minimum:"0"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) listSteps(ctx context.Context, in *stepsInput) (*body[Steps], error) {
	r, err := s.run(ctx, &in.RunPath)
	if err != nil {
		return nil, err
	}
	steps, err := s.Store.StepsPage(ctx, r.ID, ledger.State(in.State), in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	v := Steps{Steps: make([]Step, len(steps))}
	for i, step := range steps {
		v.Steps[i] = s.stepBody(step)
	}
	if len(steps) == in.Limit {
		v.NextCursor = strconv.Itoa(steps[len(steps)-1].Seq)
	}
	return reply(v), nil
}

type settleInput struct {
	RunPath
	Step string `path:"step" maxLength:"40"`
	Body struct {
		Posted bool `json:"posted" doc:"True if the Owner found it on the server; false to have it sent again"`
	}
}

func (s *Server) settleStep(ctx context.Context, in *settleInput) (*body[Step], error) {
	r, err := s.run(ctx, &in.RunPath)
	if err != nil {
		return nil, err
	}
	if err := s.Store.Settle(ctx, r.MoveID, r.ID, in.Step, in.Body.Posted); err != nil {
		return nil, err
	}
	if err := s.wakeSettled(ctx, r); err != nil {
		return nil, err
	}
	step, err := s.Store.Step(ctx, r.ID, in.Step)
	if err != nil {
		return nil, err
	}
	return reply(s.stepBody(step)), nil
}

// wakeSettled has a worker look at a Run that goes on since a Step of it was
// settled. A queue that is down is no reason to refuse: the reconciler comes.
func (s *Server) wakeSettled(ctx context.Context, r store.Run) error {
	r, err := s.Store.Run(ctx, r.MoveID, r.ID)
	if err != nil || r.State != store.RunWaiting {
		return err
	}
	if err := s.Worker.Wake(ctx, r.ID, r.Wake, r.DueAt); err != nil {
		s.Log.Warn("run waits for the reconciler", "run", r.ID, "error", err)
	}
	return nil
}

func (s *Server) stepBody(step store.Step) Step {
	v := Step{
		ID: step.ID, Kind: string(step.Kind), Address: step.Address.String(), Person: step.PersonID, TweetID: step.TweetID,
		List: step.List, OldURL: tweetURL(step.TweetID),
		Part: step.Part, State: string(step.State), Outcome: step.Outcome, Reason: step.Reason,
		URL: s.Client.BrowserURL(step.ResultURL), At: step.UpdatedAt,
	}
	if step.Status != nil {
		v.Text = step.Text()
	}
	if step.State != ledger.StateUnsure {
		return v
	}
	v.SentAt = known(step.Sent.At)
	if step.ResultID != "" {
		v.Found = &Found{Text: step.Found.Text, At: known(step.Found.At)}
	}
	return v
}
