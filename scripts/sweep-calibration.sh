#!/bin/sh
# Sweeps the museum's models with no scenario given, and writes docs/sweep-calibration.md: which bugs are found from the entries alone, with
# which program, and why not.
#
#   scripts/sweep-calibration.sh [PAGE…]
#
# A bug is found when a program shows its property in the model before its fix and not in the one after it. IOASCOPE names the program; without it
# the release build of this checkout is used. SIZES are 'THREADS OPS' pairs that are tried one after another, BUDGET the time for each.
set -eu
cd "$(dirname "$0")/.."
ioascope=${IOASCOPE:-$(swift build -c release --show-bin-path)/ioascope}
sizes=${SIZES:-"2 1"}
budget=${BUDGET:-120s}
[ $# -gt 0 ] || set -- docs/museum/README.md docs/museum/second-wing.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a scenario needs that a small program may not have: threads, operations of the longest one, faults, a list of what runs at the end.
needs() { # needs SCENARIO
  awk '
    /^ *faults/ { faults = 1 }
    /^ *thread / { threads++; ops = 0; inside = 1; next }
    /^ *(setup|finally) *[{]/ { if ($1 == "finally") finally = 1; inside = 0; other = 1; next }
    /^ *[}]/ { inside = 0; next }
    inside && NF { ops++; if (ops > longest) longest = ops }
    END {
      if (threads == 0) printf "one thread, one operation after another"
      else printf "%d thread%s with up to %d operation%s", threads, threads == 1 ? "" : "s", longest, longest == 1 ? "" : "s"
      if (faults) printf ", an allocation that fails"
      if (finally) printf ", files closed at the end"
      print ""
    }' "scenarios/$1.step"
}

# The first program that shows the property before and not after, or nothing.
differs() { # differs FILE PROPERTY
  awk -v property="\"$2\"" '
    /^[{]"difference"/ {
      own = $0; sub(/.*"own":\[/, "", own); sub(/\].*/, "", own)
      other = $0; sub(/.*"other":\[/, "", other); sub(/\].*/, "", other)
      if (index(own, property) && !index(other, property)) {
        text = $0; sub(/.*"program":"/, "", text); sub(/","setup.*/, "", text)
        print text; exit
      }
    }' "$1"
}

{
  echo "# What sweeps find of the museum"
  echo
  echo "Made by \`scripts/sweep-calibration.sh\`: each exhibit of the museum, with no scenario given. A bug is *found* when a small program that the tool"
  echo "made shows its property in the model before the fix and not in the model after it. Sizes are threads and operations of each:"
  echo "$sizes, with $budget for each; a sweep that did not end in that time is said to be stopped. Flags with numbers below are what the"
  echo "exhibit's own scenario needs."
  echo
} > "$work/page"
found=0
total=0
for page in "$@"; do
  {
    echo "## $(sed -n 's/^# //p' "$page" | head -1)"
    echo
    echo "| | before | after | property | found | program, or what the exhibit's scenario has |"
    echo "| --- | --- | --- | --- | --- | --- |"
  } >> "$work/page"
  awk -F' *[|] *' '/^[|] [^-|]/ && $4 ~ /^`/ && NF >= 9 { gsub("`", ""); print $2 "|" $4 "|" $5 "|" $6 "|" $7 }' "$page" > "$work/rows"
  while IFS='|' read -r name scenario before property after; do
    total=$((total + 1))
    program=
    size=
    stopped=
    set -- $sizes
    while [ $# -gt 1 ] && [ -z "$program" ]; do
      out="$work/$before--$after--$1-$2.json"
      [ -e "$out" ] || "$ioascope" sweep --model "$before" --against "$after" --threads "$1" --ops "$2" --budget "$budget" \
        --format json > "$out" 2>/dev/null < /dev/null || [ $? = 1 ]
      program=$(differs "$out" "$property")
      size="$1x$2"
      grep -q '"stopped":true' "$out" && stopped=" (stopped)" || true
      shift 2
    done
    if [ -n "$program" ]; then
      found=$((found + 1))
      echo "| $name | \`$before\` | \`$after\` | \`$property\` | $size | \`$(printf '%s' "$program" | sed 's/|/\\|/g')\` |"
    else
      echo "| $name | \`$before\` | \`$after\` | \`$property\` | no$stopped | $(needs "$scenario") (\`$scenario\`) |"
    fi >> "$work/page"
  done < "$work/rows"
  echo >> "$work/page"
done
echo "$found of $total are found." >> "$work/page"
cp "$work/page" docs/sweep-calibration.md
