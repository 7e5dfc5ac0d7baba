#!/usr/bin/env bash
# The compiler's sanitizers over what they can find something in: threads over the searches that several jobs share and the search beside the
# explorer, addresses over the readers of foreign files and the parts that use raw memory.
#
#   scripts/sanitizers.sh [thread|address]
#
# The thread sanitizer takes the optimized program: the searches of the tests, unoptimized, did not end within ten minutes under it. Each first shows on a small wrong program
# that it works here; where it does not, that is said and skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
which=${1:-both}
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# Whether a sanitizer compiles, links and notices what is wrong: works NAME <PROGRAM
works() {
  cat >"$temporary/$1.swift"
  swiftc -sanitize="$1" "$temporary/$1.swift" -o "$temporary/$1" >"$temporary/$1.log" 2>&1 || {
    printf 'SKIPPED: this toolchain has no %s sanitizer:\n' "$1" >&2
    tail -3 "$temporary/$1.log" >&2
    return 1
  }
  if "$temporary/$1" >"$temporary/$1.log" 2>&1 || ! grep -q "Sanitizer" "$temporary/$1.log"; then
    printf 'SKIPPED: the %s sanitizer does not notice a plain mistake here\n' "$1" >&2
    return 1
  fi
}

threads() {
  swift build -c release --product ioascope --sanitize=thread --scratch-path .build-tsan
  program=.build-tsan/release/ioascope
  # A report ends with this status, whatever the command has to say.
  export TSAN_OPTIONS="exitcode=66 halt_on_error=1"
  try() {
    local status=0
    printf '%s\n' "$*"
    "$program" "$@" >"$temporary/out" 2>"$temporary/err" || status=$?
    # 0: holds; 1: something was found.
    if [ "$status" -gt 1 ] || grep -q ThreadSanitizer "$temporary/err"; then
      cat "$temporary/out" "$temporary/err" >&2
      printf 'status %s\n' "$status" >&2
      exit 1
    fi
  }
  try check replace-vs-pin replace-vs-unmap close-vs-unmap --jobs 4
  try check replace-vs-replace --model replace-v2 --jobs 4 --no-reduction --max-states 20000
  try check Tests/ExplorerTests/Fixtures/three-threads.step --jobs 4 --max-states 8000
  try check close-vs-unmap --jobs 3 --preemptions 1
  try check close-vs-unmap --jobs 3 --random 300 --seed 1
  try check close-vs-unmap --jobs 3 --max-states 3000 --checkpoint "$temporary/checkpoint"
  try check close-vs-unmap --jobs 3 --checkpoint "$temporary/checkpoint"
  printf 'check\n' >"$temporary/check"
  try explore close-vs-unmap --plain <"$temporary/check"
  grep -q "the check found" "$temporary/out" || {
    cat "$temporary/out" >&2
    printf 'the search beside the explorer did not come to its end\n' >&2
    exit 1
  }
}

addresses() {
  # The linker says of many symbols of the sanitizer that it cannot export them; that is no fault of ours.
  swift build --build-tests --sanitize=address --scratch-path .build-asan 2>&1 | grep -v "Cannot export local symbol" | tail -5
  ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --disable-xctest --sanitize=address --scratch-path .build-asan \
    --filter 'FuzzTests|MachineTests\.(Lock|Object|Sanitizer|SearchSupport|State|Liveness)Tests|RecordingTests\.(HostileSession|Session|Timeline|LongTimeline)|KernelTraceTests\.(TraceText|Recording)|ExplorerTests\.(BoundedSearch|Livelock)'
}

if [ "$which" != address ]; then
  if works thread <<'SWIFT'; then threads; fi
import Foundation
final class Box: @unchecked Sendable { var value = 0 }
let box = Box()
let threads = (0..<2).map { _ in Thread { for _ in 0..<1_000_000 { box.value += 1 } } }
for thread in threads { thread.start() }
while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
print(box.value)
SWIFT
fi
if [ "$which" != thread ]; then
  if works address <<'SWIFT'; then addresses; fi
let room = UnsafeMutablePointer<Int>.allocate(capacity: 4)
room.initialize(repeating: 0, count: 4)
room.deallocate()
print(room[CommandLine.arguments.count])
SWIFT
fi
