#!/bin/sh
# Makes the parts of the documentation anew that stand between
#   <!-- begin: ioascope manual PART -->  and  <!-- end: ioascope manual PART -->
# from what the program prints for PART.
set -eu
program=$1
cd "$(dirname "$0")/.."
grep -l '^<!-- begin: ioascope manual ' docs/*.md | while read -r page; do
  for part in $(sed -n 's/^<!-- begin: ioascope manual \([a-z]*\) -->$/\1/p' "$page"); do
    "$program" manual "$part" > "$page.part"
    awk -v part="$part" -v file="$page.part" '
      $0 == "<!-- end: ioascope manual " part " -->" { while ((getline line < file) > 0) print line; inside = 0 }
      !inside { print }
      $0 == "<!-- begin: ioascope manual " part " -->" { inside = 1 }
    ' "$page" > "$page.new"
    mv "$page.new" "$page"
    rm "$page.part"
  done
done
