#!/bin/sh
# Prints, for the same exported scenarios in one run, this checker beside Spin: time to the verdict, states per second, peak memory, and the ratios.
# Ours runs with one job; once with its reductions, and once without any, which stores the same states as Spin (docs/checker.md) and so compares the
# cost of a state. Spin's pan is compiled with -O2 for safety, its own reduction on. SECONDS_LIMIT and MEGABYTES bound each run of either.
#
#   Benchmarks/against-spin.sh [SCENARIO…]      IOASCOPE names the program; without it the release build of this checkout
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ioascope=${IOASCOPE:-$(cd "$here/.." && swift build -c release --show-bin-path)/ioascope}
seconds=${SECONDS_LIMIT:-300}
megabytes=${MEGABYTES:-8000}
for tool in spin cc awk timeout; do
  command -v "$tool" > /dev/null || { echo "$0: there is no $tool" >&2; exit 69; }
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
[ $# -gt 0 ] || set -- "$here"/Scenarios/two-threads.step "$here"/Scenarios/three-threads.step "$here"/Scenarios/three-apart.step \
  "$here"/Scenarios/four-threads.step "$here"/Scenarios/four-destroy.step

own() { # own FILE OPTION…: verdict, states, seconds, megabytes
  file=$1
  status=0
  shift
  timeout --foreground -s INT "$seconds" "$ioascope" check "$file" --jobs 1 --max-memory "$megabytes" --format json "$@" > "$directory/own.json" || status=$?
  # 1: something was found; 124: the time was up, and what there was is told.
  case ${status:-0} in 0 | 1 | 124) ;; *) exit "$status" ;; esac
  sed 's/.*"verdict":"\([a-z]*\)".*"states":\([0-9]*\).*"seconds":\([0-9.]*\).*"peakBytes":\([0-9]*\).*/\1 \2 \3 \4/' "$directory/own.json" |
    awk '{ printf "%s %d %.3f %.0f\n", $1, $2, $3, $4 / 1048576 }'
}

echo "| scenario | | verdict | states | seconds | states/s | MiB |"
echo "| --- | --- | --- | --: | --: | --: | --: |"
for file in "$@"; do
  name=$(basename "$file" .step)
  full=$(own "$file")
  none=$(own "$file" --no-reduction)
  "$ioascope" export "$file" --format promela --output "$directory/m.pml"
  size=$(sed -n 's/.*-DVECTORSZ=\([0-9]*\).*/\1/p' "$directory/m.pml" | head -1)
  (cd "$directory" && spin -a m.pml && cc -O2 -w -DSAFETY -DVECTORSZ="$size" -DMEMLIM="$megabytes" -o pan pan.c)
  (cd "$directory" && timeout --foreground -s INT "$seconds" ./pan -c0 -m1000000 -w24 > pan.txt 2>&1) || true
  spin=$(awk '
    /^pan: [0-9]+:|^pan:[0-9]+:/ { wrong = 1 }
    /max search depth too small|out of memory|reached -DMEMLIM|[Ss]earch not completed|interrupted/ { part = 1 }
    /states, stored/ { states = $1 }
    /total actual memory/ { memory = $1 }
    /elapsed time/ { time = $4 }
    END { printf "%s %d %.3f %.0f\n", part ? "bounded" : wrong ? "violated" : "holds", states, time, memory }' "$directory/pan.txt")
  echo "$name|$full|$none|$spin" | awk -F'|' '
    function row(name, what, text,  f) {
      split(text, f, " ")
      printf "| %s | %s | %s | %d | %.2f | %d | %d |\n", name, what, f[1], f[2], f[3], (f[3] > 0 ? f[2] / f[3] : 0), f[4]
    }
    {
      row($1, "ours", $2); row("", "ours, no reduction", $3); row("", "Spin", $4)
      split($2, a, " "); split($3, b, " "); split($4, c, " ")
      printf "| | ratios | %s | | verdict %s%.1f times sooner | a state %.1f times as fast | %.3f times the memory |\n", \
        (a[1] == c[1] ? "the same" : ""), (c[1] == "bounded" ? "more than " : ""), c[3] / (a[3] > 0 ? a[3] : 0.001), \
        (b[2] / (b[3] > 0 ? b[3] : 0.001)) / (c[2] / (c[3] > 0 ? c[3] : 0.001)), a[4] / (c[4] > 0 ? c[4] : 1)
    }'
done
