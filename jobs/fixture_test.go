package jobs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/throwaway"
	"github.com/skein-migrate/skein/jobs"
)

// clock is the one time of a test: the worker's, the store's and the servers'.
// A millisecond passes whenever somebody looks at it, as no two requests happen
// in the same one; all else the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Millisecond)
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.at) {
		c.at = t
	}
}

// jump sets the clock ahead or back, as somebody does who corrects it.
func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fixture is a worker with everything real around it, a simulated home server
// with alex on it, and a Move of alex.
type fixture struct {
	t       testing.TB
	clock   *clock
	sim     *fedisim.Sim
	home    *fedisim.Server
	store   *store.Store
	files   *files.Store
	worker  *jobs.Worker
	owner   string
	move    store.Move
	account model.Account
}

// newDatabase makes an empty database at path.
func newDatabase(path string) error {
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		return err
	}
	return s.Close()
}

func newFixture(t testing.TB, home fedisim.Config) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{at: time.Date(2026, 3, 14, 13, 1, 0, 0, time.UTC)}}
	f.sim = fedisim.New(fedisim.Options{Now: f.clock.now, Seed: 1})
	t.Cleanup(f.sim.Close)
	if home.Host == "" {
		home.Host = "home.example"
	}
	f.home = f.sim.AddServer(home)
	f.home.AddAccount(fedisim.Account{User: "alex"})
	away := f.sim.AddServer(fedisim.Config{Host: "away.example", NoLimits: true})
	away.AddAccount(fedisim.Account{User: "fan"})
	f.sim.MakeFollow("fan@away.example", "alex@"+home.Host)

	dir := tempDir(t)
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "secret.key"))
	f.check(err)
	path := filepath.Join(dir, "skein.db")
	throwaway.SQLite(t, path, newDatabase)
	f.store, err = store.Open(t.Context(), store.Options{Path: path, Keys: keys, Now: f.clock.now})
	f.check(err)
	t.Cleanup(func() { _ = f.store.Close() })
	f.files, err = files.Open(filepath.Join(dir, "files"))
	f.check(err)
	t.Cleanup(func() { _ = f.files.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	q, err := queue.Open(queue.Options{Logger: log, Workers: 1})
	f.check(err)
	t.Cleanup(func() { _ = q.Close() })
	f.worker = &jobs.Worker{
		Store: f.store, Files: f.files, Queue: q, Log: log, Now: f.clock.now,
		InstallSecret: []byte("a secret of the test"), Reserve: 0.25, ListRows: 100, Keep: 30 * 24 * time.Hour,
	}
	f.reach()
	f.owner, err = f.store.AddOwner(t.Context())
	f.check(err)
	f.move = f.addMove("1")
	f.connect("Skein")
	t.Cleanup(f.saysWhatThePageKnows)
	return f
}

// tempDir is in memory where the system has room for that: the tests of a Run
// commit thousands of times, and most of their time was waiting for the disk.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "skein-jobs-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// reach gives the worker a client that knows all servers there are by now.
func (f *fixture) reach() {
	f.worker.Client = fediverse.New(fediverse.Options{
		Simulated: f.sim.Hosts(), Budget: fediverse.Free{}, Now: f.clock.now,
		MediaWait: 50 * time.Millisecond, MediaPoll: 10 * time.Millisecond,
	})
}

func (f *fixture) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) addMove(twitterID string) store.Move {
	f.t.Helper()
	m, err := f.store.AddMove(f.t.Context(), f.owner)
	f.check(err)
	f.check(f.store.NameMove(f.t.Context(), m.ID, twitterID, "alex", "Alex"))
	f.check(f.store.AnswerMove(f.t.Context(), m.ID, "no", "no"))
	m, err = f.store.Move(f.t.Context(), m.ID)
	f.check(err)
	return m
}

