package sample

import (
	"fmt"
	"strconv"
	"time"
)

// writeTweets writes the tweet files, newest first with some disorder; if they
// come in parts, the parts in no order of time. It counts what Stats says.
func (g *generator) writeTweets() error {
	a := g.array(g.gen.tweetFile)
	n := g.o.Tweets
	for i := range n {
		t := g.tweet(g.inFile(i))
		g.count(t)
		if err := a.item(func(p *printer) { g.printItem(p, t) }); err != nil {
			return err
		}
		if i%256 == 255 {
			if err := g.ctx.Err(); err != nil {
				return err
			}
			g.tell(256)
		}
	}
	return a.close(g.gen.tweetFile, "data/"+g.gen.tweetFile+"_media")
}

func (g *generator) printItem(p *printer, t *tweet) {
	if g.gen.bare {
		g.print(p, t)
		return
	}
	p.object("tweet", func() { g.print(p, t) })
}

// inFile is the number of the tweet that stands i-th in the files.
func (g *generator) inFile(i int) int {
	n := g.o.Tweets
	if i%150 == 10 && i+1 < n {
		i++
	} else if i%150 == 11 {
		i--
	}
	if n > 50_000 { // more than one part
		i = (i + n/3) % n
	}
	return n - 1 - i
}

func (g *generator) count(t *tweet) {
	s := &g.stats
	s.Tweets++
	if t.kind == retweet {
		s.Retweets++
	}
	if t.replyUser != "" {
		s.Replies++
	}
	if t.replyUser == g.o.Owner.ID {
		s.SelfReplies++
	}
	if t.quotes {
		s.Quotes++
	}
	if t.note != nil {
		s.NoteTweets++
		s.NoteTweetsJoined++
	}
	if t.replyName != "" {
		g.note(t.replyTo, bySourceReply)
	}
	for i, m := range t.text.mentions {
		if t.kind == retweet && !t.at.Before(firstRetweet) && (i == 0 || m.handle == t.text.mentions[0].handle) {
			g.note(m.number, bySourceRetweet)
		} else {
			g.note(m.number, bySourceMention)
		}
	}
	for i, m := range t.media {
		if g.gen.months {
			if i > 0 {
				break
			}
			s.MediaMissing++
		}
		s.Media++
		g.weights += m.weight
		if m.source != nil {
			g.note(m.sourceNo, bySourceMedia)
		}
	}
}

func decimal(id uint64) string { return strconv.FormatUint(id, 10) }

func (g *generator) print(p *printer, t *tweet) {
	if g.gen.edits {
		p.object("edit_info", func() { g.printEdits(p, t) })
	}
	p.bool("retweeted", false)
	p.str("source", t.source)
	p.object("entities", func() { g.printEntities(p, t) })
	p.pair("display_text_range", 0, t.length)
	p.num("favorite_count", t.likes)
	if t.replyTweet != 0 {
		p.str("in_reply_to_status_id_str", decimal(t.replyTweet))
	}
	p.str("id_str", decimal(t.id))
	if t.replyUser != "" {
		p.id("in_reply_to_user_id", t.replyUser)
	}
	p.bool("truncated", false)
	p.num("retweet_count", t.retweets)
	p.id("id", decimal(t.id))
	if t.replyTweet != 0 {
		p.id("in_reply_to_status_id", decimal(t.replyTweet))
	}
	if len(t.text.links) > 0 || len(t.media) > 0 {
		p.bool("possibly_sensitive", false)
	}
	if g.gen.months {
		g.printMonthly(p, t)
	} else {
		p.str("created_at", t.at.UTC().Format(time.RubyDate))
		p.str("full_text", t.escaped)
	}
	p.bool("favorited", false)
	p.str("lang", t.language)
	if t.replyName != "" {
		p.str("in_reply_to_screen_name", t.replyName)
	}
	if t.replyUser != "" {
		p.str("in_reply_to_user_id_str", t.replyUser)
	}
	if len(t.media) > 0 && !g.gen.months {
		p.object("extended_entities", func() { g.printMedia(p, t, len(t.media)) })
	}
}

func (g *generator) printEdits(p *printer, t *tweet) {
	control := func() {
		ids := t.edits
		if len(ids) == 0 {
			ids = []uint64{t.id}
		}
		p.array("editTweetIds", func() {
			for _, id := range ids {
				p.str("", decimal(id))
			}
		})
		p.str("editableUntil", t.at.Add(time.Hour).UTC().Format(isoMillis))
		p.num("editsRemaining", 6-len(ids))
		p.bool("isEditEligible", t.kind != retweet && t.replyUser == "")
	}
	if t.kind != edit {
		p.object("initial", control)
		return
	}
	p.object("edit", func() {
		p.str("initialTweetId", decimal(t.edits[0]))
		p.object("editControlInitial", control)
	})
}

