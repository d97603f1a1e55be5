# Two commands: make run, make test. The rest is in `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# The version that the binary tells. Go's own stamp needs a repository owned by the current user.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
export GOFLAGS ?= -buildvcs=false

WEB_SOURCES := $(shell find web/src web/public -type f 2>/dev/null) $(wildcard web/*.html web/*.ts web/*.js web/*.cjs web/*.json)

.PHONY: help
help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: versions ## build Tandem and open a demo with life-like data (first time about 5 minutes, then seconds)
	@echo "Building Tandem. The first time takes about 5 minutes (Go compiles an SQL engine, npm fetches the console's parts), later times seconds."
	@$(MAKE) --no-print-directory build
	bin/tandem demo

.PHONY: build
build: versions web/dist/index.html ## bin/tandem, with the web console inside
	@echo "==> binary"
	@go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/tandem ./cmd/tandem
	@echo "    bin/tandem $(VERSION)"

.PHONY: test
test: versions packages ## everything: Go on both databases, web units, browser journeys
	@$(MAKE) --no-print-directory build e2e/node_modules/.package-lock.json bin/pgtest bin/gotest
	@bin/pgtest run -- scripts/test.sh

.PHONY: e2e
e2e: versions packages ## only the browser journeys
	@$(MAKE) --no-print-directory build e2e/node_modules/.package-lock.json bin/pgtest
	@bin/pgtest run -- npm --prefix e2e test

.PHONY: check
check: versions web/node_modules/.package-lock.json ## format, vet, linters, architecture, generated files, types (minutes cold, half a minute warm)
	@scripts/check.sh

.PHONY: bench
bench: versions packages bin/pgtest ## the speed table, as ratios; ARGS=lists for one figure
	@bin/pgtest run -- go run ./bench $(ARGS)

.PHONY: soak
soak: versions packages ## the long forms of the tests, hours; PKG=./internal/core/importer for one package
	@$(MAKE) --no-print-directory build e2e/node_modules/.package-lock.json bin/pgtest bin/gotest
	@TANDEM_SOAK=1 E2E_FULL=1 TANDEM_GOTEST_FLAGS="-shuffle=on -count=1 -timeout 0" \
		bin/pgtest run -- $(if $(PKG),bin/gotest -race -count=1 -timeout 0 $(PKG),scripts/test.sh)

.PHONY: generate
generate: versions web/node_modules/.package-lock.json ## docs/openapi.json and the console's types from the code
	@scripts/generate.sh

.PHONY: tmf
tmf: versions ## TM Forum's conformance kits; TANDEM_TMF_DIR is the folder that holds them
	@test -n "$(TANDEM_TMF_DIR)" || { echo "Tandem: set TANDEM_TMF_DIR to the folder with TM Forum's kits" >&2; exit 1; }
	@test -d internal/edge/tmf || { echo "Tandem: this version has no TM Forum API (internal/edge/tmf) to check" >&2; exit 1; }
	@TANDEM_TMF_DIR="$(abspath $(TANDEM_TMF_DIR))" go test -count=1 -v ./internal/edge/tmf

.PHONY: versions packages
versions:
	@scripts/versions.sh
packages:
	@scripts/packages.sh

# npm writes this file at the end of an installation, so that it is older than the lock file only when that changed.
%/node_modules/.package-lock.json: %/package-lock.json
	@echo "==> packages of $*/ (npm)"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	@echo "==> web console"
	@npm --prefix web run --silent build -- --logLevel warn

.PHONY: bin/pgtest bin/gotest
bin/pgtest:
	@go build -o $@ ./internal/kit/db/pgtest/cmd
bin/gotest:
	@go build -o $@ ./scripts/gotest
