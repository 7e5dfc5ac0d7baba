#!/bin/sh
# Makes sure that what the build needs is there: installs it when that is possible, says exactly what to install when not.
set -eu

missing=""
need() { # need PACKAGE TEST…
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_header() {
  printf '#define NCURSES_WIDECHAR 1\n#include <curses.h>\n#include <term.h>\nint main(void) { return KEY_F0 == 0; }\n' |
    "${CC:-cc}" -fsyntax-only -x c -
}

need git command -v git
need pkg-config command -v pkg-config
need libncursesw5-dev pkg-config --exists ncursesw
if command -v "${CC:-cc}" >/dev/null 2>&1; then
  need libncursesw5-dev has_header
fi
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')

if [ -n "$(printf '%s' "$missing" | tr -d ' ')" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing:$missing" >&2
    # An old package list may name files that are gone, so it is renewed when the first try fails.
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 || {
      apt-get update >/dev/null
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null
    }
  else
    echo "Missing:$missing" >&2
    echo "On Debian or Ubuntu: sudo apt-get install $missing" >&2
    exit 1
  fi
fi

if ! command -v "${SWIFT:-swift}" >/dev/null 2>&1; then
  echo "Missing: Swift 6.3 or later. Install it from https://www.swift.org/install/linux/ and put it on the PATH." >&2
  exit 1
fi
