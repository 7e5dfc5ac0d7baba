#!/bin/sh
# A session of a million steps: how long it takes to open, and how much memory. The machine's numbers, not promises.
set -eu
steps=${1:-1000000}
program=${IOASCOPE:-.build/release/ioascope}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/spin.step" <<'MODEL'
model spin "Spin" {
  global n: int
  global gate: mutex
  entry spin() {
    loop {
      mutex_lock gate
      n += 1
      mutex_unlock gate
    }
  }
}
MODEL

# The peak of the resident memory of a command, in MiB, and its time in seconds.
measure() {
  name=$1
  shift
  start=$(date +%s.%N)
  "$@" > /dev/null &
  process=$!
  peak=0
  while kill -0 "$process" 2> /dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$process/status" 2> /dev/null || true)
    [ -n "$now" ] && [ "$now" -gt "$peak" ] && peak=$now
    sleep 0.02
  done
  wait "$process"
  end=$(date +%s.%N)
  awk -v name="$name" -v start="$start" -v end="$end" -v peak="$peak" \
    'BEGIN { printf "%-28s %6.2f s %6.0f MiB\n", name, end - start, peak / 1024 }'
}

for count in $((steps / 10)) "$steps"; do
  file="$folder/$count.ioas"
  awk -v steps="$count" -v model="$folder/spin.step" 'BEGIN {
    printf "{\"kind\":\"header\",\"format\":\"ioascope-session\",\"version\":1,\"tool\":\"soak\",\"model\":\"%s\",", model
    print "\"threads\":[{\"name\":\"T0\",\"operations\":[\"spin\"]},{\"name\":\"T1\",\"operations\":[\"spin\"]}]}"
    for (step = 0; step < steps; step++) print "{\"kind\":\"step\",\"thread\":0}"
  }' > "$file"
  measure "open $count steps" "$program" validate "$file"
  measure "screen in the middle" "$program" frame "$file" --at $((count / 2)) --size 120x40
  measure "screen near the start" "$program" frame "$file" --at 7 --size 120x40
done
