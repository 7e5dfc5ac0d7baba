#!/bin/sh
# Records what a kernel's iommufd does while a workload runs, as text that 'ioascope conform' reads.
# See README.md beside this file for what the kernel must have been built with.
set -eu

usage() {
  cat <<'EOF'
Usage: record.sh [OPTION...] OUTPUT COMMAND [ARGUMENT...]
       record.sh --print-probes | --offsets

Runs COMMAND, records its events, and writes them to OUTPUT. Must run as root.

  --offsets-file FILE  field offsets of the kernel (default: 'offsets' beside this script)
  --buffer KIB         size of the buffer of each processor in KiB (default 65536)
  --no-locks           leave lock events out even if the kernel has them
  --print-probes       print the probe definitions with the offsets put in, and stop
  --offsets            print the running kernel's offsets, found with pahole, and stop
EOF
}

fail() {
  echo "record.sh: $*" >&2
  exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
offsets=$here/offsets
buffer=65536
locks=yes
task=record

while [ $# -gt 0 ]; do
  case $1 in
    --offsets-file) [ $# -ge 2 ] || fail "--offsets-file needs a file"; offsets=$2; shift 2 ;;
    --buffer) [ $# -ge 2 ] || fail "--buffer needs a number"; buffer=$2; shift 2 ;;
    --no-locks) locks=no; shift ;;
    --print-probes) task=print; shift ;;
    --offsets) task=offsets; shift ;;
    --help | -h) usage; exit 0 ;;
    --) shift; break ;;
    -*) usage >&2; exit 64 ;;
    *) break ;;
  esac
done

# A field's offset in bytes, from the kernel's type information.
field() { # field STRUCT MEMBER
  for btf in /sys/kernel/btf/iommufd /sys/kernel/btf/vmlinux; do
    [ -r "$btf" ] || continue
    base=""
    [ "$btf" = /sys/kernel/btf/vmlinux ] || base="--btf_base=/sys/kernel/btf/vmlinux"
    # shellcheck disable=SC2086 # no word when there is no base
    pahole $base -C "$1" "$btf" 2>/dev/null |
      sed -n "s|^.*[ *]$2;[[:space:]]*/\*[[:space:]]*\([0-9][0-9]*\) .*|\1|p" | head -n 1 | grep . && return 0
  done
  return 1
}

print_offsets() {
  command -v pahole >/dev/null 2>&1 || fail "pahole is not installed (package dwarves or pahole)"
  while read -r name struct member; do
    value=$(field "$struct" "$member") ||
      fail "no offset of $struct.$member: the kernel needs CONFIG_DEBUG_INFO_BTF, and for a module CONFIG_DEBUG_INFO_BTF_MODULES"
    printf '%s 0x%x\n' "$name" "$value"
  done <<'EOF'
object.shortterm_users iommufd_object shortterm_users
object.users iommufd_object users
object.type iommufd_object type
object.id iommufd_object id
ioas.iopt iommufd_ioas iopt
access.ioas iommufd_access ioas
access.ioas_unpin iommufd_access ioas_unpin
access.iopt_access_list_id iommufd_access iopt_access_list_id
area.pages iopt_area pages
area.num_accesses iopt_area num_accesses
EOF
}

print_probes() {
  [ -r "$offsets" ] || fail "$offsets: cannot be read"
  script=""
  users=""
  iopt=""
  while read -r name value; do
    case $name in '' | '#'*) continue ;; esac
    script="$script;s/{$name}/$value/g"
    [ "$name" = object.users ] && users=$((value))
    [ "$name" = ioas.iopt ] && iopt=$((value))
  done <"$offsets"
  [ -n "$users" ] && [ -n "$iopt" ] || fail "$offsets: object.users and ioas.iopt are missing"
  distance=$((users - iopt))
  [ "$distance" -lt 0 ] || distance=+$distance
  sed "s/{ioas.users-iopt}/$distance/g$script" "$here/kprobe_events" | grep -v '^#' | grep .
}

