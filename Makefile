# Two commands set everything up: `make run` and `make test`.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SCENARIO ?= attach-pin-replace

DATA = models scenarios themes lessons

.PHONY: run test build release install uninstall lint format deps clean

run: deps
	$(SWIFT) build --product ioascope
	@exec "$$($(SWIFT) build --show-bin-path)/ioascope" explore $(SCENARIO)

test: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build -c release --static-swift-stdlib --product ioascope

# A program that works without the checkout: it looks for its data in PREFIX/share/ioascope.
install: release
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/ioascope"
	install -m 755 "$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/ioascope" "$(DESTDIR)$(PREFIX)/bin/ioascope"
	for kind in $(DATA); do \
	  install -d "$(DESTDIR)$(PREFIX)/share/ioascope/$$kind"; \
	  install -m 644 $$kind/* "$(DESTDIR)$(PREFIX)/share/ioascope/$$kind/"; \
	done

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/ioascope"
	rm -rf "$(DESTDIR)$(PREFIX)/share/ioascope"

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format:
	$(SWIFT) format format --in-place --recursive Package.swift Sources Tests

deps:
	@scripts/dependencies.sh

clean:
	$(SWIFT) package clean
