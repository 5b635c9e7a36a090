#!/usr/bin/env bash
# Walks the demo in a browser: starts bin/skein demo on a free port with its
# data in a temporary folder, waits until it is ready, runs the browser tests
# against it and ends it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dir=$(mktemp -d "${TMPDIR:-/tmp}/skein-e2e.XXXXXX")
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
url=http://localhost:$port
server=

# finish ends the server and shows its log where a test failed.
finish() {
	local code=$?
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		for _ in {1..50}; do
			kill -0 "$server" 2>/dev/null || break
			sleep 0.2
		done
		kill -9 "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	if [ "$code" != 0 ]; then
		printf '\nThe last lines of the server:\n' >&2
		tail -n 60 "$dir/log" >&2 || true
	fi
	rm -rf "$dir"
}
trap finish EXIT

SKEIN_LISTEN=127.0.0.1:$port SKEIN_PUBLIC_URL=$url SKEIN_DATA=$dir/data bin/skein demo >"$dir/log" 2>&1 </dev/null &
server=$!

# ready asks /readyz once.
ready() {
	node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "http://127.0.0.1:$port/readyz"
}
deadline=$((SECONDS + 60))
until ready; do
	if ! kill -0 "$server" 2>/dev/null; then
		echo "bin/skein demo ended before it was ready." >&2
		exit 1
	fi
	if [ "$SECONDS" -ge "$deadline" ]; then
		echo "bin/skein demo was not ready after 60 s." >&2
		exit 1
	fi
	sleep 0.2
done

SKEIN_URL=$url npm --prefix frontend run e2e
