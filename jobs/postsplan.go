package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/store"
)

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
	Languages     []LanguageCount // most used first
}

// LanguageCount counts the tweets in a language that fit all choices but that of
// languages. Language is as Twitter tells it.
type LanguageCount struct {
	Language string
	Count    int
}

// SkipCount says how many tweets stay out for a reason.
type SkipCount struct {
	Reason string
	Count  int
}

// Month counts the tweets of a month, such as 2018-04, that fit all choices but
// that of days.
type Month struct {
	Month string
	Count int
}

// PlanPosts works out what a posts Run of the Account would do, without asking
// anybody, with up to sample statuses as they would be posted.
func (w *Worker) PlanPosts(ctx context.Context, move store.Move, account model.Account, c fediverse.Capability, o PostsOptions, sample int) (PostsPlan, error) {
	p := PostsPlan{Quiet: c.Backdates && !o.AsNew, QuestionsOpen: QuestionsOpen(move), Sample: []compose.Status{}}
	skipped, months, languages, media := map[string]int{}, map[string]int{}, map[string]int{}, 0
	posted, err := w.Store.PostedTweets(ctx, account.Address.Key())
	if err != nil {
		return p, err
	}
	err = w.Compose(ctx, move, account, c, o, func(t model.Tweet, parts []compose.Status, reason string) error {
		if reason == "" || reason == SkippedOutside && o.speaks(t.Lang) {
			months[t.CreatedAt.Format("2006-01")]++
		}
		if reason == "" || reason == SkippedLanguage {
			languages[t.Lang]++
		}
		if reason != "" {
			skipped[reason]++
			return nil
		}
		p.Tweets++
		p.Statuses += len(parts)
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
	for _, reason := range mostFirst(skipped) {
		p.Skipped = append(p.Skipped, SkipCount{reason, skipped[reason]})
	}
	for _, lang := range mostFirst(languages) {
		p.Languages = append(p.Languages, LanguageCount{lang, languages[lang]})
	}
	for month, n := range months {
		p.Histogram = append(p.Histogram, Month{month, n})
	}
	sort.Slice(p.Histogram, func(i, j int) bool { return p.Histogram[i].Month < p.Histogram[j].Month })
	limits, err := w.PlanLimits(ctx, account, c)
	if err != nil {
		return p, err
	}
	p.Estimate = limits.Posts(plan.Pace{Statuses: p.Statuses, Media: media, Quiet: p.Quiet, PerHour: o.perHour(c)})
	return p, nil
}

// mostFirst returns the keys of counts, the largest count first.
func mostFirst(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
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
	skip, err := o.leaveOut(move, protected, index)
	if err != nil {
		return err
	}
	known, err := w.mentioned(ctx, move.ID, o)
	if err != nil {
		return err
	}
	there, err := w.there(ctx, account, o)
	if err != nil {
		return err
	}
	alts, err := w.Store.AltTexts(ctx, move.ID)
	if err != nil {
		return err
	}
	files, err := w.mediaFiles(ctx, move.ID)
	if err != nil {
		return err
	}
	var unread error // compose takes a file whose size is not known for one that is not there
	composer := compose.New(compose.Options{
		OwnerID: move.TwitterID, OwnerHandle: move.Handle, MaxCharacters: c.MaxCharacters, CountCodePoints: c.CountCodePoints,
		URLLength: c.URLLength, MaxMedia: c.MaxMedia, DescriptionLimit: c.DescriptionLimit,
		VideoSizeLimit: c.VideoSizeLimit, MimeTypes: c.MimeTypes, Visibility: o.visibility(c), IncludeReplies: o.has(KindOfReply),
		RetweetLinks: o.has(KindOfRetweet), Mentions: o.Mentions, Known: known, Number: o.Number, Dated: o.dated(c), Warnings: o.Warnings,
		OwnWarnings: o.OwnWarnings, AtInWords: c.AtInWords, OwnURLLength: ownURLLength(account), Posted: func(tweet string) int { return posted[tweet] },
		Skip: func(t model.Tweet) string {
			if reason := skip(t); reason != "" {
				return reason
			}
			if posted[t.ID] == 0 && there(t) {
				return SkippedThere
			}
			return ""
		},
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
		for i := range t.Media {
			t.Media[i].Alt = cmp.Or(alts[t.Media[i].File], t.Media[i].Alt)
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
	missing, media := 0, 0
	err = p.w.Compose(ctx, move, p.account, p.cap, p.o, func(t model.Tweet, parts []compose.Status, _ string) error {
		for _, s := range parts {
			files, err := p.w.mediaMissing(ctx, move.ID, t, s, posted)
			if err != nil {
				return err
			}
			missing += len(files)
			media += len(s.Media)
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
	if err := p.keepMedia(ctx, media); err != nil {
		return err
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
