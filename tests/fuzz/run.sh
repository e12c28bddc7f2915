#!/bin/bash
# Lets a fuzz target that build.sh built go on from its kept corpus, and writes down what it did:
#   tests/fuzz/run.sh TARGET SECONDS     TARGET: geojson, csv, image ... (fuzz_TARGET)
#   tests/fuzz/run.sh                    what has been run so far, by target
# FUZZ_BUILD (/tmp/fuzz-build) is build.sh's OUT; FUZZ_KEPT (/tmp/fuzz-corpora) keeps a folder of inputs a target, findings/ and log.tsv:
# date, commit, target, executions, seconds of processor time, seconds by the clock, inputs in the corpus, end.
set -euo pipefail
main() {
  here=$(cd "$(dirname "$0")" && pwd)
  build=${FUZZ_BUILD:-/tmp/fuzz-build} kept=${FUZZ_KEPT:-/tmp/fuzz-corpora}
  if [ $# -eq 0 ]; then
    awk -F'\t' '{n[$3] += $4; cpu[$3] += $5; bad[$3] += $8 !~ /^clean/; last[$3] = $1}
      END {for (t in n) printf "%s: %d executions, %.0f s of processor time, %d runs that ended early, last %s\n", t, n[t], cpu[t], bad[t], last[t]}' \
      "$kept/log.tsv" | sort
    return
  fi
  target=${1:?} seconds=${2:?usage: run.sh TARGET SECONDS}
  mkdir -p "$kept/$target" "$kept/findings"
  cp -n "$build/corpus-$target"/* "$kept/$target" 2>/dev/null || true
  # Bytes at most, and what else differs.
  case $target in
    image | bare) options=(-max_len=20000) ;;
    slide) options=(-max_len=120000) ;;
    geojson | safetensors) options=(-max_len=8192) ;;
    csv | info | npy | place | project | companions) options=(-max_len=1024) ;;
    *) options=(-max_len=4096) ;;
  esac
  [ ! -f "$here/$target.dict" ] || options+=("-dict=$here/$target.dict")
  report=$(mktemp) TIMEFORMAT='%U %S %R' end=clean
  # GLib's own allocator would hide what is used after it is freed; short call stacks and a small quarantine make it quicker.
  export G_SLICE=always-malloc ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16
  times=$( { time UBSAN_OPTIONS=print_stacktrace=1 nice -n 15 "$build/fuzz_$target" "${options[@]}" -rss_limit_mb=3000 \
    -timeout=120 -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$kept/findings/$target-" "$kept/$target" >"$report" 2>&1; } 2>&1) ||
    end=$(grep -om1 'SUMMARY: .*' "$report" || echo 'ended early')
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$report" | tail -n 1)
  read -r user system clock <<<"$(tail -n 1 <<<"$times")"
  printf '%s\t%s\t%s\t%s\t%.1f\t%.1f\t%s\t%s\n' "$(date +%FT%T)" "$(git -C "$here" rev-parse --short HEAD)" "$target" "${executions:-0}" \
    "$(awk "BEGIN {print $user + $system}")" "$clock" "$(ls "$kept/$target" | wc -l)" "$end" | tee -a "$kept/log.tsv"
  if [ "$end" != clean ]; then
    tail -n 60 "$report"
  fi
  rm "$report"
  [ "$end" = clean ]
}
main "$@"; exit # read as a whole, so that it can be edited while it runs
