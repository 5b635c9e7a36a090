//go:build torture && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// What one round carries over.
const (
	roundTweets = 16
	roundPeople = 12
)

// round is a Move of a new account with a posts Run and a follow Run, both at work.
type round struct {
	user    string
	move    string
	posts   string // the Runs
	follows string
	tweets  []expectedTweet
	people  []string
	began   time.Time
	kills   []point // made so far
}

// expectedTweet is what has to be on the server in the end.
type expectedTweet struct {
	text   string
	parent int // the tweet that it answers, -1 for none
	media  int
	at     time.Time
}

func personName(i int) string { return fmt.Sprintf("person%d", i) }

// begin makes the next round and starts its Runs.
func (l *lane) begin(ctx context.Context) error {
	l.rounds++
	r := &round{user: fmt.Sprintf("alex%d", l.rounds), began: time.Now()}
	l.home.AddAccount(fedisim.Account{User: r.user})
	owner, err := l.store.AddOwner(ctx)
	if err != nil {
		return err
	}
	move, err := l.store.AddMove(ctx, owner)
	if err != nil {
		return err
	}
	r.move = move.ID
	if err := l.store.NameMove(ctx, move.ID, "1", "alex", "Alex"); err != nil {
		return err
	}
	if err := l.store.AnswerMove(ctx, move.ID, "no", "no"); err != nil {
		return err
	}
	account, err := l.connect(ctx, owner, r.user)
	if err != nil {
		return err
	}
	if err := l.bringPeople(ctx, r); err != nil {
		return err
	}
	if err := l.bringTweets(ctx, r); err != nil {
		return err
	}
	options, err := json.Marshal(jobs.PostsOptions{PerHour: 3600}) // as many as the server allows
	if err != nil {
		return err
	}
	posts, err := l.store.AddRun(ctx, store.Run{MoveID: move.ID, Kind: jobs.KindPosts, AccountID: account.ID, Options: string(options)})
	if err != nil {
		return err
	}
	follows, err := l.store.AddRun(ctx, store.Run{MoveID: move.ID, Kind: jobs.KindFollow, AccountID: account.ID})
	if err != nil {
		return err
	}
	r.posts, r.follows, l.round = posts.ID, follows.ID, r
	return nil
}

func (l *lane) connect(ctx context.Context, owner, user string) (model.Account, error) {
	token := l.home.TokenOf("Skein", user)
	self, err := simClient(l.sim).Self(ctx, "home.example", token)
	if err != nil {
		return model.Account{}, err
	}
	return l.store.SaveAccount(ctx, model.Account{OwnerID: owner, Address: self.Address, RemoteID: self.ID}, token)
}

// bringPeople adds those who are to be followed, closest first.
func (l *lane) bringPeople(ctx context.Context, r *round) error {
	var people []model.Person
	for i := range roundPeople {
		r.people = append(r.people, personName(i)+"@away.example")
		people = append(people, model.Person{
			TwitterID: fmt.Sprint(1000 + i), Handle: model.Handle{Name: personName(i)}, Relations: []model.Relation{model.Following},
			Interactions: roundPeople - i,
		})
	}
	if err := l.store.SavePeople(ctx, r.move, people); err != nil {
		return err
	}
	var kept []model.Person
	for p, err := range l.store.People(ctx, r.move) {
		if err != nil {
			return err
		}
		kept = append(kept, p)
	}
	for _, p := range kept {
		a := model.Address{User: p.Handle.Name, Host: "away.example"}
		m := match.Match{PersonID: p.ID, Address: a, Grade: match.Stated, Profile: model.Profile{Address: a, Existence: model.Exists}}
		if err := l.store.SaveMatches(ctx, r.move, p.ID, []match.Match{m}); err != nil {
			return err
		}
	}
	return nil
}

