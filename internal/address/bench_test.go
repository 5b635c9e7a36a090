package address_test

import (
	"testing"

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

// The corpus as a whole, which holds an address in two of three profiles: more
// than real ones do, so that real ones are faster.
func BenchmarkProfiles(b *testing.B) {
	var profiles []address.Profile
	for _, l := range corpus(b, "corpus.jsonl") {
		profiles = append(profiles, l.profile())
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range profiles {
			p.Likely(nil)
		}
	}
	b.ReportMetric(float64(b.N*len(profiles))/b.Elapsed().Seconds(), "profiles/s")
}
