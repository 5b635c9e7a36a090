package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// PostsOptions are the options of a posts Run.
type PostsOptions struct {
	Visibility   string   `json:"visibility,omitempty"`    // public, unlisted or private; by the server if empty
	PerHour      int      `json:"per_hour,omitempty"`      // posts an hour, 3600 for as many as the server allows; on a loud server 4 if 0
	From         string   `json:"from,omitempty"`          // first day, 2006-01-02
	To           string   `json:"to,omitempty"`            // last day
	TweetIDs     []string `json:"tweet_ids,omitempty"`     // picked by hand; then nothing else is posted
	WithoutMedia bool     `json:"without_media,omitempty"` // leave out what was not uploaded
	AsNew        bool     `json:"as_new,omitempty"`        // do not ask for past dates

	Kinds       []string `json:"kinds,omitempty" enum:"post,thread,quote,reply,retweet" maxItems:"5" doc:"What is posted; posts, threads and quotes if empty"`
	Media       string   `json:"media,omitempty" enum:",with,without"`
	MinLikes    int      `json:"min_likes,omitempty" minimum:"0"`
	MinRetweets int      `json:"min_retweets,omitempty" minimum:"0"`
	Words       []string `json:"words,omitempty" maxItems:"100" doc:"One of them stands in the tweet"`
	NotWords    []string `json:"not_words,omitempty" maxItems:"100" doc:"None of them stands in the tweet"`
	Languages   []string `json:"languages,omitempty" maxItems:"50" doc:"As Twitter tells them"`

	Mentions    compose.MentionStyle     `json:"mentions,omitempty" enum:",link,address" doc:"What becomes of mentions of those who were found; plain names if empty"`
	Number      bool                     `json:"number,omitempty" doc:"2/5 behind each part of a long post"`
	Dated       compose.DateStyle        `json:"dated,omitempty" enum:",date,link" doc:"A line with the date, where the server cannot set it"`
	Warnings    []compose.ContentWarning `json:"warnings,omitempty" maxItems:"50" doc:"Content warnings by rule; the first that fits"`
	OwnWarnings bool                     `json:"own_warnings,omitempty" doc:"A first line such as CW: food becomes a content warning"`
	Doubles     bool                     `json:"doubles,omitempty" doc:"Post what seems to be on the account already, too"`
}

// What a tweet is, for choosing.
const (
	KindOfPost    = "post"
	KindOfThread  = "thread" // answers the owner, or is answered by them
	KindOfQuote   = "quote"
	KindOfReply   = "reply" // to somebody else
	KindOfRetweet = "retweet"
)

var allKinds = []string{KindOfPost, KindOfThread, KindOfQuote, KindOfReply, KindOfRetweet}

// has tells whether tweets of that kind are chosen.
func (o PostsOptions) has(kind string) bool {
	if len(o.Kinds) == 0 {
		return kind != KindOfReply && kind != KindOfRetweet
	}
	return slices.Contains(o.Kinds, kind)
}

// kindOf tells what a tweet of the owner is.
func kindOf(t model.Tweet, owner string, x *compose.Index) string {
	switch {
	case t.IsRetweet():
		return KindOfRetweet
	case t.IsReply() && t.ReplyTo.UserID != "" && t.ReplyTo.UserID != owner:
		return KindOfReply
	case t.IsReply() || x.Answered(t.ID):
		return KindOfThread
	case t.IsQuote():
		return KindOfQuote
	}
	return KindOfPost
}

// dated is the date line: none where the server takes the date itself.
func (o PostsOptions) dated(c fediverse.Capability) compose.DateStyle {
	if c.Backdates && !o.AsNew {
		return compose.NoDate
	}
	return o.Dated
}

// loudPerHour is the pace on a server where a post reaches followers at once.
const loudPerHour = 4

// fastest is the pace that stands for "as fast as the server allows".
const fastest = 3600

// pause is the time between two posts; none where posting is quiet.
func (o PostsOptions) pause(c fediverse.Capability) time.Duration {
	if n := o.perHour(c); n > 0 && n < fastest {
		return time.Hour / time.Duration(n)
	}
	return 0
}

