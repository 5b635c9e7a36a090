//go:build torture && linux

package main

import (
	"context"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
)

// fate is what became of a process.
type fate int

const (
	ended fate = iota // by itself
	killed
	stopped
)

// fateOf returns a channel that tells when the child is stopped, killed, or ends
// by itself.
func fateOf(c *child) <-chan fate {
	fates := make(chan fate, 1)
	go func() {
		if isStopped(c.cmd.Process.Pid) {
			fates <- stopped
			return
		}
		<-c.done
		status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
		if ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			fates <- killed
			return
		}
		fates <- ended
	}()
	return fates
}

// isStopped waits until a child is stopped or has ended, as waitid(2) does, which
// the syscall package lacks. It leaves the child to be waited for.
func isStopped(pid int) bool {
	const (
		onlyPid                    = 1
		wStopped, wExited, wNoWait = 2, 4, 0x01000000
		codeStopped                = 5
	)
	var info struct {
		signo, errno, code int32
		_                  [116]byte
	}
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, onlyPid, uintptr(pid), uintptr(unsafe.Pointer(&info)), wStopped|wExited|wNoWait, 0, 0)
		if errno != syscall.EINTR {
			return errno == 0 && info.code == codeStopped
		}
	}
}

// takeOver starts a second worker while the first is frozen, lets the first go on
// when the second has taken over, at once or when it has got further, and then
// kills both. taken is false where the second did not get the lease: a worker that
// was frozen in a transaction of SQLite holds the lock.
func (l *lane) takeOver(ctx context.Context, frozen *child) (taken bool, err error) {
	before, err := l.round.runs(ctx, l.store)
	if err != nil {
		return false, err
	}
	counts := l.confirmed(ctx)
	second, err := l.start(point{})
	if err != nil {
		return false, err
	}
	defer second.kill()
	taken = l.within(ctx, 8*time.Second, func() bool { return l.takenOver(ctx, before) })
	if taken && l.rng.IntN(2) == 0 {
		l.within(ctx, 5*time.Second, func() bool { return l.confirmed(ctx) > counts || l.round.over(ctx, l.store) })
	}
	if err := frozen.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		return false, err
	}
	if taken && l.within(ctx, 3*time.Second, func() bool { return strings.Contains(frozen.output(), "lease lost") }) {
		l.count(l.name, func(y *tally) { y.taken++ })
	}
	return taken, nil
}

func (l *lane) within(ctx context.Context, d time.Duration, so func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return l.await(ctx, so)
}

// takenOver tells whether a Run that was held before has got another holder.
func (l *lane) takenOver(ctx context.Context, before []store.Run) bool {
	now, err := l.round.runs(ctx, l.store)
	for i := range now {
		if err == nil && before[i].State == store.RunRunning && now[i].Wake > before[i].Wake {
			return true
		}
	}
	return false
}

// confirmed counts the Steps of the round that have come to a good end.
func (l *lane) confirmed(ctx context.Context) int {
	n := 0
	for _, run := range []string{l.round.posts, l.round.follows} {
		counts, err := l.store.StepCounts(ctx, run)
		if err != nil {
			return n
		}
		n += counts[ledger.StateConfirmed]
	}
	return n
}
