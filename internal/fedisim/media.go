package fedisim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// media is an uploaded file; of its contents only those of small ones are kept.
type media struct {
	id       string
	owner    *Account
	file     *upload
	mime     string
	alt      string
	ready    time.Time
	attached bool
}

// Media is an upload, seen from the outside.
type Media struct {
	ID, Name, MIME, Alt, SHA256 string
	Size                        int64
	Attached                    bool
}

func (m *media) outside() Media {
	return Media{ID: m.id, Name: m.file.name, MIME: m.mime, Alt: m.alt, SHA256: m.file.sum, Size: m.file.size, Attached: m.attached}
}

// Uploads returns all media that a local account has uploaded, in order.
func (v *Server) Uploads(user string) []Media {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	a := v.must(user)
	var list []Media
	for _, e := range v.effects {
		if m := v.media[e.ID]; m != nil && e.Kind == MediaUploaded && m.owner == a {
			list = append(list, m.outside())
		}
	}
	return list
}

// uploadMedia takes a file. The type is what the bytes say, not the name.
// Mastodon answers 202 for video and audio, which it works on for a while.
func uploadMedia(c *call) reply {
	v, gts := c.v, c.v.traits.family == gotosocial
	f := c.files["file"]
	if f == nil || f.size == 0 {
		return c.fail(http.StatusUnprocessableEntity, "Validation failed: File can't be blank")
	}
	m := &media{owner: c.self, file: f, mime: sniff(f.head), alt: c.form.Get("description"), ready: c.now}
	refused := http.StatusUnprocessableEntity
	if gts {
		refused = http.StatusBadRequest
	}
	limit := v.cfg.ImageSizeLimit
	if m.moving() {
		limit = v.cfg.VideoSizeLimit
	}
	switch {
	case f.size > limit && gts:
		return c.fail(refused, "media exceeds configured max size")
	case f.size > limit:
		return c.fail(refused, fmt.Sprintf("Validation failed: File file size must be less than %d MB", limit/mib))
	case m.mime == "":
		return c.fail(http.StatusUnprocessableEntity, "error processing media")
	case utf8.RuneCountInString(m.alt) > v.cfg.DescriptionLimit:
		return c.fail(refused, fmt.Sprintf("Validation failed: Description is too long (maximum is %d characters)", v.cfg.DescriptionLimit))
	}
	if v.traits.family == mastodon && m.moving() {
		m.ready = c.now.Add(v.cfg.MediaProcessing)
	}
	if v.sim.kept += int64(len(f.kept)); v.sim.kept > keepAll {
		v.sim.kept -= int64(len(f.kept))
		f.kept = nil
	}
	m.id = v.newID(c.now)
	v.media[m.id] = m
	c.log(Effect{Kind: MediaUploaded, ID: m.id, Text: m.alt, Detail: fmt.Sprintf("%s, %d bytes, sha256 %s", m.mime, f.size, f.sum)})
	if m.ready.After(c.now) && strings.HasSuffix(c.route, "/v2/media") {
		return c.json(http.StatusAccepted, m.entity(v))
	}
	return c.ok(m.entity(v))
}

// showMedia answers 206 while Mastodon works on the file.
func showMedia(c *call) reply {
	m := c.v.media[c.r.PathValue("id")]
	if m == nil || m.owner != c.self {
		return c.notFound()
	}
	if m.ready.After(c.now) {
		return c.json(http.StatusPartialContent, m.entity(c.v))
	}
	return c.ok(m.entity(c.v))
}

// attach finds the media of a post and checks that they may go together.
func (c *call) attach() ([]*media, reply, bool) {
	v, gts := c.v, c.v.traits.family == gotosocial
	refused := http.StatusUnprocessableEntity
	if gts {
		refused = http.StatusBadRequest
	}
	ids := c.list("media_ids")
	if len(ids) > v.cfg.MaxMedia {
		return nil, c.fail(refused, fmt.Sprintf("Validation failed: Cannot attach more than %d files", v.cfg.MaxMedia)), false
	}
	var list []*media
	moving := 0
	for _, id := range ids {
		m := v.media[id]
		switch {
		case m == nil || m.owner != c.self:
			return nil, c.fail(refused, "media not found"), false
		case m.attached:
			return nil, c.fail(refused, "media already attached"), false
		case m.ready.After(c.now):
			return nil, c.fail(refused, "Cannot attach files that have not finished processing. Try again in a moment!"), false
		}
		if m.moving() {
			moving++
		}
		list = append(list, m)
	}
	if moving > 0 && len(list) > 1 && v.traits.family == mastodon {
		return nil, c.fail(refused, "Validation failed: Cannot attach a video to a post that already contains images"), false
	}
	return list, reply{}, true
}

func (m *media) moving() bool {
	return strings.HasPrefix(m.mime, "video/") || strings.HasPrefix(m.mime, "audio/")
}

// sniff tells the type of a file that servers take, or "".
func sniff(head []byte) string {
	if len(head) > 12 && string(head[4:8]) == "ftyp" {
		if brand := string(head[8:12]); brand == "avif" || brand == "heic" {
			return "image/" + brand
		}
		return "video/mp4"
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "video/webm", "video/mp4", "audio/mpeg", "audio/wave", "application/ogg":
		return strings.Replace(kind, "application/ogg", "audio/ogg", 1)
	}
	return ""
}

func (m *media) entity(v *Server) mediaEntity {
	kind, _, _ := strings.Cut(m.mime, "/")
	if m.mime == "image/gif" && v.traits.family == mastodon {
		kind = "gifv"
	}
	e := mediaEntity{ID: m.id, Type: kind, Meta: map[string]any{}, Blurhash: new("UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH")}
	if m.alt != "" {
		e.Description = &m.alt
	}
	if !m.ready.After(v.sim.now()) {
		e.URL = new(v.public("/media/" + m.id))
		e.PreviewURL = e.URL
	}
	return e
}
