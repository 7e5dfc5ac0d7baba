# For the scripts beside it: what they measure, a folder of their own that goes away, and how they say that a tool is not there.
# Sourced, with $here set. IOASCOPE names a program to measure; without it the release build of this checkout, with the Swift runtime linked in as
# a user installs it.

checkout=$(cd "$here/.." && pwd)
if [ -z "${IOASCOPE:-}" ]; then
  (cd "$checkout" && swift build -c release --static-swift-stdlib --product ioascope >&2)
  IOASCOPE=$(cd "$checkout" && swift build -c release --static-swift-stdlib --show-bin-path)/ioascope
fi
export IOASCOPE
if [ -z "${BENCHMARKS:-}" ]; then
  swift build -c release --package-path "$here" >&2
  BENCHMARKS=$(swift build -c release --package-path "$here" --show-bin-path)
fi
export BENCHMARKS

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

has() { command -v "$1" >/dev/null 2>&1; }
need() { # need TOOL…: ends the script when one is not there
  for tool in "$@"; do
    has "$tool" || { echo "$0: there is no $tool" >&2; exit 69; }
  done
}
