#!/usr/bin/env bash
# The whole check of linux-6.12 by an earlier version, by this one, and by this one built without the bounds of its memory (-Ounchecked), in turn: states,
# time and memory. BEFORE names the earlier version, a commit; it is built in a folder of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
need git awk
before=${BEFORE:-5094107}
model=${MODEL:-linux-6.12}

git -C "$checkout" worktree add --detach --force "$directory/before" "$before" >&2
trap 'git -C "$checkout" worktree remove --force "$directory/before"; rm -rf "$directory"' EXIT
(cd "$directory/before" && swift build -c release --static-swift-stdlib --product ioascope >&2)
old=$(cd "$directory/before" && swift build -c release --static-swift-stdlib --show-bin-path)/ioascope
(cd "$checkout" && swift build -c release --static-swift-stdlib --scratch-path "$checkout/.build-unchecked" -Xswiftc -Ounchecked --product ioascope >&2)
unchecked=$checkout/.build-unchecked/release/ioascope

# The program of each version with the data of its own checkout.
run() { printf 'cd "%s" && exec "%s" check --model %s --jobs 1 --format json' "$1" "$2" "$model"; }
states() { sh -c "$(run "$1" "$2")" | sed -n 's/.*"states":\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum }'; }

"$BENCHMARKS/Measure" "${ROUNDS:-3}" 900 \
  -- before sh -c "$(run "$directory/before" "$old")" \
  -- now sh -c "$(run "$checkout" "$IOASCOPE")" \
  -- unchecked sh -c "$(run "$checkout" "$unchecked")" >"$directory/times"
echo "| whole check of $model, one job | states | seconds, median | beside | MiB |"
echo "| --- | --: | --: | --: | --: |"
first=$(awk -F'\t' '$1 == "before" { print $2 }' "$directory/times")
now=$(awk -F'\t' '$1 == "now" { print $2 }' "$directory/times")
row() { # row NAME LABEL STATES PEER
  awk -F'\t' -v name="$1" -v label="$2" -v states="$3" -v peer="$4" \
    '$1 == name { printf "| %s | %s | %.2f | %.2f times | %.0f |\n", label, states, $2 / 1e3, $2 / peer, $5 / 1024 }' "$directory/times"
}
row before "version $before" "$(states "$directory/before" "$old")" "$first"
row now "this checkout" "$(states "$checkout" "$IOASCOPE")" "$first"
row unchecked "this checkout without bounds of memory, beside it with them" "$(states "$checkout" "$unchecked")" "$now"
