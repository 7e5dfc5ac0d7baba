#!/bin/sh
# How many programs a sweep checks in a second, how that grows with their size, and what the same programs take when each is checked by a
# process of its own.
#
#   Benchmarks/sweep-speed.sh [MODEL [COUNT]]      linux-6.12, and COUNT of its programs by 'check' (100)
#
# IOASCOPE names the program; without it the release build of this checkout is used. BUDGET bounds each size (60s).
set -eu
cd "$(dirname "$0")/.."
ioascope=${IOASCOPE:-$(swift build -c release --show-bin-path)/ioascope}
model=${1:-linux-6.12}
count=${2:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number() { sed -n "s/.*\"summary\".*\"$1\":\([0-9.]*\).*/\1/p" "$2"; }

echo "| threads x operations | programs | seconds | programs/s | states | peak MiB |"
echo "| --- | ---: | ---: | ---: | ---: | ---: |"
for size in "2 1" "3 1" "2 2"; do
  set -- $size
  /usr/bin/env time -f %M -o "$work/peak" "$ioascope" sweep --model "$model" --threads "$1" --ops "$2" --jobs 1 --budget "${BUDGET:-60s}" \
    --format json > "$work/out" 2>/dev/null || [ $? = 1 ]
  awk -v size="$1x$2" -v programs="$(number programs "$work/out")" -v seconds="$(number seconds "$work/out")" \
    -v states="$(number states "$work/out")" -v peak="$(tail -1 "$work/peak")" \
    'BEGIN { printf "| %s | %d | %.1f | %.0f | %d | %d |\n", size, programs, seconds, programs / seconds, states, peak / 1024 }'
done
"$ioascope" sweep --model "$model" --list --output "$work/programs" > "$work/list"
all=$(wc -l < "$work/list")
ls "$work/programs"/*.step | awk -v step="$((all / count > 0 ? all / count : 1))" 'NR % step == 0' | head -n "$count" > "$work/some"
start=$(date +%s.%N)
while read -r file; do
  "$ioascope" check "$file" --jobs 1 > /dev/null 2>&1 || [ $? = 1 ]
done < "$work/some"
end=$(date +%s.%N)
awk -v start="$start" -v end="$end" -v count="$(wc -l < "$work/some")" \
  'BEGIN { printf "\n%d of the 2x1 programs, each by check in a process of its own: %.0f programs/s\n", count, count / (end - start) }'
