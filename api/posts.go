package api

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/jobs"
)

// PostsPlan is what a posts Run would do.
type PostsPlan struct {
	Statuses      int        `json:"statuses"`
	Tweets        int        `json:"tweets"`
	Skipped       []Left     `json:"skipped"`
	Estimate      Estimate   `json:"estimate"`
	Quiet         bool       `json:"quiet"`
	LoudText      string     `json:"loud_text" doc:"What followers will notice; empty on a quiet server"`
	Followers     int        `json:"followers"`
	QuestionsOpen []string   `json:"questions_open" enum:"circle,private"`
	Rules         []string   `json:"rules" doc:"Of the server"`
	Sample        []Preview  `json:"sample"`
	Histogram     []Month    `json:"histogram" doc:"All months that fit the other choices, whatever days are chosen"`
	Languages     []Language `json:"languages" doc:"Of the tweets that fit the other choices, most used first"`
	MediaNeeded   []string   `json:"media_needed" doc:"Ids of tweets whose pictures or videos have to be uploaded first"`
}

// Preview is a status as it would be posted.
type Preview struct {
	compose.Status
	InReplyTo *compose.Ref `json:"in_reply_to,omitempty"`
	MediaURLs []string     `json:"media_urls" doc:"For each of media: where the page finds it, or empty"`
}

// Month counts the tweets of a month that fit all choices but that of days.
type Month struct {
	Month string `json:"month"`
	Count int    `json:"count"`
}

// Language counts the tweets in a language that fit all choices but that of
// languages.
type Language struct {
	Language string `json:"language" doc:"As Twitter tells it"`
	Count    int    `json:"count"`
}

const mostLanguages = 30

// Left says how many are left out, and why.
type Left struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Estimate says how long a Run takes.
type Estimate struct {
	Seconds int    `json:"seconds"`
	Days    int    `json:"days"`
	Text    string `json:"text"`
}

func estimate(e plan.Estimate) Estimate {
	return Estimate{Seconds: int(e.Duration.Seconds()), Days: e.Days, Text: e.Reason}
}

const sampleSize = 12

type postsPlanInput struct {
	MovePath
	Body struct {
		Account string            `json:"account" maxLength:"40"`
		Options jobs.PostsOptions `json:"options,omitempty"`
	}
}

func (s *Server) postsPlan(ctx context.Context, in *postsPlanInput) (*body[PostsPlan], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	a, c, err := s.account(ctx, m.OwnerID, in.Body.Account)
	if err != nil {
		return nil, err
	}
	o := in.Body.Options
	if err := o.Check(); err != nil {
		return nil, err
	}
	p, err := s.Worker.PlanPosts(ctx, m, a, c, o, sampleSize)
	if err != nil {
		return nil, err
	}
	v := PostsPlan{
		Statuses: p.Statuses, Tweets: p.Tweets, Estimate: estimate(p.Estimate), Quiet: p.Quiet, LoudText: loudText(p, c),
		Followers: a.Followers, QuestionsOpen: list(p.QuestionsOpen), Rules: s.rules(ctx, a.Address.Host),
		Skipped: []Left{}, Histogram: []Month{}, Languages: []Language{}, Sample: []Preview{}, MediaNeeded: tweetsOf(p.MediaFiles),
	}
	for _, left := range p.Skipped {
		v.Skipped = append(v.Skipped, Left(left))
	}
	for _, month := range p.Histogram {
		v.Histogram = append(v.Histogram, Month(month))
	}
	for _, l := range p.Languages[:min(len(p.Languages), mostLanguages)] {
		v.Languages = append(v.Languages, Language(l))
	}
	for _, status := range p.Sample {
		v.Sample = append(v.Sample, preview(m.ID, status, p.MediaFiles))
	}
	return reply(v), nil
}

func loudText(p jobs.PostsPlan, c fediverse.Capability) string {
	if p.Quiet || len(c.Words) == 0 {
		return ""
	}
	return c.Words[0]
}

// rules are shown before anything is posted, where the server has any. One that
// does not answer has none to show.
func (s *Server) rules(ctx context.Context, host string) []string {
	servers, err := s.Store.Servers(ctx)
	if err != nil {
		s.Log.Warn("rules not read", "host", host, "error", err)
	}
	for _, v := range servers {
		if v.Host == host && len(v.Rules) > 0 {
			return v.Rules
		}
	}
	instance, err := s.Client.Instance(ctx, host)
	if err != nil {
		s.Log.Info("rules not read", "host", host, "error", err)
	}
	return list(instance.Rules)
}

// tweetsOf returns the tweets that media files belong to, each once: their
// names begin with the tweet's id.
func tweetsOf(files []string) []string {
	ids := []string{}
	for _, name := range files {
		id, _, _ := strings.Cut(name, "-")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func preview(move string, status compose.Status, missing []string) Preview {
	v := Preview{Status: status, InReplyTo: status.InReplyTo, MediaURLs: make([]string, len(status.Media))}
	v.TweetIDs, v.Media, v.Notes = list(v.TweetIDs), list(v.Media), list(v.Notes)
	for i, m := range status.Media {
		if slices.Contains(mediaTypes, m.Type) && !slices.Contains(missing, m.File) {
			v.MediaURLs[i] = prefix + "/moves/" + url.PathEscape(move) + "/media/" + url.PathEscape(m.File)
		}
	}
	return v
}
