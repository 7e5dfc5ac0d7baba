#!/bin/sh
# Tools that some tests hold the program against. Where they cannot be had, those tests say so and are skipped.
set -u
packages=""
command -v spin >/dev/null 2>&1 || packages="$packages spin"
command -v cc >/dev/null 2>&1 || packages="$packages gcc libc6-dev"
command -v dot >/dev/null 2>&1 || packages="$packages graphviz"
command -v groff >/dev/null 2>&1 || packages="$packages groff"
command -v asciinema >/dev/null 2>&1 || packages="$packages asciinema"
command -v parallel >/dev/null 2>&1 || packages="$packages parallel"
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >/dev/null 2>&1 ||
    { apt-get update >/dev/null 2>&1 &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >/dev/null 2>&1; } ||
    echo "not installed:$packages; the tests that want them are skipped" >&2
else
  echo "not there:$packages; the tests that want them are skipped" >&2
fi
exit 0
