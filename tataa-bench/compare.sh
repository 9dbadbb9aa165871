#!/usr/bin/env bash
# Whole processes compared: each line is the command line in a fresh JVM, from start to exit, on
# all-MiniLM-L6-v2. Prints a table; --json FILE writes the same as JSON.
#
#   tataa-bench/compare.sh [--items N] [--json FILE] [--no-build]
#
# JAVA_HOME chooses the JVM; where it has the module jdk.incubator.vector, every case is run without
# and with it. Cycles and MACs per second are those of the simulation alone; "process" is everything:
# JVM, model, calibration where it is said, compilation, simulation. "peak" is the largest resident
# memory of the process.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }

items=8
json=""
build=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --items) [ $# -gt 1 ] || usage; items="$2"; shift 2 ;;
    --json) [ $# -gt 1 ] || usage; json="$2"; shift 2 ;;
    --no-build) build=no; shift ;;
    *) usage ;;
  esac
done
case "$items" in '' | 0* | *[!0-9]*) usage ;; esac

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
jar=tataa-sim/target/tataa.jar
if [ "$build" = yes ] && { [ ! -f "$jar" ] ||
  [ -n "$(find pom.xml tataa-core/pom.xml tataa-sim/pom.xml tataa-core/src/main \
    tataa-sim/src/main -newer "$jar" -print -quit)" ]; }; then
  mvn -B -ntp -q -DskipTests -pl tataa-core,tataa-sim package
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# 32 tokens with those at both ends.
sentence="The quick brown fox jumps over the lazy dog while the old farmer watches from his porch"
sentence="$sentence and wonders whether it will rain before the quiet summer evening comes again"
model=all-MiniLM-L6-v2

# How peak memory is found out: GNU time, BSD time, or looking at /proc while the process runs.
if /usr/bin/time -v true > /dev/null 2>&1; then peak=gnu
elif /usr/bin/time -l true > /dev/null 2>&1; then peak=bsd
elif [ -r /proc/self/status ]; then peak=proc
else peak=none
fi

# Runs a command with its output in $work/out; leaves seconds and KiB in $work/seconds, $work/peak.
measured() {
  TIMEFORMAT=%R
  echo null > "$work/peak"
  case "$peak" in
    gnu)
      { time /usr/bin/time -v -o "$work/time" "$@" > "$work/out" 2> "$work/err"; } \
        2> "$work/seconds" || return 1
      sed -n 's/.*Maximum resident set size (kbytes): //p' "$work/time" > "$work/peak" ;;
    bsd)
      { time /usr/bin/time -l "$@" > "$work/out" 2> "$work/err"; } 2> "$work/seconds" || return 1
      awk '/maximum resident set size/ { print int($1 / 1024) }' "$work/err" > "$work/peak" ;;
    proc)
      { time watched "$@"; } 2> "$work/seconds" || return 1 ;;
    none)
      { time "$@" > "$work/out" 2> "$work/err"; } 2> "$work/seconds" || return 1 ;;
  esac
}

# VmHWM only grows, so the last look is nearly the peak.
watched() {
  local pid kib
  "$@" > "$work/out" 2> "$work/err" &
  pid=$!
  while kib="$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2> /dev/null)" &&
    [ -n "$kib" ]; do
    echo "$kib" > "$work/peak"
    sleep 0.05
  done
  wait "$pid"
}

# A number of the JSON in $work/out by its name; the last one of that name.
number() { sed -n "s/^ *\"$1\" : \([-0-9.E+]*\),\{0,1\}\$/\1/p" "$work/out" | tail -n 1; }

rows=""
# case NAME VECTOR ENGINE THREADS ITEMS [OPTION...]
run_case() {
  local name="$1" vector="$2" engine="$3" threads="$4" count="$5" i
  shift 5
  local command=("$java")
  [ "$vector" = no ] || command+=(--add-modules jdk.incubator.vector)
  command+=(-jar "$jar" run "$model" --no-compare --json --engine "$engine" --threads "$threads")
  for ((i = 0; i < count; i++)); do command+=(--text "$sentence"); done
  if ! measured "${command[@]}" "$@"; then
    cat "$work/err" >&2
    exit 1
  fi
  local cycles macs seconds simulated kib
  cycles="$(number coreCyclesPerSecond)"
  macs="$(number macsPerSecond)"
  simulated="$(number simulationSeconds)"
  seconds="$(tail -n 1 "$work/seconds")"
  kib="$(cat "$work/peak")"
  awk -v name="$name" -v vector="$vector" -v engine="$engine" -v threads="$threads" \
    -v items="$count" -v seconds="$seconds" -v simulated="$simulated" -v cycles="$cycles" \
    -v macs="$macs" -v kib="$kib" 'BEGIN {
      printf "%-34s %-12s %7d %6d  %-6s %9.2f %12.2f %11.2f %8.2f %9s\n", name, engine, threads,
        items, vector, seconds, simulated, cycles / 1e6, macs / 1e9,
        kib == "null" ? "-" : int(kib / 1024)
    }'
  rows="$rows${rows:+,}
    {\"case\": \"$name\", \"engine\": \"$engine\", \"threads\": $threads, \"items\": $count,
     \"kernels\": \"$(sed -n 's/^ *"kernels" : "\(.*\)",$/\1/p' "$work/out")\",
     \"processSeconds\": $seconds, \"simulationSeconds\": $simulated,
     \"coreCyclesPerSecond\": $cycles, \"macsPerSecond\": $macs,
     \"coreCycles\": $(sed -n '/"total" : {/,/}/s/^ *"coreCycles" : \([0-9]*\).*/\1/p' "$work/out"),
     \"peakKiB\": $kib}"
}

vectors=(no)
if "$java" --list-modules | grep -q '^jdk.incubator.vector'; then vectors+=(yes); fi

version="$("$java" -version 2>&1 | sed -n 's/.*"\(.*\)".*/\1/p' | head -n 1)"
echo "Java $version, $(uname -sm), $(getconf _NPROCESSORS_ONLN) processors; peak memory: $peak"
printf '%-34s %-12s %7s %6s  %-6s %9s %12s %11s %8s %9s\n' case engine threads items vector \
  "process s" "simulation s" "Mcycles/s" "GMAC/s" "peak MiB"

"$java" -jar "$jar" calibrate "$model" -o "$work/ranges.json" > /dev/null 2> "$work/err" ||
  { cat "$work/err" >&2; exit 1; }

for vector in "${vectors[@]}"; do
  run_case "sentence, cold, with calibration" "$vector" FAST_FORWARD 1 1
  run_case "sentence, cold" "$vector" FAST_FORWARD 1 1 --calibration "$work/ranges.json"
  run_case "sentence, cold" "$vector" STEPPING 1 1 --calibration "$work/ranges.json"
  for threads in 1 2; do
    run_case "batch" "$vector" FAST_FORWARD "$threads" "$items" --calibration "$work/ranges.json"
    run_case "batch" "$vector" STEPPING "$threads" "$items" --calibration "$work/ranges.json"
  done
done

if [ -n "$json" ]; then
  printf '{"java": "%s", "system": "%s", "processors": %s, "model": "%s", "runs": [%s\n]}\n' \
    "$version" "$(uname -sm)" "$(getconf _NPROCESSORS_ONLN)" "$model" "$rows" > "$json"
fi