const isoMillis = "2006-01-02T15:04:05.000Z"

func (g *generator) printEntities(p *printer, t *tweet) {
	p.array("hashtags", func() {
		for _, h := range t.text.tags {
			p.object("", func() {
				p.str("text", h.text)
				p.pair("indices", h.start, h.end)
			})
		}
	})
	p.array("symbols", func() {})
	p.array("user_mentions", func() {
		for _, m := range t.text.mentions {
			id := m.id
			if m.number == gone {
				id = "-1"
			}
			p.object("", func() {
				p.str("name", m.name)
				p.str("screen_name", m.handle)
				p.pair("indices", m.start, m.end)
				p.str("id_str", id)
				p.id("id", id)
			})
		}
	})
	p.array("urls", func() {
		for _, l := range t.text.links {
			p.object("", func() {
				p.str("url", l.short)
				p.str("expanded_url", l.expanded)
				p.str("display_url", l.display)
				p.pair("indices", l.start, l.end)
			})
		}
	})
	if len(t.media) > 0 {
		g.printMedia(p, t, 1)
	}
}

func (g *generator) printMedia(p *printer, t *tweet, count int) {
	p.array("media", func() {
		for i, m := range t.media[:count] {
			p.object("", func() { g.printAttachment(p, t, m, i) })
		}
	})
}

func (g *generator) printAttachment(p *printer, t *tweet, m attachment, i int) {
	handle, of := g.o.Owner.Handle, t.id
	if m.source != nil {
		handle, of = m.source.handle, t.id-1<<22
	}
	part := "photo"
	if m.kind == "video" {
		part = "video"
	}
	p.str("expanded_url", fmt.Sprintf("https://%s/%s/status/%d/%s/%d", g.gen.host, handle, of, part, i+1))
	if m.source != nil {
		p.str("source_status_id", decimal(of))
	}
	p.pair("indices", t.text.media.start, t.text.media.end)
	p.str("url", t.text.media.short)
	picture := "https://pbs.twimg.com/media/" + m.base
	if m.kind != "photo" {
		picture = "https://pbs.twimg.com/tweet_video_thumb/" + m.base[:len(m.base)-4] + ".jpg"
	}
	p.str("media_url", "http"+picture[len("https"):])
	if m.source != nil {
		p.str("source_user_id", m.source.id)
		p.str("source_user_id_str", m.source.id)
		p.str("source_status_id_str", decimal(of))
	}
	p.str("id_str", decimal(t.id-uint64(i)-5))
	if m.kind != "photo" {
		p.object("video_info", func() { printVariants(p, m) })
	}
	p.id("id", decimal(t.id-uint64(i)-5))
	p.str("media_url_https", picture)
	p.object("sizes", func() {
		for _, s := range []struct {
			name, resize string
			w, h         int
		}{{"thumb", "crop", 150, 150}, {"small", "fit", 320, 240}, {"medium", "fit", 640, 480}, {"large", "fit", 640, 480}} {
			p.object(s.name, func() {
				p.num("w", s.w)
				p.num("h", s.h)
				p.str("resize", s.resize)
			})
		}
	})
	p.str("type", m.kind)
	p.str("display_url", "pic."+g.gen.host+"/"+t.text.media.short[len("https://t.co/"):])
}

// printVariants writes the qualities of a video; the best one is in the archive.
func printVariants(p *printer, m attachment) {
	p.pair("aspect_ratio", 4, 3)
	if m.kind == "video" {
		p.num("duration_millis", 12_345)
	}
	p.array("variants", func() {
		if m.kind == "animated_gif" {
			p.object("", func() {
				p.str("bitrate", "0")
				p.str("content_type", "video/mp4")
				p.str("url", "https://video.twimg.com/tweet_video/"+m.base)
			})
			return
		}
		p.object("", func() {
			p.str("content_type", "application/x-mpegURL")
			p.str("url", "https://video.twimg.com/ext_tw_video/1/pu/pl/playlist.m3u8?tag=12")
		})
		for _, v := range []struct{ bitrate, path string }{
			{"256000", "320x240/low" + m.base}, {"2176000", "1280x960/" + m.base}, {"832000", "640x480/mid" + m.base},
		} {
			p.object("", func() {
				p.str("bitrate", v.bitrate)
				p.str("content_type", "video/mp4")
				p.str("url", "https://video.twimg.com/ext_tw_video/1/pu/vid/"+v.path+"?tag=12")
			})
		}
	})
}