// bringTweets adds threads, pictures, texts that are the same, an answer within
// the same second, and one tweet that has to be split.
func (l *lane) bringTweets(ctx context.Context, r *round) error {
	var tweets []model.Tweet
	at := time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC)
	for i := range roundTweets {
		e := expectedTweet{text: fmt.Sprintf("tweet number %d & more", i), parent: -1}
		at = at.Add(time.Minute)
		switch {
		case i%7 == 6:
			e.text = "good morning"
		case i == 9: // it answers the one before, in its second
			at = at.Add(-time.Minute)
		case i == 10:
			e.text = longText(i)
		}
		if i%3 == 2 || i == 9 || i == 11 { // 11 goes on from the parts of 10
			e.parent = i - 1
		}
		e.at = at
		t := model.Tweet{
			ID: snowflake(at, i), Text: strings.ReplaceAll(e.text, "&", "&amp;"), CreatedAt: at,
		}
		if e.parent >= 0 {
			t.ReplyTo = model.Reply{TweetID: tweets[e.parent].ID, UserID: "1", Handle: "alex"}
		}
		if i%4 == 1 {
			e.media = 1
			file := t.ID + "-picture.png"
			t.Media = []model.Media{{Type: model.Photo, File: file, Expected: file}}
			if err := l.files.Put(ctx, jobs.MediaKey(r.move, file), bytes.NewReader(noise()), int64(len(noise()))); err != nil {
				return err
			}
		}
		tweets, r.tweets = append(tweets, t), append(r.tweets, e)
	}
	a, err := l.store.AddArchive(ctx, store.Archive{MoveID: r.move, Kind: jobs.ArchiveFile})
	if err != nil {
		return err
	}
	if err := l.store.SaveTweets(ctx, r.move, a.ID, "data/tweets.js", tweets); err != nil {
		return err
	}
	return l.store.FileComplete(ctx, a.ID, "data/tweets.js", len(tweets))
}

// snowflake is the id that Twitter would have given to the i-th tweet.
func snowflake(at time.Time, i int) string {
	return fmt.Sprint((at.UnixMilli()+int64(i)-1288834974657)<<22 + int64(i))
}

// longText has no word twice, so that each part of it is told from the others.
func longText(i int) string {
	var words []string
	for n := range 150 {
		words = append(words, fmt.Sprintf("word%d-%d", i, n))
	}
	return strings.Join(words, " ")
}

// noise is a picture large enough to be cut in the middle.
var noise = sync.OnceValue(func() []byte {
	picture := image.NewGray(image.Rect(0, 0, 300, 300))
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range picture.Pix {
		picture.Pix[i] = byte(rng.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // it is written to memory
	}
	return b.Bytes()
})

// runs returns both Runs as they stand.
func (r *round) runs(ctx context.Context, s *store.Store) ([]store.Run, error) {
	var runs []store.Run
	for _, id := range []string{r.posts, r.follows} {
		run, err := s.RunByID(ctx, id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// planned tells whether both Runs have their Steps.
func (r *round) planned(ctx context.Context, s *store.Store) (bool, error) {
	runs, err := r.runs(ctx, s)
	if err != nil {
		return false, err
	}
	return runs[0].Cursor == store.Planned && runs[1].Cursor == store.Planned, nil
}

// over tells whether both Runs have ended, or wait for their Owner.
func (r *round) over(ctx context.Context, s *store.Store) bool {
	runs, err := r.runs(ctx, s)
	if err != nil {
		return false
	}
	for _, run := range runs {
		if run.State == store.RunWaiting || run.State == store.RunRunning {
			return false
		}
	}
	return true
}

// describe writes the Runs and their Steps down, for failures.
func (r *round) describe(ctx context.Context, s *store.Store) string {
	var b strings.Builder
	runs, err := r.runs(ctx, s)
	if err != nil {
		return err.Error()
	}
	for _, run := range runs {
		fmt.Fprintf(&b, "\n%s is %s, cursor %q, due %s: %s", run.Kind, run.State, run.Cursor, run.DueAt, run.Error)
		steps, err := s.StepsPage(ctx, run.ID, "", 0, 1000)
		if err != nil {
			return err.Error()
		}
		for _, step := range steps {
			what := step.Address.String()
			if step.Status != nil {
				what = step.Text()[:min(30, len(step.Text()))]
			}
			fmt.Fprintf(&b, "\n  %d %q %s %s (%s), status %s, sent %s", step.Seq, what, step.State, step.Outcome, step.Reason, step.ResultID, step.Sent.At)
			entries, err := s.Ledger(ctx, step.ID)
			if err != nil {
				return err.Error()
			}
			for _, e := range entries {
				fmt.Fprintf(&b, " · %d %s %s", e.Attempt, e.State, e.At.Format("05.000"))
			}
		}
	}
	return b.String()
}

// unsure returns the Steps that wait for the Owner.
func (r *round) unsure(ctx context.Context, s *store.Store) ([]store.Step, error) {
	return s.StepsPage(ctx, r.posts, ledger.StateUnsure, 0, 1000)
}

func simClient(sim *fedisim.Sim) *fediverse.Client {
	return fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})
}
