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
    "$ioascope" check --model "$model" --format markdown > "$directory/$model" || [ $? = 1 ]
    if [ -z "$columns" ]; then
      cp "$directory/$model" "$directory/table"
    else
      cut -d '|' -f 3- "$directory/$model" > "$directory/column"
      paste -d '|' "$directory/table" "$directory/column" | sed 's/||/|/' > "$directory/next"
      mv "$directory/next" "$directory/table"
    fi
    columns="$columns $model"
  done
  cat "$directory/table"
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
} > docs/verdicts.md
