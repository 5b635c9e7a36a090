#!/usr/bin/env bash
# Runs the checks and stops at the first that fails. Without arguments it runs
# all of them; `scripts/test.sh format go` runs these two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .make

wanted=" ${*:-setup format web tools sqlc vet staticcheck imports frontend go torture browser} "
began=$SECONDS
background= # the process of the frontend's checks while they run beside the Go tests
trap '[ -z "$background" ] || kill "$background" 2>/dev/null || true' EXIT

wants() { [[ "$wanted" == *" $1 "* ]]; }

# step runs a command under a title, if the step was asked for, and says how long it took.
step() {
	local name=$1 title=$2 from=$SECONDS
	shift 2
	wants "$name" || return 0
	printf '\n== %s: %s\n' "$name" "$title"
	if ! "$@"; then
		printf '\nFAILED: %s (%s) after %d s. To run it alone: make test STEPS=%s\n' "$name" "$title" $((SECONDS - from)) "$name" >&2
		exit 1
	fi
	printf '   %s took %d s\n' "$name" $((SECONDS - from))
}

check_format() {
	local unformatted
	unformatted=$(scripts/gofiles.sh | xargs gofmt -l) || return
	[ -z "$unformatted" ] && return
	printf 'Not as gofmt writes it. Run make format:\n%s\n' "$unformatted" >&2
	return 1
}

# The tools have a module of their own, so that what they need never changes what Skein is built from.
build_tools() {
	CGO_ENABLED=0 go tool -modfile=tools/go.mod sqlc version && CGO_ENABLED=0 go tool -modfile=tools/go.mod staticcheck -version
}

check_frontend() {
	scripts/web.sh && npm --prefix frontend run check && npm --prefix frontend test
}

test_go() {
	local race=-race
	[[ " ${LEFT_OUT:-} " != *" compiler "* ]] || race=
	go test $race -vet=off -timeout 15m ./... # vet has run as a step of its own
}

# A kill at each point on each kind of server, on either database; make torture has 200 on both.
test_torture() { CGO_ENABLED=0 go test -tags torture -vet=off -timeout 10m -run '^TestTorture$' ./cmd/skein; }

check_vet() { go vet ./... && go vet -tags torture ./internal/store ./cmd/skein; }

check_static() {
	local check=(go tool -modfile=tools/go.mod staticcheck)
	"${check[@]}" ./... && "${check[@]}" -tags torture ./internal/store ./cmd/skein
}

test_browser() {
	if [[ " ${LEFT_OUT:-} " == *" chromium "* ]]; then
		echo "Left out: there is no Chromium on this machine."
		return
	fi
	make --no-print-directory build && scripts/e2e.sh
}

step setup "what the checks need" scripts/setup.sh
# shellcheck disable=SC1091 # made by the step before
[ ! -f .make/setup.env ] || . .make/setup.env

step format "gofmt" check_format
step web "the web app, which the Go code embeds" scripts/web.sh
step tools "staticcheck and sqlc" build_tools
step sqlc "generated SQL code is what the SQL gives" scripts/sqlc.sh diff
# Without cgo, as bin/skein is built: so all three share what is compiled.
CGO_ENABLED=0 step vet "go vet" check_vet
CGO_ENABLED=0 step staticcheck "staticcheck" check_static
step imports "imports point one way" go test ./internal/repotest

# The frontend's checks need little more than a minute of one core: they run
# beside the Go tests and are reported after them.
if wants frontend && wants go; then
	check_frontend >.make/frontend.log 2>&1 </dev/null &
	background=$!
fi
step go "go test" test_go
finish_frontend() {
	[ -n "$background" ] || { check_frontend; return; }
	local code=0
	wait "$background" || code=$?
	background=
	cat .make/frontend.log
	return "$code"
}
step frontend "svelte-check and Vitest" finish_frontend
step torture "workers are killed and frozen at every point" test_torture
step browser "the whole way in Chromium" test_browser

printf '\nAll checks passed in %d s.\n' $((SECONDS - began))
[ -z "${LEFT_OUT:-}" ] || printf 'Left out, because it is missing here: %s\n' "$LEFT_OUT"