// perHour is the pace, 0 for as fast as the server allows.
func (o PostsOptions) perHour(c fediverse.Capability) int {
	quiet := c.Backdates && !o.AsNew
	if o.PerHour == 0 && !quiet {
		return loudPerHour
	}
	return o.PerHour
}

func (o PostsOptions) visibility(c fediverse.Capability) string {
	switch {
	case o.Visibility != "":
		return o.Visibility
	case c.Backdates && !o.AsNew:
		return "public"
	}
	return "unlisted"
}

// Check tells whether the options make sense, as ErrInvalid.
func (o PostsOptions) Check() error {
	switch o.Visibility {
	case "", "public", "unlisted", "private":
	default:
		return fmt.Errorf("visibility is public, unlisted or private: %w", model.ErrInvalid)
	}
	for _, kind := range o.Kinds {
		if !slices.Contains(allKinds, kind) {
			return fmt.Errorf("kinds are %s: %w", strings.Join(allKinds, ", "), model.ErrInvalid)
		}
	}
	if !slices.Contains([]compose.MentionStyle{compose.MentionPlain, compose.MentionLink, compose.MentionAddress}, o.Mentions) {
		return fmt.Errorf("mentions are empty, link or address: %w", model.ErrInvalid)
	}
	if !slices.Contains([]compose.DateStyle{compose.NoDate, compose.DateOnly, compose.DateLink}, o.Dated) {
		return fmt.Errorf("dated is empty, date or link: %w", model.ErrInvalid)
	}
	for _, w := range o.Warnings {
		if strings.TrimSpace(w.Text) == "" || len(w.Text) > 100 || len(w.Words) == 0 || len(w.Words) > 100 {
			return fmt.Errorf("a content warning needs a text of at most 100 characters, and words: %w", model.ErrInvalid)
		}
	}
	if o.PerHour < 0 || o.PerHour > fastest {
		return fmt.Errorf("posts an hour are 1 to %d: %w", fastest, model.ErrInvalid)
	}
	_, _, err := o.days()
	return err
}

// days returns the range of time that is chosen, to exclusive; zero is open.
func (o PostsOptions) days() (from, to time.Time, err error) {
	if o.From != "" {
		if from, err = time.Parse(time.DateOnly, o.From); err != nil {
			return from, to, fmt.Errorf("first day %q is not like 2018-04-30: %w", o.From, model.ErrInvalid)
		}
	}
	if o.To != "" {
		if to, err = time.Parse(time.DateOnly, o.To); err != nil {
			return from, to, fmt.Errorf("last day %q is not like 2018-04-30: %w", o.To, model.ErrInvalid)
		}
		to = to.AddDate(0, 0, 1)
	}
	return from, to, nil
}

// Twitter Circle: who used it may have tweets from these months that were meant
// for few, and archives do not mark them.
var (
	circleFrom = time.Date(2022, 5, 1, 0, 0, 0, 0, time.UTC)
	circleTo   = time.Date(2023, 11, 1, 0, 0, 0, 0, time.UTC)
)

// Reasons why a tweet stays out, besides those of package compose.
const (
	SkippedOutside   = "outside the chosen days"
	SkippedKind      = "of a kind that was not chosen"
	SkippedMedia     = "left out by its pictures"
	SkippedLiked     = "with fewer likes or retweets than chosen"
	SkippedWords     = "left out by its words"
	SkippedLanguage  = "in a language that was not chosen"
	SkippedUnpicked  = "not picked"
	SkippedCircle    = "from the time of Twitter Circle, which you may have used"
	SkippedProtected = "from a time when your account was, or may have been, private"
)

