#!/bin/sh
# How fast kernel traces are matched, in MB/s of ftrace text.
#
#   Benchmarks/traces.sh [DIRECTORY | TRACE]…      *.trace and *.trace.gz; without any the recordings of the tests
#
# Beside it, over the same text: awk, which splits each line and counts the events by name, so it does the reading but none of the matching; and
# grep, which looks for one name. Both are given small files many times over, so that not their start is measured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
need awk grep gunzip
[ $# -gt 0 ] || set -- "$checkout/Tests/KernelTraceTests/Fixtures"

number=0
for given in "$@"; do
  [ -e "$given" ] || { echo "$given: there is no such file or directory" >&2; exit 66; }
  find "$given" -type f \( -name '*.trace' -o -name '*.trace.gz' \) | LC_ALL=C sort >"$directory/list"
  while read -r file; do
    number=$((number + 1))
    case $file in
      *.gz) gunzip -c "$file" >"$directory/$number.trace" ;;
      *) cp "$file" "$directory/$number.trace" ;;
    esac
  done <"$directory/list"
done
[ "$number" -gt 0 ] || { echo "there are no traces (*.trace, *.trace.gz) in: $*" >&2; exit 66; }
set -- "$directory"/*.trace
largest=$(ls -S "$@" | head -1)
"$BENCHMARKS/TraceBenchmark" "$@" >"$directory/own"
IFS='	' read -r rate conforming count bytes <"$directory/own"

# The files as often as it takes to have some 20 MB.
times=$((20000000 / bytes + 1))
many=""
while [ "$times" -gt 0 ]; do
  many="$many $*"
  times=$((times - 1))
done
# shellcheck disable=SC2086
total=$(cat $many | wc -c)
cat >"$directory/count.awk" <<'AWK'
{ events[$5]++ }
END { for (name in events) print name, events[name] }
AWK
# shellcheck disable=SC2086
"$BENCHMARKS/Measure" 5 120 -- command "$IOASCOPE" conform "$largest" -- awk awk -f "$directory/count.awk" $many -- grep grep -c lock_acquired $many >"$directory/peers"
echo "$count traces, $((bytes / 1000)) kB, of which $conforming are runs of the model; medians of 9 for the first row and of 5 for the others."
echo
echo "| | MB/s | ÷ awk's | peak MiB |"
echo "| --- | --: | --: | --: |"
awk -F'\t' -v rate="$rate" -v total="$total" -v largest="$(wc -c <"$largest")" '
  $1 == "command" && $6 > 1 || $1 != "command" && $6 != 0 { print $1 " ended with status " $6 > "/dev/stderr"; wrong = 1 }
  { time[$1] = $2; memory[$1] = $5 / 1024 }
  function row(name, speed, memory) { printf "| %s | %.1f | %.3f | %s |\n", name, speed, speed / awk, memory }
  END {
    if (wrong) exit 1
    awk = total / 1e3 / time["awk"]
    row("ioascope: read and matched, in the process", rate, "")
    row(sprintf("ioascope conform, the whole command, on the largest (%.0f kB)", largest / 1000), largest / 1e3 / time["command"], sprintf("%.0f", memory["command"]))
    row("awk: each line split, events counted", awk, sprintf("%.0f", memory["awk"]))
    row("grep -c lock_acquired", total / 1e3 / time["grep"], sprintf("%.0f", memory["grep"]))
  }' "$directory/peers"
