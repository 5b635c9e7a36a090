//go:build torture && linux

package store

import (
	"runtime"
	"sync/atomic"
	"syscall"
)

// FailPoints are the names of the places around the commits that decide whether
// something happens twice. "between" is a plan of which a part is kept.
var FailPoints = []string{
	"before lease", "after lease", "before plan", "between plan", "after plan", "before sent", "after sent",
	"before finish", "after finish", "before release", "after release",
}

var armed struct {
	name   string
	signal syscall.Signal
	left   atomic.Int64
}

// Arm makes this process send itself a signal when it comes by the fail-point of
// that name for the n-th time. Call it before the Store is opened, once.
func Arm(name string, n int, signal syscall.Signal) {
	armed.name, armed.signal = name, signal
	armed.left.Store(int64(n))
}

// failPoint does not return from a SIGKILL, and from a SIGSTOP when the process
// goes on: a signal to one's own thread is taken before the call returns.
func failPoint(name string) {
	if name != armed.name || armed.left.Add(-1) != 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Tgkill(syscall.Getpid(), syscall.Gettid(), armed.signal); err != nil {
		panic(err)
	}
}
