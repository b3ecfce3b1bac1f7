# SPDX-License-Identifier: Apache-2.0
# Corral: `make` alone lists the verbs. `make run` and `make test` install what a fresh Debian 12 machine lacks.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test build plugins install uninstall deps toolchain lint format bench clean

CONFIG ?= release
BUILD := .build/$(CONFIG)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Libraries the host, the worker, the broker and the plugins link, the C and C++ compilers that tests build plugins with,
# the servers that tests start, the sandbox that benchmarks compare with, and what `make install` writes the place of the
# Swift runtime with.
PACKAGES := libsqlite3-dev libffi-dev libcurl4-openssl-dev libssl-dev libvectorscan-dev zlib1g-dev gcc g++ binutils bubblewrap patchelf pkg-config \
    python3 python3-pip openssl iproute2 redis-server python3-aiosmtpd
SWIFT_URL := https://download.swift.org/swift-6.3.1-release/debian12/swift-6.3.1-RELEASE/swift-6.3.1-RELEASE-debian12.tar.gz

# One after the other: each suite is parallel in itself, and many start processes of their own.
SUITES := $(filter-out BadPlugins Benchmarks ReloadPlugins StoragePlugins,$(notdir $(patsubst %/,%,$(wildcard Tests/*/))))

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# The desk's rules become the project's configuration when it has none, so that its decisions are judged.
run: plugins ## Build everything and run the flow market-review on real prices
	@mkdir -p -m 700 .corral
	@test -e corral.yaml || cp Plugins/Flows/market-review/desk.yaml corral.yaml
	@echo && $(BUILD)/corral run market-review

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

# Everything below one prefix, which may be moved: programs find the rest from where they lie themselves. DESTDIR is
# for packages. `install-files` copies what is built already.
PREFIX ?= /usr/local
ROOT = $(DESTDIR)$(PREFIX)
INSTALLED = $(ROOT)/share/corral/installed-files
SWIFT_RUNTIME = $(dir $(shell ldd $(BUILD)/corral-worker | sed -nE 's/.*libswiftCore.so => ([^ ]+) .*/\1/p'))

install: plugins ## Install into PREFIX=/usr/local (and below DESTDIR=)
	@$(MAKE) --no-print-directory install-files CONFIG=$(CONFIG)

.PHONY: install-files
install-files:
	@test -n "$(SWIFT_RUNTIME)" || { echo "error: $(BUILD)/corral-worker is not built" >&2; exit 1; }
	@$(MAKE) --no-print-directory -s uninstall
	@install -d $(ROOT)/bin $(ROOT)/libexec/corral $(ROOT)/lib/corral/swift $(ROOT)/lib/corral/plugins.d \
	    $(ROOT)/lib/pkgconfig $(ROOT)/include $(ROOT)/share/corral/sdk $(ROOT)/share/doc/corral \
	    $(ROOT)/share/bash-completion/completions $(ROOT)/share/zsh/site-functions $(ROOT)/share/fish/vendor_completions.d
	@install $(BUILD)/corral $(ROOT)/bin/corral
	@for program in worker spawner broker; do \
	    test ! -e $(BUILD)/corral-$$program || install $(BUILD)/corral-$$program $(ROOT)/libexec/corral/ || exit 1; \
	done
	@# DT_RPATH and not DT_RUNPATH: only the former counts for what a plugin needs too (ld.so(8)).
	@patchelf --force-rpath --set-rpath '$$ORIGIN/../lib/corral/swift' $(ROOT)/bin/corral
	@for program in worker spawner broker; do \
	    file=$(ROOT)/libexec/corral/corral-$$program; test ! -e $$file || \
	        patchelf --force-rpath --set-rpath '$$ORIGIN/../../lib/corral/swift' $$file || exit 1; \
	done
	@# The whole runtime, for a plugin may import what Corral itself does not; without the parts that test and inspect.
	@for library in $(SWIFT_RUNTIME)lib*.so; do \
	    case $$(basename $$library) in \
	    *Testing*|libXCTest*|*Mirror*|libswiftRuntime*|*Differentiation*|libFoundationXML*|libFoundationNetworking*) ;; \
	    *) install -m 644 $$library $(ROOT)/lib/corral/swift/ || exit 1 ;; \
	    esac; \
	done
	@for library in $(wildcard $(BUILD)/libcorral-*.so); do \
	    name=$$(basename $$library); target=$(ROOT)/lib/corral/plugins.d/$${name#lib}; \
	    test $$name != libcorral-breakout.so || target=$(ROOT)/lib/corral/demo/breakout.so; \
	    install -D -m 755 $$library $$target && patchelf --remove-rpath $$target || exit 1; \
	done
	@install -m 644 plugins.d/*.tools.yaml $(ROOT)/lib/corral/plugins.d/
	@cp -R Plugins/Flows $(ROOT)/share/corral/flows && cp -R docs/errors $(ROOT)/share/corral/errors
	@tar -C PluginSDK --exclude=.build --exclude='*.so' --exclude=Package.resolved -cf - . \
	    | tar -C $(ROOT)/share/corral/sdk --no-same-owner -xf -
	@cp -R PluginSDK/include/corral $(ROOT)/include/corral
	@# Where AppArmor forbids user namespaces, an administrator copies it to /etc/apparmor.d.
	@install -d $(ROOT)/share/corral/apparmor && sed 's#/{usr,usr/local,opt/corral}#$(PREFIX)#' \
	    packaging/apparmor/corral-spawner > $(ROOT)/share/corral/apparmor/corral-spawner
	@install -m 644 LICENSE $(ROOT)/share/doc/corral/LICENSE
	@printf '%s\n' 'prefix=$(PREFIX)' 'includedir=$${prefix}/include' 'sdkdir=$${prefix}/share/corral/sdk' \
	    'plugindir=$${prefix}/lib/corral/plugins.d' '' 'Name: corral' 'Description: The C ABI of Corral plugins' \
	    "Version: $$($(ROOT)/bin/corral --version)" 'Cflags: -I$${includedir}' > $(ROOT)/lib/pkgconfig/corral.pc
	@$(ROOT)/bin/corral --generate-completion-script bash > $(ROOT)/share/bash-completion/completions/corral
	@$(ROOT)/bin/corral --generate-completion-script zsh > $(ROOT)/share/zsh/site-functions/_corral
	@$(ROOT)/bin/corral --generate-completion-script fish > $(ROOT)/share/fish/vendor_completions.d/corral.fish
	@# What uninstall takes away again: these and nothing that was dropped in later.
	@cd $(ROOT) && { find bin/corral libexec/corral lib/corral lib/pkgconfig/corral.pc include/corral share/corral \
	    share/doc/corral share/bash-completion/completions/corral share/zsh/site-functions/_corral \
	    share/fish/vendor_completions.d/corral.fish -type f; echo share/corral/installed-files; } | sort \
	    > share/corral/.installed-files && mv share/corral/.installed-files share/corral/installed-files
	@echo "installed in $(ROOT); try: $(PREFIX)/bin/corral doctor"

uninstall: ## Remove what `make install` put into PREFIX
	@test ! -e $(INSTALLED) || { cd $(ROOT) && xargs -d '\n' rm -f < $(INSTALLED) && \
	    find libexec/corral lib/corral include/corral share/corral share/doc/corral -depth -type d -empty -delete \
	        2>/dev/null; true; }

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
