# Shared by the scripts beside it: source it, do not run it.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say()  { printf '%s\n' "$*"; }
fail() { printf '\nTandem: %s\n' "$*" >&2; exit 1; }

# at_least HAVE WANT: true when version HAVE (1.26.3) is not older than WANT (1.26).
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# step NAME COMMAND...: runs a step, tells how long it took, remembers a failure and goes on.
steps_failed=()
step() {
	local name=$1 began=$SECONDS
	shift
	say "==> $name"
	if "$@"; then
		say "    $name: good, $((SECONDS - began)) s"
	else
		say "    $name: FAILED, $((SECONDS - began)) s"
		steps_failed+=("$name")
	fi
}
