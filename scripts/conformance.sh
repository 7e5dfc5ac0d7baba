#!/bin/sh
# Holds a whole directory of kernel recordings against a model and prints how much of it agrees.
# DIR holds sequences/*.result and traces/*.result (what each operation returned) and traces/*.trace; *.trace.gz beside them are unpacked.
# hardware/*.result need devices, which only linux-6.12-devices has: they are held against that.
set -eu

usage() {
  echo "Usage: conformance.sh DIR [--model MODEL]" >&2
  echo "IOASCOPE names the program; without it the release build of this checkout is used, and made if need be." >&2
  exit 64
}

[ $# -ge 1 ] || usage
directory=$1
shift
model=linux-6.12
while [ $# -gt 0 ]; do
  case $1 in
    --model) [ $# -ge 2 ] || usage; model=$2; shift 2 ;;
    *) usage ;;
  esac
done
[ -d "$directory" ] || { echo "$directory: there is no such directory" >&2; exit 66; }

if [ -z "${IOASCOPE:-}" ]; then
  checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
  (cd "$checkout" && swift build -c release --product ioascope >&2)
  IOASCOPE=$(cd "$checkout" && swift build -c release --show-bin-path)/ioascope
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
failures=0

# Recordings of several threads need the schedule that the kernel took; only their traces can be compared.
results=0
agreeing=0
operations=0
for file in "$directory"/sequences/*.result "$directory"/traces/*.result "$directory"/hardware/*.result; do
  [ -e "$file" ] || continue
  case $file in */hardware/*) one=linux-6.12-devices ;; *) one=$model ;; esac
  threads=$(awk '{ print $2 }' "$file" | sort -u | wc -l)
  [ "$threads" -eq 1 ] || continue
  # A pause is no operation.
  grep -v ' sleep ' "$file" >"$temporary/script" || true
  results=$((results + 1))
  if "$IOASCOPE" script "$temporary/script" --model "$one" >/dev/null 2>"$temporary/errors"; then
    agreeing=$((agreeing + 1))
    operations=$((operations + $(wc -l <"$temporary/script")))
  else
    failures=$((failures + 1))
    echo "$file: differs" >&2
    head -n 5 "$temporary/errors" >&2
  fi
done

traces=0
conforming=0
matched=0
events=0
bytes=0
start=$(date +%s)
for file in "$directory"/traces/*.trace "$directory"/*.trace "$directory"/*.trace.gz; do
  [ -e "$file" ] || continue
  trace=$file
  case $file in
    *.gz)
      trace=$temporary/$(basename "$file" .gz)
      gunzip -c "$file" >"$trace"
      ;;
  esac
  traces=$((traces + 1))
  bytes=$((bytes + $(wc -c <"$trace")))
  status=0
  "$IOASCOPE" conform "$trace" --model "$model" --format json >"$temporary/report" 2>"$temporary/errors" || status=$?
  if [ "$status" -eq 0 ]; then
    conforming=$((conforming + 1))
  else
    failures=$((failures + 1))
    echo "$file: does not conform" >&2
    "$IOASCOPE" conform "$trace" --model "$model" 2>&1 | head -n 8 >&2 || true
  fi
  one=$(sed -n 's/.*"matched":\([0-9]*\).*/\1/p' "$temporary/report")
  all=$(sed -n 's/.*"events":\([0-9]*\).*/\1/p' "$temporary/report")
  matched=$((matched + ${one:-0}))
  events=$((events + ${all:-0}))
  case $file in *.gz) rm -f "$trace" ;; esac
done
end=$(date +%s)

percent() { awk -v part="$1" -v whole="$2" 'BEGIN { printf "%.2f %%", whole ? 100 * part / whole : 0 }'; }
echo "results: $agreeing of $results files agree ($(percent "$agreeing" "$results")), $operations operations"
echo "traces:  $conforming of $traces conform ($(percent "$conforming" "$traces")), $matched of $events events matched ($(percent "$matched" "$events")), $((bytes / 1000)) kB in $((end - start)) s"
[ "$failures" -eq 0 ] || exit 1
