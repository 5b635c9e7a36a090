package api

import (
	"context"
	"math"

	"github.com/skein-migrate/skein/internal/recommend"
)

// RankedServer is a fediverse server with the reasons for and against it.
type RankedServer struct {
	Host          string   `json:"host"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Score         float64  `json:"score"`
	Reasons       []Reason `json:"reasons"`
	MatchedPeople int      `json:"matched_people"`
	SignUp        string   `json:"sign_up" enum:",open,approval,closed"`
	Languages     []string `json:"languages"`
	Users         int      `json:"users"`
	ActiveMonth   int      `json:"active_month"`
	Software      string   `json:"software"`
	Rules         []string `json:"rules"`
	URL           string   `json:"url"`
}

// Reason says why a server is ranked as it is.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Servers is the catalogue, best first. An empty one is empty: it has not been
// read yet.
type Servers struct {
	Servers      []RankedServer `json:"servers"`
	TotalMatched int            `json:"total_matched" doc:"Chosen people, wherever they live"`
}

type serversInput struct {
	MovePath
	Language string `query:"language" maxLength:"20" doc:"BCP 47"`
}

func (s *Server) listServers(ctx context.Context, in *serversInput) (*body[Servers], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	catalogue, err := s.Store.Servers(ctx)
	if err != nil {
		return nil, err
	}
	hosts, err := s.Store.ChosenHosts(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	o := recommend.Options{}
	if in.Language != "" {
		o.Languages = []string{in.Language}
	}
	v := Servers{Servers: []RankedServer{}}
	for _, n := range hosts {
		v.TotalMatched += n
	}
	ranked := recommend.Rank(catalogue, hosts, o)
	for _, r := range ranked[:min(len(ranked), mostServers)] {
		v.Servers = append(v.Servers, s.rankedBody(r))
	}
	return reply(v), nil
}

// mostServers is as many as anybody looks through.
const mostServers = 200

func (s *Server) rankedBody(r recommend.Ranked) RankedServer {
	v := RankedServer{
		Host: r.Server.Host, Title: r.Server.Title, Description: r.Server.Description, Score: math.Round(r.Score*10) / 10,
		Reasons: []Reason{}, MatchedPeople: r.Matched, SignUp: string(r.Server.SignUp), Languages: list(r.Server.Languages),
		Users: r.Server.Users, ActiveMonth: r.Server.ActiveMonth, Software: r.Server.Software, Rules: list(r.Server.Rules),
		URL: s.Client.BrowserURL("https://" + r.Server.Host + "/"),
	}
	for _, reason := range r.Reasons {
		v.Reasons = append(v.Reasons, Reason(reason))
	}
	return v
}
