#!/usr/bin/env bash
# Runs every benchmark, each beside its peers, and writes docs/benchmarks.md from what they print. Some ten minutes; wants a quiet machine.
#
#   Benchmarks/run-all.sh [TRACES…]        directories of kernel traces, or traces; without any those of the tests
#
# OUTPUT names another page than docs/benchmarks.md. What cannot run because a tool is not there is said in the page.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# The peers, where they can be had without asking.
peers=""
for pair in spin:spin cc:gcc jq:jq less:less htop:htop tig:tig; do
  command -v "${pair%:*}" >/dev/null || peers="$peers ${pair#*:}"
done
if [ -n "$peers" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $peers >&2 || true
  else
    echo "not there:$peers; what they stand beside will be missing" >&2
  fi
fi
. "$here/common.sh"
output=${OUTPUT:-$checkout/docs/benchmarks.md}

# The output of a benchmark, or what it said when it could not run: part NAME COMMAND…
part() {
  local name=$1 status=0 start=$SECONDS
  shift
  printf '%s …' "$name" >&2
  "$@" >"$directory/part" 2>"$directory/errors" || status=$?
  printf ' %s s%s\n' "$((SECONDS - start))" "$([ "$status" = 0 ] || echo ", ended with status $status")" >&2
  cat "$directory/part"
  [ "$status" = 0 ] || {
    failed="$failed $name"
    cat "$directory/errors" >&2
    printf '\nThis benchmark ended early:\n\n```\n'
    tail -5 "$directory/errors"
    printf '```\n'
  }
}
failed=""

page() {
  cat <<'TEXT'
# Benchmarks

Written by `Benchmarks/run-all.sh`; nothing here is typed. Every number stands beside that of a peer which ran on the same machine in the same minutes. Times are medians. A ratio is
ours by theirs, so for times, memory and sizes less is better for us, and for rates more. What each peer does less, or more, is said: few of them do the same.

## The machine

TEXT
  part machine "$here/machine.sh"
  cat <<'TEXT'

## Steps of the machine

A step is all that a thread does between two moments at which others may come between, with the sanitizers and the model's invariants looked at. The peer is what Spin makes of the same model and scenario,
compiled C, which takes the same steps and hashes the states, and stores none (`-DBITSTATE`). The first row does what such a search does at each step; the second steps only. *Allocations* and
*retains and releases* were counted over all nine runs with as many steps as *of* says: stepping takes no memory and counts no references.

TEXT
  part steps "$here/steps.sh"
  cat <<TEXT

## The checker

The same scenarios, exported, searched by both with one thread. *Ours, no reduction* stores the same states as Spin, so the rates compare the cost of a state; the verdict's ratio compares what one waits for.
Each search runs once and is bounded by $limit seconds and $megabytes MB; one that came to a bound is marked, and its ratio is then a lower one. Two, three and four threads show the growth.

TEXT
  part checker env SECONDS_LIMIT="$limit" MEGABYTES="$megabytes" "$here/against-spin.sh"
  cat <<'TEXT'

## Before and after

Version 1.0 and this one, each with its own models, take every carried scenario that fits. What looks at memory that another thread could have freed is tried with that free before it since then, and every access to the
machine's memory is compared with a bound; the last row is built without these bounds.

TEXT
  part before-after "$here/before-after.sh"
  cat <<'TEXT'

## Sessions

The sessions are those of two threads that map, pin, move and unmap under the 6.12 model, drawn by lot. Opening makes every step again on the machine and compares what it did with what was recorded. jq only parses the same
lines, wc only reads them; less shows the text of the file and knows nothing of states.

TEXT
  part sessions "$here/sessions.sh"
  cat <<'TEXT'

## Traces

Matching holds each event of a kernel's ftrace text against the model, over all orders that are possible. awk and grep read the same bytes and match nothing: awk's is the rate of splitting lines, grep's that of reading.

TEXT
  part traces "$here/traces.sh" "$@"
  cat <<'TEXT'

## Keys, frames and the start

htop and tig are programs of the same kind for the terminal, in C. htop's start includes its reading of /proc, tig's that of this repository's log, ours the compiling of the model and the set-up of the scenario.
Both peers scroll a list at a key; a step of ours runs the machine and draws the graph anew.

TEXT
  part screens "$here/screens.sh"
  cat <<'TEXT'

## Size

Ours has the Swift runtime, Foundation and Unicode tables linked in, and needs no Swift where it runs. What the peers share with other programs is counted on the right.

TEXT
  part sizes "$here/sizes.sh"
  cat <<TEXT

## How to repeat it

\`make bench\`, or \`Benchmarks/run-all.sh DIRECTORY\` with kernel traces of your own (\`capture/README.md\` says how to record some). On Debian the peers are
\`apt-get install spin gcc jq less htop tig\`. Each part runs alone and prints its table: \`Benchmarks/steps.sh\`, \`against-spin.sh\`, \`before-after.sh\`, \`sessions.sh\`, \`traces.sh\`, \`screens.sh\`, \`sizes.sh\`.
TEXT
}

limit=${SECONDS_LIMIT:-20}
megabytes=${MEGABYTES:-6000}
page "$@" >"$directory/page"
mv "$directory/page" "$output"
printf '%s, after %s s\n' "$output" "$SECONDS" >&2
[ -z "$failed" ] || { printf 'not complete:%s\n' "$failed" >&2; exit 1; }
