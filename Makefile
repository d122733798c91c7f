# The two that matter: `make run` and `make test`. Each installs what a fresh Debian 12 lacks.

# Settings of `make run`, for trying things out on this machine; every one can be set from outside.
export USHER_ADMIN_KEY ?= uk_local_admin_key_for_trying_things_out
export USHER_STRIPE_WEBHOOK_SECRET ?= whsec_demo
export USHER_STRIPE_API_KEY ?= rk_demo
export USHER_STRIPE_API_BASE ?= http://127.0.0.1:8421
export USHER_ALLOWED_PRIVATE_NETWORKS ?= 127.0.0.0/8

BUILD = swift build --explicit-target-dependency-import-check error

.PHONY: help run test bench format lint build release setup clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

run: setup ## the service on 127.0.0.1:8080, with a private Postgres and the sample catalog
	@$(MAKE) --no-print-directory release
	@echo 'In another terminal: export USHER_ADMIN_KEY=$(USHER_ADMIN_KEY) PATH="$(CURDIR)/.build/release:$$PATH"'
	@exec .build/release/usher serve

test: setup lint build ## format lint, build with the import check, all tests, black-box tests
	scripts/test

bench: setup release ## speed, as ratios against baselines of the same run; some minutes
	scripts/setup bench
	swift run -c release --package-path Benchmarks bench --usher .build/release/usher $(BENCH)

format: ## put every Swift file into the house format
	swift format --in-place --recursive --parallel $(SWIFT_FILES)

lint:
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)

build:
	$(BUILD) --build-tests

release:
	$(BUILD) -c release --product usher

setup:
	@scripts/setup

clean: ## forget what was built and the private Postgres
	rm -rf .build .usher Benchmarks/.build

SWIFT_FILES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Tests
