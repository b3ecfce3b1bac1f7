# SPDX-License-Identifier: Apache-2.0
# Corral: `make` alone lists the verbs. `make run` and `make test` install what a fresh Debian 12 machine lacks.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test build plugins deps toolchain lint format bench clean

CONFIG ?= release
BUILD := .build/$(CONFIG)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Libraries the host, the worker and the plugins link, and the C and C++ compilers that tests build plugins with.
PACKAGES := libsqlite3-dev libffi-dev libcurl4-openssl-dev zlib1g-dev gcc g++ binutils python3 openssl iproute2
SWIFT_URL := https://download.swift.org/swift-6.3.1-release/debian12/swift-6.3.1-RELEASE/swift-6.3.1-RELEASE-debian12.tar.gz

# One after the other: each suite is parallel in itself, and many start processes of their own.
SUITES := $(filter-out BadPlugins Benchmarks,$(notdir $(patsubst %/,%,$(wildcard Tests/*/))))

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: plugins ## Build everything and run the flow market-review on real prices
	@mkdir -p -m 700 .corral && echo && $(BUILD)/corral run market-review

test: deps ## Run every test
	@$(MAKE) --no-print-directory lint
	swift build --build-tests
	@$(MAKE) --no-print-directory install-plugins CONFIG=debug
	@for suite in $(SUITES); do \
	    echo "== $$suite"; swift test --skip-build --filter "^$$suite\\." || exit 1; \
	done

build: deps ## Compile host, worker, command line and plugins (CONFIG=release or debug)
	swift build -c $(CONFIG)

plugins: build ## Put the built plugins into plugins.d/
	@$(MAKE) --no-print-directory install-plugins CONFIG=$(CONFIG)

# A library is replaced by rename: a process that has the old one open keeps it whole. The hostile one stays where it is:
# only `corral demo breakout` loads it.
.PHONY: install-plugins
install-plugins:
	@for library in $(filter-out %/libcorral-breakout.so,$(wildcard $(BUILD)/libcorral-*.so)); do \
	    name=$$(basename $$library); target=plugins.d/$${name#lib}; \
	    cp $$library $$target.new && mv $$target.new $$target || exit 1; \
	done
	@echo "plugins.d/ holds $$(ls plugins.d/*.so | wc -l) built plugins"

deps: toolchain
	@missing=; for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

toolchain:
	@version=$$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -1); \
	case "$$version" in \
	6.[3-9]|6.[1-9][0-9]|[7-9].*) ;; \
	*) echo "error: Corral needs Swift 6.3 or newer, found: $${version:-none}" >&2; \
	   echo "hint: install it on Debian 12 with" >&2; \
	   echo "  $(SUDO) apt-get update && $(SUDO) apt-get install -y curl binutils-gold gcc g++ git libcurl4-openssl-dev \\" >&2; \
	   echo "      libedit-dev libpython3-dev libsqlite3-dev libstdc++-12-dev libxml2-dev libncurses-dev libz3-dev \\" >&2; \
	   echo "      pkg-config tzdata unzip zlib1g-dev" >&2; \
	   echo "  curl -fLO $(SWIFT_URL)" >&2; \
	   echo "  $(SUDO) mkdir -p /opt/swift && $(SUDO) tar xzf $(notdir $(SWIFT_URL)) -C /opt/swift --strip-components=1" >&2; \
	   echo "  export PATH=/opt/swift/usr/bin:\$$PATH" >&2; \
	   exit 1 ;; \
	esac

lint: ## Check the format of every Swift file
	swift format lint --strict --parallel --recursive Host Plugins PluginSDK Tests Package.swift

format: ## Format every Swift file in place
	swift format --in-place --parallel --recursive Host Plugins PluginSDK Tests Package.swift

bench: plugins ## Measure Corral beside its floor and its peers
	swift run -c release --package-path Tests/Benchmarks Benchmarks

clean: ## Remove what was built
	rm -rf .build plugins.d/*.so PluginSDK/.build Tests/Benchmarks/.build
