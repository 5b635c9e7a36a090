package compose

import (
	"path"
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// types are the files of an archive's media folder. A GIF of a tweet is an mp4.
var types = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
	".gif": "image/gif", ".webp": "image/webp", ".mp4": "video/mp4",
}

// media returns what is to be attached to each part: images together up to the
// server's number, every video alone, since most servers take images or one
// video in a status. notes says in words what is left out; foreign tells whether
// that includes another account's media.
func (c *Composer) media(t model.Tweet) (groups [][]Media, notes []string, foreign bool) {
	var images, videos []Media
	for _, m := range t.Media {
		if m.SourceUserID != "" && m.SourceUserID != c.o.OwnerID {
			foreign = true
			notes = append(notes, "left out: media of another account")
			continue
		}
		kind, why := c.accepts(m)
		if why != "" {
			notes = append(notes, "left out: "+why)
			continue
		}
		file := Media{File: m.File, Type: kind, Alt: cutRunes(clean(m.Alt), c.o.DescriptionLimit)}
		if strings.HasPrefix(kind, "video/") {
			videos = append(videos, file)
		} else {
			images = append(images, file)
		}
	}
	for group := range slices.Chunk(images, c.o.MaxMedia) {
		groups = append(groups, group)
	}
	for i := range videos {
		groups = append(groups, videos[i:i+1:i+1])
	}
	return groups, notes, foreign
}

// accepts returns the MIME type of m's file, or why it cannot be attached.
func (c *Composer) accepts(m model.Media) (kind, why string) {
	kind, known := types[strings.ToLower(path.Ext(m.File))]
	size, there := int64(0), m.File != ""
	if there && c.o.MediaSize != nil {
		size, there = c.o.MediaSize(m.File)
	}
	video := strings.HasPrefix(kind, "video/")
	switch {
	case !there:
		return "", "a file that is not in the archive"
	case !known || video && !c.takes(kind) || !video && !c.takes("image/jpeg") && !c.takes("image/png"):
		return "", "a file of a kind that the server does not take"
	case video && c.o.VideoSizeLimit > 0 && size > c.o.VideoSizeLimit: // pictures are made smaller
		return "", "a video that is larger than the server takes"
	}
	return kind, ""
}

func (c *Composer) takes(kind string) bool {
	return len(c.o.MimeTypes) == 0 || slices.Contains(c.o.MimeTypes, kind)
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
