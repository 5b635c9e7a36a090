package api

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// Move is a Move as the page shows it.
type Move struct {
	ID           string      `json:"id"`
	TwitterID    string      `json:"twitter_id"`
	Handle       string      `json:"handle"`
	Name         string      `json:"name"`
	CreatedAt    time.Time   `json:"created_at"`
	ExpiresAt    time.Time   `json:"expires_at" doc:"When it is deleted unless it is visited, or a Run is at work"`
	UsedCircle   string      `json:"used_circle" enum:",yes,no,unsure"`
	WasPrivate   string      `json:"was_private" enum:",yes,no,unsure"`
	PeopleSeenAt *time.Time  `json:"people_seen_at" doc:"When the Owner last looked at the People; null before the first time"`
	Archives     []Archive   `json:"archives"`
	Counts       MoveCounts  `json:"counts"`
	Matches      MatchCounts `json:"matches"`
	Accounts     []Account   `json:"accounts"`
	Runs         []Run       `json:"runs"`
}

// MoveCounts says how much a Move holds.
type MoveCounts struct {
	Tweets    int `json:"tweets"`
	People    int `json:"people"`
	Following int `json:"following"`
	Follower  int `json:"follower"`
	Blocking  int `json:"blocking"`
	Muting    int `json:"muting"`
	Named     int `json:"named" doc:"People whose handle is known"`
	Lists     int `json:"lists"`
}

// MatchCounts counts People by their best Match.
type MatchCounts struct {
	Proven     int `json:"proven"`
	Stated     int `json:"stated"`
	Claimed    int `json:"claimed"`
	Guess      int `json:"guess"`
	Chosen     int `json:"chosen"`
	Unresolved int `json:"unresolved"`
	Arrived    int `json:"arrived" doc:"Found after the Owner last looked; 0 before the first look"`
}

// MovePath names a Move in a path. It is exported for huma, which looks into no
// embedded field that is not.
type MovePath struct {
	Move string `path:"move" maxLength:"40"`
}

// move returns the Move if it is of whoever asks.
func (s *Server) move(ctx context.Context, id string) (store.Move, error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return store.Move{}, err
	}
	return s.Store.OwnMove(ctx, owner, id)
}

// Moves is the answer of listMoves.
type Moves struct {
	Moves []Move `json:"moves"`
}

func (s *Server) listMoves(ctx context.Context, _ *none) (*body[Moves], error) {
	owner, err := s.ownerFrom(ctx)
	if err != nil {
		return nil, err
	}
	moves, err := s.Store.Moves(ctx, owner)
	if err != nil {
		return nil, err
	}
	list := make([]Move, len(moves))
	for i, m := range moves {
		if list[i], err = s.moveBody(ctx, m); err != nil {
			return nil, err
		}
	}
	return reply(Moves{list}), nil
}

// mostMoves is how many Moves an Owner may have at a time.
const mostMoves = 50

func (s *Server) createMove(ctx context.Context, _ *none) (*body[Move], error) {
	owner, err := s.owner(ctx)
	if err != nil {
		return nil, err
	}
	moves, err := s.Store.Moves(ctx, owner)
	if err != nil {
		return nil, err
	}
	if len(moves) >= mostMoves {
		return nil, fmt.Errorf("you have %d moves already; delete one that you need no longer: %w", len(moves), model.ErrConflict)
	}
	m, err := s.Store.AddMove(ctx, owner)
	if err != nil {
		return nil, err
	}
	v, err := s.moveBody(ctx, m)
	return reply(v), err
}

// owner returns whose session it is, and makes an Owner for who comes first.
func (s *Server) owner(ctx context.Context) (string, error) {
	if id, err := s.ownerFrom(ctx); err == nil {
		if _, err := s.Store.HasRecoveryKey(ctx, id); err == nil || !notFound(err) {
			return id, err
		} // tidied away: nothing was left of it
	}
	if err := s.limits.begin.take(clientIP(ctx)); err != nil {
		return "", err
	}
	id, err := s.Store.AddOwner(ctx)
	if err != nil {
		return "", err
	}
	return id, s.enter(ctx, id)
}

