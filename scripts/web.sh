#!/usr/bin/env bash
# Installs the web app's packages and builds it into frontend/build, each only
# where what it is made from has changed. Contents decide, not times of files:
# a fresh clone, a switched branch and a deleted file are all seen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .make

# fingerprint prints one line that changes with the name or contents of any file named on stdin (NUL-separated).
fingerprint() {
	sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# remembered says whether the last run with this name ended with the same fingerprint.
remembered() {
	[ "$(cat ".make/$1" 2>/dev/null)" = "$2" ]
}

command -v npm >/dev/null || {
	echo "The web app needs Node 20.19 or newer with npm. Install it and try again." >&2
	exit 1
}

packages="$(node --version) $(find frontend -maxdepth 1 \( -name package-lock.json -o -name .npmrc \) -print0 | fingerprint)"
if [ ! -d frontend/node_modules ] || ! remembered web-packages "$packages"; then
	echo "Installing the web app's packages (npm ci)"
	rm -f .make/web-packages
	npm --prefix frontend ci --no-progress
	echo "$packages" >.make/web-packages
fi

sources="$(find frontend \( -name node_modules -o -path frontend/build -o -name .svelte-kit -o -path frontend/e2e \) -prune \
	-o -type f ! -name '*.go' -print0 | fingerprint)"
if [ ! -f frontend/build/index.html ] || ! remembered web-build "$packages $sources"; then
	echo "Building the web app"
	rm -f .make/web-build
	npm --prefix frontend run build
	echo "$packages $sources" >.make/web-build
fi
