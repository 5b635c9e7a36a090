#!/usr/bin/env bash
# Runs sqlc on the queries in internal/store: `generate` writes the Go code,
# `diff` fails where the committed code is not what the SQL gives.
# Without cgo sqlc needs no C compiler and builds in half the time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

config=
for file in internal/store/sqlc.yaml sqlc.yaml; do
	[ -f "$file" ] && config=$file && break
done
if [ -z "$config" ]; then
	echo "No sqlc.yaml: no generated SQL code to check."
	exit 0
fi
if ! CGO_ENABLED=0 go tool -modfile=tools/go.mod sqlc "$1" -f "$config"; then
	[ "$1" = diff ] && echo "The committed code differs from the SQL. Run: make generate" >&2
	exit 1
fi
