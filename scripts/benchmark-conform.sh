#!/bin/sh
# How fast 'ioascope conform' reads a trace, beside other passes over the same file: awk, and trace-cmd's report of a trace.dat if one is given.
set -eu

[ $# -ge 1 ] || { echo "Usage: benchmark-conform.sh TRACE [TRACE.DAT]   (TRACE may end in .gz)" >&2; exit 64; }
trace=$1
[ -r "$trace" ] || { echo "$trace: there is no such file" >&2; exit 66; }
if [ -z "${IOASCOPE:-}" ]; then
  checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
  (cd "$checkout" && swift build -c release --product ioascope >&2)
  IOASCOPE=$(cd "$checkout" && swift build -c release --show-bin-path)/ioascope
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
case $trace in
  *.gz) gunzip -c "$trace" >"$temporary/trace"; trace=$temporary/trace ;;
esac
bytes=$(wc -c <"$trace")
lines=$(wc -l <"$trace")
echo "$lines lines, $((bytes / 1000)) kB"

# Best of three, in nanoseconds.
measure() { # measure NAME COMMAND…
  name=$1
  shift
  best=""
  for _ in 1 2 3; do
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    took=$(($(date +%s%N) - start))
    [ -n "$best" ] && [ "$best" -le "$took" ] || best=$took
  done
  awk -v name="$name" -v bytes="$bytes" -v lines="$lines" -v took="$best" \
    'BEGIN { printf "%-28s %8.2f s %10.1f MB/s %12.0f lines/s\n", name, took / 1e9, bytes / took * 1e3, lines / took * 1e9 }'
}

measure "ioascope conform" "$IOASCOPE" conform "$trace"
measure "awk, fields of each line" awk '{ events[$5]++ } END { for (name in events) print name, events[name] }' "$trace"
if [ $# -ge 2 ]; then
  if command -v trace-cmd >/dev/null 2>&1; then
    measure "trace-cmd report" trace-cmd report -i "$2"
  else
    echo "trace-cmd is not installed" >&2
  fi
fi
