#!/usr/bin/env bash
# libFuzzer with the address sanitizer over the readers of what comes from elsewhere: guided by which code an input reaches, begun with the files of
# this checkout. What made the program stop is left in build/fuzz, with the command to see it again.
#
#   scripts/fuzz.sh [SECONDS [READER…]]      20 seconds for each of: language, machine, session, trace
#
# The seeded generators in Tests/FuzzTests run everywhere, know no coverage, and reach themes, lessons and settings, too. SEED begins elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
shift || true
[ $# -gt 0 ] || set -- language machine session trace
build=$PWD/build/fuzz
mkdir -p "$build"

# The modules in their order, each with the coverage that libFuzzer asks for; SwiftPM cannot link a program whose main is libFuzzer's.
flags=(-sanitize=fuzzer,address -O -g -wmo -parse-as-library -swift-version 6 -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature ExistentialAny -I "$build")
objects=()
for module in Basics StepLanguage Machine Recording KernelTrace SmallModels Fuzzers; do
  folder=Sources/$module
  case $module in Fuzzers | SmallModels) folder=Tests/$module ;; esac
  mapfile -t files < <(find "$folder" -name '*.swift' | LC_ALL=C sort)
  if ! swiftc -package-name ioascope "${flags[@]}" -module-name "$module" -emit-module -emit-module-path "$build/$module.swiftmodule" -c "${files[@]}" \
    -o "$build/$module.o" >"$build/log" 2>&1; then
    if grep -q "unsupported option '-sanitize=fuzzer'\|argument to '-sanitize=' is invalid" "$build/log"; then
      echo "SKIPPED: this toolchain has no libFuzzer" >&2
      exit 0
    fi
    cat "$build/log" >&2
    exit 1
  fi
  objects+=("$build/$module.o")
done
swiftc -sanitize=fuzzer,address "${objects[@]}" -o "$build/fuzzers" 2>&1 | grep -v "Cannot export local symbol" || true
[ -x "$build/fuzzers" ] || { echo "SKIPPED: libFuzzer does not link here" >&2; exit 0; }

for reader in "$@"; do
  case $reader in
    language | machine) seeds=(models scenarios) ;;
    session) seeds=() ;;
    trace) seeds=(Tests/KernelTraceTests/Fixtures) ;;
    *) echo "there is no reader '$reader': language, machine, session, trace" >&2; exit 64 ;;
  esac
  # What earlier runs came upon is kept and begun with.
  mkdir -p "$build/$reader"
  [ "$reader" != session ] || IOASCOPE_FUZZ=seed ASAN_OPTIONS=detect_leaks=0 IOASCOPE_FUZZ_FILE="$build/$reader/seed.ioas" "$build/fuzzers" -runs=0 >/dev/null 2>&1
  echo "== $reader, $seconds s"
  IOASCOPE_FUZZ=$reader ASAN_OPTIONS=detect_leaks=0 "$build/fuzzers" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=65536 \
    -seed="${SEED:-1}" -artifact_prefix="$build/$reader-" -print_final_stats=1 "$build/$reader" "${seeds[@]}" >"$build/log" 2>&1 || {
    tail -40 "$build/log"
    echo "again: IOASCOPE_FUZZ=$reader $build/fuzzers FILE" >&2
    exit 1
  }
  grep -E "^stat::number_of_executed_units|^Done|cov:" "$build/log" | tail -3
done
