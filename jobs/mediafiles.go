package jobs

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// mediaFiles are the media of a Move that have been brought, by file name.
type mediaFiles struct {
	sizes   map[string]int64
	byTweet map[string][]string // tweet id → names, sorted
}

func (w *Worker) mediaFiles(ctx context.Context, move string) (mediaFiles, error) {
	entries, err := w.Files.List(ctx, moveFolder(move)+"/media")
	if err != nil {
		return mediaFiles{}, err
	}
	files := mediaFiles{sizes: map[string]int64{}, byTweet: map[string][]string{}}
	for _, e := range entries {
		name := path.Base(e.Key)
		files.sizes[name] = e.Size
		if tweet, _, ok := strings.Cut(name, "-"); ok {
			files.byTweet[tweet] = append(files.byTweet[tweet], name)
		}
	}
	return files, nil
}

// place fills in the files of t's media. The page sends an archive's texts first
// and the media of chosen posts later, so the archive as it was read may have
// none: then a file is the one with the expected name, else one that only shares
// the tweet's id (some old ones differ on disk), else the expected one, which
// has to be brought.
func (f mediaFiles) place(t model.Tweet) model.Tweet {
	t.Media = slices.Clone(t.Media)
	taken := map[string]bool{}
	for _, m := range t.Media {
		for _, name := range []string{m.File, m.Expected} {
			if _, here := f.sizes[name]; here {
				taken[name] = true
			}
		}
	}
	for i := range t.Media {
		m := &t.Media[i]
		if _, here := f.sizes[m.File]; here && m.File != "" {
			continue
		}
		if _, here := f.sizes[m.Expected]; here && m.Expected != "" {
			m.File = m.Expected
			continue
		}
		if other := slices.IndexFunc(f.byTweet[t.ID], func(name string) bool {
			return !taken[name] && path.Ext(name) == path.Ext(m.Expected)
		}); other >= 0 {
			m.File = f.byTweet[t.ID][other]
			taken[m.File] = true
			continue
		}
		if m.File == "" {
			m.File = m.Expected
		}
	}
	return t
}
