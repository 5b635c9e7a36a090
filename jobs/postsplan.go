package jobs

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

// PostsOptions are the options of a posts Run.
type PostsOptions struct {
	Visibility     string   `json:"visibility,omitempty"` // public, unlisted or private; by the server if empty
	PerHour        int      `json:"per_hour,omitempty"`   // posts an hour, 3600 for as many as the server allows; on a loud server 4 if 0
	From           string   `json:"from,omitempty"`       // first day, 2006-01-02
	To             string   `json:"to,omitempty"`         // last day
	IncludeReplies bool     `json:"include_replies,omitempty"`
	RetweetLinks   bool     `json:"retweet_links,omitempty"`
	TweetIDs       []string `json:"tweet_ids,omitempty"`     // picked by hand; then nothing else is posted
	WithoutMedia   bool     `json:"without_media,omitempty"` // leave out what was not uploaded
	AsNew          bool     `json:"as_new,omitempty"`        // do not ask for past dates
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
	SkippedUnpicked  = "not picked"
	SkippedCircle    = "from the time of Twitter Circle, which you may have used"
	SkippedProtected = "from a time when your account was, or may have been, private"
)

// leaveOut returns what keeps a tweet out: days, picking, and the times in which
// tweets may have been meant for few. The latter hold unless the tweet was picked
// by hand or is posted to followers only.
func (o PostsOptions) leaveOut(move store.Move, protected []importer.Period) (func(model.Tweet) string, error) {
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
		case t.CreatedAt.Before(from) || !to.IsZero() && !t.CreatedAt.Before(to):
			return SkippedOutside
		case circle && !t.CreatedAt.Before(circleFrom) && t.CreatedAt.Before(circleTo):
			return SkippedCircle
		case private && within(t.CreatedAt, protected):
			return SkippedProtected
		}
		return ""
	}, nil
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

// PostsPlan is what a posts Run would do.
type PostsPlan struct {
	Statuses      int
	Tweets        int
	MediaMissing  int // files that have to be uploaded first
	MediaFiles    []string
	Skipped       []SkipCount
	Estimate      plan.Estimate
	Quiet         bool
	QuestionsOpen []string
	Sample        []compose.Status
	Histogram     []Month
}

// SkipCount says how many tweets stay out for a reason.
type SkipCount struct {
	Reason string
	Count  int
}

// Month counts the tweets of a month, such as 2018-04, that are posted.
type Month struct {
	Month string
	Count int
}

