#!/usr/bin/env bash
# Writes what is generated from the code: the OpenAPI document, and from that the types of the console.
source "$(dirname "$0")/lib.sh"

new=$(mktemp docs/.openapi-XXXXXX) # put in place when it is whole
trap 'rm -f "$new"' EXIT
go run ./scripts/openapi >"$new"
chmod 644 "$new"
mv "$new" docs/openapi.json
npm --prefix web run --silent generate >/dev/null
