#!/bin/sh
# The machine and the versions of what is measured and of what stands beside it, as they say themselves.
set -eu
first() { "$@" 2>&1 | sed -n '/[0-9]/{p;q;}' || true; }
row() { # row NAME TEXT
  [ -z "$2" ] || printf '| %s | %s |\n' "$1" "$2"
}
version() { # version NAME COMMAND…: nothing when it is not there
  name=$1
  shift
  if command -v "$1" >/dev/null 2>&1; then row "$name" "$(first "$@")"; else row "$name" "not there"; fi
}
here=$(cd "$(dirname "$0")" && pwd)
echo "| | |"
echo "| --- | --- |"
row "processor" "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1)"
row "processors in use" "$(getconf _NPROCESSORS_ONLN)"
row "memory" "$(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
row "kernel" "$(uname -srm)"
row "system" "$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release 2>/dev/null)"
row "load before" "$(cut -d' ' -f1-3 /proc/loadavg)"
row "this checkout" "$(git -C "$here/.." log -1 --format=%h 2>/dev/null)$(git -C "$here/.." diff --quiet HEAD -- Sources models 2>/dev/null || echo ", with changes")"
[ -z "${IOASCOPE:-}" ] || version "ioascope" "$IOASCOPE" --version
version "Swift" swift --version
version "Spin" spin -V
version "C compiler" cc --version
version "htop" htop --version
version "tig" tig --version
version "jq" jq --version
version "less" less --version
# mawk says it with -W, others with --version.
version "awk" awk -W version
version "grep" grep --version
