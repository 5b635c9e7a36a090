package bench_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/secret"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

var (
	table  = flag.Bool("table", false, "measure and print the tables")
	people = flag.Int("people", 20_000, "so many people")
	shot   = flag.String("shot", "", "a file for a picture of the page")
)

// TestTable prints how long the API and the page take with many people: the
// real service on loopback, SQLite, pictures from simulated servers, Chromium.
func TestTable(t *testing.T) {
	if !*table {
		t.Skip("only measured with -table")
	}
	s := newService(t)
	s.fill(*people)
	fmt.Printf("\n%d people, %s/%s, %d processors, %s\n\n", *people, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	s.measureAPI()
	s.measurePage()
	s.measureDecisions()
}

// service is a running Skein with one Owner and one Move.
type service struct {
	t      *testing.T
	store  *store.Store
	url    string
	client *http.Client
	move   string
	hosts  []string // of the simulated servers
}

func newService(t *testing.T) *service {
	dir := t.TempDir()
	keys, err := secret.LoadOrCreate(filepath.Join(dir, "key"))
	check(t, err)
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "skein.db"), Keys: keys})
	check(t, err)
	disk, err := files.Open(filepath.Join(dir, "files"))
	check(t, err)
	log := slog.New(slog.DiscardHandler)
	q, err := queue.Open(queue.Options{Logger: log, Workers: 1})
	check(t, err)
	sim := fedisim.New(fedisim.Options{Seed: 1})
	s := &service{t: t, store: db}
	for i := range 40 {
		s.hosts = append(s.hosts, fmt.Sprintf("server%d.example", i))
		sim.AddServer(fedisim.Config{Host: s.hosts[i]})
	}
	client := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})
	front := httptest.NewUnstartedServer(nil)
	s.url = "http://" + front.Listener.Addr().String()
	site := &api.Server{
		Store: db, Files: disk, Client: client, PublicURL: s.url, Version: "bench", Now: time.Now, Log: log, Subscribe: q.Subscribe, Ping: q.Ping,
		Worker: &jobs.Worker{Store: db, Files: disk, Queue: q, Client: client, Log: log, Now: time.Now, Keep: time.Hour},
	}
	front.Config.Handler, err = site.Handler()
	check(t, err)
	front.Start()
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		sim.Close()
		check(t, q.Close())
		check(t, db.Close())
		check(t, disk.Close())
	})
	jar, err := cookiejar.New(nil)
	check(t, err)
	s.client = &http.Client{Jar: jar}
	s.move = s.begin()
	return s
}

func (s *service) begin() string {
	resp, err := s.client.Post(s.url+"/api/v1/moves", "application/json", strings.NewReader("{}"))
	check(s.t, err)
	defer resp.Body.Close()
	var move api.Move
	check(s.t, json.NewDecoder(resp.Body).Decode(&move))
	return move.ID
}

// took asks for path some times and returns the median and the bytes.
func (s *service) took(path string) (time.Duration, int) {
	var times []time.Duration
	size := 0
	for range 9 {
		began := time.Now()
		resp, err := s.client.Get(s.url + path)
		check(s.t, err)
		body, err := io.ReadAll(resp.Body)
		check(s.t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			s.t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
		}
		times, size = append(times, time.Since(began)), len(body)
	}
	slices.Sort(times)
	return times[len(times)/2], size
}

func (s *service) measureAPI() {
	of := "/api/v1/moves/" + s.move
	fmt.Println("| page of 100 people, ms | first | at 10,000 | at 19,900 | followed ones, at 19,900 |")
	fmt.Println("|---|--:|--:|--:|--:|")
	for _, sort := range []string{"best", "closest", "name", "grade", "last", "arrived"} {
		fmt.Printf("| %s |", sort)
		for _, query := range []string{"", "&offset=10000", "&offset=19900", "&offset=19900&relation=following"} {
			d, _ := s.took(of + "/people?sort=" + sort + query)
			fmt.Printf(" %.1f |", ms(d))
		}
		fmt.Println()
	}
	fmt.Print("\n| filter, of those who are followed | ms | kB |\n|---|--:|--:|\n")
	for _, query := range []string{"grade=claimed", "q=lovelace", "q=server7.example", "mark=moved", "host=server7.example", "decision=open", "chosen=yes", "sort=name&grade=none"} {
		d, size := s.took(of + "/people?relation=following&" + query)
		fmt.Printf("| %s | %.1f | %d |\n", query, ms(d), size/1000)
	}
	d, _ := s.took(of)
	fmt.Printf("| the Move with its counts | %.1f | |\n", ms(d))
	for _, file := range []string{"people.json", "unresolved_people.csv"} {
		d, size := s.took(of + "/exports/" + file)
		fmt.Printf("| %s | %.0f | %d |\n", file, ms(d), size/1000)
	}
}

