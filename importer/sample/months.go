package sample

import (
	"archive/zip"
	"fmt"
	"io"
	"time"
)

// month is one file of an archive made before 2019.
type month struct {
	year, month, count int
}

func (m month) file() string { return fmt.Sprintf("data/js/tweets/%d_%02d.js", m.year, m.month) }
func (m month) name() string { return fmt.Sprintf("tweets_%d_%02d", m.year, m.month) }

// writeMonths writes a file of tweets for each month, newest first. Numbers are
// numbers, other characters than ASCII are escaped, and the two ways in which X
// began such files take turns.
func (g *generator) writeMonths() error {
	var w io.Writer
	p := printer{}
	for i := g.o.Tweets - 1; i >= 0; i-- {
		t := g.tweet(i)
		g.count(t)
		last := len(g.months) - 1
		if at := t.at.UTC(); last < 0 || at.Year()*12+int(at.Month()) < g.months[last].year*12+g.months[last].month {
			if err := endMonth(w); err != nil {
				return err
			}
			m := month{year: at.Year(), month: int(at.Month())}
			var err error
			if w, err = g.create(m.file(), zip.Deflate); err != nil {
				return err
			}
			head := "= \n [ {"
			if m.month%2 == 0 {
				head = "=\n[ {"
			}
			if _, err := io.WriteString(w, "Grailbird.data."+m.name()+" "+head); err != nil {
				return err
			}
			g.months = append(g.months, m)
			last++
		} else if _, err := io.WriteString(w, ", {"); err != nil {
			return err
		}
		p.ints = true
		p.reset(1)
		g.print(&p, t)
		p.close('}')
		if _, err := w.Write(p.buf); err != nil {
			return err
		}
		g.months[last].count++
		g.tell(1)
	}
	return endMonth(w)
}

func endMonth(w io.Writer) error {
	if w == nil {
		return nil
	}
	_, err := io.WriteString(w, " ]")
	return err
}

// printMonthly writes the members that only files of months have.
func (g *generator) printMonthly(p *printer, t *tweet) {
	at := t.at.UTC()
	if at.Before(snowflakes) {
		at = at.Truncate(24 * time.Hour) // X lost the time of day
	}
	p.str("created_at", at.Format("2006-01-02 15:04:05 -0700"))
	p.str("text", t.escaped)
	p.object("geo", func() {})
	p.object("user", func() { printUser(p, person{g.o.Owner.ID, g.o.Owner.Handle, g.o.Owner.Name}) })
	if t.kind == retweet && !t.at.Before(firstRetweet) {
		p.object("retweeted_status", func() {
			p.str("text", "the whole text")
			p.object("user", func() { printUser(p, t.text.mentions[0].person) })
		})
	}
}

func printUser(p *printer, who person) {
	p.str("name", who.name)
	p.str("screen_name", who.handle)
	p.bool("protected", false)
	p.str("id_str", who.id)
	p.id("id", who.id)
}

// writeDetails writes whose archive it is and what is in it.
func (g *generator) writeDetails() error {
	p := printer{ints: true}
	details := func(name string, fill func()) error {
		p.reset(0)
		p.raw("var " + name + " =  ")
		p.open('{')
		fill()
		p.close('}')
		return g.text("data/js/"+name+".js", string(p.buf))
	}
	o := g.o.Owner
	if err := details("user_details", func() {
		p.str("screen_name", o.Handle)
		p.str("location", "a wetland")
		p.str("full_name", o.Name)
		p.str("bio", "Invented. Counts geese. 🪿")
		p.str("id", o.ID)
		p.str("created_at", start.Format("2006-01-02 15:04:05 -0700"))
	}); err != nil {
		return err
	}
	if err := details("payload_details", func() {
		p.num("tweets", g.o.Tweets)
		p.str("created_at", g.gen.exported.Format("2006-01-02 15:04:05 -0700"))
		p.str("lang", "en")
	}); err != nil {
		return err
	}
	p.reset(0)
	p.raw("var tweet_index =  ")
	p.open('[')
	for _, m := range g.months {
		p.object("", func() {
			p.str("file_name", m.file())
			p.num("year", m.year)
			p.str("var_name", m.name())
			p.num("tweet_count", m.count)
			p.num("month", m.month)
		})
	}
	p.close(']')
	if err := g.text("data/js/tweet_index.js", string(p.buf)); err != nil {
		return err
	}
	if err := g.text("tweets.csv", "\"tweet_id\",\"text\"\n\"1\",\""+PrivateMark+"\"\n"); err != nil {
		return err
	}
	return g.text("index.html", "<!doctype html><title>Your tweets</title>\n")
}
