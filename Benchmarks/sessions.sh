#!/bin/sh
# Opening long sessions, and going to places in them. STEPS says how long they are.
#
# Beside it: wc, which reads the file; jq, which parses every line of it and does nothing else; less, with which one would look at it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
need jq less awk
steps=${STEPS:-1000 10000 100000 1000000}

echo "Opened in the middle and drawn once, without a terminal ('frame'), beside a parse of the same lines by jq and a read by wc; in turn, medians of 9, of 5 from half a million steps on."
echo
echo "| steps | file, kB | ioascope, ms | peak MiB | jq -c ., ms | peak MiB | wc -l, ms | time ÷ jq's | memory ÷ jq's |"
echo "| --: | --: | --: | --: | --: | --: | --: | --: | --: |"
files=""
for count in $steps; do
  file=$directory/$count.ioas
  "$BENCHMARKS/SessionBenchmark" make "$count" "$file"
  files="$files $count $file"
  # Short ones wander more.
  rounds=9
  [ "$count" -lt 500000 ] || rounds=5
  "$BENCHMARKS/Measure" "$rounds" 120 -- ioascope "$IOASCOPE" frame "$file" --at $((count / 2)) --size 120x40 -- jq jq -c . "$file" -- wc wc -l "$file" |
    awk -F'\t' -v steps="$count" -v bytes="$(wc -c <"$file")" '
      $6 != 0 { print $1 " ended with status " $6 > "/dev/stderr"; wrong = 1 }
      { time[$1] = $2; memory[$1] = $5 / 1024 }
      END {
        if (wrong) exit 1
        printf "| %d | %.0f | %.1f | %.0f | %.1f | %.0f | %.1f | %.2f | %.1f |\n", steps, bytes / 1000, time["ioascope"], memory["ioascope"],
          time["jq"], memory["jq"], time["wc"], time["ioascope"] / time["jq"], memory["ioascope"] / memory["jq"]
      }'
done
echo
echo "In a terminal of 120x40, beside less in the same file: from the call to the last byte of the screen, and from the last key of ':N' or 'Ng' to the last byte; medians of 3 starts and 21 jumps to places drawn by lot."
echo
# shellcheck disable=SC2086
"$BENCHMARKS/SessionBenchmark" seek "$IOASCOPE" $files
