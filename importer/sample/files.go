package sample

import (
	"archive/zip"
	"strconv"
	"strings"
	"time"
)

// writeAccount writes whose archive it is. The e-mail address is invented and
// must never be kept by a reader.
func (g *generator) writeAccount() error {
	o := g.o.Owner
	account := g.array("account")
	err := account.item(func(p *printer) {
		p.object("account", func() {
			p.str("email", PrivateMark+"@mail.invalid")
			p.str("createdVia", "web")
			p.str("username", o.Handle)
			p.str("accountId", o.ID)
			if g.gen.bare {
				p.str("createdAt", strconv.FormatInt(start.Add(-time.Hour).UnixMilli(), 10))
				p.str("timeZone", "Helsinki")
			} else {
				p.str("createdAt", start.Add(-time.Hour).Format(isoMillis))
			}
			p.str("accountDisplayName", o.Name)
		})
	})
	if err != nil {
		return err
	}
	if err := account.close("account", ""); err != nil {
		return err
	}
	profile := g.array("profile")
	err = profile.item(func(p *printer) {
		p.object("profile", func() {
			p.object("description", func() {
				p.str("bio", "Invented. Counts geese. 🪿")
				p.str("website", "https://t.co/AbCdEfGhIj")
				p.str("location", "a wetland")
			})
			p.str("avatarMediaUrl", "https://pbs.twimg.com/profile_images/1/avatar.jpg")
		})
	})
	if err != nil {
		return err
	}
	return profile.close("profile", "data/profile_media")
}

// writeNotes writes the long texts, unescaped, each made a moment before its
// tweet and under an id that no tweet has.
func (g *generator) writeNotes() error {
	if !g.gen.edits {
		return nil
	}
	a := g.array("note-tweet")
	for i := range g.o.Tweets {
		n := g.inFile(i)
		if !g.isLong(n) || g.kind(n) != plain {
			continue
		}
		t := g.tweet(n)
		at := t.at.Add(-time.Duration(13+n%28) * time.Millisecond)
		if second := t.at.Truncate(time.Second); at.Before(second) {
			at = second
		}
		err := a.item(func(p *printer) {
			p.object("noteTweet", func() { printNote(p, t, at) })
		})
		if err != nil {
			return err
		}
	}
	return a.close("noteTweet", "")
}

func printNote(p *printer, t *tweet, at time.Time) {
	p.str("noteTweetId", decimal(t.id-1<<20))
	p.str("updatedAt", at.Format(isoMillis))
	p.object("lifecycle", func() {
		p.str("value", "1")
		p.str("name", "Active")
		p.str("originalName", "Active")
		p.bool("annotations", false)
	})
	p.str("createdAt", at.Format(isoMillis))
	p.object("core", func() {
		p.array("styletags", func() {})
		p.array("urls", func() {
			for _, l := range t.note.links {
				p.object("", func() {
					p.str("expandedUrl", l.expanded)
					p.num("toIndex", l.end)
					p.str("shortUrl", l.short)
					p.str("displayUrl", l.display)
					p.num("fromIndex", l.start)
				})
			}
		})
		p.str("text", string(t.note.runes))
		p.array("mentions", func() {})
		p.array("cashtags", func() {})
		p.array("hashtags", func() {})
	})
}

// writeHeaders writes the ids of all tweets once more.
func (g *generator) writeHeaders() error {
	if !g.gen.edits {
		return nil
	}
	a := g.array("tweet-headers")
	for i := range g.o.Tweets {
		n := g.inFile(i)
		err := a.item(func(p *printer) {
			p.object("tweet", func() {
				p.str("tweet_id", decimal(g.id(n)))
				p.str("user_id", g.o.Owner.ID)
				p.str("created_at", g.at(n).Format(time.RubyDate))
			})
		})
		if err != nil {
			return err
		}
		if i%4096 == 0 && g.ctx.Err() != nil {
			return g.ctx.Err()
		}
	}
	return a.close("tweetHeaders", "")
}

