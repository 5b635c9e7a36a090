package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/throwaway"
)

// childVariable holds what a child process is to do. The test binary starts
// itself again as the service: the simulator's hosts are a constructor argument
// and no setting, so the real program could not reach them.
const childVariable = "TEST_SKEIN_CHILD"

// childOrders are the orders of a child process.
type childOrders struct {
	Parts     part
	Simulated map[string]string
	Lease     time.Duration
	Rest      time.Duration
	Reconcile time.Duration
	ListURL   string
	SPARQLURL string
}

func TestMain(m *testing.M) {
	if orders := os.Getenv(childVariable); orders != "" {
		os.Exit(beChild(orders))
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // these tests mostly wait for each other's processes
		panic(err)
	}
	os.Exit(throwaway.Main(m))
}

func beChild(text string) int {
	var o childOrders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	c, err := config.Read(os.Environ())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	err = serve(ctx, c, log, o.Parts, extras{
		simulated: o.Simulated, budget: fediverse.Free{}, lease: o.Lease, rest: o.Rest, reconcile: o.Reconcile, listURL: o.ListURL, sparqlURL: o.SPARQLURL,
		ready: func(address string) { fmt.Println("listening " + address) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is a running child process.
type child struct {
	cmd     *exec.Cmd
	address string // where its API listens, if it has one
	log     *strings.Builder
	logMu   sync.Mutex
	done    chan struct{}
	err     error
}

// startChild starts a child with the orders and settings, and waits until its
// API, if it has one, listens. The child ends with the test.
func startChild(t testing.TB, o childOrders, settings map[string]string) *child {
	t.Helper()
	c, listening, err := launch(o, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	if o.Parts&partAPI == 0 {
		return c
	}
	select {
	case c.address = <-listening:
	case <-c.done:
		t.Fatalf("child ended: %v\n%s", c.err, c.output())
	case <-time.After(time.Minute):
		t.Fatalf("child does not listen\n%s", c.output())
	}
	return c
}

// launch starts a child. listening gets the address of its API, if it has one.
func launch(o childOrders, settings map[string]string) (_ *child, listening <-chan string, err error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := &child{cmd: exec.Command(self), log: &strings.Builder{}, done: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childVariable+"="+string(text), "SKEIN_LISTEN=127.0.0.1:0")
	for name, value := range settings {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	c.cmd.Stderr = c
	if err := c.cmd.Start(); err != nil {
		return nil, nil, err
	}
	addresses := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
				addresses <- address
			}
		}
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	return c, addresses, nil
}

// Write takes what the child logs.
func (c *child) Write(p []byte) (int, error) {
	c.logMu.Lock()
	defer c.logMu.Unlock()
	return c.log.Write(p)
}

func (c *child) output() string {
	c.logMu.Lock()
	defer c.logMu.Unlock()
	return c.log.String()
}

// kill ends the child as kill -9 does and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may be gone already
	<-c.done
}

// stop asks the child to end and waits for it.
func (c *child) stop(t testing.TB) {
	t.Helper()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(30 * time.Second):
		t.Errorf("child does not end\n%s", c.output())
		c.kill()
	}
}
