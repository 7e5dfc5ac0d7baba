#!/bin/sh
# Checks every exhibit of docs/museum/*.md under its model before and after the fix, writes what the model after gives into the
# column 'then', and complains about what is not as the row says.
#
#   scripts/museum.sh [PAGE…]
#
# IOASCOPE names the program; without it the release build of this checkout is used.
set -eu
cd "$(dirname "$0")/.."
ioascope=${IOASCOPE:-$(swift build -c release --show-bin-path)/ioascope}
[ $# -gt 0 ] || set -- docs/museum/*.md
failed=$(mktemp)
trap 'rm -f "$failed" "$failed".row "$failed".page' EXIT

verdict() { # verdict SCENARIO MODEL: the properties that are found, or 'holds'
  { "$ioascope" check "$1" --model "$2" --format markdown 2>/dev/null || [ $? = 1 ]; } |
    tail -1 | awk -F' *[|] *' '{ print $3 }'
}

for page in "$@"; do
  : > "$failed.page"
  while IFS= read -r line; do
    cells=$(printf '%s\n' "$line" | awk -F' *[|] *' '/^[|] [^-|]/ && $4 ~ /^`/ && NF >= 9 { gsub("`", ""); print $4, $5, $6, $7 }')
    if [ -n "$cells" ]; then
      # shellcheck disable=SC2086
      set -- $cells
      before=$(verdict "$1" "$2")
      after=$(verdict "$1" "$4")
      case ", $before, " in
        *", $3, "*) ;;
        *) echo "$page: $1 under $2 finds '$before' and not $3" | tee -a "$failed" >&2 ;;
      esac
      case ", $after, " in
        *", $3, "*) echo "$page: $1 under $4 still finds $3" | tee -a "$failed" >&2 ;;
      esac
      then=$after
      [ "$after" = holds ] || then="lacks it; left: $(printf '%s' "$after" | sed 's/[^, ][^, ]*/`&`/g')"
      printf '%s\n' "$line" | awk -F' [|] ' -v then="$then" 'BEGIN { OFS = " | " } { $7 = then; print }' > "$failed.row"
      cat "$failed.row" >> "$failed.page"
    else
      printf '%s\n' "$line" >> "$failed.page"
    fi
  done < "$page"
  cat "$failed.page" > "$page"
done
[ ! -s "$failed" ]
