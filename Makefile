# Two commands set everything up: `make run` and `make test`.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SCENARIO ?= attach-pin-replace

DATA = models scenarios themes lessons

.PHONY: run test build release install uninstall deb docs lint format bench sanitizers deps clean

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

# A program that works without the checkout: it looks for its data in PREFIX/share/ioascope. Its manual page and
# completions are made by the program itself.
install: release
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/ioascope" "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 755 "$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/ioascope" "$(DESTDIR)$(PREFIX)/bin/ioascope"
	for kind in $(DATA); do \
	  install -d "$(DESTDIR)$(PREFIX)/share/ioascope/$$kind"; \
	  install -m 644 $$kind/* "$(DESTDIR)$(PREFIX)/share/ioascope/$$kind/"; \
	done
	"$(DESTDIR)$(PREFIX)/bin/ioascope" manual > "$(DESTDIR)$(PREFIX)/share/man/man1/ioascope.1"
	for shell in bash/bash-completion/completions/ioascope zsh/zsh/site-functions/_ioascope fish/fish/vendor_completions.d/ioascope.fish; do \
	  file="$(DESTDIR)$(PREFIX)/share/$${shell#*/}"; \
	  install -d "$${file%/*}"; \
	  "$(DESTDIR)$(PREFIX)/bin/ioascope" --generate-completion-script "$${shell%%/*}" | sed "1{/^#!/d}" > "$$file"; \
	done

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/ioascope" "$(DESTDIR)$(PREFIX)/share/man/man1/ioascope.1"
	rm -f "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ioascope"
	rm -f "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ioascope" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ioascope.fish"
	rm -rf "$(DESTDIR)$(PREFIX)/share/ioascope"

# A Debian package in build/, with the Swift runtime linked in.
deb: deps
	@scripts/deb.sh build

# What is made from the program: the key table, and the parts of pages between markers.
docs: build
	"$$($(SWIFT) build --show-bin-path)/ioascope" manual keys > docs/keys.md
	scripts/manual-parts.sh "$$($(SWIFT) build --show-bin-path)/ioascope"

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format:
	$(SWIFT) format format --in-place --recursive Package.swift Sources Tests

# Every benchmark beside its peers, into docs/benchmarks.md. TRACES names directories of kernel traces.
bench: deps
	@Benchmarks/run-all.sh $(TRACES)

# The thread and address sanitizers, in builds of their own.
sanitizers: deps
	@scripts/sanitizers.sh

deps:
	@scripts/dependencies.sh

clean:
	$(SWIFT) package clean
