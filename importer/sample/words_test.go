package sample

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// Words in every script stay whole, also the first one, which gets a capital.
func TestProseIsWhole(t *testing.T) {
	for _, l := range languages {
		for seed := range uint64(50) {
			if text := prose(rand.New(rand.NewPCG(seed, 1)), l, 60); !utf8.ValidString(text) {
				t.Fatalf("%s, seed %d: %q is not UTF-8", l.code, seed, text)
			}
		}
	}
}