// connect signs alex in, with a new token, as an application of that name.
func (f *fixture) connect(app string) {
	f.t.Helper()
	token := f.home.TokenOf(app, "alex")
	self, err := f.worker.Client.Self(f.t.Context(), f.home.Host(), token)
	f.check(err)
	f.account, err = f.store.SaveAccount(f.t.Context(), model.Account{
		OwnerID: f.owner, Address: self.Address, Server: f.home.Host(), RemoteID: self.ID,
		Followers: self.Followers, Following: self.Following, Software: f.home.Config().Software,
	}, token)
	f.check(err)
}

// person adds somebody whom alex follows on Twitter, with an account at address
// as a search found it; the zero profile is one that exists.
func (f *fixture) person(twitterID, handle, address string, interactions int, relations ...model.Relation) model.Person {
	f.t.Helper()
	a, err := model.ParseAddress(address)
	f.check(err)
	return f.personWith(twitterID, handle, model.Profile{Address: a, Existence: model.Exists}, interactions, relations...)
}

func (f *fixture) personWith(twitterID, handle string, profile model.Profile, interactions int, relations ...model.Relation) model.Person {
	f.t.Helper()
	ctx := f.t.Context()
	relations = append(relations, model.Following)
	slices.Sort(relations)
	f.check(f.store.SavePeople(ctx, f.move.ID, []model.Person{{
		TwitterID: twitterID, Handle: model.Handle{Name: handle}, Relations: relations, Interactions: interactions,
	}}))
	for p, err := range f.store.People(ctx, f.move.ID) {
		f.check(err)
		if p.TwitterID != twitterID {
			continue
		}
		m := match.Match{PersonID: p.ID, Address: profile.Address, Grade: match.Stated, Profile: profile}
		if profile.MovedTo != (model.Address{}) {
			m.Marks = []match.Mark{match.Moved}
		}
		f.check(f.store.SaveMatches(ctx, f.move.ID, p.ID, []match.Match{m}))
		return p
	}
	f.t.Fatalf("person %s was not kept", twitterID)
	return model.Person{}
}

// people adds n people with open accounts on away.example, closest first, and
// returns their addresses.
func (f *fixture) people(n int) []string {
	f.t.Helper()
	away := f.sim.Server("away.example")
	var all []string
	var people []model.Person
	for i := range n {
		user := fmt.Sprintf("person%d", i)
		away.AddAccount(fedisim.Account{User: user})
		people = append(people, model.Person{
			TwitterID: fmt.Sprint(1000 + i), Handle: model.Handle{Name: user}, Relations: []model.Relation{model.Following}, Interactions: n - i,
		})
		all = append(all, user+"@away.example")
	}
	f.check(f.store.SavePeople(f.t.Context(), f.move.ID, people))
	for p, err := range f.store.People(f.t.Context(), f.move.ID) {
		f.check(err)
		if !strings.HasPrefix(p.Handle.Name, "person") {
			continue
		}
		a := model.Address{User: p.Handle.Name, Host: "away.example"}
		m := match.Match{PersonID: p.ID, Address: a, Grade: match.Stated, Profile: model.Profile{Address: a, Existence: model.Exists}}
		f.check(f.store.SaveMatches(f.t.Context(), f.move.ID, p.ID, []match.Match{m}))
	}
	return all
}

// began is when the tweets of a test begin.
var began = time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC)

// tweet returns the i-th tweet.
func tweet(i int, text string) model.Tweet {
	return model.Tweet{ID: fmt.Sprint(1_100_000_000_000_000_000 + i), Text: text, CreatedAt: began.Add(time.Duration(i) * time.Minute)}
}

// answering makes t a reply of alex to the i-th tweet.
func answering(t model.Tweet, i int) model.Tweet {
	t.ReplyTo = model.Reply{TweetID: fmt.Sprint(1_100_000_000_000_000_000 + i), UserID: "1", Handle: "alex"}
	return t
}

