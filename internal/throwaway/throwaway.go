// Package throwaway starts a PostgreSQL and a Redis of its own for tests: on
// loopback, on free ports, in temporary directories, ended by their process
// ids when the test binary ends. Only tests import it.
package throwaway

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Main runs the tests and ends the servers that they started. Call it from
// TestMain: os.Exit(throwaway.Main(m)).
func Main(m *testing.M) int {
	defer stopAll()
	return m.Run()
}

var (
	mu      sync.Mutex
	running []*server
)

// server is a started program and its directory.
type server struct {
	cmd  *exec.Cmd
	dir  string
	log  *lockedBuffer
	done chan struct{} // closed when the program has ended
	stop os.Signal
}

func stopAll() {
	mu.Lock()
	defer mu.Unlock()
	for _, s := range running {
		s.end()
	}
	running = nil
}

// end stops the program and removes its directory.
func (s *server) end() {
	s.halt()
	_ = os.RemoveAll(s.dir)
}

// halt stops the program, if it still runs.
func (s *server) halt() {
	_ = s.cmd.Process.Signal(s.stop) // it may have ended by itself
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// start runs a program and waits until ready says so, or it ends.
func start(cmd *exec.Cmd, dir string, stop os.Signal, ready func() error) (*server, error) {
	s := &server{cmd: cmd, dir: dir, log: &lockedBuffer{}, done: make(chan struct{}), stop: stop}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait()
		close(s.done)
	}()
	deadline := time.After(60 * time.Second)
	for {
		err := ready()
		if err == nil {
			mu.Lock()
			running = append(running, s)
			mu.Unlock()
			return s, nil
		}
		select {
		case <-s.done:
			return nil, fmt.Errorf("%s ended: %s", cmd.Path, s.log)
		case <-deadline:
			s.end()
			return nil, fmt.Errorf("%s is not ready: %w: %s", cmd.Path, err, s.log)
		case <-time.After(50 * time.Millisecond): // there is no signal to wait for, only the port
		}
	}
}

// missing ends a test whose program is not on this machine: it is skipped, and
// fails where everything has to run.
func missing(t testing.TB, program string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed; scripts/setup.sh installs it", program)
	}
	t.Skipf("%s is not installed", program)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func dial(port string) error {
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
	if err != nil {
		return err
	}
	return c.Close()
}

// find looks for a program in PATH and where Debian keeps those of PostgreSQL.
func find(program string) (string, bool) {
	if path, err := exec.LookPath(program); err == nil {
		return path, true
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	if len(found) == 0 {
		return "", false
	}
	return found[len(found)-1], true
}

// lockedBuffer keeps what a program prints, from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// credential is a user without rights, for programs that refuse to run as root.
func credential() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

const nobody = 65534
