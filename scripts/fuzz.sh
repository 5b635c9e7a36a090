#!/usr/bin/env bash
# Runs every fuzz target for the given time, one after another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

grep -rHoE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*' . |
	while IFS=: read -r file func; do
		target=${func#func }
		printf '\n== %s in %s\n' "$target" "$(dirname "$file")"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$(dirname "$file")" </dev/null
	done