// picture gives t a picture, and returns its file's name.
func picture(t *model.Tweet, name string) string {
	file := t.ID + "-" + name + ".png"
	t.Media = append(t.Media, model.Media{Type: model.Photo, File: file, Expected: file, Alt: "a picture of " + name})
	return file
}

// pixel is the smallest picture.
var pixel = func() string {
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err) // it is written to memory
	}
	return b.String()
}()

// bring puts media of the Move where an upload would.
func (f *fixture) bring(names ...string) {
	f.t.Helper()
	for _, name := range names {
		f.check(f.files.Put(f.t.Context(), f.medium(name), strings.NewReader(pixel), int64(len(pixel))))
	}
}

func (f *fixture) medium(name string) string { return "moves/" + f.move.ID + "/media/" + name }

// tweets keeps tweets as a reading of an archive of the Move would.
func (f *fixture) tweets(tweets ...model.Tweet) {
	f.t.Helper()
	f.tweetsOf(f.move.ID, "", tweets...)
}

func (f *fixture) tweetsOf(move, summary string, tweets ...model.Tweet) {
	f.t.Helper()
	ctx := f.t.Context()
	a, err := f.store.AddArchive(ctx, store.Archive{MoveID: move, Kind: jobs.ArchiveFile, FileKey: "moves/" + move + "/uploads/read"})
	f.check(err)
	f.check(f.store.SaveTweets(ctx, move, a.ID, "data/tweets.js", tweets))
	f.check(f.store.FileComplete(ctx, a.ID, "data/tweets.js", len(tweets)))
	f.check(f.store.FinishArchive(ctx, a.ID, store.ArchiveComplete, summary, ""))
}

func (f *fixture) start(kind string, options any) store.Run {
	f.t.Helper()
	return f.startOf(f.move.ID, kind, options)
}

func (f *fixture) startOf(move, kind string, options any) store.Run {
	f.t.Helper()
	r := store.Run{MoveID: move, Kind: kind}
	if kind != jobs.KindRead && kind != jobs.KindFind {
		r.AccountID = f.account.ID
	}
	if options != nil {
		b, err := json.Marshal(options)
		f.check(err)
		r.Options = string(b)
	}
	r, err := f.worker.Start(f.t.Context(), r)
	f.check(err)
	return r
}

// step does one slice and returns the Run after it.
func (f *fixture) step(run string) store.Run {
	f.t.Helper()
	f.check(f.worker.Advance(f.t.Context(), run))
	return f.run(run)
}

func (f *fixture) run(run string) store.Run {
	f.t.Helper()
	r, err := f.store.RunByID(f.t.Context(), run)
	f.check(err)
	return r
}

// until goes on, slice by slice, moving the clock to where the Run waits for,
// as long as it waits and stop does not say that it is enough.
func (f *fixture) until(run string, stop func(store.Run) bool) store.Run {
	f.t.Helper()
	for range 1000 {
		r := f.step(run)
		if strings.Contains(r.Error, "our side") {
			f.t.Fatalf("run failed by a fault of ours; the log says why")
		}
		if r.State != store.RunWaiting || stop(r) {
			return r
		}
		f.pass(r)
	}
	f.t.Fatalf("run %s does not end: %+v", run, f.run(run))
	return store.Run{}
}

// pass moves the clock to when the Run is due.
func (f *fixture) pass(r store.Run) {
	f.clock.set(r.DueAt)
	f.sim.Advance(0)
}

func (f *fixture) finish(run string) store.Run {
	f.t.Helper()
	return f.until(run, func(store.Run) bool { return false })
}

// done goes on to the end, which has to be a good one: nothing is left half-way,
// and what did not come about says why.
func (f *fixture) done(run string) store.Run {
	f.t.Helper()
	r := f.finish(run)
	f.wantState(r, store.RunDone)
	f.wantReasons(run)
	return r
}

func (f *fixture) wantState(r store.Run, state string) {
	f.t.Helper()
	if r.State != state {
		f.t.Fatalf("run is %s (%s), want %s; steps %s", r.State, r.Error, state, f.describe(r.ID))
	}
}

