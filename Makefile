# Commands of the project. Variables given to make (VOTES_PER_MINUTE=0 make up) reach the programs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where cargo builds, also when the environment says so.
TARGET := $(or $(CARGO_TARGET_DIR),target)
STACK := $(TARGET)/release/pollster-stack
LIMITS_OFF := VOTES_PER_MINUTE=0 VOTES_PER_5_MINUTES=0 VOTES_PER_MINUTE_PER_ADDRESS=0 POLLS_PER_HOUR=0
SCRIPTS := .ci/run $(wildcard docker/*.sh)

WEB := gateway/web
BROWSER_TESTS := tests/browser
# With the folders, so that a file that is gone counts as a change.
WEB_SOURCES = $(shell find $(WEB) -mindepth 1 \
	\( -path $(WEB)/node_modules -o -path $(WEB)/dist -o -name '*.test.*' \) -prune -o -print)
# What is made last of what npm installs.
INSTALLED := node_modules/.package-lock.json

# What is installed first is used by what comes after it.
.NOTPARALLEL:
# Half of something is not taken for all of it.
.DELETE_ON_ERROR:

.PHONY: help
help: ## Lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: release ## Runs everything with a demo poll; Ctrl-C ends it
	@$(STACK) run

.PHONY: up
up: release ## The same in the background; returns when it is ready
	@$(STACK) up

.PHONY: down
down: ## Ends what up (or run) started
	@if [[ -x $(STACK) ]]; then $(STACK) down; else echo 'The stack is down: it was never built.'; fi

.PHONY: web
web: ## The web app, which is built into the gateway
	@if docker/has-node.sh; then $(MAKE) --no-print-directory $(WEB)/dist/index.html; \
	else echo 'Without Node 20.19 or newer the web app is left out: the gateway serves the API alone.' >&2; fi

.PHONY: test
test: install-for-tests web ## The whole test suite, on servers of its own
	@if docker/has-node.sh; then cd $(WEB) && npm test; fi
	@# With the tests, so that programs and tests share what is compiled.
	cargo build --workspace --bins --tests --locked
	cargo test --workspace --locked
	@if docker/has-node.sh; then $(MAKE) --no-print-directory browser-tests; fi

.PHONY: bench
bench: release ## The benchmark, on servers of its own (some minutes); ONLY (all but the longest)
	@$(TARGET)/release/pollster-bench $(if $(ONLY),--only $(ONLY))

.PHONY: replay
replay: replay-file release ## Casts the ballots of FILE and compares the counts
	@$(LIMITS_OFF) $(STACK) up
	@set -a; . .local/env; exec $(TARGET)/release/pollster-replay '$(FILE)'

.PHONY: chaos
chaos: install-for-tests ## Faults at random under load, with a verdict; TOPOLOGY (single), SEED, MINUTES (2), FAULTS (all)
	@# As the tests are built: what they compiled is used.
	@cargo build --locked --workspace --bins
	@exec $(TARGET)/debug/pollster-chaos $(if $(TOPOLOGY),--topology $(TOPOLOGY)) \
		$(if $(REDIS_MIN_REPLICAS),--min-replicas $(REDIS_MIN_REPLICAS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(FAULTS),--only $(FAULTS))

.PHONY: lint
lint: ## Format, clippy with warnings as errors, scripts, the web app and its tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@for script in $(SCRIPTS); do echo "bash -n $$script"; bash -n "$$script"; done
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check licenses bans sources; fi
	@if docker/has-node.sh; then $(MAKE) --no-print-directory lint-web; fi

.PHONY: clean-local
clean-local: down ## Empties .local: the stack's data, logs and secrets
	rm -rf .local

.PHONY: install
install:
	@docker/install.sh

.PHONY: install-for-tests
install-for-tests:
	@docker/install.sh tests

.PHONY: release
release: install web
	@# Without the harness of the tests, which takes long to build.
	@cargo build --release --locked --workspace --bins --exclude pollster-integration --exclude pollster-chaos

# Only where Node is, as all below.
.PHONY: browser-tests
browser-tests: $(WEB)/$(INSTALLED) $(BROWSER_TESTS)/$(INSTALLED)
	cd $(BROWSER_TESTS) && npm test

.PHONY: lint-web
lint-web: $(WEB)/$(INSTALLED) $(BROWSER_TESTS)/$(INSTALLED)
	cd $(WEB) && npm run lint
	cd $(BROWSER_TESTS) && npm run lint

$(WEB)/dist/index.html: $(WEB)/$(INSTALLED) $(WEB_SOURCES)
	cd $(WEB) && npm run build

$(WEB)/$(INSTALLED) $(BROWSER_TESTS)/$(INSTALLED): %/$(INSTALLED): %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund

.PHONY: replay-file
replay-file:
	@if [[ -z '$(FILE)' ]]; then echo 'usage: make replay FILE=path/to/ballots' >&2; exit 2; fi
	@if [[ ! -r '$(FILE)' ]]; then echo 'make replay: no file $(FILE) can be read here' >&2; exit 2; fi