// PlanPosts works out what a posts Run of the Account would do, without asking
// anybody, with up to sample statuses as they would be posted.
func (w *Worker) PlanPosts(ctx context.Context, move store.Move, account model.Account, c fediverse.Capability, o PostsOptions, sample int) (PostsPlan, error) {
	p := PostsPlan{Quiet: c.Backdates && !o.AsNew, QuestionsOpen: QuestionsOpen(move), Sample: []compose.Status{}}
	skipped, months, media := map[string]int{}, map[string]int{}, 0
	posted, err := w.Store.PostedTweets(ctx, account.Address.Key())
	if err != nil {
		return p, err
	}
	err = w.Compose(ctx, move, account, c, o, func(t model.Tweet, parts []compose.Status, reason string) error {
		if reason != "" {
			skipped[reason]++
			return nil
		}
		p.Tweets++
		p.Statuses += len(parts)
		months[t.CreatedAt.Format("2006-01")]++
		for _, s := range parts {
			media += len(s.Media)
			missing, err := w.mediaMissing(ctx, move.ID, t, s, posted)
			if err != nil {
				return err
			}
			p.MediaMissing += len(missing)
			p.MediaFiles = append(p.MediaFiles, missing...)
			if len(p.Sample) < sample {
				p.Sample = append(p.Sample, s)
			}
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	for reason, n := range skipped {
		p.Skipped = append(p.Skipped, SkipCount{reason, n})
	}
	sort.Slice(p.Skipped, func(i, j int) bool {
		a, b := p.Skipped[i], p.Skipped[j]
		return a.Count > b.Count || a.Count == b.Count && a.Reason < b.Reason
	})
	for month, n := range months {
		p.Histogram = append(p.Histogram, Month{month, n})
	}
	sort.Slice(p.Histogram, func(i, j int) bool { return p.Histogram[i].Month < p.Histogram[j].Month })
	p.Estimate = plan.PostEstimate(plan.Pace{
		Statuses: p.Statuses, Media: media, Software: c.Software, Quiet: p.Quiet, PerHour: o.perHour(c),
	})
	return p, nil
}

// Compose hands each tweet of the Move to do, with its statuses or the reason
// why it has none, as for that Account; the zero Account has posted nothing yet.
// It reads the tweets twice: first who answers whom.
func (w *Worker) Compose(ctx context.Context, move store.Move, account model.Account, c fediverse.Capability, o PostsOptions,
	do func(t model.Tweet, parts []compose.Status, skipped string) error) error {
	protected, err := w.protected(ctx, move.ID)
	if err != nil {
		return err
	}
	skip, err := o.leaveOut(move, protected)
	if err != nil {
		return err
	}
	posted, err := w.Store.PostedTweets(ctx, account.Address.Key())
	if err != nil {
		return err
	}
	index := &compose.Index{}
	for t, err := range w.Store.Tweets(ctx, move.ID) {
		if err != nil {
			return err
		}
		index.Add(t)
	}
	files, err := w.mediaFiles(ctx, move.ID)
	if err != nil {
		return err
	}
	var unread error // compose takes a file whose size is not known for one that is not there
	composer := compose.New(compose.Options{
		OwnerID: move.TwitterID, OwnerHandle: move.Handle, MaxCharacters: c.MaxCharacters, CountCodePoints: c.CountCodePoints,
		URLLength: c.URLLength, MaxMedia: c.MaxMedia, DescriptionLimit: c.DescriptionLimit, ImageSizeLimit: c.ImageSizeLimit,
		VideoSizeLimit: c.VideoSizeLimit, MimeTypes: c.MimeTypes, Visibility: o.visibility(c), IncludeReplies: o.IncludeReplies,
		RetweetLinks: o.RetweetLinks, Skip: skip, Posted: func(tweet string) int { return posted[tweet] },
		MediaSize: func(file string) (int64, bool) {
			size, ok, err := w.mediaSize(ctx, move.ID, file)
			unread = errors.Join(unread, err)
			return size, err == nil && (ok || !o.WithoutMedia) // what is missing is brought before the Run, or left out
		},
	}, index)
	for t, err := range w.Store.Tweets(ctx, move.ID) {
		if err != nil {
			return err
		}
		if !w.Whole {
			t = files.place(t)
		}
		parts, reason := composer.Compose(t)
		if unread != nil {
			return fmt.Errorf("media of tweet %s: %w", t.ID, unread)
		}
		if err := do(t, parts, reason); err != nil {
			return err
		}
	}
	return nil
}

// plan keeps the Steps of a posts Run. It asks nobody, so it may be done again
// after a crash.
func (p *poster) plan(ctx context.Context) error {
	move, err := p.w.Store.Move(ctx, p.h.lease.Run.MoveID)
	if err != nil {
		return err
	}
	if len(QuestionsOpen(move)) > 0 {
		return fail("Please answer the two questions about Circle and private times first.")
	}
	posted, err := p.w.Store.PostedTweets(ctx, p.account.Address.Key())
	if err != nil {
		return err
	}
	var statuses []compose.Status
	missing := 0
	err = p.w.Compose(ctx, move, p.account, p.cap, p.o, func(t model.Tweet, parts []compose.Status, _ string) error {
		for _, s := range parts {
			files, err := p.w.mediaMissing(ctx, move.ID, t, s, posted)
			if err != nil {
				return err
			}
			missing += len(files)
		}
		statuses = append(statuses, parts...)
		return p.w.progress(p.h, 0, 0, "preparing the posts")
	})
	if err != nil {
		return err
	}
	if missing > 0 {
		busy, err := p.w.unpacking(ctx, move.ID)
		if err != nil {
			return err
		}
		if busy {
			return errUnpacking
		}
		return fail("%d pictures or videos of these posts are not here yet. Choose your archive again to bring them, or post without them.", missing)
	}
	steps := plan.Posts(statuses, store.NewID)
	for i := range steps {
		steps[i].RunID = p.h.lease.Run.ID
	}
	return p.h.lease.AddSteps(ctx, p.account.Address.Key(), steps)
}

// mediaMissing returns the media of a status of t that have to be brought. posted
// says how many parts of each tweet are there: their media were deleted then.
func (w *Worker) mediaMissing(ctx context.Context, move string, t model.Tweet, s compose.Status, posted map[string]int) ([]string, error) {
	if s.Part <= posted[t.ID] {
		return nil, nil
	}
	var missing []string
	for _, m := range s.Media {
		_, ok, err := w.mediaSize(ctx, move, m.File)
		if err != nil {
			return nil, err
		}
		if !ok {
			missing = append(missing, m.File)
		}
	}
	return missing, nil
}

// mediaSize tells the size of an uploaded medium of the Move, or that it is not here.
func (w *Worker) mediaSize(ctx context.Context, move, file string) (int64, bool, error) {
	size, err := w.Files.Size(ctx, MediaKey(move, file))
	if errors.Is(err, model.ErrNotFound) || errors.Is(err, model.ErrInvalid) { // a name that none can have here
		return 0, false, nil
	}
	return size, err == nil, err
}

// protected gathers from the Move's Archives when the account was private.
func (w *Worker) protected(ctx context.Context, move string) ([]importer.Period, error) {
	archives, err := w.Store.Archives(ctx, move)
	if err != nil {
		return nil, err
	}
	var periods []importer.Period
	for _, a := range archives {
		r, err := readSummary(a)
		if err != nil {
			return nil, err
		}
		periods = append(periods, r.Protected...)
	}
	return periods, nil
}

// errUnpacking ends a slice that has to wait for media that were just uploaded.
var errUnpacking = errors.New("media are being unpacked")

// unpacking tells whether a Run still unpacks media of the Move. One that failed
// or was paused brings nothing by itself.
func (w *Worker) unpacking(ctx context.Context, move string) (bool, error) {
	archives, err := w.Store.Archives(ctx, move)
	if err != nil {
		return false, err
	}
	reading := map[string]bool{}
	for _, a := range archives {
		if a.Kind == MediaFile && a.State == store.ArchiveReading {
			reading[a.ID] = true
		}
	}
	runs, err := w.Store.Runs(ctx, move)
	if err != nil {
		return false, err
	}
	for _, r := range runs {
		if r.Kind != KindRead || r.State != store.RunWaiting && r.State != store.RunRunning {
			continue
		}
		if o, err := options[ReadOptions](r); err != nil || reading[o.Archive] {
			return err == nil, err
		}
	}
	return false, nil
}
