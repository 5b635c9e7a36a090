// Package bench measures the page of people: `make bench-people` prints the
// tables that stand in docs/benchmarks.md. It holds nothing but that test.
package bench
