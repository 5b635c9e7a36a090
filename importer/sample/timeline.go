package sample

import (
	"time"
)

// kind is what a tweet is.
type kind int

const (
	plain kind = iota
	retweet
	reply
	selfReply
	quote
	edit // the second version of the tweet before
)

// Shares of all tweets: those of real archives (median to mean), retweets and
// replies to others rather high.
const (
	shareRetweet = 0.08
	shareReply   = 0.36
	shareQuote   = 0.03
	shareEdit    = 0.003
	shareMedia   = 0.10
	shareNote    = 0.03
)

var (
	start      = time.Date(2009, 5, 4, 6, 0, 0, 0, time.UTC)
	firstEdit  = time.Date(2022, 10, 4, 0, 0, 0, 0, time.UTC)
	firstNote  = time.Date(2023, 4, 1, 0, 0, 0, 0, time.UTC)
	snowflakes = time.Date(2010, 11, 4, 23, 0, 0, 0, time.UTC)
	// what says "RT @name: " before this was typed: there were no retweets
	firstRetweet = time.Date(2009, 11, 6, 0, 0, 0, 0, time.UTC)
	firstTweet   = time.Date(2006, 3, 21, 20, 50, 14, 0, time.UTC)
)

// slot is the time that one tweet has for itself.
func (g *generator) slot() time.Duration {
	return g.gen.exported.Add(-48*time.Hour).Sub(start) / time.Duration(max(g.o.Tweets, 1))
}

func (g *generator) slotStart(n int) time.Time {
	return start.Add(time.Duration(float64(g.slot()) * float64(n)))
}

// wished is the kind that chance gives the n-th tweet.
func (g *generator) wished(n int) kind {
	if n < 0 || n >= g.o.Tweets {
		return retweet
	}
	if g.meets(n) >= 0 {
		return reply
	}
	if at := n % threadEvery; at > 0 {
		r := g.rng(forThread, n/threadEvery)
		if r.Float64() < 0.22 && at <= 1+int(r.ExpFloat64()*1.6) {
			return selfReply
		}
	}
	switch u := g.rng(forKind, n).Float64(); {
	case u < shareRetweet:
		return retweet
	case u < shareRetweet+shareReply:
		return reply
	case u < shareRetweet+shareReply+shareQuote:
		return quote
	case u < shareRetweet+shareReply+shareQuote+shareEdit && g.gen.edits && g.slotStart(n).After(firstEdit.Add(24*time.Hour)):
		return edit
	}
	return plain
}

// threadEvery is how many tweets share a chance of one thread, so its greatest
// length.
const threadEvery = 20

// kind is what the n-th tweet is: what chance wishes, if the tweet before allows.
func (g *generator) kind(n int) kind {
	k := g.wished(n)
	before := g.wished(n - 1)
	switch {
	case k == edit && (before != plain || g.isLong(n-1)):
		return plain
	case k == selfReply && before != plain && before != selfReply && before != quote:
		return plain
	}
	return k
}

// meets returns which of People the n-th tweet talks to, or -1: each gets one
// tweet, if there are enough.
func (g *generator) meets(n int) int {
	people := len(g.o.People)
	if people == 0 || g.o.Tweets == 0 {
		return -1
	}
	k := (n*people + g.o.Tweets - 1) / g.o.Tweets
	if k < people && k*g.o.Tweets/people == n {
		return k
	}
	return -1
}

// isLong tells whether the n-th tweet is the copy of a long text.
func (g *generator) isLong(n int) bool {
	return g.gen.edits && g.slotStart(n).After(firstNote) && g.wished(n) == plain && g.rng(forKind, n+1<<40).Float64() < shareNote
}

// at is when the n-th tweet was made. Threads follow within the second or
// within a minute, edits within half an hour.
func (g *generator) at(n int) time.Time {
	r := g.rng(forTime, n)
	switch g.kind(n) {
	case selfReply:
		before := g.at(n - 1)
		if g.rng(forTime, n/threadEvery+1<<41).IntN(2) == 0 {
			return before.Add(time.Duration(90+r.IntN(60)) * time.Millisecond)
		}
		return before.Add(time.Duration(15_000+r.IntN(30_000)) * time.Millisecond)
	case edit:
		return g.at(n - 1).Add(time.Duration(60_000+r.IntN(1_500_000)) * time.Millisecond)
	}
	t := g.slotStart(n).Add(time.Duration(r.Float64() * 0.4 * float64(g.slot())))
	return t.Truncate(time.Second).Add(time.Duration(50+r.IntN(600)) * time.Millisecond)
}

// id is the n-th tweet's: a Snowflake with its time, before those began a
// smaller number.
func (g *generator) id(n int) uint64 {
	return idAt(g.at(n), n)
}

func idAt(at time.Time, n int) uint64 {
	if at.Before(snowflakes) {
		return 20 + uint64(float64(at.Sub(firstTweet).Milliseconds())*0.2)
	}
	return uint64(at.UnixMilli()-1_288_834_974_657)<<22 | uint64(n%3)<<17 | uint64(n&0xfff)
}
