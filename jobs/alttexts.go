package jobs

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// Picture is a picture or video of the Move's tweets.
type Picture struct {
	File      string
	TweetID   string
	Text      string // of the tweet
	Alt       string
	Favorites int // of the tweet, retweets included: how many have seen it
	Video     bool
	Here      bool // it has been uploaded
}

// Pictures yields the pictures and videos of the Move's own tweets, oldest
// tweet first, with what the Owner said of them.
func (w *Worker) Pictures(ctx context.Context, move string, do func(Picture) error) error {
	alts, err := w.Store.AltTexts(ctx, move)
	if err != nil {
		return err
	}
	files, err := w.mediaFiles(ctx, move)
	if err != nil {
		return err
	}
	for t, err := range w.Store.Tweets(ctx, move) {
		if err != nil {
			return err
		}
		if t.IsRetweet() || len(t.Media) == 0 {
			continue
		}
		for _, m := range files.place(t).Media {
			if m.File == "" || m.SourceUserID != "" {
				continue
			}
			_, here := files.sizes[m.File]
			p := Picture{
				File: m.File, TweetID: t.ID, Text: t.Text, Alt: cmp.Or(alts[m.File], m.Alt), Favorites: t.Favorites + t.Retweets,
				Video: m.Type != model.Photo, Here: here,
			}
			if err := do(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// PicturesMostSeen returns up to limit pictures and videos after the first
// offset of those that a posts Run of the Account would carry, those without
// words first, most seen first, how many there are, and how many of them have
// words. Like a plan it asks nobody.
func (w *Worker) PicturesMostSeen(ctx context.Context, move store.Move, account model.Account, c fediverse.Capability, o PostsOptions,
	offset, limit int) (page []Picture, total, described int, err error) {
	var all []Picture
	err = w.Compose(ctx, move, account, c, o, func(t model.Tweet, parts []compose.Status, _ string) error {
		for _, s := range parts {
			for _, m := range s.Media {
				i := slices.IndexFunc(t.Media, func(of model.Media) bool { return of.File == m.File })
				if i < 0 {
					continue
				}
				alt := t.Media[i].Alt // uncut
				if alt != "" {
					described++
				}
				all = append(all, Picture{
					File: m.File, TweetID: t.ID, Text: t.Text, Alt: alt, Favorites: t.Favorites + t.Retweets, Video: t.Media[i].Type != model.Photo,
				})
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, 0, err
	}
	slices.SortStableFunc(all, func(a, b Picture) int {
		return cmp.Or(cmp.Compare(min(len(a.Alt), 1), min(len(b.Alt), 1)), cmp.Compare(b.Favorites, a.Favorites))
	})
	total = len(all)
	all = all[min(offset, total):]
	page = all[:min(limit, len(all))]
	for i := range page {
		if _, page[i].Here, err = w.mediaSize(ctx, move.ID, page[i].File); err != nil {
			return nil, 0, 0, err
		}
	}
	return page, total, described, nil
}

// BroughtAltTexts says what became of a file of alt texts.
type BroughtAltTexts struct {
	Known   int // pictures that have words now
	Unknown int // keys that belong to no picture of the Move
}

// BringAltTexts reads a file of alt texts into the Move. What the Owner wrote
// before is replaced. Keys that belong to no picture are counted and left out.
func (w *Worker) BringAltTexts(ctx context.Context, move string, r io.Reader) (BroughtAltTexts, error) {
	brought, err := importer.ReadAltTexts(r)
	if err != nil {
		return BroughtAltTexts{}, err
	}
	files, places := map[string]string{}, map[string][]string{} // by name and by what Twitter calls it; by tweet
	err = w.Pictures(ctx, move, func(p Picture) error {
		files[p.File] = p.File
		if _, name, ok := strings.Cut(p.File, "-"); ok {
			files[name] = p.File
			files[strings.TrimSuffix(name, name[max(0, strings.LastIndexByte(name, '.')):])] = p.File
		}
		places[p.TweetID] = append(places[p.TweetID], p.File)
		return nil
	})
	if err != nil {
		return BroughtAltTexts{}, err
	}
	texts, out := map[string]string{}, BroughtAltTexts{}
	for _, a := range brought {
		file, ok := files[a.Key]
		if !ok {
			file, ok = nth(places, a.Key, texts)
		}
		if !ok {
			out.Unknown++
			continue
		}
		texts[file] = a.Text
	}
	out.Known = len(texts)
	if err := w.Store.SaveAltTexts(ctx, move, texts); err != nil {
		return BroughtAltTexts{}, fmt.Errorf("alt texts: %w", err)
	}
	return out, nil
}

// nth finds the picture that a tweet's id means, with "/2" the second one;
// without a number, the first that has no words yet.
func nth(places map[string][]string, key string, texts map[string]string) (string, bool) {
	id, number, numbered := strings.Cut(key, "/")
	files := places[id]
	if numbered {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(files) {
			return "", false
		}
		return files[n-1], true
	}
	for _, file := range files {
		if texts[file] == "" {
			return file, true
		}
	}
	return "", false
}