case $task in
  print) print_probes; exit 0 ;;
  offsets) print_offsets; exit 0 ;;
esac

[ $# -ge 2 ] || { usage >&2; exit 64; }
output=$1
shift
[ "$(id -u)" = 0 ] || fail "tracing needs root"

tracefs=/sys/kernel/tracing
[ -w "$tracefs/kprobe_events" ] || tracefs=/sys/kernel/debug/tracing
[ -w "$tracefs/kprobe_events" ] ||
  fail "no kprobe_events below /sys/kernel/tracing: the kernel needs CONFIG_KPROBE_EVENTS, and tracefs must be mounted"
definitions=$(print_probes)

# An instance of its own: what others trace is left alone.
instance=$tracefs/instances/ioascope-$$
mkdir "$instance" || fail "cannot make $instance"
pid=""
cleanup() {
  status=$?
  echo 0 >"$instance/tracing_on" 2>/dev/null || true
  echo 0 >"$instance/events/enable" 2>/dev/null || true
  [ ! -d "$instance/events/iommufd" ] || echo 0 >"$instance/events/iommufd/enable" 2>/dev/null || true
  rmdir "$instance" 2>/dev/null || true
  printf '%s\n' "$definitions" | sed 's/^[pr]:\([^ ]*\) .*/-:\1/' | while read -r line; do
    echo "$line" >>"$tracefs/kprobe_events" 2>/dev/null || true
  done
  exit $status
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

missing=""
while read -r line; do
  echo "$line" >>"$tracefs/kprobe_events" 2>/dev/null || {
    name=${line%% *}
    missing="$missing ${name##*/}"
  }
done <<EOF
$definitions
EOF
[ -d "$instance/events/iommufd" ] || fail "none of the probes can be set: is iommufd built in or loaded?"

echo "$buffer" >"$instance/buffer_size_kb"
# Addresses as they are: hashed ones cannot be told to lie in an object. The option is named so since Linux 5.13.
echo nohash-ptr >"$instance/trace_options" 2>/dev/null || true
echo nooverwrite >"$instance/trace_options"
echo 1 >"$instance/events/iommufd/enable"

if [ "$locks" = yes ]; then
  if [ -d "$instance/events/lock/lock_acquired" ]; then
    filter=""
    for name in '&access->ioas_lock' '&iopt->domains_rwsem' '&iopt->iova_rwsem' '&pages->mutex' \
      '&staccess->lock' '&new_dev_set->lock' '&xa->xa_lock'; do
      filter="$filter${filter:+ || }name == \"$name\""
    done
    for event in lock_acquire lock_contended lock_acquired lock_release; do
      echo "$filter" >"$instance/events/lock/$event/filter"
      echo 1 >"$instance/events/lock/$event/enable"
    done
  else
    echo "record.sh: this kernel has no complete lock events (CONFIG_LOCKDEP with CONFIG_LOCK_STAT); recording calls and returns" >&2
  fi
fi

# Marks that go to the top trace_marker would end up in the top buffer.
export IOASCOPE_TRACE_MARKER="$instance/trace_marker"
echo 1 >"$instance/options/event-fork" 2>/dev/null || true
# The child waits until its number is in the filter, so that nothing of it is missed.
fifo=$(mktemp -u)
mkfifo "$fifo"
(read -r _ <"$fifo"; exec "$@") &
pid=$!
echo "$pid" >"$instance/set_event_pid"
echo 1 >"$instance/tracing_on"
echo go >"$fifo"
rm -f "$fifo"
result=0
wait "$pid" || result=$?
echo 0 >"$instance/tracing_on"
cat "$instance/trace" >"$output"

[ -z "$missing" ] || {
  echo "record.sh: these probes could not be set; give them to 'ioascope conform':" >&2
  for name in $missing; do printf ' --without %s' "$name" >&2; done
  echo >&2
}
exit "$result"