// writeLikes writes likes: no author, no date, some without a text.
func (g *generator) writeLikes() error {
	a := g.array("like")
	for n := range g.o.Likes {
		r := g.rng(forLike, n)
		id := decimal(tweetBefore(g.gen.exported.Add(-time.Duration(n)*time.Hour), r) + uint64(n))
		l := pickLanguage(r)
		words := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(prose(r, l, length(r)))
		err := a.item(func(p *printer) {
			p.object("like", func() {
				p.str("tweetId", id)
				if n%50 != 7 && !g.gen.bare {
					p.str("fullText", words)
					p.str("expandedUrl", "https://twitter.com/i/web/status/"+id)
				}
			})
		})
		if err != nil {
			return err
		}
	}
	g.stats.Likes = g.o.Likes
	return a.close("like", "")
}

// writeSmall writes list names and when the account was private.
func (g *generator) writeSmall() error {
	lists := []struct {
		name, key string
		urls      []string
	}{
		{"lists-created", "listsCreated", []string{g.o.Owner.Handle + "/lists/wetland-people", g.o.Owner.Handle + "/lists/日本の鳥"}},
		{"lists-member", "listsMember", []string{"Ada_2g/lists/nice-people", "/lists/gone"}},
		{"lists-subscribed", "listsSubscribed", nil},
	}
	for _, l := range lists {
		a := g.array(l.name)
		for _, u := range l.urls {
			err := a.item(func(p *printer) {
				p.object("userListInfo", func() {
					if g.gen.bare {
						p.array("urls", func() { p.str("", "https://twitter.com/"+u) })
					} else {
						p.str("url", "https://twitter.com/"+u)
					}
				})
			})
			if err != nil {
				return err
			}
			g.stats.Lists++
		}
		if err := a.close(l.key, ""); err != nil {
			return err
		}
	}
	a := g.array("protected-history")
	for i, action := range []string{"Protect", "Unprotect"} {
		err := a.item(func(p *printer) {
			p.object("protectedHistory", func() {
				p.str("protectedAt", time.Date(2013, 3, 1+i*20, 10, 0, 0, 0, time.UTC).Format(isoMillis))
				p.str("action", action)
			})
		})
		if err != nil {
			return err
		}
	}
	return a.close("protectedHistory", "")
}

// writeManifest writes the list of what is in the archive.
func (g *generator) writeManifest() error {
	if g.gen.bare {
		return nil
	}
	var p printer
	p.raw("window.__THAR_CONFIG = ")
	p.open('{')
	p.object("userInfo", func() {
		p.str("accountId", g.o.Owner.ID)
		p.str("userName", g.o.Owner.Handle)
		p.str("displayName", g.o.Owner.Name)
	})
	p.object("archiveInfo", func() {
		p.str("sizeBytes", decimal(uint64(g.out.n)))
		p.str("generationDate", g.gen.exported.Format(isoMillis))
		p.bool("isPartialArchive", false)
		p.str("maxPartSizeBytes", "53687091200")
	})
	p.object("readmeInfo", func() {
		p.str("fileName", "data/README.txt")
		p.str("directory", "data/")
		p.str("name", "README.txt")
	})
	p.object("dataTypes", func() {
		for _, t := range g.types {
			p.object(t.key, func() {
				if t.mediaDirectory != "" {
					p.str("mediaDirectory", t.mediaDirectory)
				}
				p.array("files", func() {
					for _, f := range t.files {
						p.object("", func() {
							p.str("fileName", f.name)
							p.str("globalName", f.global)
							p.num("count", f.count)
						})
					}
				})
			})
		}
	})
	p.close('}')
	w, err := g.create("data/manifest.js", zip.Deflate)
	if err != nil {
		return err
	}
	_, err = w.Write(p.buf)
	return err
}