func (f *fixture) wish(run, wish string) {
	f.t.Helper()
	_, err := f.store.Wish(f.t.Context(), run, wish)
	f.check(err)
}

func (f *fixture) resume(run string) {
	f.t.Helper()
	_, err := f.store.Resume(f.t.Context(), run)
	f.check(err)
}

func (f *fixture) steps(run string) []store.Step {
	f.t.Helper()
	steps, err := f.store.StepsPage(f.t.Context(), run, "", 0, 10000)
	f.check(err)
	return steps
}

// describe writes the Steps of a Run down, for failures.
func (f *fixture) describe(run string) string {
	var b strings.Builder
	for _, s := range f.steps(run) {
		what := s.Address.String()
		if s.Status != nil {
			what = s.Status.Text
		}
		fmt.Fprintf(&b, "\n  %d %q %s %s (%s) attempt %d", s.Seq, what, s.State, s.Outcome, s.Reason, s.Attempt)
	}
	return b.String()
}

// wantCounts compares how many Steps of a Run are in each state.
func (f *fixture) wantCounts(run string, want map[ledger.State]int) {
	f.t.Helper()
	got, err := f.store.StepCounts(f.t.Context(), run)
	f.check(err)
	for state, n := range want {
		if got[state] != n {
			f.t.Errorf("steps: %v, want %v%s", got, want, f.describe(run))
			return
		}
	}
	if len(got) != len(want) {
		f.t.Errorf("steps: %v, want %v%s", got, want, f.describe(run))
	}
}

// unsure returns the Steps of a Run that wait for the Owner's word, in order.
func (f *fixture) unsure(run string) (ids []string) {
	for _, s := range f.steps(run) {
		if s.State == ledger.StateUnsure {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// wantLedger compares the entries of a Step, as attempt and state, in any order.
func (f *fixture) wantLedger(step string, want ...string) {
	f.t.Helper()
	entries, err := f.store.Ledger(f.t.Context(), step)
	f.check(err)
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%d %s", e.Attempt, e.State))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		f.t.Errorf("ledger of step %s: %q, want %q", step, got, want)
	}
}

// outcomes returns what became of each Step: by address or by text.
func (f *fixture) outcomes(run string) map[string]string {
	f.t.Helper()
	all := map[string]string{}
	for _, s := range f.steps(run) {
		key := s.Address.String()
		if s.Status != nil {
			key = s.Status.Text
		}
		all[key] = string(s.State) + " " + s.Outcome
	}
	return all
}

// posted returns the texts that were posted, in order.
func (f *fixture) posted() []string {
	var texts []string
	for _, e := range f.home.Effects() {
		if e.Kind == fedisim.PostCreated {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// wantPosted compares with what the server saw, order included.
func (f *fixture) wantPosted(want ...string) {
	f.t.Helper()
	if got := f.posted(); !slices.Equal(got, want) {
		f.t.Errorf("posted %q, want %q", got, want)
	}
}

// asked returns who was followed or asked, in order. Somebody who was asked
// again is in it again.
func (f *fixture) asked() []string {
	var all []string
	for _, e := range f.home.Effects() {
		switch e.Kind {
		case fedisim.Followed, fedisim.FollowRequested:
			all = append(all, e.Target)
		}
	}
	return all
}

func (f *fixture) wantAsked(want ...string) {
	f.t.Helper()
	if got := f.asked(); !slices.Equal(got, want) {
		f.t.Errorf("followed %q, want %q", got, want)
	}
}

// texts returns n different texts, as the tweets with them.
func texts(n int) (tweets []model.Tweet, want []string) {
	for i := range n {
		text := fmt.Sprintf("tweet number %d", i)
		tweets, want = append(tweets, tweet(i, text)), append(want, text)
	}
	return tweets, want
}

// fast is a pace at which the clock of a test has not far to go.
var fast = jobs.PostsOptions{PerHour: 3600}
