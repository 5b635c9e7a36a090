// Package bench measures the store: `make bench-store` prints the table that
// stands in docs/benchmarks.md. It holds nothing but that test.
package bench
