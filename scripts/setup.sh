#!/usr/bin/env bash
# Makes sure that what the checks need is on this machine. On Debian, as root,
# it installs what is missing; elsewhere it says what will be left out, why, and
# what to install. With CI=true leaving anything out is a failure.
#
# Nothing is started: the tests start their own PostgreSQL and redis-server on
# free ports. The result stands in .make/setup.env, which scripts/test.sh reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .make

# --- without these nothing works, and how to get them is the reader's choice

fail() {
	echo "$*" >&2
	exit 1
}
command -v go >/dev/null || fail "Skein needs Go: $(sed -n 's/^go //p' go.mod) or newer. See https://go.dev/doc/install"
command -v node >/dev/null && command -v npm >/dev/null || fail "Skein needs Node 20.19 or newer with npm. See https://nodejs.org"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
	fail "Skein needs Node 20.19 or newer; this is $(node --version)."

# --- what is missing

# first prints the first of the named programs that is there.
first() {
	local name
	for name; do
		command -v "$name" && return
	done
	return 1
}
have_chromium() { first chromium chromium-browser google-chrome-stable google-chrome; }
have_redis() { first redis-server; }
have_compiler() { first "$(go env CC)" gcc clang; }
have_fonts() { [ -n "$(fc-list :lang=en 2>/dev/null | head -n 1)" ] && [ -n "$(fc-list :lang=und-zsye 2>/dev/null | head -n 1)" ]; }
# have_postgres prints the folder of PostgreSQL's programs; Debian keeps them out of PATH.
have_postgres() {
	local dir
	for dir in "$(dirname "$(command -v postgres || echo /nowhere/postgres)")" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
		[ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && echo "$dir" && return
	done
	return 1
}

# One line per need: its test above (have_…), what is left out without it, Debian's packages.
needs="
chromium|the browser tests|chromium
fonts|nothing, but pages show boxes instead of some letters|fontconfig fonts-liberation fonts-noto-color-emoji
redis|the tests of the queue on Redis|redis-server
postgres|the tests of the store on PostgreSQL|postgresql
compiler|the race detector|gcc libc6-dev
"
# missing prints the lines of needs whose test fails.
missing() {
	local need rest
	while IFS='|' read -r need rest; do
		[ -n "$need" ] || continue
		"have_$need" >/dev/null || echo "$need|$rest"
	done <<<"$needs"
}

# --- install

# install installs Debian packages and starts no service: not now, and for those
# that came just now not at the next start of the machine either.
install() {
	local policy=/usr/sbin/policy-rc.d service
	if [ ! -e "$policy" ]; then
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		printf '#!/bin/sh\n# Made by scripts/setup.sh for one installation: start no services.\nexit 101\n' >"$policy"
		chmod +x "$policy"
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q -o Acquire::Retries=3 update </dev/null || return
	apt-get -q -o Acquire::Retries=3 install -y --no-install-recommends "$@" </dev/null || return
	if [ -d /run/systemd/system ]; then
		for service in redis-server postgresql; do
			case " $* " in *" $service "*) systemctl disable --now "$service" || true ;; esac
		done
	fi
}

# can_install says whether this is Debian and we are root.
can_install() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qE '^ID="?(debian|raspbian)"?$' /etc/os-release 2>/dev/null
}

lacking=$(missing)
why="it is missing, and only root on Debian can install it here"
if [ -n "$lacking" ] && can_install; then
	packages=$(cut -d'|' -f3 <<<"$lacking" | tr '\n' ' ')
	echo "Installing what the checks need: $packages"
	# shellcheck disable=SC2086 # one word per package
	if install $packages >.make/apt.log 2>&1; then
		why="it is missing, though its packages were installed"
	else
		tail -n 20 .make/apt.log
		why="apt-get could not install it (.make/apt.log)"
	fi
	lacking=$(missing)
fi

# --- say what is left out

left_out=
while IFS='|' read -r need effect packages; do
	[ -n "$need" ] || continue
	left_out="$left_out $need"
	echo "Left out without $need: $effect. Why: $why. On Debian: apt-get install $packages"
done <<<"$lacking"

{
	echo "export LEFT_OUT='${left_out# }'"
	echo "export CHROMIUM='$(have_chromium || true)'"
	if ! command -v initdb >/dev/null && dir=$(have_postgres); then echo "export PATH=\"\$PATH:$dir\""; fi
} >.make/setup.env

if [ -n "$left_out" ] && [ "${CI:-}" = true ]; then
	fail "CI=true: nothing may be left out."
fi
[ -n "$left_out" ] || echo "All there: chromium, fonts, redis-server, PostgreSQL, a C compiler."
