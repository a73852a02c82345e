FUZZTIME ?= 60s

BASE ?= HEAD
BENCH ?= Decoder|Reply|Dispatch|Find|SetOver|Prefetch
COUNT ?= 10

.PHONY: check format vet lint test bench benchstat fuzz differential matrix dispatch linear pairing leaks record readme clients

check: format vet lint test

format:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...

lint:
	go tool staticcheck ./...

test:
	go test -race ./...

# Beside redis-server, which must be installed; writes docs/benchmarks.md.
bench:
	go run ./bench

# The Go benchmarks of decoder, encoder, dispatch and store: those of the commit BASE beside those of the working tree.
benchstat:
	@old=$$(mktemp -d) && trap 'git worktree remove --force $$old/tree; rm -r $$old' EXIT && \
	git worktree add -q --detach $$old/tree $(BASE) && \
	(cd $$old/tree && go test -run '^$$' -bench '$(BENCH)' -count $(COUNT) ./pkg/... > $$old/base) && \
	go test -run '^$$' -bench '$(BENCH)' -count $(COUNT) ./pkg/... > $$old/now && \
	go tool benchstat base=$$old/base now=$$old/now

# Every fuzz target, one after the other. An input is not minimized before it is kept: which code an engine with
# goroutines reaches varies from run to run, and the attempts would take all the time.
fuzz:
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; \
		done; \
	done

# The long forms of tests that `make test` runs a little of. The first two compare with redis-server, which must be installed:
# a million random commands, every value at an edge in every argument, and a million calls with all invariants after each.
differential:
	go test ./pkg/commands -count 1 -timeout 60m -run Differential -streams 1000 -v

matrix:
	go test ./pkg/commands -count 1 -timeout 60m -run BoundaryMatrix -matrix 1 -v

dispatch:
	go test ./pkg/commands -count 1 -timeout 60m -run Dispatch -programs 12500

# A hundred thousand operations of 16 clients, whose histories must be linearizable; a million replies to 200 connections, each of
# which must be the one that was asked for; and ten thousand connections ended in each of the ways in which they end.
linear:
	go test ./pkg/server -count 1 -timeout 60m -run Linearizable -operations 100000 -v

pairing:
	go test ./pkg/server -count 1 -timeout 60m -run Pairing -pairs 1000000 -v

leaks:
	go test ./pkg/server -count 1 -timeout 60m -run Leaks -ends 10000 -v

# Installs the clients and applications from npm that the tests run, in the versions that were tested.
clients:
	cd clients/node && npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# Rewrites the expectations of the transcripts from a real, empty Redis: make record REDIS=127.0.0.1:6379
record:
	@test -n "$(REDIS)" || { echo "say which Redis: make record REDIS=127.0.0.1:6379"; exit 2; }
	go test ./pkg/commands -count 1 -run Transcripts -record $(REDIS)

# Writes the tables of settings and commands in README and docs anew.
readme:
	go test ./cmd/snakecached -count 1 -run 'Readme|Compatibility' -update
