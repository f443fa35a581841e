# SPDX-License-Identifier: MIT
#
# The front door. Meson and ninja do the work; each of these installs what it needs first, says
# what and why, and is quiet when nothing is missing.

PREFIX  ?= /usr/local
DESTDIR ?=
URLS    ?=
DIR     ?=
export URLS DIR

.PHONY: all build tour check check-full soak bench install uninstall deb format clean help

all: build

help:
	@echo 'make               build libferry in build/release'
	@echo 'make tour          build and run the examples   (URLS="http://… …"  DIR=/some/folder)'
	@echo 'make check         the quick tests, as CI runs them'
	@echo 'make check-full    all tests but the soak'
	@echo 'make soak          the tests that take their time'
	@echo 'make bench         ferry beside libuv, GLib, Boost.Asio and asyncio'
	@echo 'make install       into PREFIX (/usr/local), below DESTDIR'
	@echo 'make deb            Debian packages, into build/deb'
	@echo 'make format        clang-format over the sources'
	@echo 'make clean         remove build/'

build:
	@tools/setup build
	@tools/build release

tour:
	@tools/setup tour
	@tools/build release tour-programs -- -Dexamples=enabled
	@examples/tour.sh build/release

check:
	@tools/setup check
	@tools/run-tests quick

check-full:
	@tools/setup full
	@tools/run-tests full

soak:
	@tools/setup check
	@tools/run-tests soak

bench:
	@tools/setup bench
	@bench/run

install:
	@tools/setup build
	@tools/build install -- '-Dprefix=$(PREFIX)'
	@DESTDIR='$(DESTDIR)' meson install -C build/install --no-rebuild --quiet
	@echo "ferry is in $(DESTDIR)$(PREFIX)"

uninstall:
	@ninja -C build/install uninstall

deb:
	@tools/setup deb
	@tools/deb build/deb

format:
	@tools/setup check
	@git ls-files '*.c' '*.h' '*.cc' '*.cpp' | xargs clang-format -i

clean:
	rm -rf build
