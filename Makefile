# Two commands do everything on a machine with Go and Node: make run, make test.
# The work itself stands in scripts/, one file per job.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run demo build web bin test check lint score bench-addresses bench-store bench-people bench-find bench-pace bench-compose fuzz torture format generate clean bench-importer

FUZZTIME ?= 1m
KILLS    ?= 200
LANES    ?= 15
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# Where `make test STEPS="go frontend"` should do less than everything.
STEPS ?=

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: build ## build what changed and start Skein on http://localhost:8080, data in ./data
	bin/skein serve

demo: build ## the same with a simulated fediverse and a sample archive: nothing leaves this machine
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && SKEIN_DATA="$$dir" bin/skein demo

build: web bin ## build the web app and bin/skein where their sources changed

web:
	@scripts/web.sh

# Go keeps track of its own sources and links again only where one changed.
bin: web
	CGO_ENABLED=0 go build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/skein ./cmd/skein

test: ## run all checks; installs what they need where it may
	@scripts/test.sh $(STEPS)

check: test ## the same as test

lint: ## the checks that take seconds: format, vet, staticcheck, generated SQL code, imports
	@scripts/test.sh format vet staticcheck sqlc imports

fuzz: ## fuzz every parser of strangers' text, FUZZTIME (1m) each
	@scripts/fuzz.sh $(FUZZTIME)

torture: web ## kill and freeze workers at every point, KILLS (200) times each on three kinds of server and two of database; takes hours
	@CGO_ENABLED=0 go test -tags torture -vet=off -count=1 -timeout 0 -v -run '^TestTorture$$' ./cmd/skein -args -kills $(KILLS) -lanes $(LANES) $(if $(SEED),-seed $(SEED)) $(if $(WITHIN),-within $(WITHIN))

score: ## precision, recall and F1 of finding addresses and of grading people, on the labelled corpora
	@set -o pipefail; go test -count=1 -v -run '^TestScore$$' ./internal/address ./internal/match | grep -v -e '^=== ' -e '^--- PASS' -e '^PASS'

bench-addresses: ## profiles a second in which addresses are found, on one core
	@go test -run '^$$' -bench '^BenchmarkProfiles$$' -benchtime 3s -cpu 1 ./internal/address

bench-importer: bin ## measure how archives are read, as docs/benchmarks.md shows it; takes some minutes and 6 GB
	go run ./importer/bench -skein bin/skein

bench-store: ## measure how the store writes and reads, as docs/benchmarks.md shows it; takes some minutes
	@cd internal/store/bench && go test -count=1 -timeout 60m -run '^TestTable$$' -table

bench-people: web ## measure the page of people with 20,000 of them in Chromium, as docs/benchmarks.md shows it
	@cd api/bench && go test -count=1 -timeout 20m -run '^TestTable$$' -table

bench-find: ## measure how people are found, locally against 2,000,000 rows and on 400 servers, as docs/benchmarks.md shows it
	@cd internal/store/bench && go test -count=1 -timeout 60m -run '^TestTable$$' -table -only find
	@cd jobs/bench && go test -count=1 -timeout 60m -run '^TestFindRemote$$' -v -table | grep -v -e '^=== ' -e '^--- PASS' -e '^PASS'

bench-pace: ## measure how much of what servers allow is used over simulated days, as docs/benchmarks.md shows it; takes some minutes
	@cd jobs/bench && go test -count=1 -timeout 60m -run '^Test(Pace|Crowd)Table$$' -table

bench-compose: ## tweets a second that become statuses, on one core
	@go test -run '^$$' -bench '^BenchmarkCompose$$' -benchtime 3s -cpu 1 ./internal/compose

format: ## format Go and the web app
	gofmt -w $$(scripts/gofiles.sh)
	cd frontend && npm run format

generate: ## write the code that sqlc makes from SQL
	@scripts/sqlc.sh generate

clean: ## remove what was built; ./data stays
	rm -rf .make bin frontend/.svelte-kit frontend/node_modules
	find frontend/build -mindepth 1 ! -name robots.txt -delete
