# SPDX-License-Identifier: Apache-2.0
# `make` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export GOTOOLCHAIN := local
export GOFLAGS ?= -buildvcs=false

FUZZ_SECONDS ?= 60

# What check and interop are made of, in order; .ci/run times each of them.
CHECK   := tools habits fmt-check vet embed lint vuln test hostile curve-c fuzz
INTEROP := interop-clients interop-test interop-fuzz interop-watch

.PHONY: help build fmt check interop steps cover bench mutate soak $(CHECK) $(INTEROP)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the command into bin/
	go build -o bin/ethpeer ./cmd/ethpeer

fmt: tools ## format all code
	bin/gofumpt -l -w .

check: $(CHECK) ## all that needs no real client: the steps down to fuzz

tools: bin/.tools ## build the linters of tools/go.mod into bin/

bin/.tools: tools/go.mod tools/go.sum
	cd tools && GOBIN="$(CURDIR)/bin" go install tool
	@touch $@

habits: ## layers, purity, package documents, examples, tests that do not sleep: internal/arch
	go test -count=1 ./internal/arch

fmt-check: tools ## fail if a file is not formatted
	@files=$$(bin/gofumpt -l .); [ -z "$$files" ] || { echo "not formatted, run make fmt:"; echo "$$files"; exit 1; }

vet: ## go vet
	go vet ./...
	cd tools && go vet ./...
	cd interop && go vet -tags "interop soak" ./...

embed: ## build and run a program of another module that uses every public package
	cd interop/embed && go vet . && go run .

lint: tools ## golangci-lint
	bin/golangci-lint run ./...
	cd tools && ../bin/golangci-lint run --config ../.golangci.yml --disable forbidigo ./...
	cd interop && ../bin/golangci-lint run --config ../.golangci.yml --disable forbidigo --build-tags interop,soak ./...
	cd interop/embed && ../../bin/golangci-lint run --config ../../.golangci.yml --disable forbidigo ./...

vuln: tools ## govulncheck, where its database can be reached
	tools/vuln.sh ./...

test: ## all tests, with the race detector, in random order
	go test -race -shuffle=on -timeout 20m ./...
	cd tools && go test -shuffle=on ./...

HOSTILE_FOR ?= 60s

hostile: ## the built binary among hostile peers of every kind, for HOSTILE_FOR=60s, beside one among honest peers alone
	cd interop && go test -tags interop -count=1 -timeout 5m -v ./hostile -args -for $(HOSTILE_FOR)

CURVE_USERS := ./ecc ./enr ./types ./rlpx ./discover/v4wire ./discover/v5wire ./p2p

curve-c: ## the same with the curve in C, where libsecp256k1 is installed
	@pkg-config --exists libsecp256k1 2>/dev/null || { echo "not tested: there is no libsecp256k1 (apt-get install pkg-config libsecp256k1-dev)"; exit 0; }; \
	set -x; go vet -tags libsecp256k1 ./ecc && go test -race -shuffle=on -tags libsecp256k1 $(CURVE_USERS)

fuzz: ## every fuzz target, FUZZ_SECONDS=60 in all
	tools/fuzz.sh $(FUZZ_SECONDS) .

cover: ## coverage of all tests, into bin/cover.html
	@mkdir -p bin
	go test -coverpkg=./... -coverprofile=bin/cover.out ./...
	go tool cover -html=bin/cover.out -o bin/cover.html
	go tool cover -func=bin/cover.out | tail -1

MINUTES ?= 5
SEED    ?= 0
TESTS   ?=

mutate: ## PKG=./discover/kad: which small changes of a package its tests do not notice; MINUTES=5, TESTS=./other,./packages, SEED=n
	@[ -n "$(PKG)" ] || { echo "name a package: make mutate PKG=./discover/kad"; exit 2; }
	@cd tools && go build -o ../bin/mutate ./mutate
	@bin/mutate -minutes $(MINUTES) -seed $(SEED) -tests "$(TESTS)" $(PKG)

interop: $(INTEROP) ## all that needs real clients: about ten minutes when they are built

interop-clients: ## build the real clients, ten minutes the first time
	interop/peers/install.sh

interop-test: ## go-ethereum as an oracle, in one process
	cd interop && ETHPEER_ALL_SEALS=1 go test -count=1 -timeout 10m ./...

interop-fuzz: ## the oracle's fuzz targets, half of FUZZ_SECONDS in all
	tools/fuzz.sh $$(($(FUZZ_SECONDS) / 2)) interop

interop-watch: ## watch real networks; RUN=regexp picks some
	cd interop && go test -tags interop -count=1 -timeout 20m -v -run '$(or $(RUN),.)' ./runs

soak: interop-clients ## the longer runs beside real clients, which make interop leaves out; RUN=regexp picks some
	cd interop && go test -tags 'interop soak' -count=1 -timeout 120m -v -run '$(or $(RUN),^TestSoak)' ./runs

BENCH := go test -run '^$$' -bench . -benchtime 100x

bench: ## discovery and serving beside go-ethereum's: CPU time for each request, both without C, then both with the curve in C
	cd interop && CGO_ENABLED=0 $(BENCH) ./bench
	cd interop && $(BENCH) -tags libsecp256k1 ./bench

steps: # for .ci/run
	@echo $(CHECK) $(INTEROP)
