// Command bench measures how fast skein inspect reads archives of the sizes
// that people have, and with how much memory. It makes the archives itself, in a
// temporary folder, and prints a table. Beside each it measures, in turn with
// it, what the standard library needs for the same entries: to inflate and
// discard them, and to decode them with encoding/json.
//
//	go run ./importer/bench -skein bin/skein
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	program := flag.String("skein", "bin/skein", "the program to measure")
	runs := flag.Int("runs", 5, "how often each is measured; the median counts")
	small := flag.Bool("small", false, "archives of a hundredth of the size, to try it out")
	dir := flag.String("dir", "", "where archives are made, for a while; about 6 GB (the system's temporary folder if empty)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *program, *dir, *runs, *small); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, program, dir string, runs int, small bool) (err error) {
	dir, err = os.MkdirTemp(dir, "skein-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%s, %s/%s, %d cores, median of %d\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs)
	fmt.Println("| archive | on disk | opened | inflated | inflate | encoding/json | limit | inspect | of limit | CPU: limit | CPU: inspect | first line | peak |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, a := range archives {
		path := filepath.Join(dir, "archive")
		if err := a.make(ctx, path, small); err != nil {
			return fmt.Errorf("make %s: %w", a.name, err)
		}
		row, err := measure(ctx, program, path, runs)
		if err != nil {
			return fmt.Errorf("measure %s: %w", a.name, err)
		}
		fmt.Printf("| %s | %s\n", a.name, row)
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// inspected is what one run of inspect gave.
type inspected struct {
	Opened  []string `json:"opened"`
	Seconds float64  `json:"seconds"`
	Peak    int64    `json:"peak_memory_bytes"`

	cpu, first time.Duration // of the whole process, and to its first line
}

func inspect(ctx context.Context, program, path string) (inspected, error) {
	cmd := exec.CommandContext(ctx, program, "inspect", path, "--json")
	var out bytes.Buffer
	cmd.Stdout = &out
	lines := &firstWrite{}
	cmd.Stderr = lines
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return inspected{}, fmt.Errorf("%w: %s", err, lines.text)
	}
	got := inspected{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), first: lines.at.Sub(start)}
	return got, json.Unmarshal(out.Bytes(), &got)
}

// firstWrite remembers when it was first written to.
type firstWrite struct {
	at   time.Time
	text []byte
}

func (w *firstWrite) Write(p []byte) (int, error) {
	if w.at.IsZero() {
		w.at = time.Now()
	}
	w.text = append(w.text, p...)
	return len(p), nil
}

// measure returns the rest of a row. The limit is that of the issue: 1.5 times
// what inflating takes, with 250 MB/s on top for what was inflated. Where others
// use the machine, too, compare the times of the processors: inspect has all
// cores, so that on a machine of its own it needs about half of its time.
func measure(ctx context.Context, program, path string, runs int) (string, error) {
	var inflating, inflatingCPU, decoding, reading, cpu, first []time.Duration
	var peak, bytes int64
	var opened int
	for range runs {
		got, err := inspect(ctx, program, path)
		if err != nil {
			return "", err
		}
		reading = append(reading, time.Duration(got.Seconds*float64(time.Second)))
		cpu, first = append(cpu, got.cpu), append(first, got.first)
		peak, opened = max(peak, got.Peak), len(got.Opened)
		for _, way := range []struct {
			times *[]time.Duration
			read  func(io.Reader) error
		}{{&inflating, discard}, {&decoding, decode}} {
			start, before := time.Now(), usedCPU()
			if bytes, err = plainly(ctx, path, got.Opened, way.read); err != nil {
				return "", err
			}
			*way.times = append(*way.times, time.Since(start))
			if way.times == &inflating {
				inflatingCPU = append(inflatingCPU, usedCPU()-before)
			}
		}
	}
	inflate, took := median(inflating), median(reading)
	limit := func(inflate time.Duration) float64 { return 1.5 * (inflate.Seconds() + float64(bytes)/250e6) }
	of := "–" // too little to tell
	if bytes > 1e6 {
		of = fmt.Sprintf("%.0f %%", 100*took.Seconds()/limit(inflate))
	}
	return fmt.Sprintf("%s | %d | %s | %.2f s | %.2f s | %.2f s | %.2f s | %s | %.2f s | %.2f s | %d ms | %s |",
		megabytes(sizeOf(path)), opened, megabytes(bytes), inflate.Seconds(), median(decoding).Seconds(), limit(inflate), took.Seconds(),
		of, limit(median(inflatingCPU)), median(cpu).Seconds(), median(first).Milliseconds(), megabytes(peak)), nil
}

// usedCPU is the time that this process has had of all cores.
func usedCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+500_000)/1_000_000) }
