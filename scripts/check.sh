#!/usr/bin/env bash
# make check: everything that can be said about the code without running it.
source "$(dirname "$0")/lib.sh"

formatted() {
	local files
	files=$(git ls-files -z '*.go' | xargs -0 -r ls -d 2>/dev/null | xargs -r gofmt -l)
	[ -z "$files" ] || { say "not formatted; run gofmt -w on:" "$files"; return 1; }
}

# Generated files must be what the code generates. They are compared with themselves before and after, not with the
# last commit, so that a change and its generated files can be checked before they are committed.
drift() {
	local before file same=0
	before=$(mktemp -d)
	cp "${generated[@]}" "$before"
	scripts/generate.sh || return 1
	for file in "${generated[@]}"; do
		diff -u "$before/$(basename "$file")" "$file" | head -n 40
		cmp -s "$before/$(basename "$file")" "$file" || same=1
	done
	rm -rf "$before"
	[ $same = 0 ] || say "the generated files were old; they are new now: commit them"
	return $same
}
generated=(docs/openapi.json web/src/api/schema.d.ts)

shells() {
	local script
	for script in scripts/*.sh .ci/run; do bash -n "$script" || return 1; done
	if command -v shellcheck >/dev/null; then shellcheck -x -P scripts scripts/*.sh .ci/run; fi
}

step "format"          formatted
step "shell scripts"   shells
step "go.mod is tidy"  go mod tidy -diff
step "architecture"    go test ./internal/arch
step "go vet"          go vet ./...
step "linters"         scripts/lint.sh
step "generated files" drift
step "web types"       npm --prefix web run --silent typecheck
step "web lint"        npm --prefix web run --silent lint

[ ${#steps_failed[@]} = 0 ] || fail "make check found something in: ${steps_failed[*]}"
say "make check: all good, $SECONDS s"
