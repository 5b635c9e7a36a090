package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

type postsCommand struct {
	Input         string `arg:"" help:"An archive (zip or folder)."`
	Software      string `help:"Software of the server that they would go to." default:"mastodon" placeholder:"NAME"`
	MaxCharacters int    `help:"The server's limit; that of the software if not given." placeholder:"N"`
	Replies       bool   `help:"With replies to others."`
	UsedCircle    string `help:"Did the account use Twitter Circle? Leaves that time out." enum:"yes,no,unsure" default:"no"`
	WasPrivate    string `help:"Was the account ever private? Leaves that time out." enum:"yes,no,unsure" default:"no"`
	JSON          bool   `name:"json" help:"Print a JSON line for each post and each tweet left out."`
}

// leftOutLine is the JSON line of a tweet that is not posted.
type leftOutLine struct {
	TweetIDs []string `json:"tweet_ids"`
	Skipped  string   `json:"skipped"`
}

func (c postsCommand) options() jobs.PostsOptions {
	if !c.Replies {
		return jobs.PostsOptions{}
	}
	return jobs.PostsOptions{Kinds: []string{jobs.KindOfPost, jobs.KindOfThread, jobs.KindOfQuote, jobs.KindOfReply}}
}

// Run composes every tweet of the archive and prints the result.
func (c postsCommand) Run(ctx context.Context) (err error) {
	t, err := newTemporary(ctx, extras{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.read(ctx, c.Input); err != nil {
		return err
	}
	t.move.UsedCircle, t.move.WasPrivate = c.UsedCircle, c.WasPrivate
	capability := fediverse.CapabilityOf(
		fediverse.NodeInfo{Software: c.Software}, fediverse.Instance{MaxCharacters: c.MaxCharacters})
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	posts, skipped := 0, 0
	err = t.worker.Compose(ctx, t.move, model.Account{}, capability, c.options(),
		func(tweet model.Tweet, parts []compose.Status, reason string) error {
			posts += len(parts)
			if reason != "" {
				skipped++
				if c.JSON {
					return lines.Encode(leftOutLine{[]string{tweet.ID}, reason})
				}
				return nil
			}
			for _, s := range parts {
				if !c.JSON {
					fmt.Fprintf(out, "%s  %s (%d/%d)\n%s\n\n", s.CreatedAt.Format("2006-01-02 15:04"), s.Visibility, s.Part, s.Parts, s.Text)
				} else if err := lines.Encode(s); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintf(out, "%d posts; %d tweets are left out\n", posts, skipped)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if posts+skipped == 0 && !t.warned {
		fmt.Fprintln(os.Stderr, "There is nothing to post: the archive holds no tweets.")
	}
	return nil
}
