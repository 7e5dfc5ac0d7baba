#!/bin/sh
# Makes docs/fidelity.md: how the 6.12 model fares against each recording of a directory (see scripts/conformance.sh for what it holds).
set -eu
[ $# -eq 1 ] && [ -d "$1" ] || { echo "Usage: fidelity.sh DIR" >&2; exit 64; }
directory=$(CDPATH='' cd -- "$1" && pwd)
cd "$(dirname "$0")/.."
IOASCOPE=${IOASCOPE:-.build/release/ioascope}
export IOASCOPE
page=docs/fidelity.md
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
{
  sed '/^<!-- made from here on -->/,$d' "$page"
  echo '<!-- made from here on -->'
  echo
  scripts/conformance.sh "$directory" | sed 's/ in [0-9]* s$//; s/^/    /'
  echo
  echo '| trace | threads | events | matched | verdict |'
  echo '| --- | ---: | ---: | ---: | --- |'
  for file in "$directory"/traces/*.trace "$directory"/*.trace "$directory"/*.trace.gz; do
    [ -e "$file" ] || continue
    trace=$file
    case $file in *.gz) trace=$temporary/$(basename "$file" .gz); gunzip -c "$file" >"$trace" ;; esac
    "$IOASCOPE" conform "$trace" --format json >"$temporary/report" || true
    field() { sed -n "s/.*\"$1\":\"\{0,1\}\([a-z0-9]*\).*/\1/p" "$temporary/report"; }
    echo "| $(basename "$trace") | $(field threads) | $(field events) | $(field matched) | $(field verdict) |"
  done
} >"$temporary/page"
cp "$temporary/page" "$page"
