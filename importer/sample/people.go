package sample

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// person is an invented account, or one of Options.People.
type person struct{ id, handle, name string }

// Numbers of people: 0 and on are followed; these are the first of the others.
const (
	strangers = 1 << 28
	blocked   = 1 << 29
	muted     = 3 << 28
)

var (
	firstNames = strings.Fields("ada ben cleo dara eli fay gus hana ivo jun kai lena milo nora olga pia quin rosa sami tess uma vera will xenia yuri zoe amir bela cora dov emma finn gita hugo iris jana karl lou mara nils oona paul rita sven thea ute vito wanda yana zeno abel britt chen dina ezra frida gwen hedy ilja")
	lastNames  = strings.Fields("alder birch cedar dunn ebner falk grove hale ingram joyce keller lang moss neri olsen park quist rowe stone thorn unger vale west yates zorn ames bloom crane drake ellis frost gray heron islay jay kite lark marsh north otter perch quail reed swan teal urban vole wren finch sable pike roe sorrel tansy umber viola willow yarrow zinnia bramble clover")
)

// scramble is a bijection on the numbers below 2^bits.
func scramble(n int, bits uint) uint64 {
	return uint64(n) * 0x9e3779b1 & (1<<bits - 1)
}

// person works out the n-th person. Ids and handles are distinct.
func (g *generator) person(n int) person {
	for _, of := range []struct {
		first int
		known []Known
	}{{0, g.o.People}, {blocked, g.o.Blocked}, {muted, g.o.Muted}} {
		if i := n - of.first; i >= 0 && i < len(of.known) {
			k := of.known[i]
			return person{k.ID, k.Handle, k.Name}
		}
	}
	r := g.rng(forPerson, n)
	var id uint64
	switch {
	case n%3 != 0: // from before 2013: up to ten digits
		id = scramble(n, 31) + 12
	default:
		id = 700_000_000_000_000_000 + scramble(n, 40)*1_000_000 + r.Uint64N(1_000_000)
	}
	if g.reserved[strconv.FormatUint(id, 10)] {
		id += 1 << 33
	}
	first, last := firstNames[r.IntN(len(firstNames))], lastNames[r.IntN(len(lastNames))]
	p := person{id: strconv.FormatUint(id, 10), name: title(first) + " " + title(last)}
	switch tail := strconv.FormatInt(int64(n), 36); {
	case n%977 == 5:
		p.handle = strconv.Itoa(1_000_000 + n) // all digits
	case len(first)+len(tail) > 11 || n%4 == 0:
		p.handle = first[:2] + last[:min(4, len(last))] + "_" + tail
	default:
		p.handle = title(first) + "_" + tail
	}
	if r.IntN(40) == 0 {
		p.name += " 🪿"
	}
	if g.reserved[strings.ToLower(p.handle)] {
		p.handle += "_"
	}
	return p
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// someone draws whom a tweet speaks of: mostly few people, often followed ones,
// and never almost half of those.
func (g *generator) someone(r *rand.Rand) int {
	if g.pool > 0 && r.Float64() < 0.6 {
		return int(float64(g.pool) * math.Pow(r.Float64(), 2.2))
	}
	return strangers + int(float64(g.o.Tweets/3+5)*math.Pow(r.Float64(), 1.8))
}

// note remembers that a tweet names the n-th person.
func (g *generator) note(n int, source uint8) {
	if n >= 0 && n < len(g.named) {
		g.named[n] |= source
	}
}

// writePeople writes the files of people: ids only.
func (g *generator) writePeople() error {
	o := g.o
	overlap := o.Following * 6 / 10 // the followers whom the owner follows back come first
	files := []struct {
		name, wrapper string
		count         int
		number        func(i int) int
		total         *int
	}{
		{"following", "following", o.Following, func(i int) int { return i }, &g.stats.Following},
		{"follower", "follower", o.Followers, func(i int) int {
			if i < overlap {
				return i
			}
			return strangers + i
		}, &g.stats.Followers},
		{"block", "blocking", o.Blocking, func(i int) int { return blocked + i }, &g.stats.Blocking},
		{"mute", "muting", o.Muting, func(i int) int { return muted + i }, &g.stats.Muting},
	}
	for _, f := range files {
		a := g.array(f.name)
		for i := f.count - 1; i >= 0; i-- {
			id := g.person(f.number(i)).id
			err := a.item(func(p *printer) {
				p.object(f.wrapper, func() {
					p.str("accountId", id)
					if !g.gen.bare {
						p.str("userLink", "https://twitter.com/intent/user?user_id="+id)
					}
				})
			})
			if err != nil {
				return err
			}
		}
		*f.total = f.count
		if err := a.close(f.name, ""); err != nil {
			return err
		}
	}
	return nil
}
