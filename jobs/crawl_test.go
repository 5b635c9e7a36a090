package jobs_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// crawling is a fixture whose worker reads profile directories.
type crawling struct {
	*fixture
	pond *fedisim.Server
}

const (
	directoryRoute = "GET /api/v1/directory"
	accountsRoute  = "GET /api/v1/accounts"
	accountRoute   = "GET /api/v1/accounts/{id}"
)

// newCrawling puts pond.example, of that configuration, into the catalogue.
func newCrawling(t *testing.T, pond fedisim.Config) *crawling {
	t.Helper()
	f := newFixture(t, fedisim.Config{})
	pond.Host, pond.NoLimits = "pond.example", true
	c := &crawling{f, f.sim.AddServer(pond)}
	f.worker.Contact = "test@skein.example"
	f.reach()
	c.catalogue("pond.example")
	return c
}

func (c *crawling) catalogue(hosts ...string) {
	c.t.Helper()
	var servers []model.Server
	for _, host := range hosts {
		servers = append(servers, model.Server{Host: host})
	}
	c.check(c.store.ReplaceServers(c.t.Context(), directory.SourceServers, servers))
}

// joins adds an account that can be found and names a handle.
func (c *crawling) joins(user, note string, change ...func(*fedisim.Account)) {
	c.t.Helper()
	a := fedisim.Account{User: user, Note: note, Discoverable: true, Joined: c.clock.now()}
	for _, f := range change {
		f(&a)
	}
	c.pond.AddAccount(a)
	c.pass(time.Hour)
}

func (c *crawling) pass(d time.Duration) {
	c.clock.set(c.clock.now().Add(d))
	c.sim.Advance(0)
}

// wake lets the worker read what is due.
func (c *crawling) wake() {
	c.t.Helper()
	c.check(c.worker.CrawlDirectories(c.t.Context()))
}

// state returns how far the reading of pond.example has come.
func (c *crawling) state() store.Crawl {
	c.t.Helper()
	crawls, err := c.store.Crawls(c.t.Context())
	c.check(err)
	i := slices.IndexFunc(crawls, func(v store.Crawl) bool { return v.Host == "pond.example" })
	if i < 0 {
		c.t.Fatal("pond.example is not read")
	}
	return crawls[i]
}

// settle wakes the worker until the reading has ended.
func (c *crawling) settle() store.Crawl {
	c.t.Helper()
	for range 100 {
		c.wake()
		if s := c.state(); s.Phase == "" || s.Error != "" {
			return s
		}
		c.pass(time.Minute)
	}
	c.t.Fatalf("the reading does not end: %+v", c.state())
	return store.Crawl{}
}

// nextDay reads again what is due a day later.
func (c *crawling) nextDay() store.Crawl {
	c.t.Helper()
	c.pass(24*time.Hour + time.Minute)
	return c.settle()
}

// rows returns who is in the index for the handles, as user names.
func (c *crawling) rows(handles ...string) string {
	c.t.Helper()
	found, err := c.store.DirectoryAccounts(c.t.Context(), handles)
	c.check(err)
	var all []string
	for _, h := range slices.Sorted(maps.Keys(found)) {
		for _, r := range found[h] {
			all = append(all, h+"="+r.Address.User)
		}
	}
	return strings.Join(all, " ")
}

func (c *crawling) wantRows(want string, handles ...string) {
	c.t.Helper()
	if got := c.rows(handles...); got != want {
		c.t.Errorf("index: %q, want %q", got, want)
	}
}