// measured is what people-bench.js prints. Times are milliseconds.
type measured struct {
	FirstRows           float64
	Rows                int
	Steady, Fast, Jumps struct{ MS, FPS, WorstFrame, Longest, Computed, Median, Slowest float64 }
	Filter, Unfilter    struct{ MS, Longest float64 }
	Sort, Search        struct{ MS, Longest float64 }
	Decide              struct{ MS, Slowest, Longest float64 }
	Memory              struct{ Heap, Nodes, Resident float64 }
}

func (s *service) measurePage() {
	at, err := url.Parse(s.url)
	check(s.t, err)
	cookie := s.client.Jar.Cookies(at)[0].Value
	c := exec.CommandContext(s.t.Context(), "node", "e2e/people-bench.js")
	c.Dir = filepath.Join("..", "..", "frontend")
	c.Env = append(os.Environ(), "SKEIN_URL="+s.url+"/m/"+s.move+"/people?relation=all", "SKEIN_COOKIE="+cookie, "SKEIN_SHOT="+*shot)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, os.Stderr
	check(s.t, c.Run())
	var m measured
	check(s.t, json.Unmarshal(out.Bytes(), &m))
	fmt.Printf("\nIn Chromium, %d rows:\n\n| | ms | longest task ms | of it computed ms | frames a second | longest frame ms |\n|---|--:|--:|--:|--:|--:|\n", m.Rows)
	fmt.Printf("| first rows, from an empty tab | %.0f | | | | |\n", m.FirstRows)
	fmt.Printf("| scrolling, 3,000 px a second | | %.0f | %.0f | %.0f | %.0f |\n", m.Steady.Longest, m.Steady.Computed, m.Steady.FPS, m.Steady.WorstFrame)
	fmt.Printf("| scrolling through all rows in 10 s | | %.0f | %.0f | %.0f | %.0f |\n", m.Fast.Longest, m.Fast.Computed, m.Fast.FPS, m.Fast.WorstFrame)
	fmt.Printf("| 40 jumps, until the rows are there: median | %.0f | %.0f | | | %.0f |\n", m.Jumps.Median, m.Jumps.Longest, m.Jumps.WorstFrame)
	fmt.Printf("| the slowest of them | %.0f | | | | |\n", m.Jumps.Slowest)
	fmt.Printf("| filter by grade | %.0f | %.0f | | | |\n", m.Filter.MS, m.Filter.Longest)
	fmt.Printf("| all again | %.0f | %.0f | | | |\n", m.Unfilter.MS, m.Unfilter.Longest)
	fmt.Printf("| another order | %.0f | %.0f | | | |\n", m.Sort.MS, m.Sort.Longest)
	fmt.Printf("| search, with 300 ms in which typing rests | %.0f | %.0f | | | |\n", m.Search.MS, m.Search.Longest)
	fmt.Printf("| decide by key, median of 50 | %.0f | %.0f | | | |\n", m.Decide.MS, m.Decide.Longest)
	fmt.Printf("\nAfter all that the tab holds %.0f MB of JavaScript, %.0f nodes, and has %.0f MB resident.\n", m.Memory.Heap/1e6, m.Memory.Nodes, m.Memory.Resident/1e6)
}

// measureDecisions chooses all of a grade at once: of at least half of the people.
func (s *service) measureDecisions() {
	s.claimMore(*people / 2)
	began := time.Now()
	resp, err := s.client.Post(s.url+"/api/v1/moves/"+s.move+"/decisions", "application/json", strings.NewReader(`{"grade":"claimed","decision":"yes"}`))
	check(s.t, err)
	defer resp.Body.Close()
	var changed api.Changed
	check(s.t, json.NewDecoder(resp.Body).Decode(&changed))
	fmt.Printf("\nChoosing all claimed: %d people in %.1f s.\n", changed.Changed, time.Since(began).Seconds())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// of returns the i-th of list, again and again.
func of[T any](list []T, i int) T { return list[i%len(list)] }
