#!/bin/sh
# Writes docs/verdicts.md: what the checker says of every scenario under the models of the history and under the broken ones.
# IOASCOPE names the program; without it the release build of this checkout is used.
set -eu
cd "$(dirname "$0")/.."
ioascope=${IOASCOPE:-$(swift build -c release --show-bin-path)/ioascope}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

table() { # table MODEL…: a column for each
  columns=""
  for model in "$@"; do
    "$ioascope" check --model "$model" --format markdown > "$directory/model-$model" || [ $? = 1 ]
    if [ -z "$columns" ]; then
      cp "$directory/model-$model" "$directory/table"
    else
      cut -d '|' -f 3- "$directory/model-$model" > "$directory/column"
      paste -d '|' "$directory/table" "$directory/column" | sed 's/||/|/' > "$directory/next"
      mv "$directory/next" "$directory/table"
    fi
    columns="$columns $model"
  done
  # Scenarios that need what none of these models has stand below.
  awk -F' *[|] *' 'NR <= 2 { print; next } { for (i = 3; i < NF; i++) if ($i != "–") { print; next } }' "$directory/table"
}

# Scenarios that need what only other models have: a row for each that no table above has a verdict for, and each model that has one.
others() {
  names=$(cat "$directory"/model-* | awk -F' *[|] *' '$2 != "scenario" && $2 !~ /^-/ { all[$2]; if ($3 != "–") told[$2] }
    END { for (name in all) if (!(name in told)) print name }' | sort)
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086
  "$ioascope" check $names --model all --format markdown > "$directory/others" || [ $? = 1 ]
  awk -F' *[|] *' '
    NR == 1 { for (i = 3; i < NF; i++) model[i] = $i; print "| scenario | model | verdict |"; print "| --- | --- | --- |" }
    NR > 2 { for (i = 3; i < NF; i++) if ($i != "–") print "| " $2 " | " model[i] " | " $i " |" }' "$directory/others"
}

# The scenarios that every build carries under every model there is: a row for each model that can run any.
all() {
  # shellcheck disable=SC2086
  "$ioascope" check $carried --model all --format markdown > "$directory/all" || [ $? = 1 ]
  transpose "$directory/all"
}

carried="attach-pin-replace replace-vs-pin replace-vs-unmap replace-vs-replace replace-vs-destroy-ioas replace-vs-close
  unmap-vs-pin close-vs-unmap detach-with-pin close-with-pin two-accesses-replace replace-add-fails vfio-attach-replace-close
  driver-lock-inversion adjacent-areas-unmap destroy-vs-put"

transpose() { # transpose FILE
  awk -F' *[|] *' '
    { rows = NR; for (i = 2; i < NF; i++) { cell[NR, i] = $i; if (NR > 2 && $i != "–") used[i] }; columns = NF - 1 }
    END {
      cell[1, 2] = "model"
      for (i = 2; i <= columns; i++) if (i in used) {
        line = "|"
        for (row = 1; row <= rows; row++) if (row != 2) line = line " " cell[row, i] " |"
        print line
        if (i == 2) { line = "|"; for (row = 1; row < rows; row++) line = line " --- |"; print line }
      }
    }' "$1"
}

{
  echo "# Verdicts"
  echo
  echo "Every scenario under the models of the history, and under linux-6.12 with one mistake each, as \`ioascope check --model MODEL --format markdown\` prints it"
  echo "(this page: \`scripts/verdicts.sh\`). A dash: the model lacks an operation of the scenario. What a verdict may claim is said in [checker.md](checker.md)."
  echo
  echo "## The models of the history"
  echo
  table linux-6.2 linux-6.5 replace-v2 replace-v2-reply replace-v4 linux-6.6 linux-6.12
  echo
  echo "## Linux 6.12 with one mistake"
  echo
  table broken-callback-under-lock broken-no-flush broken-no-ioas-unpin broken-list-id broken-no-users
  echo
  echo "## Models of their own"
  echo
  echo "What these scenarios do none of the models above can."
  echo
  others
  echo
  echo "## Every model"
  echo
  echo "The scenarios that every build carries, under each model that can run any of them."
  echo
  all
} > docs/verdicts.md
