//go:build unix

package compose_test

import (
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/model"
)

// BenchmarkCompose composes the golden tweets again and again, under new ids.
func BenchmarkCompose(b *testing.B) {
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		b.Fatal(err)
	}
	var tweets []model.Tweet
	for _, c := range goldenCases(b, archive) {
		tweets = append(tweets, c.tweets...)
	}
	var x compose.Index
	c := compose.New(compose.Options{OwnerID: "100", OwnerHandle: "owner", URLLength: 23}, &x)
	b.ReportAllocs()
	start := busy(b)
	for i := 0; b.Loop(); i++ {
		t := tweets[i%len(tweets)]
		t.ID = strconv.Itoa(1e9 + i)
		t.CreatedAt = t.CreatedAt.Add(time.Duration(i) * time.Second)
		t.EditIDs = nil
		x.Add(t)
		c.Compose(t)
	}
	b.ReportMetric(float64(b.N)/(busy(b)-start).Seconds(), "tweets/core-s")
}

// busy returns the processor time that this process has used, which other work
// on the machine does not change much.
func busy(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
