package api

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// Picture is a picture or video of the Move's tweets, with the Owner's words for
// those who cannot see it.
type Picture struct {
	File    string `json:"file"`
	TweetID string `json:"tweet_id"`
	Text    string `json:"text" doc:"Of the tweet"`
	Alt     string `json:"alt"`
	Seen    int    `json:"seen" doc:"Likes and retweets of the tweet"`
	Video   bool   `json:"video"`
	URL     string `json:"url" doc:"Where the page finds it; empty if it has not been uploaded"`
}

// Pictures is a page of pictures: those without words first, most seen first.
type Pictures struct {
	Pictures  []Picture `json:"pictures"`
	Total     int       `json:"total"`
	Described int       `json:"described" doc:"How many of them have words"`
}

type picturesInput struct {
	MovePath
	Body struct {
		Account string            `json:"account" maxLength:"40"`
		Options jobs.PostsOptions `json:"options,omitempty" doc:"As of the plan"`
		Offset  int               `json:"offset,omitempty" minimum:"0"`
		Limit   int               `json:"limit,omitempty" minimum:"1" maximum:"100" default:"20"`
	}
}

func (s *Server) listPictures(ctx context.Context, in *picturesInput) (*body[Pictures], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	a, c, err := s.account(ctx, m.OwnerID, in.Body.Account)
	if err != nil {
		return nil, err
	}
	if err := in.Body.Options.Check(); err != nil {
		return nil, err
	}
	page, total, described, err := s.Worker.PicturesMostSeen(ctx, m, a, c, in.Body.Options, in.Body.Offset, in.Body.Limit)
	if err != nil {
		return nil, err
	}
	v := Pictures{Pictures: make([]Picture, len(page)), Total: total, Described: described}
	for i, p := range page {
		v.Pictures[i] = Picture{
			File: p.File, TweetID: p.TweetID, Text: p.Text, Alt: p.Alt, Seen: p.Favorites, Video: p.Video}
		if p.Here {
			v.Pictures[i].URL = prefix + "/moves/" + url.PathEscape(m.ID) + "/media/" + url.PathEscape(p.File)
		}
	}
	return reply(v), nil
}

type describePictureInput struct {
	MovePath
	File string `path:"file" maxLength:"200"`
	Body struct {
		Alt string `json:"alt" maxLength:"10000" doc:"What it shows; empty forgets it"`
	}
}

func (s *Server) describePicture(ctx context.Context, in *describePictureInput) (*none, error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	id, _, _ := strings.Cut(in.File, "-") // the names of media begin with their tweet's id
	t, err := s.Store.Tweet(ctx, m.ID, id)
	if err != nil {
		return nil, err
	}
	if !s.holds(ctx, m.ID, t, in.File) {
		return nil, model.ErrNotFound
	}
	return nil, s.Store.SaveAltText(ctx, m.ID, in.File, strings.TrimSpace(in.Body.Alt))
}

// holds tells whether a file is of the tweet: named by it, or uploaded under its id.
func (s *Server) holds(ctx context.Context, move string, t model.Tweet, file string) bool {
	if slices.ContainsFunc(t.Media, func(m model.Media) bool { return file == m.File || file == m.Expected }) {
		return true
	}
	key := jobs.MediaKey(move, file)
	if !files.ValidKey(key) {
		return false
	}
	f, err := s.Files.Open(ctx, key)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// BroughtAltTexts says what became of a file of alt texts.
type BroughtAltTexts struct {
	Known   int `json:"known" doc:"Pictures that have words now"`
	Unknown int `json:"unknown" doc:"Rows that belong to no picture of the Move"`
}

type altTextsInput struct {
	MovePath
	Body struct {
		Text string `json:"text" minLength:"1" doc:"CSV, TSV or JSON: a file's name or a tweet's id, and what the picture shows"`
	}
}

func (s *Server) bringAltTexts(ctx context.Context, in *altTextsInput) (*body[BroughtAltTexts], error) {
	m, err := s.move(ctx, in.Move)
	if err != nil {
		return nil, err
	}
	if err := s.limits.lists.take(m.OwnerID); err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Body.Text) == "" {
		return nil, model.ErrInvalid
	}
	b, err := s.Worker.BringAltTexts(ctx, m.ID, strings.NewReader(in.Body.Text))
	return reply(BroughtAltTexts(b)), err
}