func (s *Server) getMove(ctx context.Context, in *MovePath) (*body[Move], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if now := s.Now(); now.Sub(m.SeenAt) > time.Hour {
		if err := s.Store.TouchMove(ctx, m.ID); err != nil {
			return nil, err
		}
		m.SeenAt = now.UTC()
	}
	v, err := s.moveBody(ctx, m)
	return reply(v), err
}

type answerInput struct {
	MovePath
	Body struct {
		UsedCircle *string `json:"used_circle,omitempty" enum:"yes,no,unsure"`
		WasPrivate *string `json:"was_private,omitempty" enum:"yes,no,unsure"`
	}
}

func (s *Server) answerMove(ctx context.Context, in *answerInput) (*body[Move], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if in.Body.UsedCircle != nil {
		m.UsedCircle = *in.Body.UsedCircle
	}
	if in.Body.WasPrivate != nil {
		m.WasPrivate = *in.Body.WasPrivate
	}
	if err := s.Store.AnswerMove(ctx, m.ID, m.UsedCircle, m.WasPrivate); err != nil {
		return nil, err
	}
	v, err := s.moveBody(ctx, m)
	return reply(v), err
}

type deleteMoveInput struct {
	MovePath
	KeepEntries bool `query:"keep_entries" doc:"Others may still find the Owner's Accounts in the registry"`
}

func (s *Server) deleteMove(ctx context.Context, in *deleteMoveInput) (*none, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if m.TwitterID != "" && !in.KeepEntries {
		if err := s.Store.WithdrawEntriesOf(ctx, m.OwnerID, m.TwitterID); err != nil {
			return nil, err
		}
	}
	if err := s.Worker.EndMove(ctx, m.OwnerID, m.ID); err != nil {
		return nil, err
	}
	if err := s.SweepUploads(ctx); err != nil { // is done again within the hour
		s.Log.Warn("uploads not swept", "move", m.ID, "error", err)
	}
	return nil, nil
}

func (s *Server) moveBody(ctx context.Context, m store.Move) (Move, error) {
	v := Move{
		ID: m.ID, TwitterID: m.TwitterID, Handle: m.Handle, Name: m.Name, CreatedAt: m.CreatedAt,
		ExpiresAt: m.SeenAt.Add(s.Worker.Keep), UsedCircle: m.UsedCircle, WasPrivate: m.WasPrivate,
		PeopleSeenAt: known(m.PeopleSeenAt),
	}
	if err := s.count(ctx, &v); err != nil {
		return v, err
	}
	archives, err := s.Store.Archives(ctx, m.ID)
	if err != nil {
		return v, err
	}
	v.Archives = make([]Archive, len(archives))
	for i, a := range archives {
		if v.Archives[i], err = archiveBody(a); err != nil {
			return v, err
		}
	}
	if v.Accounts, err = s.accounts(ctx, m.OwnerID); err != nil {
		return v, err
	}
	v.Runs, err = s.runs(ctx, m.ID)
	return v, err
}

func (s *Server) count(ctx context.Context, v *Move) error {
	people, err := s.Store.PeopleCounts(ctx, v.ID)
	if err != nil {
		return err
	}
	tweets, err := s.Store.CountTweets(ctx, v.ID)
	if err != nil {
		return err
	}
	lists, err := s.Store.Lists(ctx, v.ID)
	if err != nil {
		return err
	}
	of := people.Relations
	v.Counts = MoveCounts{
		Tweets: tweets, People: people.People, Following: of[model.Following], Follower: of[model.Follower],
		Blocking: of[model.Blocking], Muting: of[model.Muting], Named: people.Named, Lists: len(lists),
	}
	v.Matches = MatchCounts{
		Proven: people.Proven, Stated: people.Stated, Claimed: people.Claimed, Guess: people.Guess,
		Chosen: people.Chosen, Unresolved: people.Unresolved, Arrived: people.Arrived,
	}
	return nil
}
