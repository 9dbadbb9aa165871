#!/usr/bin/env bash
# The eight models of the paper by name: cycles, cosine with float32, host time and peak memory of
# each, a process per model, as rows for docs/performance.md. Takes half an hour on two idle
# processors. Needs GNU time.
#
#   tataa-bench/capacity.sh [MODEL...]
set -euo pipefail
cd "$(dirname "$0")/.."
jar=tataa-sim/target/tataa.jar
[ -f "$jar" ] || { echo "build the jar first: mvn -B -ntp -q -DskipTests package" >&2; exit 1; }
time=/usr/bin/time
"$time" -f '' true 2> /dev/null || { echo "GNU time is needed" >&2; exit 1; }
out=$(mktemp)
used=$(mktemp)
err=$(mktemp)
trap 'rm -f "$out" "$used" "$err"' EXIT

# row "OPTIONS OF JAVA" COMMAND...
row() {
  local options
  read -ra options <<< "$1"
  shift
  if ! "$time" -o "$used" -f '%e %U %M' \
    java "${options[@]}" --add-modules jdk.incubator.vector -jar "$jar" "$@" > "$out" 2> "$err"; then
    cat "$err" >&2
    echo "failed: $*" >&2
    exit 1
  fi
  local elapsed cpu peak cycles cosine
  read -r elapsed cpu peak < "$used"
  if [ "$1" = generate ]; then
    cycles=$(awk '/^prompt +[0-9]/ {p = $3} /^tokens +[0-9]/ {t = $5} END {print p ", a token " t}' "$out")
    cosine=-
  else
    cycles=$(sed -n 's/^device: \([0-9]*\) cycles.*/\1/p' "$out")
    cosine=$(sed -n 's/^results against float32: cosine mean [0-9.]*, min \([0-9.]*\)$/\1/p' "$out")
  fi
  awk -v c="${options[*]} $*" -v cycles="$cycles" -v cosine="$cosine" -v e="$elapsed" -v u="$cpu" \
    -v m="$peak" 'BEGIN {printf "| `%s` | %s | %s | %.0f | %.0f | %.1f |\n", c, cycles, cosine, e, u, m / 1048576}'
}

# Large arrays leave gaps in the heap of the default collector.
tight="-Xmx11g -Xmn256m -XX:+UseParallelGC"
echo "| command | cycles | cosine | s | CPU s | peak GiB |"
echo "|---|---|---|---|---|---|"
models=("$@")
[ ${#models[@]} -gt 0 ] || models=(deit-s deit-b swin-t bert-base gpt2-medium opt-1.3b llama-7b chatglm2-6b)
for model in "${models[@]}"; do
  case $model in
    opt-1.3b | llama-7b | chatglm2-6b)
      row -Xmx6g run "$model" --tokens 128
      row "$tight" generate "$model" --random-tokens 128 --tokens 9
      ;;
    gpt2-medium)
      row -Xmx6g run "$model"
      row -Xmx6g generate "$model" --random-tokens 128 --tokens 9
      ;;
    *) row -Xmx6g run "$model" ;;
  esac
done
