//go:build unix

package address_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/address"
)

// Most texts hold no address; tweets are read by the hundred thousand.
func BenchmarkExtract(b *testing.B) {
	for name, text := range map[string]string{
		"tweet without": "RT @ada: The quick brown fox jumps over the lazy dog https://t.co/abcdefghij and then some more words…",
		"bio with":      "Mathematician. Poet’s daughter. 🐘 @ada@mastodon.social | mail ada@example.org | she/her",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				address.Extract(text)
			}
		})
	}
}

// The corpus as a whole holds more addresses than real profiles do, but its
// texts are shorter; "full" has every field filled to what Twitter allows.
func BenchmarkProfiles(b *testing.B) {
	var short []address.Profile
	for _, l := range corpus(b, "corpus.jsonl") {
		short = append(short, l.profile())
	}
	full := address.Profile{
		Name: "Dr. Imogen Farrow 🏺 (she/her) #BlackHole", Location: "Stoke-on-Trent, at the wheel",
		Bio:  "Potter, teacher, reluctant treasurer of the guild. I post about glazes, kilns & canals. Mail: kiln@farrow.example 🐘 @imogen@mastodon.social – views are my own, mostly",
		URLs: []string{"https://www.farrow.example/shop?from=profile", "https://mastodon.social/@imogen"},
		Pinned: []string{strings.Repeat("A long thread about the wood kiln at the mill, with pictures by @somebody and many thanks to all. ", 3)[:280] +
			" https://t.co/abcdefghij"},
	}
	for name, profiles := range map[string][]address.Profile{"corpus": short, "full": {full}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			start := busy(b)
			for b.Loop() {
				for _, p := range profiles {
					p.Likely(nil)
				}
			}
			b.ReportMetric(float64(b.N*len(profiles))/(busy(b)-start).Seconds(), "profiles/core-s")
		})
	}
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
