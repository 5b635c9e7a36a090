package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar on stderr, if that is a terminal, for what takes longer
// than a second.
type progress struct {
	text  string
	start time.Time
	show  bool
	bar   *progressbar.ProgressBar
}

func newProgress(text string) *progress {
	return &progress{text: text, start: time.Now(), show: term.IsTerminal(int(os.Stderr.Fd()))}
}

func (p *progress) set(done, total int64) {
	if !p.show || time.Since(p.start) < time.Second {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(p.text), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	}
	p.bar.ChangeMax64(total)
	_ = p.bar.Set64(done) // a terminal that is gone is no reason to stop
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// peakMemory is the most memory in bytes that this process has held so far.
// What getrusage says counts, on Linux, the program that started this one.
func peakMemory() int64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		var kib int64
		if _, err := fmt.Sscan(rest, &kib); err == nil {
			return kib << 10
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss << 10 // in KiB on Linux
}