// Only who chose to be found and names a Twitter account in note or fields is kept,
// and of them no more than that.
func TestCrawlKeepsWhoChoseToBeFound(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "Maths. https://twitter.com/Ada_L and cats")
	c.joins("bob", "", func(a *fedisim.Account) { a.Fields = []fedisim.Field{{Name: "X", Value: "https://x.com/bob"}} })
	c.joins("two", "https://twitter.com/two and https://twitter.com/two_work")
	c.joins("none", "nothing of the kind")
	c.joins("nameonly", "", func(a *fedisim.Account) { a.DisplayName = "@nameonly on Twitter" })
	c.joins("hidden", "https://twitter.com/hidden", func(a *fedisim.Account) { a.Discoverable = false })
	c.joins("noindex", "https://twitter.com/noindex", func(a *fedisim.Account) { a.NoIndex = true })
	c.joins("unsearched", "https://twitter.com/unsearched", func(a *fedisim.Account) { a.NotIndexable = true })
	c.joins("nobot", "https://twitter.com/nobot #NoBot")
	c.joins("barred", "https://twitter.com/barred", func(a *fedisim.Account) { a.Suspended = true })
	c.joins("limited", "https://twitter.com/limited", func(a *fedisim.Account) { a.Silenced = true })
	c.joins("moved", "https://twitter.com/moved", func(a *fedisim.Account) { a.MovedTo = "alex@home.example" })
	handles := []string{"ada_l", "bob", "two", "two_work", "nameonly", "hidden", "noindex", "unsearched", "nobot", "barred", "limited", "moved"}

	state := c.settle()
	c.wantRows("ada_l=ada bob=bob two=two two_work=two", handles...)
	if state.Accounts != 8 || state.Rows != 4 || state.FullAt.IsZero() || state.ReadAt.IsZero() || state.Error != "" || !state.DueAt.After(c.clock.now().Add(23*time.Hour)) {
		t.Errorf("state %+v", state)
	}
	row, err := c.store.DirectoryAccounts(t.Context(), []string{"ADA_L"})
	c.check(err)
	if r := row["ada_l"][0]; r.Address.String() != "ada@pond.example" || r.Host != "pond.example" || r.RemoteID == "" || !strings.Contains(r.Text, "twitter.com/Ada_L") || r.Showable(c.clock.now()) {
		t.Errorf("row %+v", r)
	}
	states, err := c.store.SourceStates(t.Context())
	c.check(err)
	if s := states[directory.SourceDirectory]; s.Asked != 2 || s.Gave != 4 || s.Failed != 0 {
		t.Errorf("counted %+v", s)
	}
}

// Nothing is read without a contact, with the source switched off, or of a host
// that is in no catalogue.
func TestCrawlOff(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "https://twitter.com/ada")
	c.worker.Contact = ""
	c.wake()
	c.worker.Contact, c.worker.Sources = "test@skein.example", directory.Sources{directory.SourceWikidata: true}
	c.wake()
	c.worker.Sources = nil
	c.catalogue("birdsite.mirror.example", "bird.makeup")
	c.wake()
	if n := c.sim.Requests()["pond.example "+directoryRoute]; n != 0 {
		t.Errorf("asked %d times", n)
	}
	if crawls, err := c.store.Crawls(t.Context()); err != nil || len(crawls) != 0 {
		t.Errorf("crawls %v, %v", crawls, err)
	}
	c.catalogue("pond.example")
	c.wake()
	c.wantRows("ada=ada", "ada")
}

// many adds accounts of whom every tenth names a handle.
func (c *crawling) many(from, n int) {
	c.t.Helper()
	for i := from; i < from+n; i++ {
		note := ""
		if i%10 == 0 {
			note = fmt.Sprintf("https://twitter.com/handle%d", i)
		}
		c.pond.AddAccount(fedisim.Account{User: fmt.Sprintf("user%d", i), Note: note, Discoverable: true, Joined: c.clock.now()})
		c.pass(time.Minute)
	}
}

// every returns the handles of many accounts.
func every(n int) (handles []string) {
	for i := 0; i < n; i += 10 {
		handles = append(handles, fmt.Sprintf("handle%d", i))
	}
	return handles
}

func (c *crawling) wantAll(n int) {
	c.t.Helper()
	if got := len(strings.Fields(c.rows(every(n)...))); got != (n+9)/10 {
		c.t.Errorf("%d in the index, want %d", got, (n+9)/10)
	}
}

// A long list is read in slices, each of which begins where the last one ended.
// Afterwards only what is new is read, and after a month the whole list again.
func TestCrawlInSlices(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	const n = 1900 // 25 pages: two slices
	c.many(0, n)
	asked := func() int { return c.pond.Requests()[directoryRoute] }
	c.wake()
	if s := c.state(); asked() != 20 || s.Phase != "full" || s.Place != 20*80-19 || s.Accounts != s.Place {
		t.Errorf("after a slice of %d requests: %+v", asked(), s)
	}
	c.pass(time.Minute)
	s := c.settle()
	if s.Accounts != n || asked() < 25 || asked() > 27 {
		t.Errorf("%d requests: %+v", asked(), s)
	}
	c.wantAll(n)

	before := asked()
	c.many(n, 30)
	s = c.nextDay()
	if asked() != before+1 || s.Accounts != n {
		t.Errorf("%d requests for what is new: %+v", asked()-before, s)
	}
	c.wantAll(n + 30)
	before = asked()
	c.many(n+30, 300)
	c.nextDay()
	if got := asked() - before; got < 4 || got > 5 {
		t.Errorf("%d requests for 300 new accounts", got)
	}
	c.wantAll(n + 330)
	c.pass(30 * 24 * time.Hour)
	before = asked()
	if s = c.settle(); s.Accounts != n+330 || asked()-before < 28 {
		t.Errorf("%d requests a month later: %+v", asked()-before, s)
	}
	if got := c.pond.Requests()[accountsRoute]; got != 0 {
		t.Errorf("%d requests for rows that the list has shown", got)
	}
}

