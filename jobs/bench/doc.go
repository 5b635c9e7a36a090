// Package bench measures the jobs: `make bench-find` and its like print the
// tables that stand in docs/benchmarks.md. It holds nothing but those tests.
package bench
