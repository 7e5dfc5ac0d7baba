#!/bin/sh
# The size of the program, with the Swift runtime linked in, beside htop's and tig's as Debian has them, and what each loads besides.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
need strip ldd awk

strip -o "$directory/ioascope" "$IOASCOPE"
row() { # row NAME FILE
  ldd "$2" 2>/dev/null | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }' | sort -u >"$directory/libraries"
  libraries=0
  bytes=0
  while read -r library; do
    libraries=$((libraries + 1))
    bytes=$((bytes + $(wc -c <"$library")))
  done <"$directory/libraries"
  printf '%s\t%s\t%s\t%s\n' "$1" "$(wc -c <"$2")" "$libraries" "$bytes"
}
{
  row "ioascope, as built" "$IOASCOPE"
  row "ioascope, stripped, as packed" "$directory/ioascope"
  for peer in htop tig; do
    if has "$peer"; then row "$peer" "$(command -v "$peer")"; else echo "$0: there is no $peer" >&2; fi
  done
} | awk -F'\t' '
  BEGIN {
    print "| | MB | shared libraries | MB of these | ioascope, stripped, ÷ its |"
    print "| --- | --: | --: | --: | --: |"
  }
  /stripped/ { own = $2 }
  { printf "| %s | %.2f | %d | %.2f | %s |\n", $1, $2 / 1e6, $3, $4 / 1e6, (own > 0 ? sprintf("%.1f", own / $2) : "") }'
