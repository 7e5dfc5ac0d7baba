#!/bin/sh
# Makes sure that what the build needs is there: installs it when that is possible, says exactly what to install when not.
set -eu

missing=""
need() { # need PACKAGE TEST…
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# The header with wide characters and the library to link with, tried by a compiler: Swift's own clang will do.
has_ncursesw() {
  for compiler in "${CC:-cc}" clang; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    printf '#define NCURSES_WIDECHAR 1\n#include <curses.h>\n#include <term.h>\nint main(void) { return stdscr != 0; }\n' |
      "$compiler" -x c - -o /dev/null -lncursesw && return 0
  done
  return 1
}

need git command -v git
need libncursesw5-dev has_ncursesw
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')

if [ -n "$(printf '%s' "$missing" | tr -d ' ')" ]; then
  as_root=""
  if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then as_root="sudo -n"; fi
  if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    echo "Installing: $missing" >&2
    # An old package list may name files that are gone, so it is renewed when the first try fails.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 || {
      $as_root apt-get update >/dev/null
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null
    }
  else
    echo "Missing: $missing" >&2
    echo "On Debian or Ubuntu: sudo apt-get install $missing" >&2
    exit 1
  fi
fi

if ! command -v "${SWIFT:-swift}" >/dev/null 2>&1; then
  echo "Missing: Swift 6.3 or later. Install it from https://www.swift.org/install/linux/ and put it on the PATH." >&2
  exit 1
fi
