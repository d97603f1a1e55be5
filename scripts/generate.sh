#!/usr/bin/env bash
# Writes what is generated from the code: the OpenAPI document, and from that the types of the console.
source "$(dirname "$0")/lib.sh"

new=$(mktemp)
trap 'rm -f "$new"' EXIT
go run ./cmd/tandem openapi >"$new" # to a file first: a failure must not leave half a document
cat "$new" >docs/openapi.json
npm --prefix web run --silent generate
