package importer

import (
	"path"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// media turns an attachment of the tweet into ours. File is the name that the
// rule gives: "<tweet id>-<last part of the picture's URL>", for videos that of
// the mp4 with the highest bitrate (0 is a valid one: GIFs have it).
func (m rawMedia) media(tweetID string) model.Media {
	out := model.Media{
		Type:  model.MediaType(m.Type),
		Short: m.URL, Start: m.Indices.Start(), End: m.Indices.End(),
		SourceUserID: twitterID(first(m.SourceUserIDStr, m.SourceUserID)),
		Alt:          m.AltText,
	}
	if out.SourceUserID != "" {
		out.SourceHandle = handleInStatusURL(m.ExpandedURL)
	}
	url, best := first(m.MediaURLHttps, m.MediaURL), -1
	for _, v := range m.VideoInfo.Variants {
		if v.ContentType == "video/mp4" && v.Bitrate > best {
			url, best = v.URL, v.Bitrate
		}
	}
	if name := urlBase(url); name != "" {
		out.File = tweetID + "-" + name
	}
	return out
}

func urlBase(url string) string {
	url, _, _ = strings.Cut(url, "?")
	url, _, _ = strings.Cut(url, "#")
	if i := strings.LastIndexByte(url, '/'); i >= 0 {
		return url[i+1:]
	}
	return ""
}

// placeMedia sets the File of t's media to the files that the archive holds:
// by name, else whichever file of that tweet is of the right kind and not taken
// (some old names differ). Where there is none, File is empty; Expected keeps
// the name that a file brought later would have.
func (a *Archive) placeMedia(t *model.Tweet) (missing int) {
	if len(t.Media) == 0 {
		return 0
	}
	taken := make(map[string]bool, len(t.Media))
	for i := range t.Media {
		m := &t.Media[i]
		m.Expected, m.File = m.File, ""
		if _, ok := a.findMedia(m.Expected); ok && !taken[m.Expected] {
			m.File = m.Expected
			taken[m.File] = true
		}
	}
	for i := range t.Media {
		m := &t.Media[i]
		if m.File != "" {
			continue
		}
		for _, name := range a.Media(t.ID) {
			if !taken[name] && (path.Ext(name) == ".mp4") == (m.Type != model.Photo) {
				m.File = name
				taken[name] = true
				break
			}
		}
		if m.File == "" {
			missing++
		}
	}
	return missing
}
