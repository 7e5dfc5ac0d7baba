#!/bin/sh
# Machine steps a second, beside Spin's pan on the same scenario, exported: the same steps, taken one after the other by one thread.
# pan searches by hash alone (-DBITSTATE), so that neither side stores states.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
need spin cc awk

"$BENCHMARKS/Benchmarks" rounds >"$directory/rounds.step"
"$IOASCOPE" export "$directory/rounds.step" --format promela --output "$directory/rounds.pml"
size=$(sed -n 's/.*-DVECTORSZ=\([0-9]*\).*/\1/p' "$directory/rounds.pml" | head -1)
(cd "$directory" && spin -a rounds.pml && cc -O2 -w -DSAFETY -DBITSTATE -DVECTORSZ="$size" -o pan pan.c)
(cd "$directory" && ./pan -c0 -m40000 -w20 >pan.txt)
if grep -q "max search depth too small" "$directory/pan.txt"; then echo "pan did not come to the end" >&2; exit 1; fi
steps=$(awk '/transitions \(= stored/ { print $1 }' "$directory/pan.txt")
rate=$("$BENCHMARKS/Measure" 9 60 -- pan "$directory/pan" -c0 -m40000 -w20 | awk -F'\t' -v steps="$steps" '{ printf "%.0f", steps / $2 * 1e3 }')
"$BENCHMARKS/Benchmarks" beside "Spin's pan" "$rate"
printf '\nThe rounds are %s steps of one thread for Spin; its rate is that of the whole process.\n' "$steps"
