#!/usr/bin/env bash
# Prints the Go files of this repository, so that gofmt need not walk node_modules.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
find . \( -name node_modules -o -name .git -o -name .make -o -path './data*' \) -prune -o -name '*.go' -print
