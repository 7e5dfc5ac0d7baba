#!/bin/sh
# What a key and a frame cost, and the time from the call to the first screen, beside htop and tig.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
"$BENCHMARKS/ScreenBenchmark"
