package sample

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// tweet is one tweet, ready to be written.
type tweet struct {
	n        int
	id       uint64
	at       time.Time
	kind     kind
	language string
	source   string
	text     *text
	escaped  string
	length   int
	likes    int
	retweets int

	replyTweet uint64 // 0 where the archive lacks it
	replyUser  string
	replyName  string
	replyTo    int // number of the person, -1 for the owner
	quotes     bool
	edits      []uint64
	media      []attachment
	note       *text // the long text that this is the beginning of
}

// attachment is a picture or video of a tweet.
type attachment struct {
	kind     string // photo, video, animated_gif
	base     string // last part of the URL, with extension
	source   *person
	sourceNo int
	weight   float64
}

// gone is the number of a person whose account is gone: id -1 in entities.
const gone = -1

// tweet works out the n-th tweet.
func (g *generator) tweet(n int) *tweet {
	k := g.kind(n)
	seed := n
	if k == edit {
		seed = n - 1 // the same tweet with other words at the end
	}
	r := g.rng(forTweet, seed)
	l := pickLanguage(r)
	t := &tweet{n: n, at: g.at(n), id: g.id(n), kind: k, language: l.code, text: &text{}, replyTo: gone, source: clients[r.IntN(len(clients))]}
	switch k {
	case retweet:
		g.fillRetweet(t, r, l)
	case reply:
		g.fillReply(t, r, l)
	case selfReply:
		g.fillThread(t, r, l)
	case quote:
		t.text.add(prose(r, l, length(r)) + " ")
		p := g.person(g.someone(r))
		t.text.link(short(r), quoteLink(r, g.gen.host, p.handle, tweetBefore(t.at, r)))
		t.quotes = true
	default:
		g.fillPlain(t, r, l, seed)
	}
	if k == edit {
		t.text.add(" (edited)")
		t.edits = []uint64{g.id(n - 1), t.id}
	} else if g.kind(n+1) == edit && n+1 < g.o.Tweets {
		t.edits = []uint64{t.id, g.id(n + 1)}
	}
	t.escaped, t.length = t.text.finish()
	t.likes, t.retweets = int(r.ExpFloat64()*3), int(r.ExpFloat64()*0.6)
	return t
}

func (g *generator) fillPlain(t *tweet, r *rand.Rand, l language, n int) {
	if g.isLong(n) {
		g.fillLong(t, r, l)
		return
	}
	t.text.add(prose(r, l, length(r)))
	for r.Float64() < 0.09 {
		t.text.add(" with ")
		g.mentionSomeone(t, r)
	}
	g.decorate(t, r)
	if r.Float64() < shareMedia/0.5 {
		t.text.add(" ")
		g.attach(t, r, nil, 0)
	}
}

// decorate adds links and hashtags.
func (g *generator) decorate(t *tweet, r *rand.Rand) {
	for r.Float64() < 0.07 {
		t.text.add(" ")
		t.text.tag([]string{"geese", "wetlands", "Zugvögel", "migration", "日本語", "open_science"}[r.IntN(6)])
	}
	for r.Float64() < 0.14 {
		t.text.add(" ")
		t.text.link(short(r), fmt.Sprintf("https://%s.example/%d/%s", lastNames[r.IntN(len(lastNames))], 2009+r.IntN(15), token(r, 6)))
	}
}

func (g *generator) fillRetweet(t *tweet, r *rand.Rand, l language) {
	no := g.someone(r)
	p := g.person(no)
	t.text.add("RT ")
	if r.Float64() < 0.03 {
		no = gone
	}
	t.text.mention(p, no)
	t.text.add(": " + prose(r, l, length(r)+20))
	if r.Float64() < 0.3 {
		t.text.add(" ")
		g.mentionSomeone(t, r)
	}
	g.decorate(t, r)
	withMedia := r.Float64() < 0.2 && no != gone
	if withMedia && len(t.text.runes) <= 110 {
		t.text.add(" ")
		g.attach(t, r, &p, no)
	}
	t.text.cut(140)
}

