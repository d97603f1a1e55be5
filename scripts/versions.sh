#!/usr/bin/env bash
# Checks that the tools to build Tandem are there and new enough; says in one line what to do when not.
source "$(dirname "$0")/lib.sh"

go_wanted=$(sed -n 's/^go //p' go.mod)
node_wanted=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' web/package.json)
missing=0
lacks() { say "  - $1"; missing=1; }

if ! command -v go >/dev/null; then
	lacks "Go $go_wanted or newer is missing: get it from https://go.dev/dl/ (unpack to /usr/local, add /usr/local/go/bin to PATH)"
elif ! go version >/dev/null 2>&1; then # an older Go fetches the right one by itself, unless told not to or offline
	lacks "Go $go_wanted or newer is needed, this is $(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || echo unknown): get it from https://go.dev/dl/"
fi
if ! command -v node >/dev/null; then
	lacks "Node.js $node_wanted or newer is missing: get it from https://nodejs.org/en/download"
elif ! at_least "$(node --version | tr -d v)" "$node_wanted"; then
	lacks "Node.js $node_wanted or newer is needed, this is $(node --version): get it from https://nodejs.org/en/download"
fi
command -v npm >/dev/null || lacks "npm is missing: it comes with Node.js from https://nodejs.org/en/download"
for tool in git make; do
	command -v "$tool" >/dev/null || lacks "$tool is missing: apt-get install $tool"
done
[ "$missing" = 0 ] || fail "please get what is listed above, then run this again."