// leaveOut returns what keeps a tweet out: choices, days, picking, and the times in which
// tweets may have been meant for few. The latter hold unless the tweet was picked
// by hand or is posted to followers only.
func (o PostsOptions) leaveOut(move store.Move, protected []importer.Period, x *compose.Index) (func(model.Tweet) string, error) {
	from, to, err := o.days()
	if err != nil {
		return nil, err
	}
	picked := make(map[string]bool, len(o.TweetIDs))
	for _, id := range o.TweetIDs {
		picked[id] = true
	}
	few := o.Visibility == "private"
	circle := !few && move.UsedCircle != "no"
	private := !few && move.WasPrivate != "no"
	return func(t model.Tweet) string {
		switch {
		case len(picked) > 0 && picked[t.ID]:
			return ""
		case len(picked) > 0:
			return SkippedUnpicked
		case circle && !t.CreatedAt.Before(circleFrom) && t.CreatedAt.Before(circleTo):
			return SkippedCircle
		case private && within(t.CreatedAt, protected):
			return SkippedProtected
		}
		kind := kindOf(t, move.TwitterID, x)
		if reason := o.unwanted(t, kind); reason != "" || !o.has(kind) {
			return reason
		}
		switch {
		case t.CreatedAt.Before(from) || !to.IsZero() && !t.CreatedAt.Before(to):
			return SkippedOutside
		case !o.speaks(t.Lang):
			return SkippedLanguage
		}
		return ""
	}, nil
}

// unwanted tells why a tweet is not among those that the Owner chose, or "";
// days and languages come after it, so that a plan can count what other ones
// would bring. Retweets and replies have words of their own, in package compose.
func (o PostsOptions) unwanted(t model.Tweet, kind string) string {
	switch words := compose.WordsOf; {
	case !o.has(kind) && (kind == KindOfReply || kind == KindOfRetweet):
		return ""
	case !o.has(kind):
		return SkippedKind
	case o.Media == "with" && len(t.Media) == 0, o.Media == "without" && len(t.Media) > 0:
		return SkippedMedia
	case t.Favorites < o.MinLikes, t.Retweets < o.MinRetweets:
		return SkippedLiked
	case len(o.Words) > 0 && !words(t).Any(o.Words), len(o.NotWords) > 0 && words(t).Any(o.NotWords):
		return SkippedWords
	}
	return ""
}

// speaks tells whether tweets in that language are chosen.
func (o PostsOptions) speaks(lang string) bool {
	return len(o.Languages) == 0 || slices.Contains(o.Languages, lang)
}

// within tells whether t lies in one of the periods. Where none is known, every
// time may have been private.
func within(t time.Time, periods []importer.Period) bool {
	for _, p := range periods {
		if !t.Before(p.From) && (p.To.IsZero() || t.Before(p.To)) {
			return true
		}
	}
	return len(periods) == 0
}

// QuestionsOpen names the questions that the Owner has to answer before the
// first posts Run.
func QuestionsOpen(m store.Move) []string {
	open := []string{}
	if m.UsedCircle == "" {
		open = append(open, "circle")
	}
	if m.WasPrivate == "" {
		open = append(open, "private")
	}
	return open
}

// mentioned tells where those are whom tweets mention, if that matters: the
// accounts that would be followed.
func (w *Worker) mentioned(ctx context.Context, move string, o PostsOptions) (func(model.Mention) (compose.Account, bool), error) {
	if o.Mentions == compose.MentionPlain {
		return nil, nil
	}
	people := map[string]compose.Account{} // by Person
	for m, err := range w.Store.ChosenMatches(ctx, move) {
		if err != nil {
			return nil, err
		}
		a := compose.Account{Address: m.Target().String()}
		if m.Target() == m.Address {
			a.URL = m.Profile.URL
		}
		people[m.PersonID] = a
	}
	ids, handles := map[string]compose.Account{}, map[string]compose.Account{}
	for p, err := range w.Store.People(ctx, move) {
		if err != nil {
			return nil, err
		}
		if a, ok := people[p.ID]; ok {
			ids[p.TwitterID], handles[strings.ToLower(p.Handle.Name)] = a, a
		}
	}
	return func(m model.Mention) (compose.Account, bool) {
		if a, ok := ids[m.TwitterID]; ok && m.TwitterID != "" {
			return a, true
		}
		a, ok := handles[strings.ToLower(m.Handle)]
		return a, ok && m.TwitterID == "" // another id is somebody else
	}, nil
}

// ownURLLength is the most that a link to a post of the Account may count where
// links count their full length.
func ownURLLength(a model.Account) int {
	if a.Server == "" {
		return 0
	}
	return len("https://") + len(a.Server) + len("/@/statuses/") + len(a.Address.User) + 26
}
