package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"
)

// limits bound what strangers can make us do. They are of this process alone:
// several processes together allow that many times as much.
type limits struct {
	recover  limit // tries to guess a recovery key, by remote address
	connect  limit // work at other servers, by session
	stranger limit // the same, by remote address: a new session costs nothing
	begin    limit // new Owners, by remote address
	lists    limit // lists to read, by Owner
}

func newLimits(now func() time.Time) *limits {
	return &limits{
		recover: newLimit(now, 10), connect: newLimit(now, 20), stranger: newLimit(now, 300), begin: newLimit(now, 300),
		lists: newLimit(now, 30),
	}
}

// limit is a token bucket for each key.
type limit struct {
	now     func() time.Time
	each    int // a minute, and at once
	mu      *sync.Mutex
	buckets map[string]*rate.Limiter
}

// maxBuckets bounds the memory of a limit. Full buckets are forgotten first,
// which changes nothing.
const maxBuckets = 10_000

func newLimit(now func() time.Time, perMinute int) limit {
	return limit{now, perMinute, &sync.Mutex{}, map[string]*rate.Limiter{}}
}

// take answers with 429 when key has used up what it has.
func (l limit) take(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, ok := l.buckets[key]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			l.forget(now)
		}
		b = rate.NewLimiter(rate.Limit(float64(l.each)/60), l.each)
		l.buckets[key] = b
	}
	if b.AllowN(now, 1) {
		return nil
	}
	wait := math.Ceil((1 - b.TokensAt(now)) / float64(b.Limit()))
	return huma.ErrorWithHeaders(huma.Error429TooManyRequests("That was too often. Try again in a minute."),
		http.Header{"Retry-After": {strconv.Itoa(int(wait))}})
}

func (l limit) forget(now time.Time) {
	for key, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.each) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}