func (g *generator) fillReply(t *tweet, r *rand.Rand, l language) {
	no := g.someone(r)
	known := g.meets(t.n)
	if known >= 0 {
		no = known
	}
	p := g.person(no)
	t.replyUser, t.replyName, t.replyTo = p.id, p.handle, no
	t.replyTweet = tweetBefore(t.at, r)
	if r.Float64() < 0.04 {
		t.replyTweet = 0 // an old @mention at the start
	}
	number := no
	if r.Float64() < 0.04 && known < 0 {
		number, t.replyName = gone, ""
	}
	t.text.mention(p, number)
	t.text.add(" ")
	for others := r.Float64(); others < 0.2; others += 0.06 {
		g.mentionSomeone(t, r)
		t.text.add(" ")
	}
	t.text.add(prose(r, l, length(r)))
	g.decorate(t, r)
}

// fillThread continues the tweet before; now and then it branches off the one
// before that, or its parent was deleted.
func (g *generator) fillThread(t *tweet, r *rand.Rand, l language) {
	t.text.add(prose(r, l, length(r)))
	g.decorate(t, r)
	t.replyUser, t.replyName = g.o.Owner.ID, g.o.Owner.Handle
	parent := t.n - 1
	if r.Float64() < 0.06 && g.kind(parent) == selfReply {
		parent--
	}
	t.replyTweet = g.id(parent)
	if r.Float64() < 0.01 {
		t.replyTweet++
	}
}

// fillLong makes the copy that the tweet files hold of a long text: its
// beginning and a …, sometimes the link to media.
func (g *generator) fillLong(t *tweet, r *rand.Rand, l language) {
	t.note = &text{}
	t.note.add(prose(r, l, 300+r.IntN(900)) + " ")
	t.note.link(short(r), "https://"+lastNames[r.IntN(len(lastNames))]+".example/long/"+token(r, 5))
	t.text.runes = append(t.text.runes, t.note.runes[:270]...)
	t.text.add("…")
	if r.Float64() < 0.3 {
		t.text.add(" ")
		g.attach(t, r, nil, 0)
	}
}

func (g *generator) mentionSomeone(t *tweet, r *rand.Rand) {
	no := g.someone(r)
	p := g.person(no)
	if r.Float64() < 0.02 {
		no = gone
	}
	t.text.mention(p, no)
}

// attach adds media: one photo mostly, rarely up to four.
func (g *generator) attach(t *tweet, r *rand.Rand, source *person, sourceNo int) {
	t.text.attach(short(r))
	count := 1
	if u := r.Float64(); u < 0.06 {
		count = 2 + r.IntN(3)
	}
	for range count {
		a := attachment{kind: "photo", source: source, sourceNo: sourceNo, weight: 0.2 + r.ExpFloat64()}
		ext := ".jpg"
		switch u := r.Float64(); {
		case u < 0.11 && count == 1:
			a.kind, ext = "animated_gif", ".mp4"
		case u < 0.18 && count == 1:
			a.kind, ext, a.weight = "video", ".mp4", a.weight*4
			if source == nil && r.Float64() < 0.1 { // another account's video in an own tweet
				a.sourceNo = g.someone(r)
				p := g.person(a.sourceNo)
				a.source = &p
			}
		case u < 0.35:
			ext = ".png"
		}
		a.base = token(r, 15) + ext
		t.media = append(t.media, a)
	}
}

func (a attachment) file(id uint64) string { return strconv.FormatUint(id, 10) + "-" + a.base }

var clients = []string{
	`<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>`,
	`<a href="http://twitter.com/download/iphone" rel="nofollow">Twitter for iPhone</a>`,
	`<a href="http://twitter.com/download/android" rel="nofollow">Twitter for Android</a>`,
	`<a href="http://twitter.com" rel="nofollow">Twitter Web Client</a>`,
	`web`,
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func token(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(tokenLetters[r.IntN(len(tokenLetters))])
	}
	return b.String()
}

func short(r *rand.Rand) string { return "https://t.co/" + token(r, 10) }

// tweetBefore is the id of somebody's tweet made a little before at.
func tweetBefore(at time.Time, r *rand.Rand) uint64 {
	return idAt(at.Add(-time.Duration(1+r.IntN(86_400))*time.Second), 4096+r.IntN(4096))
}

func quoteLink(r *rand.Rand, host, handle string, id uint64) string {
	switch u := r.Float64(); {
	case u < 0.05:
		return fmt.Sprintf("https://%s/i/web/status/%d", host, id)
	case u < 0.08:
		return fmt.Sprintf("https://mobile.twitter.com/%s/status/%d", handle, id)
	case u < 0.1:
		return fmt.Sprintf("https://%s/%s/status/%d/photo/1", host, handle, id)
	}
	return fmt.Sprintf("https://%s/%s/status/%d", host, handle, id)
}
