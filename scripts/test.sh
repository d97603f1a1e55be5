#!/usr/bin/env bash
# make test, inside the PostgreSQL that bin/pgtest started: Go on both databases, web units, browser journeys.
source "$(dirname "$0")/lib.sh"
: "${TANDEM_TEST_PG_URL:?run this by make test}"

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# counted LOG COMMAND...: shows and keeps the output.
counted() {
	local log=$logs/$1
	shift
	"$@" 2>&1 | tee "$log"
}

step "Go tests with the race detector, on SQLite and PostgreSQL" \
	counted go bin/gotest -race -timeout 45m ${TANDEM_GOTEST_FLAGS:-} ./...
step "web unit tests" counted web npm --prefix web test --silent
step "browser journeys" counted e2e npm --prefix e2e test --silent

# The last "N passed" and "N failed" of a log; vitest, our own and Playwright's line all say it so.
total() { # WORD
	local sum=0 log n
	for log in "$logs"/*; do
		n=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -v 'Test Files' | grep -oE "[0-9]+ $1" | tail -n 1 | cut -d' ' -f1) || true
		sum=$((sum + ${n:-0}))
	done
	printf '%s' "$sum"
}
# What failed, once more, at the end: who sees only the last lines of a long run sees it too.
failures() {
	local log
	for log in "$logs"/*; do
		sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^ *(--- FAIL|FAIL|×|✖|not ok)|^panic:|AssertionError|DATA RACE' | sort -u | head -n 20
	done
}
say ""
if [ ${#steps_failed[@]} != 0 ]; then
	say "failed: ${steps_failed[*]}"
	failures || true
fi
say "make test: $(total passed) passed, $(total failed) failed, $((SECONDS / 60)) min $((SECONDS % 60)) s"
[ ${#steps_failed[@]} = 0 ]
