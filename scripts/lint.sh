#!/usr/bin/env bash
# Builds the pinned linters (20 s, once) and runs them. docs/adr/0003-linters.md says why these.
source "$(dirname "$0")/lib.sh"

go build -C scripts/lint -o ../../bin/ honnef.co/go/tools/cmd/staticcheck github.com/kisielk/errcheck
good=0
bin/staticcheck ./... || good=1
bin/errcheck -ignoretests -exclude scripts/lint/errcheck.txt ./... || good=1
exit $good