// The list moves while it is read: accounts join at its beginning and leave from
// its middle. Nobody is passed over.
func TestCrawlOfAListThatMoves(t *testing.T) {
	t.Parallel()
	for _, software := range []string{"mastodon", "akkoma"} {
		t.Run(software, func(t *testing.T) {
			t.Parallel()
			c := newCrawling(t, fedisim.Config{Software: software})
			const n = 1000
			c.many(0, n)
			page, left := 0, n-1
			var mu sync.Mutex
			c.sim.Hook(func(p fedisim.Point) {
				if p.Kind != fedisim.AnswerSent || p.Route != directoryRoute {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				switch page++; page % 3 {
				case 0: // some that were read leave, none of which names a handle
					for range 9 {
						for left%10 == 0 {
							left--
						}
						c.pond.Change(fmt.Sprintf("user%d", left), func(a *fedisim.Account) { a.Discoverable = false })
						left--
					}
				case 1:
					for i := range 25 {
						c.pond.AddAccount(fedisim.Account{User: fmt.Sprintf("late%d-%d", page, i), Discoverable: true, Joined: c.clock.now()})
					}
				}
			})
			c.settle()
			c.sim.Hook(nil)
			c.wantAll(n)
		})
	}
}

// Rows that have grown old are read again, 40 at a time: who is gone, withdrew,
// or names another handle is not in the index any more.
func TestCrawlReadsAgain(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"4.5.3", "4.2.10"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := newCrawling(t, fedisim.Config{Version: version})
			for _, user := range []string{"stays", "withdraws", "leaves", "renames", "asks", "moves", "silenced"} {
				c.joins(user, "https://twitter.com/"+user)
			}
			c.many(0, 500) // 50 more rows
			c.settle()
			handles := []string{"stays", "withdraws", "leaves", "renames", "renamed", "asks", "moves", "silenced"}
			c.wantRows("asks=asks leaves=leaves moves=moves renames=renames silenced=silenced stays=stays withdraws=withdraws", handles...)
			change := func(user string, f func(*fedisim.Account)) { c.pond.Change(user, f) }
			change("withdraws", func(a *fedisim.Account) { a.Discoverable = false })
			change("leaves", func(a *fedisim.Account) { a.Gone = true })
			change("renames", func(a *fedisim.Account) { a.Note = "https://twitter.com/renamed" })
			change("asks", func(a *fedisim.Account) { a.NoIndex = true })
			change("moves", func(a *fedisim.Account) { a.MovedTo = "alex@home.example" })
			change("silenced", func(a *fedisim.Account) { a.Silenced = true }) // in no list, but may still be found

			c.catalogue("other.example") // so that the list does not tell
			c.pass(31 * 24 * time.Hour)
			c.settle()
			c.wantRows("renamed=renames silenced=silenced stays=stays", handles...)
			c.wantAll(500)
			batches, single := c.pond.Requests()[accountsRoute], c.pond.Requests()[accountRoute]
			if version > "4.3" && (batches != 2 || single != 0) || version < "4.3" && single != 57 {
				t.Errorf("asked for many %d times, for one %d times", batches, single)
			}
			if n := c.pond.Requests()[directoryRoute]; n != 8 {
				t.Errorf("%d pages of the list; want those of the first reading", n)
			}
			before := c.sim.Requests()
			c.nextDay()
			if after := c.sim.Requests(); after["pond.example "+accountsRoute] != before["pond.example "+accountsRoute] {
				t.Error("rows that were just read are read again")
			}
		})
	}
}

// Who is still in the list but asks not to be indexed, or names somebody else, is
// not in the index after the next reading of it.
func TestCrawlOfWhoChanged(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	for _, user := range []string{"ada", "bob", "eve"} {
		c.joins(user, "https://twitter.com/"+user)
	}
	c.settle()
	c.wantRows("ada=ada bob=bob eve=eve", "ada", "bob", "eve", "eve2")
	c.pond.Change("ada", func(a *fedisim.Account) { a.NoIndex = true })
	c.pond.Change("bob", func(a *fedisim.Account) { a.Note = "nothing of the kind" })
	c.pond.Change("eve", func(a *fedisim.Account) { a.Note = "https://twitter.com/eve2" })
	c.nextDay()
	c.wantRows("eve2=eve", "ada", "bob", "eve", "eve2")
}

