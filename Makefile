# The two commands of the README are `make up` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help deps build up down test unit kernel-test lint bench clean

# One scratch path for everything, so that a clean machine builds once.
SWIFT_FLAGS ?= -Xswiftc -warnings-as-errors
RELEASE := .build/release/apus

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install the Debian packages that building and testing need
	@scripts/install-packages

build: deps ## build the release executables, .build/release/apus and apus-monitor beside it
	@scripts/progress "building apus (release)" swift build -c release --product apus
	@scripts/progress "building apus-monitor (release)" swift build -c release --product apus-monitor

up: build ## start a cluster of three nodes on this machine, with a sample; show balanced requests
	@$(RELEASE) up --sample

down: ## end the cluster; its data stay in /var/lib/apus/cluster
	@test -x $(RELEASE) || { echo "make down: no $(RELEASE); run 'make build' first, then 'make down'"; exit 1; }
	@$(RELEASE) down

test: deps ## run all tests (kernel tests need root)
	@scripts/test

lint: ## check the format
	@swift format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

bench: build ## run the benchmarks and compare the modes; tables and plots go to docs/benchmarks/
	@Benchmarks/run

clean: ## remove what was built
	@rm -rf .build .build-*
