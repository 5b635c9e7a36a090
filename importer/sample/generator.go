package sample

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// generator holds what is needed of an archive while it is written. A tweet is
// worked out from the seed and its number alone, so none is kept: the files
// that speak of the same tweet make it again.
type generator struct {
	ctx   context.Context
	o     Options
	gen   generation
	zip   *zip.Writer
	out   *counter
	stats Stats

	reserved map[string]bool // ids and lower-case handles of owner and People
	named    []uint8         // per person followed, by which sources; bits by index in sources
	weights  float64         // of all media, to share MediaBytes
	types    []dataType
	months   []month
	pool     int // people followed that the owner ever talks to
	work     int64
	done     int64
}

var sources = [...]string{"reply", "mention", "retweet", "media"}

const (
	bySourceReply = 1 << iota
	bySourceMention
	bySourceRetweet
	bySourceMedia
)

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func newGenerator(ctx context.Context, w io.Writer, o Options) (*generator, error) {
	if o.Generation == "" {
		o.Generation = "G3"
	}
	gen, ok := generations[o.Generation]
	if !ok {
		return nil, fmt.Errorf("generation %q is none of G0 to G4", o.Generation)
	}
	for name, n := range map[string]int{"tweets": o.Tweets, "following": o.Following, "followers": o.Followers, "blocking": o.Blocking, "muting": o.Muting, "likes": o.Likes} {
		if n < 0 || n > 1<<27 {
			return nil, fmt.Errorf("%d %s cannot be written", n, name)
		}
	}
	if o.Owner == (Owner{}) {
		o.Owner = Owner{ID: "7654321", Handle: "sample_goose", Name: "Sample Goose"}
	}
	o.Following, o.Blocking, o.Muting = max(o.Following, len(o.People)), max(o.Blocking, len(o.Blocked)), max(o.Muting, len(o.Muted))
	g := &generator{
		ctx: ctx, o: o, gen: gen, out: &counter{w: w},
		reserved: map[string]bool{o.Owner.ID: true, strings.ToLower(o.Owner.Handle): true},
		named:    make([]uint8, o.Following),
		pool:     max(len(o.People), o.Following*55/100),
		work:     int64(o.Tweets) + o.MediaBytes>>14 + 1,
	}
	for _, p := range slices.Concat(o.People, o.Blocked, o.Muted) {
		g.reserved[p.ID] = true
		g.reserved[strings.ToLower(p.Handle)] = true
	}
	g.stats = Stats{Owner: o.Owner, Generation: o.Generation, ExportedAt: gen.exported, BySource: map[string]int{}}
	if gen.bare { // nothing in it says when it was made
		g.stats.ExportedAt = time.Time{}
	}
	g.zip = zip.NewWriter(g.out)
	g.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 5) })
	return g, nil
}

// rng returns the numbers of one thing: the n-th tweet, person or picture.
func (g *generator) rng(what, n int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(g.o.Seed)^uint64(what)<<56, uint64(n)*0x9e3779b97f4a7c15+uint64(what)))
}

// What rng draws for.
const (
	forTweet = iota + 1
	forKind
	forTime
	forPerson
	forPicture
	forLike
	forThread
)

func (g *generator) write() error {
	steps := []func() error{
		g.writeAccount, g.writePeople, g.writeTweets, g.writeNotes, g.writeHeaders,
		g.writeLikes, g.writeSmall, g.writePrivate, g.writeMedia, g.writeManifest,
	}
	if g.gen.months {
		steps = []func() error{g.writeMonths, g.writeDetails}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if err := g.zip.Close(); err != nil {
		return err
	}
	if g.gen.months { // nobody is followed in such an archive
		g.named = nil
	}
	for _, name := range sources {
		g.stats.BySource[name] = 0
	}
	for _, bits := range g.named {
		if bits != 0 {
			g.stats.FollowingNamed++
		}
		for i, name := range sources {
			g.stats.BySource[name] += int(bits >> i & 1)
		}
	}
	g.stats.Bytes = g.out.n
	g.tell(g.work - g.done)
	return nil
}

// tell adds to the work done.
func (g *generator) tell(n int64) {
	g.done = min(g.done+n, g.work)
	if g.o.Progress != nil {
		g.o.Progress(g.done, g.work)
	}
}

func (g *generator) create(name string, method uint16) (io.Writer, error) {
	if err := g.ctx.Err(); err != nil {
		return nil, err
	}
	return g.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: g.gen.exported.Truncate(time.Second)})
}

func (g *generator) text(name, content string) error {
	w, err := g.create(name, zip.Deflate)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, content)
	return err
}
