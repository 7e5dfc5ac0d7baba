#!/bin/sh
# Holds the C of Linux 6.12 against the hand-written model: which of the model's functions are understood from C, and whether with all of
# them together every scenario has the same verdict and every recording is still a run. Writes docs/c-fidelity.md.
#
#   scripts/c-fidelity.sh DIR [RECORDINGS]
#
# DIR is a kernel source tree of 6.12.117 (Debian's linux-source-6.12, unpacked); RECORDINGS a directory as in scripts/fidelity.sh. Nothing of
# the tree, nor anything translated from it, is kept: the page has names of functions and verdicts only.
# FUNCTIONS, a list of names, restricts it to these; IOASCOPE names the program.
set -eu
if [ $# -lt 1 ] || [ ! -f "$1/drivers/iommu/iommufd/device.c" ]; then
  echo "Usage: c-fidelity.sh DIR [RECORDINGS], DIR with drivers/iommu/iommufd of 6.12" >&2
  exit 64
fi
tree=$(CDPATH='' cd -- "$1" && pwd)
recordings=${2:+$(CDPATH='' cd -- "$2" && pwd)}
cd "$(dirname "$0")/.."
ioascope=${IOASCOPE:-$(swift build -c release --show-bin-path)/ioascope}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

files="iommu/iommufd/device.c iommu/iommufd/main.c iommu/iommufd/iommufd_private.h iommu/iommufd/io_pagetable.c
  iommu/iommufd/io_pagetable.h iommu/iommufd/ioas.c iommu/iommufd/pages.c iommu/iommufd/selftest.c vfio/iommufd.c vfio/vfio_main.c
  vfio/device_cdev.c"

# Each function by itself.
grep -oE '^  fn [a-z_0-9]+' models/linux-6.12.step | sed 's/  fn //' | sort > "$directory/model"
for file in $files; do
  "$ioascope" import "$tree/drivers/$file" --list 2>/dev/null > "$directory/list" || true
  while IFS= read -r line; do
    name=${line%%:*}
    grep -qx "$name" "$directory/model" || continue
    case $line in
      *": understood"*)
        if "$ioascope" import "$tree/drivers/$file" --function "$name" >/dev/null 2>"$directory/error"; then
          echo "$name|drivers/$file|understood|${line#*: understood, }" >> "$directory/functions"
        else
          reason=$(sed -n '1s/^[^ ]* error: //p' "$directory/error")
          echo "$name|drivers/$file|not understood|$reason" >> "$directory/functions"
        fi ;;
      *) echo "$name|drivers/$file|not understood|$(echo "$line" | sed 's/^[^,]*, line [0-9]*: //')" >> "$directory/functions" ;;
    esac
  done < "$directory/list"
done
sort -o "$directory/functions" "$directory/functions"
total=$(wc -l < "$directory/functions")
understood=$(grep -c '|understood|' "$directory/functions" || true)

# All that are understood together.
for file in $files; do
  names=$(awk -F '|' -v file="drivers/$file" -v only=" ${FUNCTIONS:-} " \
    '$2 == file && $3 == "understood" && (only == "  " || index(only, " " $1 " ")) { printf "%s%s", sep, $1; sep = "," }' \
    "$directory/functions")
  [ -n "$names" ] && echo "--source $tree/drivers/$file:$names" >> "$directory/sources"
done
sources=$(tr '\n' ' ' < "$directory/sources")

{
  echo "# The model against the kernel's C"
  echo
  echo "\`scripts/c-fidelity.sh\` takes the functions of Linux 6.12.117 that \`linux-6.12.step\` has by name, translates each from C, and holds all that are understood together against the hand-written model. Nothing of the kernel's text is kept."
  echo "What is translated how is said in [from-c-to-steps.md](from-c-to-steps.md)."
  echo
  echo "## Functions: $understood of $total understood"
  echo
  echo "| function | file | verdict | statements, or why not |"
  echo "| --- | --- | --- | --- |"
  awk -F '|' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$directory/functions"
  echo
  echo "## Verdicts with all of these together"
  echo
  echo "| scenario | model | with C |"
  echo "| --- | --- | --- |"
} > "$directory/page"

verdict() { # verdict SCENARIO [OPTION…]: holds, bounded, or the properties in alphabetical order
  "$ioascope" check "$@" --model linux-6.12 --format json --max-states 400000 2>/dev/null > "$directory/check" || [ $? = 1 ] || { echo error; return; }
  if grep -q '"verdict":"violated"' "$directory/check"; then
    grep -o '"property":"[a-z-]*"' "$directory/check" | sed 's/.*:"//; s/"//' | sort -u | paste -sd ' ' -
  else
    sed -n 's/.*"verdict":"\([a-z]*\)".*/\1/p' "$directory/check"
  fi
}
same=0
count=0
for path in scenarios/*.step; do
  scenario=$(basename "$path" .step)
  model=$(verdict "$scenario")
  [ "$model" = error ] && continue
  # shellcheck disable=SC2086
  c=$(verdict "$scenario" $sources)
  count=$((count + 1))
  [ "$model" = "$c" ] && same=$((same + 1))
  echo "| $scenario | $model | $c |" >> "$directory/page"
done
echo >> "$directory/page"
echo "$same of $count scenarios have the same verdict." >> "$directory/page"

if [ -n "$recordings" ]; then
  good=0
  all=0
  for result in "$recordings"/sequences/*.result; do
    [ -e "$result" ] || continue
    all=$((all + 1))
    # shellcheck disable=SC2086
    if "$ioascope" script "$result" $sources >/dev/null 2>&1; then good=$((good + 1)); fi
  done
  conform=0
  traces=0
  for file in "$recordings"/traces/*.trace; do
    [ -e "$file" ] || continue
    traces=$((traces + 1))
    # shellcheck disable=SC2086
    if "$ioascope" conform "$file" $sources >/dev/null 2>&1; then conform=$((conform + 1)); fi
  done
  {
    echo
    echo "## Recordings with all of these together"
    echo
    echo "$good of $all recorded sequences give the kernel's results, and $conform of $traces traces conform."
  } >> "$directory/page"
fi
cp "$directory/page" docs/c-fidelity.md
echo "understood: $understood of $total; verdicts: $same of $count the same"