// What is not in the whole list any more is looked at soon.
func TestCrawlMissesSomebody(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "https://twitter.com/ada")
	c.joins("bob", "https://twitter.com/bob")
	c.settle()
	c.pass(31 * 24 * time.Hour)
	c.pond.Change("ada", func(a *fedisim.Account) { a.Discoverable = false })
	c.settle() // the whole list again
	c.nextDay()
	c.wantRows("bob=bob", "ada", "bob")
	if n := c.pond.Requests()[accountsRoute]; n != 1 {
		t.Errorf("asked for known accounts %d times", n)
	}
}

// A host that did not answer when it was asked about accounts is left alone.
func TestCrawlOfAHostThatRests(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	until := c.clock.now().Add(6 * time.Hour)
	for range 3 {
		c.check(c.store.HostFailed(t.Context(), "pond.example", until))
	}
	c.wake()
	if s := c.state(); !s.DueAt.Equal(until.Truncate(time.Millisecond)) || len(c.pond.Requests()) != 0 {
		t.Errorf("asked %v, due %v", c.pond.Requests(), s.DueAt)
	}
}

// Two workers that wake at the same time do not read the same host.
func TestCrawlByTwo(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.many(0, 400)
	var now, most int
	var mu sync.Mutex
	c.sim.Hook(func(p fedisim.Point) {
		mu.Lock()
		defer mu.Unlock()
		switch p.Kind {
		case fedisim.RequestRead:
			now++
			most = max(most, now)
		case fedisim.AnswerSent:
			now--
		}
	})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := c.worker.CrawlDirectories(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d requests at once", most)
	}
	if n := c.pond.Requests()[directoryRoute]; n > 7 {
		t.Errorf("%d requests for 6 pages", n)
	}
	c.wantAll(400)
}

// Who opted out does not come back with the next page.
func TestCrawlLeavesOutOptOuts(t *testing.T) {
	t.Parallel()
	c := newCrawling(t, fedisim.Config{})
	c.joins("ada", "https://twitter.com/ada")
	c.joins("bob", "https://twitter.com/bob")
	_, err := c.worker.OptOut(t.Context(), []model.Address{{User: "Ada", Host: "pond.example"}})
	c.check(err)
	c.settle()
	c.wantRows("bob=bob", "ada", "bob")
	if _, err = c.worker.OptOut(t.Context(), []model.Address{{User: "bob", Host: "pond.example"}}); err != nil {
		t.Fatal(err)
	}
	c.wantRows("", "ada", "bob")
	if _, err = c.worker.OptIn(t.Context(), []model.Address{{User: "ada", Host: "pond.example"}}); err != nil {
		t.Fatal(err)
	}
	c.pass(31 * 24 * time.Hour)
	c.settle()
	c.wantRows("ada=ada", "ada", "bob")
}

// A server that shows the same page for every place, in every order, or accounts
// of others, does not keep us.
func TestCrawlOfOddLists(t *testing.T) {
	t.Parallel()
	account := func(id, acct string) string {
		return fmt.Sprintf(`{"id":%q,"acct":%q,"discoverable":true,"note":"https://twitter.com/%s"}`, id, acct, strings.ReplaceAll(acct, "@", "_")[:5])
	}
	full := func(n int, id func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, account(id(i), fmt.Sprintf("user%d", i)))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	tests := []struct {
		name, page string
		most       int // requests
	}{
		{"the same page for ever", full(80, func(i int) string { return fmt.Sprint(1000 - i) }), 4},
		{"the same, ids without an order", full(80, func(i int) string { return fmt.Sprintf("id-%d", i) }), 4},
		{"the same, oldest first", full(80, func(i int) string { return fmt.Sprint(1000 + i) }), 6},
		{"one account for ever", full(1, func(int) string { return "7" }), 4},
		{"nothing", "[]", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCrawling(t, fedisim.Config{})
			server := serveJSON(t, "/api/v1/directory", tt.page)
			hosts := c.sim.Hosts()
			hosts["pond.example"] = server.addr
			c.worker.Client = fediverse.New(fediverse.Options{Simulated: hosts, Budget: fediverse.Free{}, Now: c.clock.now})
			if s := c.settle(); s.Phase != "" || s.Error != "" || server.asked() > tt.most {
				t.Errorf("%d requests, %+v", server.asked(), s)
			}
		})
	}
}
